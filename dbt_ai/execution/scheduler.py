"""The scheduler: every node's requests, each sent once, through one queue for each endpoint."""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import TypeAlias, TypeVar

import httpx
import numpy as np
from numpy.typing import NDArray

from dbt_ai.conversation.conversation import conversation, typed
from dbt_ai.errors import BudgetExceeded, PlanError, ProviderError
from dbt_ai.execution.batching import estimated_tokens, pack
from dbt_ai.execution.endpoint import Batch, Endpoint, Lane, failed
from dbt_ai.execution.in_flight import InFlight
from dbt_ai.execution.loop import Loop
from dbt_ai.execution.outcome import Outcome, OutcomeKind
from dbt_ai.execution.quotas import Quotas
from dbt_ai.execution.sender import Sender
from dbt_ai.execution.transport import KeepAliveTransport
from dbt_ai.ledger import Ledger, Meter
from dbt_ai.providers import provider_of
from dbt_ai.providers.base import EndpointProvider, LocalProvider
from dbt_ai.request import Call, Delivery, Failure, Requests, Responses
from dbt_ai.security.credentials import Credentials

# The longest that a cancelled node waits for answers that are on their way.
LAST_CALL = 0.5
# How often a waiting node looks whether it was cancelled.
TICK = 0.1
# A node that was woken for every answer would cost more than it stores: those of this many seconds are stored together.
GATHERING = 0.005
# Inputs committed together. While one commit is written the next answers gather, so this is reached by local models only.
MOST_DELIVERED = 8192

T = TypeVar("T")
Deliver: TypeAlias = Callable[[Sequence[Delivery]], None]
# Stores answers, for the node that paid.
Keep: TypeAlias = Callable[[Sequence[Delivery], str], None]
# Values by the position of their key: what the store finds of the keys that were answered while a node was planned.
Recall: TypeAlias = Callable[[Call, Sequence[bytes]], Iterable[tuple[NDArray[np.int64], NDArray[np.float32] | Sequence[str]]]]


@dataclass(frozen=True, slots=True)
class Settled:
    """An event of an execution: what became of some positions of a job.

    mine: this execution asked for them. sent: somebody was really asked. endpoint: the one that answered.
    """

    requests: Requests
    positions: Sequence[int]
    responses: Responses
    mine: bool
    sent: bool = True
    endpoint: Endpoint | None = None


@dataclass(frozen=True, slots=True)
class Inherited:
    """An event of an execution: somebody else was to ask for these and gave up."""

    requests: Requests
    positions: Sequence[int]


Event: TypeAlias = "Settled | Inherited | BaseException"


