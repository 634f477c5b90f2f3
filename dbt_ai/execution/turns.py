"""One turn of the conversation about a bundle: ask what it asks next, and tell it what came of that."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from dbt_ai.call import Call, Input
from dbt_ai.conversation.conversation import Conversation
from dbt_ai.conversation.knowledge import EndpointKnowledge
from dbt_ai.conversation.subject import MAY_BE_THE_MANNER
from dbt_ai.errors import ProviderError
from dbt_ai.execution.bundle import Bundle
from dbt_ai.execution.outcome import Outcome, OutcomeKind
from dbt_ai.execution.sender import Sender
from dbt_ai.providers import provider_of
from dbt_ai.providers.base import EndpointProvider
from dbt_ai.request import Requests
from dbt_ai.response import Delivery, Failure, Responses
from dbt_ai.store.answer_store import AnswerStore

T = TypeVar("T")


class Turns:
    """store: keeps the answers to parts of an aggregate, which no node asked for as such."""

    def __init__(self, sender: Sender, store: AnswerStore) -> None:
        self._sender = sender
        self._store = store

    async def take(self, bundle: Bundle, knowledge: EndpointKnowledge, again: Callable[[], None]) -> Outcome:
        """One exchange about a bundle. What breaks or is put off is asked again as it was. again: see Sender.send."""
        provider = provider_of(bundle.requests.call.model)
        assert isinstance(provider, EndpointProvider)
        if bundle.conversation is None:
            try:
                bundle.conversation = await _step(bundle, lambda: self._begin(provider, bundle, knowledge))
            except ProviderError as error:  # all parts of an aggregate were known, and they come to nothing
                return Outcome(OutcomeKind.REFUSED, {}, None, str(error), str(error), reached=False)
        conversation = bundle.conversation
        began = time.monotonic()
        outcome = await self._sender.send(provider, *conversation.question, again)
        bundle.took = time.monotonic() - began
        try:
            return await _step(bundle, lambda: _told(conversation, outcome))
        except ProviderError as error:
            bundle.conversation = None
            said = str(error)
            outcome = replace(outcome, ask_one=conversation.one_text_may_fare_better)
            # What answered the last question is not an answer to the whole.
            if outcome.responses is not None:
                return replace(outcome, responses=bundle.failed(Failure(said, said)))
            return replace(outcome, cause=said, message=said)

    def _begin(self, provider: EndpointProvider, bundle: Bundle, knowledge: EndpointKnowledge) -> Conversation:
        call = bundle.sent_call
        return Conversation(provider.means(call), call, bundle.inputs, knowledge, kept=_StoredParts(self._store, bundle.node))


async def _step(bundle: Bundle, step: Callable[[], T]) -> T:
    """A step of the conversation: computed in a moment, but where an aggregate keeps its parts in the store."""
    return await asyncio.to_thread(step) if bundle.requests.call.input is Input.TEXT_LIST else step()


async def ask_alone(sender: Sender, provider: EndpointProvider, call: Call, text: str) -> Outcome:
    """What comes of one text, asked in whatever way the endpoint takes; nothing is repeated, nothing paced."""
    conversation = Conversation(provider.means(call), call, [text], EndpointKnowledge())
    while True:
        outcome = await sender.send(provider, *conversation.question)
        try:
            outcome = _told(conversation, outcome)
        except ProviderError:
            return outcome
        if outcome.kind is not OutcomeKind.GO_ON:
            return outcome


def _told(conversation: Conversation, outcome: Outcome) -> Outcome:
    """What follows when the conversation hears what came of its question. Raises ProviderError where it ends without an answer."""
    if outcome.responses is not None:
        whole = conversation.answered(outcome.responses)
    elif _may_be_the_manner(conversation, outcome):
        whole = conversation.refused(ProviderError(outcome.message, status=outcome.status or None, answer=outcome.answer))
    else:
        return outcome
    if whole is None:
        return replace(outcome, kind=OutcomeKind.GO_ON)
    return outcome if whole is outcome.responses else replace(outcome, kind=OutcomeKind.ANSWERED, responses=whole)


def _may_be_the_manner(conversation: Conversation, outcome: Outcome) -> bool:
    """Whether the conversation may know a way to ask that fares better."""
    if outcome.too_large or not outcome.reached:
        return False
    return outcome.kind is OutcomeKind.REFUSED or (outcome.status in MAY_BE_THE_MANNER and not conversation.opened)


@dataclass(frozen=True, slots=True)
class _StoredParts:
    """Answers to parts of an aggregate, stored under keys of their own."""

    store: AnswerStore
    node: str

    def find(self, call: Call, part: str) -> str | None:
        found = self.store.lookup(Requests(call, [part], call.keys([part]), uncollected=True))
        return next((str(stored.values[0]) for stored in found if len(stored.positions)), None)

    def keep(self, call: Call, part: str, responses: Responses) -> None:
        self.store.put([Delivery(Requests(call, [part], call.keys([part])), [0], responses)], self.node)
