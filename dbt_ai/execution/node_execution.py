"""The requests of one node from the moment they are claimed until every one is settled and delivered."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeAlias

from dbt_ai.call import Call
from dbt_ai.conversation.conversation import typed
from dbt_ai.errors import INTERRUPTED, BudgetExceeded, PlanError, StoreError
from dbt_ai.execution.bundle import Bundle
from dbt_ai.execution.claims import Claims
from dbt_ai.execution.endpoint import Endpoint
from dbt_ai.execution.job_router import JobRouter
from dbt_ai.execution.node_events import TICK, Event, Inherited, NodeBundles, NodeEvents, Postponed, Settled
from dbt_ai.execution.packing import pack
from dbt_ai.external_model import ExternalModel
from dbt_ai.ledger import Ledger
from dbt_ai.providers import provider_of
from dbt_ai.providers._prompt_cache import shared_by_rows
from dbt_ai.providers.base import EndpointProvider, LocalProvider
from dbt_ai.request import Requests
from dbt_ai.response import Delivery, Responses
from dbt_ai.store.answer_store import AnswerStore
from dbt_ai.tokens import estimated_tokens

# The longest that a node that was stopped waits for answers that are on their way: they are paid. One that had its time waits less.
LAST_CALL = 2.0
OVERDUE = 0.5

Deliver: TypeAlias = Callable[[Sequence[Delivery]], None]


class NodeExecution:
    """One call of Scheduler.execute. All happens in the caller's thread, which reads the events that other threads post.

    cancelled: nobody wants the answers of this node any more. interrupted: nobody wants any.
    claims: which requests are under way, whoever asked for them. store: has what another node stored since this one looked.
    seconds: the longest that it may take.
    """

    def __init__(
        self,
        node: str,
        deliver: Deliver,
        cancelled: threading.Event,
        *,
        interrupted: threading.Event,
        claims: Claims[NodeExecution],
        store: AnswerStore,
        endpoint_of: Callable[[ExternalModel], Endpoint],
        jobs_of: Callable[[Call], JobRouter | None],
        ledger: Ledger,
        seconds: float | None = None,
    ) -> None:
        self.events = NodeEvents()
        self._node = node
        self._deliver = deliver
        self._cancelled = cancelled
        self._interrupted = interrupted
        self._claims = claims
        self._store = store
        self._endpoint_of = endpoint_of
        self._jobs_of = jobs_of
        self._seconds = seconds
        self._deadline = time.monotonic() + seconds if seconds else None
        self._bundles = NodeBundles(node, ledger, self.events, self._is_unwanted)
        self._pending = 0
        self._postponed: list[str] = []
        self._stopped: BaseException | None = None

    def run(self, work: Sequence[Requests]) -> None:
        """Claim, ask and deliver all of it. See Scheduler.execute for what it raises."""
        try:
            for requests in work:
                if self._is_over():
                    break
                meter = self._bundles.meter(requests.call)
                self._claim(requests)
                meter.find_price()  # while the first of them are on their way
            while self._pending and not self._is_over():
                events = self.events.read()
                started = time.monotonic()
                self._handle(events)
                if self._pending:
                    self.events.gather(events, time.monotonic() - started)
            if self._pending:
                self._last_call()
        finally:
            self._give_up(work)
        if self._cancelled.is_set():
            return
        if self._stopped is not None:
            raise self._stopped
        if self._postponed:
            raise PlanError(f"pending: {'; '.join(self._postponed)}; run it again later: it takes what is answered")
        self._say_what_was_heard(work)

    def _say_what_was_heard(self, work: Sequence[Requests]) -> None:
        """Failures of jobs are remembered until a node has ended with them: one that is pending has told nobody."""
        for requests in work:
            jobs = self._jobs_of(requests.call)
            if jobs is not None and jobs in self._bundles.lanes:
                jobs.heard(requests.keys)

    def _is_unwanted(self) -> bool:
        return self._cancelled.is_set() or self._interrupted.is_set()

    def _is_over(self) -> bool:
        if self._deadline is not None and time.monotonic() > self._deadline and self._stopped is None:
            self._stopped = PlanError(f"its AI calls took longer than node_seconds of {self._seconds:g}")
        if self._interrupted.is_set() and self._stopped is None:
            self._stopped = PlanError(INTERRUPTED)
        return self._cancelled.is_set() or self._stopped is not None

    def _claim(self, requests: Requests) -> None:
        claimed = self._claims.claim(self, requests)
        self._pending += len(requests.keys)
        for position, failure in claimed.failed.items():
            self.events.post(Settled(requests, [position], Responses([None], {0: failure}), mine=False))
        missing = set(claimed.answered)
        for found in self._stored_since(requests, claimed.answered):
            self.events.post(found)
            missing.difference_update(found.positions)
        self._ask(requests, [*claimed.mine, *sorted(missing)])

    def _take_over(self, requests: Requests, positions: Sequence[int]) -> None:
        """Ask for what another node gave up, but for what was stored since: its job may have ended, and a third node have kept the
        answers."""
        missing = set(positions)
        for found in self._stored_since(requests, positions):
            self.events.post(found)
            self._tell(found)
            missing.difference_update(found.positions)
        self._ask(requests, sorted(missing))

    def _stored_since(self, requests: Requests, positions: Sequence[int]) -> Iterator[Settled]:
        """What another node stored of these since this one looked."""
        if positions:
            for stored in self._store.lookup(requests.subset(positions)):
                yield Settled(requests, [positions[index] for index in stored.positions], Responses(stored.values), mine=False)

    def _ask(self, requests: Requests, positions: Sequence[int]) -> None:
        """Send, or compute, these positions, which this execution has claimed."""
        if not positions:
            return
        provider = provider_of(requests.call.model)
        if isinstance(provider, LocalProvider):
            self._compute(provider, requests, positions)
        elif isinstance(provider, EndpointProvider):
            self._send(provider, requests, positions)

    def _send(self, provider: EndpointProvider, requests: Requests, positions: Sequence[int]) -> None:
        endpoint, jobs = self._endpoint_of(requests.call.model), self._jobs_of(requests.call)
        least = provider.least_cached(requests.call)
        caching = None if least is None else shared_by_rows(requests, least)
        bundles = []
        for packed in pack(requests.inputs, positions, provider.limits(requests.call)):
            tokens = sum(estimated_tokens(requests.inputs[position]) for position in packed)
            bundles.append(Bundle(requests, packed, tokens, self._node, caching))
        if jobs is not None:
            bundles = jobs.take(self._bundles.lane(jobs), bundles)
        if bundles:
            endpoint.submit(self._bundles.lane(endpoint), bundles)

    def _compute(self, provider: LocalProvider, requests: Requests, positions: Sequence[int]) -> None:
        call, meter = requests.call, self._bundles.meter(requests.call)
        meter.loading(True)
        try:
            provider.load(call)
        finally:
            meter.loading(False)
        for indexes, responses in provider.respond(call, [requests.inputs[position] for position in positions]):
            meter.tokens(responses.tokens)
            meter.truncated(responses.truncated)
            self.events.post(Settled(requests, [positions[index] for index in indexes], typed(call, responses), mine=True))
            self._handle(self.events.read())
            if self._pending and self._is_over():
                return

    def _handle(self, events: Sequence[Event]) -> None:
        settled = [event for event in events if isinstance(event, Settled)]
        if settled:
            self._keep(settled)
        inherited: dict[int, tuple[Requests, list[int]]] = {}
        for event in events:
            if isinstance(event, Postponed):
                self._pending -= len(event.positions)
                self._postponed.append(event.message)
            elif isinstance(event, Inherited):
                inherited.setdefault(id(event.requests), (event.requests, []))[1].extend(event.positions)
            elif isinstance(event, BaseException) and self._stopped is None:
                self._stopped = event
        for requests, positions in inherited.values():
            if not self._is_over():  # else whoever waits behind this node takes over when it gives up
                self._take_over(requests, positions)

    def _keep(self, settled: Sequence[Settled]) -> None:
        """Deliver what was settled, then tell whoever waits for it."""
        try:
            self._deliver([Delivery(done.requests, done.positions, done.responses, stored=not done.mine) for done in settled])
        except (StoreError, MemoryError) as error:  # they are held in memory
            self._stopped = error
        self._bundles.stored(settled)
        for done in settled:
            self._pending -= len(done.positions)
            self._bundles.meter(done.requests.call).settled(len(done.positions), len(done.responses.failures), done.mine)
            if done.mine:
                self._tell(done)

    def _tell(self, event: Settled) -> None:
        """Hand an answer, now stored, to the other nodes that wait for it."""
        keys = [event.requests.keys[position] for position in event.positions]
        if not event.sent:  # another node may ask for it: its own requests tell whether it fares better
            self._bequeath(keys)
            return
        failures = dict(event.responses.failures)
        for index, waiters in self._claims.settle(keys, failures).items():
            responses = Responses(event.responses.values[index : index + 1], {0: failures[index]} if index in failures else {})
            for waiter in waiters:
                waiter.owner.events.post(Settled(waiter.requests, [waiter.position], responses, mine=False))

    def _last_call(self) -> None:
        """Stopped early: send nothing more, and keep what is answered in the moments that are left. Where nobody waits, as after a
        budget that is used up or a store that fails, that is everything that has left, for it is paid."""
        self._bundles.withdraw()
        left = LAST_CALL if self._is_unwanted() else OVERDUE
        in_a_hurry = isinstance(self._stopped, PlanError) and not isinstance(self._stopped, BudgetExceeded)
        while self._bundles.flying:
            if left <= 0 and (in_a_hurry or self._is_unwanted()):
                break
            looked = time.monotonic()
            self._handle(self.events.read(wait=0.02))
            left -= min(time.monotonic() - looked, TICK)  # where the machine stood still, what came back has not been read yet
        while events := self.events.read(wait=0):
            self._handle(events)

    def _give_up(self, work: Sequence[Requests]) -> None:
        """Whatever happened: no claim is left behind, and whoever waits for one takes it over."""
        self._bundles.withdraw()
        if self._pending or self._postponed:
            self._claims.leave(self)
            self._bequeath([key for requests in work for key in requests.keys])

    def _bequeath(self, keys: Iterable[bytes]) -> None:
        for heir in self._claims.abandon(self, keys):
            heir.owner.events.post(Inherited(heir.requests, [heir.position]))
