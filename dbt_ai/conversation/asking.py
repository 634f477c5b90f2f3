"""One question, put in the best way that the endpoint takes."""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from dbt_ai.call import Call, Input
from dbt_ai.conversation.knowledge import VECTORS, EndpointKnowledge, Manner, Stakes
from dbt_ai.conversation.subject import Subject, subject_of
from dbt_ai.errors import ProviderError
from dbt_ai.providers._chat import chat_body
from dbt_ai.providers._means import Means, one_text
from dbt_ai.response import Responses

# What is sent: a call, and the inputs that travel with it.
Question: TypeAlias = tuple[Call, Sequence[str]]
Asking: TypeAlias = Generator[Question, Responses, Responses]


# What bounds an answer has one name or the other, depending on the model.
_OTHER_LIMIT = {"max_tokens": "max_completion_tokens", "max_completion_tokens": "max_tokens"}


@dataclass(frozen=True, slots=True)
class Step:
    """One manner was refused, and another one tried."""

    refused: Manner
    tried: Manner
    refusal: ProviderError

    @property
    def explained(self) -> bool:
        """Whether the refusal says what it is about."""
        return subject_of(self.refusal) is not Subject.UNEXPLAINED


@dataclass(slots=True)
class Asker:
    """Asks one endpoint. means: what the provider has to tell an endpoint a schema, best first; empty where it cannot be told.

    manner: how the last question was put, for one that goes on from there. in_doubt: the endpoint may have ignored the schema, and the
    question that is out finds out. one_text_may_fare_better: several texts were refused, perhaps for being a list.

    >>> from dbt_ai.external_model import ExternalModel
    >>> model = ExternalModel("llm", "https://api.openai.com/v1/chat/completions", "OpenAI", "CHAT", "gpt-4o-mini")
    >>> call = Call("ai_query", model, parameters={"max_tokens": 8})
    >>> asker = Asker([], EndpointKnowledge(), Manner(limit=False))
    >>> sent, inputs = asker.put(call, ["hello"])
    >>> sent.parameters
    {'max_completion_tokens': 8}
    """

    means: Sequence[Means]
    knowledge: EndpointKnowledge
    manner: Manner = field(default_factory=Manner)
    in_doubt: bool = False
    one_text_may_fare_better: bool = False

    @property
    def _ends_with_one_text(self) -> bool:
        return bool(self.means) and self.means[-1] is one_text

    def _may_fare_better(self, call: Call, inputs: Sequence[str], refusal: ProviderError) -> bool:
        """Whether the endpoint may have refused a list for being one: no list was ever taken, and nothing says that a text is to blame."""
        unproven = "means" in self.knowledge.unproven(self.stakes(call, len(inputs)))
        return len(inputs) > 1 and self._ends_with_one_text and unproven and subject_of(refusal) is not Subject.CONTENT

    def stakes(self, call: Call, texts: int = 1) -> Stakes:
        """What of the call the endpoint may refuse besides its content. texts: how many travel together."""
        last = len(self.means) - 1 - (texts > 1 and self._ends_with_one_text)
        tells = bool(self.means) and (call.embeds or bool(call.schema))
        chats = bool(self.means) and not call.embeds
        return Stakes(
            schema=(json.dumps(call.schema) if call.schema else VECTORS) if tells else None,
            last=max(last, 0),
            temperature=chats and "temperature" not in call.parameters,
            system=chats and any(message.get("role") == "system" for message in call.messages),
            limit=chats and _has_one_limit(call.parameters),
        )

    def ask(self, call: Call, inputs: Sequence[str]) -> Asking:
        """Yields the question; send the responses in, or throw the ProviderError that stands for them.

        Raises the last refusal if it is not about how the question was put.
        """
        stakes = self.stakes(call, len(inputs))
        self.manner = self.knowledge.manner(stakes)
        steps: list[Step] = []
        while True:
            try:
                responses = yield self.put(call, inputs)
                break
            except ProviderError as refusal:
                if refusal.answer is not None:  # the manner was taken; what the model made of it is another matter
                    self.knowledge.accepted(stakes, self.manner)
                    raise
                stakes = self._with_system(stakes, call, inputs, refusal)
                plainer = self.knowledge.plainer(stakes, self.manner, refusal)
                if plainer is None:
                    self.one_text_may_fare_better = self._may_fare_better(call, inputs, refusal)
                    if not self.one_text_may_fare_better:
                        self._learn_from_the_end(stakes, steps, refusal)
                    if steps and self.means and self.means[self.manner.means] is one_text:
                        raise steps[-1].refusal from None  # of the usual way: what came of a last attempt tells less
                    raise
                steps.append(Step(self.manner, plainer, refusal))
                self.manner = plainer
        self.knowledge.accepted(stakes, self.manner)
        for step in steps:
            if step is steps[-1] or step.explained:
                self.knowledge.learn(stakes, step.refused, step.tried, step.refusal)
        if steps and self._ends_with_one_text and self.means[self.manner.means] is one_text:
            self.knowledge.takes_lists = False
        return responses

    def put(self, call: Call, inputs: Sequence[str]) -> Question:
        """The question as it is sent."""
        if self.means and (call.embeds or call.schema):
            call = self.means[self.manner.means](call)
        if not self.manner.temperature and "temperature" not in call.parameters:
            call = replace(call, parameters={**call.parameters, "temperature": None})
        if not self.manner.limit and _has_one_limit(call.parameters):
            call = replace(call, parameters={_OTHER_LIMIT.get(name, name): value for name, value in call.parameters.items()})
        return (call, inputs) if self.manner.system or call.embeds else _folded(call, inputs[0])

    def _with_system(self, stakes: Stakes, call: Call, inputs: Sequence[str], refusal: ProviderError) -> Stakes:
        """The stakes, with a system message that stands in the row's own conversation, or that the means wrote."""
        if stakes.system or not self.means or call.embeds or subject_of(refusal) is Subject.CONTENT:
            return stakes
        sent, texts = self.put(call, inputs)
        return replace(stakes, system=any(message.get("role") == "system" for message in _messages(sent, texts[0])))

    def _learn_from_the_end(self, stakes: Stakes, steps: Sequence[Step], last: ProviderError) -> None:
        """The plainest way was refused as well: for its text alone, or for what it was not to blame for."""
        if subject_of(last) is Subject.CONTENT and any(step.explained for step in steps):
            for step in steps:
                if step.explained:
                    self.knowledge.learn(stakes, step.refused, step.tried, step.refusal)
        elif steps:
            self.knowledge.learn_in_vain(steps[0].refusal, last)