class Scheduler:
    """Thread-safe: each node executes from a thread of its own. What it learns of an endpoint lasts as long as it does.

    recall: looks up answers in the store; a node may have looked before another one stored what both need.
    keep: stores answers that no node asked for as such: those to parts of an aggregate. Called from any thread.
    """

    def __init__(
        self,
        credentials: Credentials,
        ledger: Ledger,
        *,
        quotas: Quotas | None = None,
        recall: Recall | None = None,
        keep: Keep | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        node_seconds: float | None = None,
    ) -> None:
        self.ledger = ledger
        self._credentials = credentials
        self._quotas = quotas or Quotas()
        self._recall = recall
        self._keep = keep
        self._node_seconds = node_seconds
        self._transport = transport or KeepAliveTransport()
        self._sender = Sender(credentials, self._transport)
        self._loop = Loop()
        self._in_flight: InFlight[NodeExecution] = InFlight()
        self._endpoints: dict[tuple[str, str, str | None], Endpoint] = {}
        self._lock = threading.Lock()

    def forget_failures(self) -> None:
        """What failed may be asked again: a new invocation begins."""
        self._in_flight.forget_failures()

    def asking(self) -> AbstractContextManager[None]:
        """Around a look into the store and the execution of what it did not have: nobody then asks what another one stored in between."""
        return self._in_flight.asking()

    def close(self) -> None:
        """End what is under way, and the thread. Who asks afterwards begins anew."""
        with self._lock:
            endpoints, self._endpoints = self._endpoints, {}
        for endpoint in endpoints.values():
            endpoint.close()
        self._loop.close(self._transport.aclose)

    def execute(self, work: Sequence[Requests], deliver: Deliver, cancelled: threading.Event, node: str = "") -> None:
        """Execute every request for a node, then return.

        deliver: called from this thread with everything that came back since it was last called; every request is delivered once,
        also one that has no answer, with its Failure.
        cancelled: when set, nothing new is sent and execute returns within a second.
        Raises BudgetExceeded when the invocation's budget is used up, ConfigurationError when nothing could be sent.
        """
        for requests in work:
            if isinstance(provider_of(requests.call.model), EndpointProvider):
                self._credentials.headers_for(requests.call.model, requests.call.model.location)
        deadline = time.monotonic() + self._node_seconds if self._node_seconds else None
        NodeExecution(self, node, deliver, cancelled, deadline).run(work)

    def in_flight(self) -> int:
        """Requests that are out now, of all endpoints."""
        return sum(endpoint.in_flight for endpoint in list(self._endpoints.values()))

    def _endpoint(self, call: Call, provider: EndpointProvider) -> Endpoint:
        model = call.model
        with self._lock:
            key = (model.location, model.model, model.credential)
            if key not in self._endpoints:
                self._endpoints[key] = Endpoint(self._send, self._loop, self._quotas.of(model))
            return self._endpoints[key]

    async def _send(self, batch: Batch) -> Outcome:
        """One exchange of the conversation about a batch; what breaks or is put off is asked again as it was."""
        provider = provider_of(batch.requests.call.model)
        assert isinstance(provider, EndpointProvider)
        if batch.question is None:
            try:
                await _talk(batch, lambda: self._begin(provider, batch))
            except ProviderError as error:  # all parts of an aggregate were known, and they come to nothing
                return Outcome(OutcomeKind.REFUSED, {}, None, str(error), str(error), reached=False)
        assert batch.question is not None
        outcome = await self._sender.send(provider, *batch.question)
        return await _talk(batch, lambda: _go_on(batch, outcome))

    def _begin(self, provider: EndpointProvider, batch: Batch) -> None:
        call = batch.requests.call
        inputs = [batch.requests.inputs[position] for position in batch.positions]
        kept = _Parts(self._recall, self._keep, batch.node) if self._recall and self._keep else None
        batch.turns = conversation(provider.means(call), call, inputs, kept=kept)
        batch.question = next(batch.turns)


async def _talk(batch: Batch, step: Callable[[], T]) -> T:
    """A step of a batch's conversation: computed in a moment, but where an aggregate keeps its parts in the store."""
    return await asyncio.to_thread(step) if batch.requests.call.request_format == "texts" else step()


def _go_on(batch: Batch, outcome: Outcome) -> Outcome:
    """Tell the conversation what came of its question."""
    assert batch.turns is not None
    try:
        if outcome.responses is not None:
            batch.question = batch.turns.send(outcome.responses)
        elif outcome.kind is OutcomeKind.REFUSED and not outcome.too_large:
            batch.question = batch.turns.throw(ProviderError(outcome.message))
        else:
            return outcome
    except StopIteration as end:
        return outcome if end.value is outcome.responses else replace(outcome, kind=OutcomeKind.ANSWERED, responses=end.value)
    except ProviderError as error:
        batch.turns = batch.question = None
        # What answered the last question is no answer to the whole.
        return outcome if outcome.responses is None else replace(outcome, responses=failed(batch, Failure(str(error), str(error))))
    return replace(outcome, kind=OutcomeKind.GO_ON)


