"""The requests of one node from the moment they are claimed until every one is settled and delivered."""

from __future__ import annotations

import queue
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from dbt_ai.call import Call
from dbt_ai.conversation.conversation import typed
from dbt_ai.errors import INTERRUPTED, BudgetExceeded, PlanError, StoreError
from dbt_ai.execution.bundle import Bundle, Lane
from dbt_ai.execution.claims import Claims
from dbt_ai.execution.endpoint import Endpoint
from dbt_ai.execution.job_router import JobRouter
from dbt_ai.execution.outcome import Outcome, OutcomeKind
from dbt_ai.execution.packing import pack
from dbt_ai.external_model import ExternalModel
from dbt_ai.ledger import Ledger, Meter
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
# How often a waiting node looks whether it was cancelled.
TICK = 0.1
# Answers gather before they are stored together: a commit takes many times longer than what one more answer adds to it. Storing takes
# up this share of the time, so that sending has the processor. The last answers are stored at once.
STORING_SHARE = 1 / 5
SHORTEST_GATHERING = 0.005
LONGEST_GATHERING = 0.05
# Inputs committed together. While one commit is written the next answers gather; where so many did, the others need not.
MOST_DELIVERED = 8192

Deliver: TypeAlias = Callable[[Sequence[Delivery]], None]


@dataclass(frozen=True, slots=True)
class Settled:
    """An event: what became of some positions of the requests.

    mine: this execution asked for them. sent: somebody was really asked. lane: the endpoint's lane that they came through.
    """

    requests: Requests
    positions: Sequence[int]
    responses: Responses
    mine: bool
    sent: bool = True
    lane: Lane | None = None


@dataclass(frozen=True, slots=True)
class Postponed:
    """An event: these are in a job that nobody waits for any longer. message: which job, and how far it is."""

    positions: Sequence[int]
    message: str


@dataclass(frozen=True, slots=True)
class Inherited:
    """An event: somebody else was to ask for these and gave up."""

    requests: Requests
    positions: Sequence[int]


Event: TypeAlias = "Settled | Inherited | Postponed | BaseException"


def _inputs(event: Event) -> int:
    return len(event.positions) if isinstance(event, Settled) else 1


def gathering(took: float) -> float:
    """Seconds in which answers gather, after the last ones took so many seconds to be stored."""
    return min(max(took / STORING_SHARE - took, SHORTEST_GATHERING), LONGEST_GATHERING)


