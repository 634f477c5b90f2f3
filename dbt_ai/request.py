"""Calls and requests: what is constant for a call site, what differs by row, and the key of an answer."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dbt_ai.errors import ConfigurationError
from dbt_ai.external_model import ExternalModel
from dbt_ai.parameters import read_parameters
from dbt_ai.return_type import parse_return_type

# The words among the response formats of Databricks, where a type or a schema may stand too.
_RESPONSE_FORMATS = {"text": None, "json_object": '{"type": "object"}'}

# Parameters that say where a local model computes, not what: moving to a GPU or to a cluster must not ask again.
PLACEMENT = frozenset({"device", "on_device_lost", "executor"})

# Raise it when the recipe of `Call.keys` changes: every stored answer is then asked again, so say so in the CHANGELOG.
KEY_VERSION = 1


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """One call site in SQL: everything about its requests that is the same for every row.

    function: the public macro, e.g. "ai_query".
    parameters: the external model's, overridden by the call's.
    messages: chat messages sent before the row's own input (system prompt, examples).
    schema: JSON Schema that the answer must satisfy, or None for free text.
    return_type: the type that the answer is read as, as the user wrote it; None for text that is taken as it is.
    dimensions: length of the vectors if it is known without a request.
    """

    function: str
    model: ExternalModel
    parameters: Mapping[str, Any] = field(default_factory=dict)
    messages: Sequence[Mapping[str, str]] = ()
    request_format: str = "text"
    schema: Mapping[str, Any] | None = None
    return_type: str | None = None
    dimensions: int | None = None

    @property
    def embeds(self) -> bool:
        return self.model.model_type == "EMBEDDINGS"

    def keys(self, inputs: Iterable[str], weights: str = "") -> list[bytes]:
        """The content key of each input: SHA-256 over everything that decides the answer.

        weights: revision or hash of a local model's weights, which its name does not tell.
        """
        decisive = json.dumps(
            [
                KEY_VERSION,
                self.function,
                self.model.key_identity,
                weights,
                {name: value for name, value in self.parameters.items() if name not in PLACEMENT},
                list(self.messages),
                self.request_format,
                self.schema,
                self.return_type,
            ],
            sort_keys=True,
        )
        prefix = hashlib.sha256(decisive.encode() + b"\0")
        keys = []
        for text in inputs:
            digest = prefix.copy()
            digest.update(text.encode("utf-8", "surrogatepass"))
            keys.append(digest.digest())
        return keys


@lru_cache(maxsize=1024)
def parse_call(text: str, mock: bool = False) -> Call:
    """Read the JSON constant that a macro puts into compiled SQL.

    mock: ask the Mock provider instead of the model; a call compiled for a dbt unit test says so itself.
    Cached, so one call site is one Call object for as long as the process lives and may serve as a dictionary key.
    Raises ConfigurationError as ExternalModel.from_spec does.
    """
    spec = json.loads(text)
    model = ExternalModel.from_spec(spec["model"])
    if mock or spec.get("mock"):
        # Another api_format and location: mock answers never share a key with live ones.
        model = replace(model, api_format="Mock", location="mock:", credential=None, identity=None)
    given, retry_count = read_parameters(spec.get("parameters"), f"{spec['function']} by external model {model.name!r}")
    if retry_count is not None:
        model = replace(model, retry_count=retry_count)
    response_format, return_type = spec.get("response_format"), spec.get("return_type")
    if response_format in _RESPONSE_FORMATS:
        response_format = _RESPONSE_FORMATS[response_format]
    told = response_format or return_type
    try:
        schema = parse_return_type(told).schema if told else None
    except ConfigurationError as error:
        if not response_format:
            raise
        raise ConfigurationError(f"{str(error).replace('return_type', 'response_format', 1)}; or 'text', or 'json_object'") from None
    return Call(
        function=spec["function"],
        model=model,
        parameters={**model.parameters, **given},
        messages=tuple(spec.get("messages") or ()),
        request_format=spec.get("request_format") or "text",
        schema=schema,
        return_type=return_type or response_format,
        dimensions=spec.get("dimensions"),
    )


@dataclass(frozen=True, slots=True)
class Requests:
    """Distinct requests of one call that have to be executed: inputs[i] is stored under keys[i]."""

    call: Call
    inputs: Sequence[str]
    keys: Sequence[bytes]


@dataclass(frozen=True, slots=True)
class Failure:
    """Why one request has no answer. cause groups failures in messages; message may quote the endpoint."""

    cause: str
    message: str


@dataclass(frozen=True, slots=True)
class TokenCount:
    """Tokens as the endpoint counted them; 0 where it does not say."""

    input: int = 0
    output: int = 0


@dataclass(frozen=True, slots=True)
class Responses:
    """What came back for one batch of inputs, in their order.

    values: float32[len(inputs), dimensions] for embeddings, else one text an input; what stands at a failed position means nothing.
    failures: position in the batch -> why there is no value.
    truncated: inputs of which the model read only the beginning.
    """

    values: NDArray[np.float32] | Sequence[str | None]
    failures: Mapping[int, Failure] = field(default_factory=dict)
    tokens: TokenCount = TokenCount()
    truncated: int = 0


@dataclass(frozen=True, slots=True)
class Delivery:
    """An executed part of a job: answer.values[i] belongs to job.inputs[positions[i]].

    stored: another node asked the same at the same time and has stored the answer.
    """

    requests: Requests
    positions: Sequence[int]
    responses: Responses
    stored: bool = False
