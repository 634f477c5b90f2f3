"""Answers that keep to a schema: by the best means that the endpoint has, read as their type, asked for once more if they do not fit.

Everything here decides and nothing sends: `conversation` says what to ask next, and is told what came of it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from dbt_ai.call import Call, Input
from dbt_ai.conversation.aggregation import KeptParts, aggregate
from dbt_ai.conversation.asking import Asker, Asking, Question
from dbt_ai.conversation.knowledge import EndpointKnowledge
from dbt_ai.conversation.one_by_one import ask_one_by_one
from dbt_ai.errors import ProviderError
from dbt_ai.providers._chat import chat_body
from dbt_ai.providers._means import Means
from dbt_ai.questions import decided, read_questions
from dbt_ai.response import Failure, Responses
from dbt_ai.return_type import NotReadable, keeps_to, parse_return_type
from dbt_ai.tokens import NO_TOKENS

REPAIR = "That answer cannot be read: {problem}. Answer again with JSON only, with no other text"


class Conversation:
    """What is asked of an endpoint to get the responses to a bundle, question by question.

    question: the call and the inputs to send next. opened: the endpoint took the way in which it was asked.
    Raises ProviderError where everything is known already and comes to nothing.

    >>> from dbt_ai.external_model import ExternalModel
    >>> model = ExternalModel("llm", "https://api.openai.com/v1/chat/completions", "OpenAI", "CHAT", "gpt-4o-mini")
    >>> call = Call("ai_query", model, return_type="INT")
    >>> conversation = Conversation([], call, ["How many legs has a cat?"], EndpointKnowledge())
    >>> conversation.answered(Responses(["4"])).values
    ['4']
    """

    def __init__(
        self, means: Sequence[Means], call: Call, inputs: Sequence[str], knowledge: EndpointKnowledge, kept: KeptParts | None = None
    ) -> None:
        self._asker = Asker(means, knowledge)
        self._turns = conversation(self._asker, call, inputs, kept)
        self.question = next(self._turns)
        self.opened = False

    @property
    def in_doubt(self) -> bool:
        """Whether the question finds out if the endpoint ignores a schema that it took."""
        return self._asker.in_doubt

    @property
    def one_text_may_fare_better(self) -> bool:
        """Whether the endpoint may have refused several texts for being a list."""
        return self._asker.one_text_may_fare_better

    def answered(self, responses: Responses) -> Responses | None:
        """The responses to the whole, or None: then there is another question. Raises ProviderError as `conversation` does."""
        self.opened = True
        return self._go_on(lambda: self._turns.send(responses))

    def refused(self, refusal: ProviderError) -> Responses | None:
        """As `answered`, for a question that was refused."""
        self.opened = self.opened or refusal.answer is not None
        return self._go_on(lambda: self._turns.throw(refusal))

    def _go_on(self, step: Callable[[], Question]) -> Responses | None:
        try:
            self.question = step()
        except StopIteration as end:
            whole: Responses = end.value
            return whole
        return None


def conversation(asker: Asker, call: Call, inputs: Sequence[str], kept: KeptParts | None = None) -> Asking:
    """What to ask an endpoint to get typed answers to a bundle; returns the responses, whose values are read as their type.

    See Asker.ask for the protocol. kept: where the answers to parts of an aggregate are kept.
    Raises the ProviderError that was thrown in, if it is about what was asked and not about how.
    """
    if call.input is Input.TEXT_LIST:
        return (yield from aggregate(asker, call, inputs[0], kept))
    try:
        written = yield from (ask_one_by_one(asker, call, inputs) if call.one_by_one else asker.ask(call, inputs))
        responses, unreadable = _read(call, written)
    except ProviderError as refusal:
        if refusal.answer is None:
            raise
        written = Responses([refusal.answer])
        responses, unreadable = _refused_answer(call, refusal)
    if not asker.means or (not unreadable and not call.schema):
        return responses
    doubtful = asker.knowledge.doubts(asker.stakes(call), asker.manner)
    if doubtful and call.schema and any(keeps_to(call.schema, text) for text in written.values if text is not None):
        asker.knowledge.kept(asker.manner)
        doubtful = False
    if not unreadable:
        return responses
    asker.in_doubt = doubtful
    repaired = yield from _repaired(asker, call, inputs, responses, unreadable)
    asker.in_doubt = False
    return repaired


def _repaired(asker: Asker, call: Call, inputs: Sequence[str], responses: Responses, unreadable: Mapping[int, str]) -> Asking:
    """Ask once more for each answer that cannot be read. unreadable: position -> problem."""
    stakes = asker.stakes(call)
    values, failures, tokens = list(responses.values), dict(responses.failures), responses.tokens
    for position, problem in unreadable.items():
        try:
            again = yield _repair(call, asker.put(call, [inputs[position]]), str(values[position] or ""), problem)
        except ProviderError:
            continue  # the first answer's failure says more than that the second was not to be had
        again, still_unreadable = _read(call, again)
        tokens += again.tokens
        if not again.failures and not still_unreadable:
            values[position] = again.values[0]
            del failures[position]
            if asker.knowledge.doubts(stakes, asker.manner):  # nobody else has found out meanwhile
                asker.knowledge.ignored(stakes, asker.manner)
    return Responses(values, failures, tokens)


def typed(call: Call, responses: Responses) -> Responses:
    """The answer with its values read as the call's type; what cannot be read is a failure."""
    return _read(call, responses)[0]


def _read(call: Call, responses: Responses) -> tuple[Responses, Mapping[int, str]]:
    """The typed answer, and position -> problem of what could not be read."""
    if call.questions:
        return _decided(call, responses), {}
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


def _decided(call: Call, responses: Responses) -> Responses:
    """The answers that a provider's probabilities make."""
    questions, values, failures = read_questions(call.questions), list(responses.values), dict(responses.failures)
    for position, text in enumerate(values):
        if position not in failures and text is not None:
            try:
                values[position] = decided(questions, text, all=call.function == "ai_decide")
            except (LookupError, TypeError, ValueError) as problem:
                failures[position] = Failure("no probabilities", f"the endpoint answered no probabilities of these questions: {problem}")
    return Responses(values, failures, responses.tokens)


def _refused_answer(call: Call, refusal: ProviderError) -> tuple[Responses, Mapping[int, str]]:
    """What the model wrote where the endpoint itself could not read that. We read more than most, unless anything would do as text."""
    written = Responses([refusal.answer], tokens=refusal.tokens or NO_TOKENS)
    if call.return_type and parse_return_type(call.return_type).schema:
        responses, unreadable = _read(call, written)
        if not unreadable:
            return responses, {}
    return replace(written, failures={0: Failure("not readable as JSON", str(refusal))}), {0: "it is not the JSON that was asked for"}


def _repair(call: Call, sent: Question, text: str, problem: str) -> Question:
    """The question that was sent, continued: the row's input, the answer that could not be read, and what is wrong with it."""
    told, [input] = sent
    body = chat_body(told, input)
    messages = [*body.pop("messages"), *([{"role": "assistant", "content": text}] if text else ())]
    schema = call.schema or (parse_return_type(call.return_type).schema if call.return_type else None)
    wanted = f", that satisfies this JSON Schema:\n{json.dumps(schema, ensure_ascii=False)}" if schema else "."
    said = REPAIR.format(problem=problem) + wanted
    return replace(told, messages=messages, parameters={**told.parameters, **body}, input=Input.TEXT), [said]