class NodeExecution:
    """One call of Scheduler.execute. All happens in the caller's thread, but for the events that other threads post.

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
        self._node = node
        self._deliver = deliver
        self._cancelled = cancelled
        self._interrupted = interrupted
        self._claims = claims
        self._store = store
        self._endpoint_of = endpoint_of
        self._jobs_of = jobs_of
        self._ledger = ledger
        self._seconds = seconds
        self._deadline = time.monotonic() + seconds if seconds else None
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._nothing_comes = threading.Event()
        self._lanes: dict[Endpoint | JobRouter, Lane] = {}
        self._meters: dict[Call, Meter] = {}
        self._pending = 0
        self._postponed: list[str] = []
        self._stopped: BaseException | None = None

    def post(self, event: Event) -> None:
        """Tell this execution what happened, from any thread."""
        self._events.put(event)

    def run(self, work: Sequence[Requests]) -> None:
        """Claim, ask and deliver all of it. See Scheduler.execute for what it raises."""
        try:
            for requests in work:
                if self._over():
                    break
                meter = self._meter(requests.call)
                self._claim(requests)
                meter.find_price()  # while the first of them are on their way
            while self._pending and not self._over():
                events = self._happened()
                started = time.monotonic()
                self._handle(events)
                if self._pending and sum(map(_inputs, events)) < MOST_DELIVERED:
                    self._gather(gathering(time.monotonic() - started))
            if self._pending:
                self._last_call()
        finally:
            self._give_up(work)
        if self._stopped is not None and not self._cancelled.is_set():
            raise self._stopped
        if self._postponed and not self._cancelled.is_set():
            raise PlanError(f"pending: {'; '.join(self._postponed)}; run it again later: it takes what is answered")
        if not self._cancelled.is_set():
            self._say_what_was_heard(work)

    def _say_what_was_heard(self, work: Sequence[Requests]) -> None:
        """Failures of jobs are remembered until a node has ended with them: one that is pending has told nobody."""
        for requests in work:
            jobs = self._jobs_of(requests.call)
            if jobs is not None and jobs in self._lanes:
                jobs.heard(requests.keys)

    def allow(self, bundle: Bundle) -> None:
        """See BundleOwner, which an endpoint calls. Here what is stopped stops at once; this node's thread may be storing answers."""
        if self._unwanted():
            raise PlanError(INTERRUPTED)
        self._meter(bundle.requests.call).sends(again=bundle.sent > 0)

    def allow_again(self, bundle: Bundle) -> None:
        self._meter(bundle.requests.call).broken()
        self._meter(bundle.requests.call).back()
        if self._unwanted():
            raise PlanError(INTERRUPTED)
        self._meter(bundle.requests.call).sends(again=True)

    def spent(self, bundle: Bundle, outcome: Outcome) -> None:
        meter = self._meter(bundle.requests.call)
        meter.back()
        meter.tokens(outcome.tokens, outcome.share)
        if outcome.responses is not None:
            meter.took(bundle.took)
            return
        if outcome.kind is OutcomeKind.BUSY:
            meter.busy()
        else:
            meter.broken()

    def reserve(self, call: Call, dollars: float) -> None:
        self._meter(call).reserve(dollars)

    def waits_for(self, call: Call, jobs: str) -> None:
        self._meter(call).waits_for(jobs)

    def postpone(self, bundles: Sequence[Bundle], message: str) -> None:
        self.post(Postponed([position for bundle in bundles for position in bundle.positions], message))

    def settle(self, lane: Lane, bundle: Bundle, responses: Responses, sent: bool) -> None:
        self.post(Settled(bundle.requests, bundle.positions, responses, mine=True, sent=sent, lane=lane))
        if not len(lane) and lane.flying <= 1:  # no other is queued or out
            self._nothing_comes.set()

    def held_up(self) -> None:
        self._nothing_comes.set()

    def abort(self, error: BaseException) -> None:
        self.post(error)

    def _meter(self, call: Call) -> Meter:
        if call not in self._meters:
            self._meters[call] = self._ledger.meter(self._node, call.model)
        return self._meters[call]

    def _claim(self, requests: Requests) -> None:
        claimed = self._claims.claim(self, requests)
        self._pending += len(requests.keys)
        for position, failure in claimed.failed.items():
            self.post(Settled(requests, [position], Responses([None], {0: failure}), mine=False))
        missing = self._stored_since(requests, claimed.answered)
        self._ask(requests, [*claimed.mine, *missing])

    def _stored_since(self, requests: Requests, positions: list[int]) -> list[int]:
        """Take what another node stored since this one looked; returns what the store does not have all the same."""
        missing = set(positions)
        if positions:
            for stored in self._store.lookup(requests.subset(positions)):
                here = [positions[index] for index in stored.positions]
                self.post(Settled(requests, here, Responses(stored.values), mine=False))
                missing.difference_update(here)
        return sorted(missing)

    def _ask(self, requests: Requests, positions: Sequence[int]) -> None:
        """Send, or compute, these positions, which this execution has claimed."""
        if not positions:
            return
        provider = provider_of(requests.call.model)
        if isinstance(provider, LocalProvider):
            self._compute(provider, requests, positions)
        elif isinstance(provider, EndpointProvider):
            endpoint, jobs = self._endpoint_of(requests.call.model), self._jobs_of(requests.call)
            least = provider.least_cached(requests.call)
            caching = None if least is None else shared_by_rows(requests, least)
            bundles = []
            for packed in pack(requests.inputs, positions, provider.limits(requests.call)):
                tokens = sum(estimated_tokens(requests.inputs[position]) for position in packed)
                bundles.append(Bundle(requests, packed, tokens, self._node, caching))
            if jobs is not None:
                bundles = jobs.take(self._lane(jobs), bundles)
            if bundles:
                endpoint.submit(self._lane(endpoint), bundles)

    def _compute(self, provider: LocalProvider, requests: Requests, positions: Sequence[int]) -> None:
        call, meter = requests.call, self._meter(requests.call)
        meter.loading(True)
        try:
            provider.load(call)
        finally:
            meter.loading(False)
        for indexes, responses in provider.respond(call, [requests.inputs[position] for position in positions]):
            meter.tokens(responses.tokens)
            meter.truncated(responses.truncated)
            self.post(Settled(requests, [positions[index] for index in indexes], typed(call, responses), mine=True))
            self._handle(self._happened())
            if self._pending and self._over():
                return

    def _lane(self, endpoint: Endpoint | JobRouter) -> Lane:
        if endpoint not in self._lanes:
            self._lanes[endpoint] = Lane(self)
        return self._lanes[endpoint]

    def _over(self) -> bool:
        if self._deadline is not None and time.monotonic() > self._deadline and self._stopped is None:
            self._stopped = PlanError(f"its AI calls took longer than node_seconds of {self._seconds:g}")
        if self._interrupted.is_set() and self._stopped is None:
            self._stopped = PlanError(INTERRUPTED)
        return self._cancelled.is_set() or self._stopped is not None

    def _unwanted(self) -> bool:
        return self._cancelled.is_set() or self._interrupted.is_set()

    def _happened(self, wait: float = TICK) -> list[Event]:
        """Everything that has happened, after waiting for the first of it."""
        events: list[Event] = []
        inputs = 0
        try:
            while inputs < MOST_DELIVERED:
                event = self._events.get(timeout=wait) if not events else self._events.get_nowait()
                events.append(event)
                inputs += _inputs(event)
        except queue.Empty:
            pass
        return events

    def _gather(self, seconds: float) -> None:
        """Let answers come in; no longer than until none will come before these are stored."""
        self._nothing_comes.wait(seconds)
        self._nothing_comes.clear()

    def _handle(self, events: Sequence[Event]) -> None:
        settled = [event for event in events if isinstance(event, Settled)]
        if settled:
            try:
                self._deliver([Delivery(done.requests, done.positions, done.responses, stored=not done.mine) for done in settled])
            except (StoreError, MemoryError) as error:  # they are held in memory
                self._stopped = error
            through = Counter(done.lane for done in settled if done.sent and done.lane is not None)
            for endpoint, lane in self._lanes.items():
                if through[lane]:
                    endpoint.stored(lane, through[lane])
            for done in settled:
                self._pending -= len(done.positions)
                self._meter(done.requests.call).settled(len(done.positions), len(done.responses.failures), done.mine)
                if done.mine:
                    self._tell(done)
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
            if not self._over():  # else whoever waits behind this node takes over when it gives up
                self._take_over(requests, positions)

    def _take_over(self, requests: Requests, positions: Sequence[int]) -> None:
        """Ask for what another node gave up, but for what was stored since: its job may have ended, and a third node have kept the
        answers."""
        missing = set(positions)
        for stored in self._store.lookup(requests.subset(positions)):
            here = [positions[index] for index in stored.positions]
            found = Settled(requests, here, Responses(stored.values), mine=False)
            self.post(found)
            self._tell(found)
            missing.difference_update(here)
        self._ask(requests, sorted(missing))

    def _tell(self, event: Settled) -> None:
        """Hand an answer, now stored, to the other nodes that wait for it."""
        # What was never sent may be asked by another node: its own requests tell whether it fares better.
        failures = dict(event.responses.failures) if event.sent else {}
        keys = [event.requests.keys[position] for position in event.positions]
        if not event.sent:
            self._bequeath(keys)
            return
        for index, waiters in self._claims.settle(keys, failures).items():
            responses = Responses(event.responses.values[index : index + 1], {0: failures[index]} if index in failures else {})
            for waiter in waiters:
                waiter.owner.post(Settled(waiter.requests, [waiter.position], responses, mine=False))

    def _last_call(self) -> None:
        """Stopped early: send nothing more, and keep what is answered in the moments that are left. Where nobody waits, as after a
        budget that is used up or a store that fails, that is everything that has left, for it is paid."""
        for endpoint, lane in self._lanes.items():
            endpoint.withdraw(lane)
        left = LAST_CALL if self._unwanted() else OVERDUE
        in_a_hurry = isinstance(self._stopped, PlanError) and not isinstance(self._stopped, BudgetExceeded)
        while any(lane.flying for lane in self._lanes.values()):
            if left <= 0 and (in_a_hurry or self._unwanted()):
                break
            looked = time.monotonic()
            self._handle(self._happened(wait=0.02))
            left -= min(time.monotonic() - looked, TICK)  # where the machine stood still, what came back has not been read yet
        while events := self._happened(wait=0):
            self._handle(events)

    def _give_up(self, work: Sequence[Requests]) -> None:
        """Whatever happened: no claim is left behind, and whoever waits for one takes it over."""
        for endpoint, lane in self._lanes.items():
            endpoint.withdraw(lane)
        if self._pending or self._postponed:
            self._claims.leave(self)
            self._bequeath([key for requests in work for key in requests.keys])

    def _bequeath(self, keys: Iterable[bytes]) -> None:
        for heir in self._claims.abandon(self, keys):
            heir.owner.post(Inherited(heir.requests, [heir.position]))
