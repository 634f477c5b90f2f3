"""Answers that keep to a schema: by the best means that the endpoint has, read as their type, asked for once more if they do not fit.

Everything here decides and nothing sends: `conversation` says what to ask next, and is told what came of it.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import replace

from dbt_ai.conversation.aggregation import KeptParts, aggregate
from dbt_ai.errors import ProviderError
from dbt_ai.providers._chat import chat_body
from dbt_ai.providers._means import Means
from dbt_ai.request import Call, Failure, Input, Responses
from dbt_ai.return_type import NotReadable, parse_return_type

REPAIR = (
    "That answer cannot be read: {problem}. Answer again with JSON only, with no other text, that satisfies this JSON Schema:\n{schema}"
)

# How a refusal speaks of the means rather than of the request: OpenAI names response_format, pydantic the path to it,
# Ollama format, Anthropic output_config; engines speak of grammars and guided decoding.
_SPEAKS_OF_MEANS = re.compile(r"response_?format|schema|json_?object|format|grammar|structured|guided|output_config", re.IGNORECASE)


class Capabilities:
    """Which of its means each endpoint has, learned from its refusals and kept for as long as the process lives."""

    def __init__(self) -> None:
        self._ranks: dict[tuple[str, str], int] = {}
        self._without_temperature: set[tuple[str, str]] = set()
        self._lock = threading.Lock()

    def rank(self, call: Call) -> int:
        """Position of the best means that is not known to be refused."""
        return self._ranks.get(_endpoint(call), 0)

    def learn(self, call: Call, rank: int) -> None:
        with self._lock:
            self._ranks[_endpoint(call)] = max(rank, self.rank(call))

    def adapted(self, call: Call) -> Call:
        """The call without the default temperature, if its model is known to refuse one."""
        if _endpoint(call) not in self._without_temperature or "temperature" in call.parameters:
            return call
        return replace(call, parameters={**call.parameters, "temperature": None})

    def learn_temperature(self, call: Call) -> None:
        with self._lock:
            self._without_temperature.add(_endpoint(call))


CAPABILITIES = Capabilities()


def conversation(
    means: Sequence[Means],
    call: Call,
    inputs: Sequence[str],
    capabilities: Capabilities = CAPABILITIES,
    kept: KeptParts | None = None,
) -> Generator[tuple[Call, Sequence[str]], Responses, Responses]:
    """What to ask an endpoint to get typed answers to a batch; returns the answer, whose values are read as their type.

    Yields the call and the inputs to send. Send the Answer in, or throw the ProviderError that stands for it.
    means: what the provider has to tell an endpoint the schema, best first; empty where it cannot be told.
    kept: where the answers to parts of an aggregate are kept.
    Raises the ProviderError that was thrown in, if it does not speak of the means.
    """
    call = capabilities.adapted(call)
    if call.input is Input.TEXT_LIST:
        return (yield from aggregate(call, inputs[0], kept))
    tells = bool(means) and (call.embeds or bool(call.schema))
    rank = min(capabilities.rank(call), len(means) - 1)
    while True:
        try:
            responses = yield (means[rank](call) if tells else call), inputs
            break
        except ProviderError as refusal:
            # Models that think take no temperature; ours is only a default. One that was asked for is the user's to take back.
            if means and not call.embeds and "temperature" in str(refusal) and "temperature" not in call.parameters:
                capabilities.learn_temperature(call)
                call = capabilities.adapted(call)
                continue
            if not tells or rank + 1 >= len(means) or refusal.retryable or not _SPEAKS_OF_MEANS.search(str(refusal)):
                raise
            rank += 1
    if rank > 0 and tells:
        capabilities.learn(call, rank)
    responses, unreadable = _read(call, responses)
    if not means or not unreadable:
        return responses
    values, failures, tokens = list(responses.values), dict(responses.failures), responses.tokens
    for position, problem in unreadable.items():
        text = str(values[position])
        try:
            again = yield _repair(call, means[rank](call) if call.schema else call, inputs[position], text, problem)
        except ProviderError:
            continue  # the first answer's failure says more than that the second was not to be had
        again, still_unreadable = _read(call, again)
        tokens += again.tokens
        if not again.failures and not still_unreadable:
            values[position] = again.values[0]
            del failures[position]
            if _is_no_json(problem) and rank + 1 < len(means):
                capabilities.learn(call, rank + 1)  # the endpoint took the schema and ignored it
    return Responses(values, failures, tokens)


class Conversation:
    """What is asked of an endpoint to get the responses to a batch, question by question.

    question: the call and the inputs to send next; see `conversation` for how it goes on.
    Raises ProviderError where everything is known already and comes to nothing.
    """

    def __init__(self, means: Sequence[Means], call: Call, inputs: Sequence[str], kept: KeptParts | None = None) -> None:
        self._turns = conversation(means, call, inputs, kept=kept)
        self.question = next(self._turns)

    def answered(self, responses: Responses) -> Responses | None:
        """The responses to the whole, or None: then there is another question. Raises ProviderError as `conversation` does."""
        return self._go_on(lambda: self._turns.send(responses))

    def refused(self, refusal: ProviderError) -> Responses | None:
        """As `answered`, for a question that was refused."""
        return self._go_on(lambda: self._turns.throw(refusal))

    def _go_on(self, step: Callable[[], tuple[Call, Sequence[str]]]) -> Responses | None:
        try:
            self.question = step()
        except StopIteration as end:
            whole: Responses = end.value
            return whole
        return None


def typed(call: Call, responses: Responses) -> Responses:
    """The answer with its values read as the call's type; what cannot be read is a failure."""
    return _read(call, responses)[0]


def _read(call: Call, responses: Responses) -> tuple[Responses, Mapping[int, str]]:
    """The typed answer, and position -> problem of what could not be read."""
    if call.embeds or call.return_type is None:
        return responses, {}
    type = parse_return_type(call.return_type)
    values: list[str | None] = list(responses.values)
    failures, unreadable = dict(responses.failures), {}
    for position, text in enumerate(values):
        if position not in failures and text is not None:
            try:
                values[position] = type.read(text, wrapped=call.schema is not None)
            except NotReadable as problem:
                unreadable[position] = str(problem)
                failures[position] = Failure("not readable as return_type", f"not readable as {call.return_type}: {problem}")
    return Responses(values, failures, responses.tokens), unreadable


def _repair(call: Call, sent: Call, input: str, text: str, problem: str) -> tuple[Call, Sequence[str]]:
    """The call that was sent, continued: the row's input, the answer that could not be read, and what is wrong with it."""
    body = chat_body(sent, input)
    messages = [*body.pop("messages"), {"role": "assistant", "content": text}]
    schema = call.schema or parse_return_type(str(call.return_type)).schema
    said = REPAIR.format(problem=problem, schema=json.dumps(schema, ensure_ascii=False))
    return replace(sent, messages=messages, parameters={**sent.parameters, **body}, input=Input.TEXT), [said]


def _is_no_json(problem: str) -> bool:
    return "is not JSON" in problem


def _endpoint(call: Call) -> tuple[str, str]:
    return call.model.location, call.model.model
