"""The keys that earlier versions gave to answers, so that what is stored under them is found and given its new key."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable

from dbt_ai.request import PLACEMENT, Call


def keys_of_version_2(call: Call, inputs: Iterable[str], weights: str = "") -> list[bytes]:
    """The key of each input in version 2 of the recipe: SHA-256 of a JSON list, in which a local model's weights stood.

    Versions 1 and 2 differ for models whose identity has a port, see `with_port`.
    """
    identity = call.model.key_identity
    portless = call.model.portless_identity or identity
    decisive = json.dumps(
        [
            1,
            call.function,
            portless,
            weights,
            {name: value for name, value in call.parameters.items() if name not in PLACEMENT},
            list(call.messages),
            call.input.value,
            call.schema,
            call.return_type,
        ],
        sort_keys=True,
    )
    prefix = hashlib.sha256(decisive.encode() + b"\0")
    keys = []
    for text in inputs:
        digest = prefix.copy()
        digest.update(text.encode("utf-8", "surrogatepass"))
        keys.append(digest.digest())
    return keys if identity == portless else [with_port(key, identity) for key in keys]


def with_port(key: bytes, identity: str) -> bytes:
    """The key of a model whose identity has a port, made of the key in version 1 of the recipe, which knew no ports.

    Made of it, so that what is stored under the old key can be given the new one: its input is not stored.
    """
    return hashlib.sha256(key + identity.encode()).digest()
