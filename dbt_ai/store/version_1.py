"""Answers that were stored and recorded under keys of version 1 of the recipe (dbt_ai.keys).

A key is a hash, so the new one cannot be made of it without the input: who looks for an answer and does not find it looks again under
the old key. Version 1 knew no ports, so two endpoints on one host shared their keys. What they stored cannot be told apart, and is
used only where one external model alone can have asked for it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

from dbt_ai.external_model import ExternalModel
from dbt_ai.keys import PLACEMENT
from dbt_ai.request import Requests


class Version1:
    """known_models: the external models that may have asked, as far as anybody knows.

    >>> Version1.identity(ExternalModel("m", "http://127.0.0.1:8000/v1/chat/completions", "OpenAI", "CHAT", "gpt"))
    '["OpenAI", "gpt", "127.0.0.1/v1/chat/completions"]'
    """

    def __init__(self, known_models: Callable[[], Iterable[ExternalModel]] = tuple) -> None:
        self._known_models = known_models

    def rivals(self, model: ExternalModel) -> list[str]:
        """The identities of other models that were called the same."""
        shared = (known for known in self._known_models() if self.identity(known) == self.identity(model))
        return sorted({rival.key_identity for rival in shared} - {model.key_identity})

    @staticmethod
    def identity(model: ExternalModel) -> str:
        """What version 1 called a model."""
        place = urlsplit(model.location)
        return model.identity or json.dumps([model.api_format, model.model, f"{(place.hostname or '').lower()}{place.path}"])

    @staticmethod
    def keys(requests: Requests) -> list[bytes]:
        """The keys that version 1 gave these requests."""
        call = requests.call
        decisive = json.dumps(
            [
                1,
                call.function,
                Version1.identity(call.model),
                requests.weights,
                {name: value for name, value in call.parameters.items() if name not in PLACEMENT},
                list(call.messages),
                call.input.value,
                call.schema,
                call.return_type,
            ],
            sort_keys=True,
        )
        prefix = decisive.encode() + b"\0"
        return [hashlib.sha256(prefix + text.encode("utf-8", "surrogatepass")).digest() for text in requests.inputs]
