"""The key of an answer: what decides it, as one hash. macros/internal/_call.sql and _canonical.sql make the same one in SQL."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

# The recipe of a key. Raise it together with a way to find what is stored under older keys, as dbt_ai.store.version_1 does.
# 2: SQL can compute the key, and the port of an endpoint is part of its identity. A local model's weights are not part of the key, but of
# the stored model identity.
KEY_VERSION = 2
# Bytes of a key, a SHA-256.
KEY_LENGTH = 32

# Parameters that say where a local model computes, not what: moving to a GPU or to a cluster must not ask again.
PLACEMENT = frozenset({"device", "on_device_lost", "executor"})


def call_digest(
    *,
    function: str,
    model_identity: Iterable[str],
    parameters: Mapping[str, Any],
    messages: Iterable[Mapping[str, str]],
    request_format: str,
    response_format: str | None,
    return_type: str | None,
    questions: Sequence[Mapping[str, Any]] = (),
    effort: Mapping[str, Any] | None = None,
) -> str:
    """MD5 of everything about a call that decides its answers, as hexadecimal text.

    macros/internal/_call.sql computes the same while it compiles, so that SQL can find an answer by itself. That is why it is made of
    what the user wrote, of nothing that Python derives from it, and by the one hash that dbt's Jinja has.
    """
    decisive = [
        KEY_VERSION,
        function,
        list(model_identity),
        {name: value for name, value in parameters.items() if name not in PLACEMENT},
        list(messages),
        request_format,
        response_format,
        return_type,
        *([list(questions)] if questions else ()),
        *([effort] if effort else ()),
    ]
    return hashlib.md5(canonical(decisive).encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()


def request_keys(digest: str, inputs: Iterable[str]) -> list[bytes]:
    """The key of each input of a call with this digest: SHA-256 of both, one after the other."""
    prefix = hashlib.sha256(digest.encode())
    keys = []
    for text in inputs:
        hashed = prefix.copy()
        hashed.update(text.encode("utf-8", "surrogatepass"))
        keys.append(hashed.digest())
    return keys


def canonical(value: Any) -> str:
    """The text of a JSON value. No two values share a text: a string says its length, and names are sorted.

    >>> canonical({"a": [1, None, "x y"]})
    '{1:a[1,null,3:x y,],}'
    """
    if isinstance(value, str):
        return f"{len(value)}:{value}"
    if isinstance(value, Mapping):
        return "{" + "".join(f"{canonical(str(name))}{canonical(value[name])}," for name in sorted(value)) + "}"
    if isinstance(value, Sequence):
        return "[" + "".join(f"{canonical(item)}," for item in value) + "]"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value)