def _has_one_limit(parameters: Mapping[str, Any]) -> bool:
    return sum(name in _OTHER_LIMIT for name in parameters) == 1


def _folded(call: Call, input: str) -> Question:
    """The question with what its system messages say at the beginning of the user's first message."""
    body = chat_body(call, input)
    system = [_text(message) for message in body["messages"] if message["role"] == "system"]
    messages: list[dict[str, Any]] = [dict(message) for message in body["messages"] if message["role"] != "system"]
    if not system:
        return call, [input]
    users = [message for message in messages if message["role"] == "user"]
    if not users:
        messages.insert(0, {"role": "user", "content": "\n\n".join(system)})
    elif isinstance(users[0]["content"], list):
        users[0]["content"] = [{"type": "text", "text": "\n\n".join(system)}, *users[0]["content"]]
    else:
        users[0]["content"] = "\n\n".join([*system, users[0]["content"]])
    return replace(call, messages=(), input=Input.JSON), [json.dumps({**body, "messages": messages}, ensure_ascii=False)]


def _messages(call: Call, input: str) -> Sequence[Mapping[str, Any]]:
    try:
        messages: Sequence[Mapping[str, Any]] = chat_body(call, input)["messages"]
    except ProviderError:
        return ()
    return messages


def _text(message: Mapping[str, Any]) -> str:
    content = message["content"]
    if isinstance(content, str):
        return content
    return "".join(str(part.get("text") or "") for part in content if isinstance(part, Mapping))