@dataclass(frozen=True, slots=True)
class _Parts:
    """Answers to parts of an aggregate, stored under keys of their own."""

    recall: Recall
    store: Keep
    node: str

    def find(self, call: Call, part: str) -> str | None:
        return next((str(values[0]) for found, values in self.recall(call, call.keys([part])) if len(found)), None)

    def keep(self, call: Call, part: str, responses: Responses) -> None:
        self.store([Delivery(Requests(call, [part], call.keys([part])), [0], responses)], self.node)


@dataclass(eq=False)
class NodeExecution:
    """One call of Scheduler.execute. Everything but the lanes' callbacks runs in the caller's thread."""

    scheduler: Scheduler
    node: str
    deliver: Deliver
    cancelled: threading.Event
    deadline: float | None
    events: queue.SimpleQueue[Event] = field(default_factory=queue.SimpleQueue)
    lanes: dict[Endpoint, Lane] = field(default_factory=dict)
    meters: dict[Call, Meter] = field(default_factory=dict)
    pending: int = 0
    stopped: BaseException | None = None

    def run(self, work: Sequence[Requests]) -> None:
        try:
            for requests in work:
                if self._over():
                    break
                self._claim(requests)
            while self.pending and not self._over():
                self._handle(self._events())
                if self.pending:
                    time.sleep(GATHERING)
            if self.pending:
                self._last_call()
        finally:
            self._give_up(work)
        if self.stopped is not None:
            raise self.stopped

    def _claim(self, requests: Requests) -> None:
        claimed = self.scheduler._in_flight.claim(self, requests)
        self.pending += len(requests.keys)
        for position, failure in claimed.failed.items():
            self._post(Settled(requests, [position], Responses([None], {0: failure}), mine=False))
        missing = self._recalled(requests, claimed.answered)
        self._ask(requests, [*claimed.mine, *missing])

    def _recalled(self, requests: Requests, positions: list[int]) -> list[int]:
        """Take what another node stored since this one looked; returns what the store does not have all the same."""
        missing = set(positions)
        if positions and self.scheduler._recall is not None:
            for found, values in self.scheduler._recall(requests.call, [requests.keys[position] for position in positions]):
                here = [positions[index] for index in found]
                self._post(Settled(requests, here, Responses(values), mine=False))
                missing.difference_update(here)
        return sorted(missing)

    def _ask(self, requests: Requests, positions: Sequence[int]) -> None:
        """Send, or compute, these positions of a job, which this execution has claimed."""
        if not positions:
            return
        provider = provider_of(requests.call.model)
        if isinstance(provider, LocalProvider):
            self._compute(provider, requests, positions)
        elif isinstance(provider, EndpointProvider):
            endpoint = self.scheduler._endpoint(requests.call, provider)
            batches = []
            for packed in pack(requests.inputs, positions, provider.limits(requests.call)):
                batches.append(Batch(requests, packed, sum(estimated_tokens(requests.inputs[position]) for position in packed), self.node))
            endpoint.submit(self._lane(endpoint), batches)

    def _compute(self, provider: LocalProvider, requests: Requests, positions: Sequence[int]) -> None:
        meter = self._meter(requests.call)
        for indexes, responses in provider.respond(requests.call, [requests.inputs[position] for position in positions]):
            meter.tokens(responses.tokens)
            meter.truncated(responses.truncated)
            self._post(Settled(requests, [positions[index] for index in indexes], typed(requests.call, responses), mine=True))
            self._handle(self._events())
            if self.pending and self._over():
                return

    def _lane(self, endpoint: Endpoint) -> Lane:
        if endpoint not in self.lanes:
            self.lanes[endpoint] = Lane(
                allow=lambda batch: self._meter(batch.requests.call).sends(again=batch.sent > 0),
                settle=lambda batch, responses, sent: self._post(Settled(batch.requests, batch.positions, responses, True, sent, endpoint)),
                spent=self._spent,
                abort=self._post,
            )
        return self.lanes[endpoint]

    def _spent(self, batch: Batch, outcome: Outcome) -> None:
        meter = self._meter(batch.requests.call)
        meter.tokens(outcome.tokens)
        if outcome.renewed:
            meter.renewed()
        if outcome.responses is not None:
            return
        if outcome.kind is OutcomeKind.BUSY:
            meter.refused()
        else:
            meter.broken()

    def _post(self, event: Event) -> None:
        self.events.put(event)

    def _meter(self, call: Call) -> Meter:
        if call not in self.meters:
            self.meters[call] = self.scheduler.ledger.meter(self.node, call.model)
        return self.meters[call]

    def _over(self) -> bool:
        if self.deadline is not None and time.monotonic() > self.deadline and self.stopped is None:
            self.stopped = PlanError(f"its AI calls took longer than node_seconds of {self.scheduler._node_seconds:g}")
        return self.cancelled.is_set() or self.stopped is not None

    def _events(self, wait: float = TICK) -> list[Event]:
        """Everything that has happened, after waiting for the first of it."""
        events: list[Event] = []
        inputs = 0
        try:
            while inputs < MOST_DELIVERED:
                event = self.events.get(timeout=wait) if not events else self.events.get_nowait()
                events.append(event)
                inputs += len(event.positions) if isinstance(event, Settled) else 1
        except queue.Empty:
            pass
        return events

    def _handle(self, events: Sequence[Event]) -> None:
        settled = [event for event in events if isinstance(event, Settled)]
        if settled:
            self.deliver([Delivery(event.requests, event.positions, event.responses, stored=not event.mine) for event in settled])
            for endpoint, batches in Counter(done.endpoint for done in settled if done.sent).items():
                if endpoint is not None:
                    endpoint.stored(self.lanes[endpoint], batches)
            for done in settled:
                self.pending -= len(done.positions)
                self._meter(done.requests.call).settled(len(done.positions), len(done.responses.failures), done.mine)
                if done.mine:
                    self._tell(done)
        for event in events:
            if isinstance(event, Inherited):
                if not self._over():  # else whoever waits behind this node takes over when it gives up
                    self._ask(event.requests, event.positions)
            elif isinstance(event, BaseException) and self.stopped is None:
                self.stopped = event

    def _tell(self, event: Settled) -> None:
        """Hand an answer, now stored, to the other nodes that wait for it."""
        # What was never sent may be asked by another node: its own requests tell whether it fares better.
        failures = dict(event.responses.failures) if event.sent else {}
        keys = [event.requests.keys[position] for position in event.positions]
        if not event.sent:
            self._bequeath(keys)
            return
        for index, waiters in self.scheduler._in_flight.settle(keys, failures).items():
            responses = Responses(event.responses.values[index : index + 1], {0: failures[index]} if index in failures else {})
            for waiter in waiters:
                waiter.owner._post(Settled(waiter.requests, [waiter.position], responses, mine=False))

    def _last_call(self) -> None:
        """Stopped early: send nothing more, and keep what is answered in the moments that are left. A budget that is used
        up waits for everything that has left, for it is paid."""
        for endpoint, lane in self.lanes.items():
            endpoint.withdraw(lane)
        until = time.monotonic() + LAST_CALL
        paid = isinstance(self.stopped, BudgetExceeded)
        while any(lane.flying for lane in self.lanes.values()) and (time.monotonic() < until or (paid and not self.cancelled.is_set())):
            self._handle(self._events(wait=0.02))
        while events := self._events(wait=0):
            self._handle(events)

    def _give_up(self, work: Sequence[Requests]) -> None:
        """Whatever happened: no claim is left behind, and whoever waits for one takes it over."""
        for endpoint, lane in self.lanes.items():
            endpoint.withdraw(lane)
        if self.pending:
            self.scheduler._in_flight.leave(self)
            self._bequeath([key for requests in work for key in requests.keys])

    def _bequeath(self, keys: Iterable[bytes]) -> None:
        for heir in self.scheduler._in_flight.abandon(self, keys):
            heir.owner._post(Inherited(heir.requests, [heir.position]))
