"""A call: one AI function in SQL, and everything about its requests that is the same for every row."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from enum import Enum
from typing import Any

from dbt_ai.external_model import ExternalModel
from dbt_ai.keys import call_digest, request_keys
from dbt_ai.parameters import OUTPUT_BOUNDS


class Input(Enum):
    """What an input of a call is. The values are what compiled SQL says and what keys are made of.

    >>> Input("texts")
    <Input.TEXT_LIST: 'texts'>
    """

    TEXT = "text"
    JSON = "json"  # a struct, as JSON
    TEXT_LIST = "texts"  # the texts of a group, as a JSON list


@dataclass(frozen=True, slots=True)
class Effort:
    """A policy: a proxy may answer in a model's place, as long as its answers agree with the model's.

    agreement: the share of all inputs whose answers agree. confidence: the probability with which that holds.
    proxy: the call whose answers make the proxy: an embedding model's, on whose vectors a classifier is fitted, or a smaller model's.
    """

    agreement: float
    confidence: float
    proxy: Call

    @property
    def answered_by(self) -> str:
        """What the store and `usage` call the proxy."""
        name = self.proxy.model.name
        return f"classifier on {name}" if self.proxy.embeds else name

    @property
    def decisive(self) -> Mapping[str, Any]:
        """What decides its answers, for their keys."""
        return {"agreement": self.agreement, "confidence": self.confidence, "proxy": self.proxy.digest}


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """One call site in SQL: everything about its requests that is the same for every row. Calls with equal fields are equal.

    function: the public macro, e.g. "ai_query".
    parameters: the external model's, overridden by the call's.
    messages: chat messages sent before the row's own input (system prompt, examples).
    schema: JSON Schema that the answer must satisfy, or None for free text.
    response_format: what the user wrote there; None for text.
    return_type: the type that the answer is read as, as the user wrote it; None for text that is taken as it is.
    questions: what the model decides, as a macro wrote it; its answer is then made of probabilities, never of text. See dbt_ai.questions.
    dimensions: length of the vectors if it is known without a request.
    effort: for which inputs a proxy may answer; None for none. Such a call's own keys are those of the proxy's answers.
    caching: requests are sent whose common beginning the provider's prompt cache takes: how much of their inputs belongs to it, in
    characters of a text or messages of a conversation. None unless that is so; set where they are sent.
    cached_for_an_hour: it is to be kept for an hour, where the provider has a choice.
    bare: its one input is sent as a text instead of as a list of one; set where it is sent, to an endpoint that takes no lists.

    >>> model = ExternalModel("llm", "https://api.openai.com/v1/chat/completions", "OpenAI", "CHAT", "gpt-4o-mini")
    >>> Call("ai_query", model, {"max_tokens": 8}, [{"role": "system", "content": "Be short."}]).embeds
    False
    """

    function: str
    model: ExternalModel
    parameters: Mapping[str, Any] = field(default_factory=dict)
    messages: Sequence[Mapping[str, str]] = ()
    input: Input = Input.TEXT
    schema: Mapping[str, Any] | None = None
    response_format: str | None = None
    return_type: str | None = None
    questions: Sequence[Mapping[str, Any]] = ()
    dimensions: int | None = None
    effort: Effort | None = None
    caching: int | None = None
    cached_for_an_hour: bool = False
    bare: bool = False
    _digest: bytes | None = field(default=None, init=False, repr=False)

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Call) and self._identity() == other._identity())

    def __hash__(self) -> int:
        return hash(self._identity())

    def _identity(self) -> bytes:
        """A hash of every field. Made once: calls are looked up for each vector of rows."""
        if self._digest is None:
            mine = {field.name: getattr(self, field.name) for field in fields(self) if field.init and field.name not in ("model", "effort")}
            mine["effort"] = self.effort and self.effort.decisive
            model = {field.name: getattr(self.model, field.name) for field in fields(self.model)}
            whole = json.dumps([{**mine, "input": self.input.value}, model], sort_keys=True, default=dict)
            digest = hashlib.sha256(whole.encode()).digest()
            object.__setattr__(self, "_digest", digest)
            return digest
        return self._digest

    @property
    def embeds(self) -> bool:
        """Whether its answers are vectors."""
        return self.model.model_type == "EMBEDDINGS"

    @property
    def one_by_one(self) -> bool:
        """Whether its questions are asked one after another, as a chat model is: each then has messages of its own."""
        return bool(self.questions) and any("messages" in question for question in self.questions)

    @property
    def asks_part(self) -> bool:
        """Whether it asks about a part of an aggregate: no SQL looks its answers up."""
        return self.function in ("ai_agg", "ai_summarize_agg") and self.input is Input.TEXT

    @property
    def digest(self) -> str:
        """What decides the answers to this call, as one hash: see `dbt_ai.keys.call_digest`."""
        return call_digest(
            function=self.function,
            model_identity=self.model.identity_parts,
            parameters=self.parameters,
            messages=self.messages,
            request_format=self.input.value,
            response_format=self.response_format,
            return_type=self.return_type,
            questions=self.questions,
            effort=self.effort.decisive if self.effort else None,
        )

    @property
    def output_limit(self) -> int | None:
        """Tokens that an answer may have, where this decides whether it is cut off and nothing else; None where there is no such bound.

        What is stored was not cut off, so it is the answer within a larger bound as well.

        >>> model = ExternalModel("llm", "https://api.openai.com/v1/chat/completions", "OpenAI", "CHAT", "gpt-4o-mini")
        >>> small = Call("ai_query", model, {"max_tokens": 8})
        >>> small.output_limit, small.within(64).limitless_digest == small.limitless_digest
        (8, True)
        """
        name = self._limit_name
        return None if name is None else int(self.parameters[name])

    @property
    def limitless_digest(self) -> str | None:
        """The digest of the same call, whatever its output limit; None where it has none."""
        name = self._limit_name
        return None if name is None else replace(self, parameters={**self.parameters, name: None}).digest

    def within(self, limit: int) -> Call:
        """The same call with another output limit."""
        return replace(self, parameters={**self.parameters, str(self._limit_name): limit})

    @property
    def _limit_name(self) -> str | None:
        # Parts of aggregates, log-probabilities and policies may depend on it in other ways.
        plain = self.model.model_type == "CHAT" and not (self.questions or self.effort or self.asks_part or self.input is Input.TEXT_LIST)
        names = [name for name in OUTPUT_BOUNDS if name in self.parameters]
        value = self.parameters[names[0]] if plain and len(names) == 1 else None
        return names[0] if type(value) is int and value > 0 else None

    def without_effort(self) -> Call:
        """The same call, all of whose inputs the model answers."""
        return replace(self, effort=None)

    def keys(self, inputs: Iterable[str]) -> list[bytes]:
        """The content key of each input: see `dbt_ai.keys.request_keys`."""
        return request_keys(self.digest, inputs)
