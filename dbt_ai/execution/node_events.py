"""What other threads tell of the requests of one node, as events that the node's own thread reads."""

from __future__ import annotations

import queue
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from dbt_ai.call import Call
from dbt_ai.errors import INTERRUPTED, PlanError
from dbt_ai.execution.bundle import Bundle, Lane
from dbt_ai.execution.endpoint import Endpoint
from dbt_ai.execution.job_router import JobRouter
from dbt_ai.execution.outcome import Outcome, OutcomeKind
from dbt_ai.ledger import Ledger, Meter
from dbt_ai.request import Requests
from dbt_ai.response import Responses

# How often a waiting node looks whether it was cancelled.
TICK = 0.1
# Answers gather before they are stored together: a commit takes many times longer than what one more answer adds to it. Storing takes
# up this share of the time, so that sending has the processor. The last answers are stored at once.
STORING_SHARE = 1 / 5
SHORTEST_GATHERING = 0.005
LONGEST_GATHERING = 0.05
# Inputs committed together. While one commit is written the next answers gather; where so many did, the others need not.
MOST_DELIVERED = 8192


@dataclass(frozen=True, slots=True)
class Settled:
    """An event: what became of some positions of the requests.

    mine: this node asked for them. sent: somebody was really asked. lane: the endpoint's lane that they came through.
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
    """An event: another node was to ask for these and gave up."""

    requests: Requests
    positions: Sequence[int]


Event: TypeAlias = "Settled | Inherited | Postponed | BaseException"


class NodeEvents:
    """The events of one node. Any thread posts them; the node's own thread reads them."""

    def __init__(self) -> None:
        self._posted: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._nothing_comes = threading.Event()

    def post(self, event: Event, last: bool = False) -> None:
        """last: nothing of the node's is under way any longer."""
        self._posted.put(event)
        if last:
            self.nothing_comes()

    def nothing_comes(self) -> None:
        """No answer will come before those that are there are stored."""
        self._nothing_comes.set()

    def read(self, wait: float = TICK) -> list[Event]:
        """Everything that has happened, after waiting for the first of it."""
        events: list[Event] = []
        inputs = 0
        try:
            while inputs < MOST_DELIVERED:
                event = self._posted.get(timeout=wait) if not events else self._posted.get_nowait()
                events.append(event)
                inputs += _inputs(event)
        except queue.Empty:
            pass
        return events

    def gather(self, handled: Sequence[Event], took: float) -> None:
        """Let answers come in, no longer than until none will come before these are stored.

        took: seconds in which the events before were handled.
        """
        if sum(map(_inputs, handled)) < MOST_DELIVERED:
            self._nothing_comes.wait(gathering(took))
            self._nothing_comes.clear()


class NodeBundles:
    """A BundleOwner, which endpoints call from threads of their own: it counts, and posts to the node what becomes of bundles.

    is_unwanted: whether nobody wants the answers any more. Then nothing leaves, even while the node's own thread stores answers.
    """

    def __init__(self, node: str, ledger: Ledger, events: NodeEvents, is_unwanted: Callable[[], bool]) -> None:
        self.lanes: dict[Endpoint | JobRouter, Lane] = {}
        self._node = node
        self._ledger = ledger
        self._events = events
        self._is_unwanted = is_unwanted
        self._meters: dict[Call, Meter] = {}

    def meter(self, call: Call) -> Meter:
        """What counts the requests of a call."""
        if call not in self._meters:
            self._meters[call] = self._ledger.meter(self._node, call.model)
        return self._meters[call]

    def lane(self, endpoint: Endpoint | JobRouter) -> Lane:
        """The node's lane at an endpoint, always the same."""
        if endpoint not in self.lanes:
            self.lanes[endpoint] = Lane(self)
        return self.lanes[endpoint]

    @property
    def flying(self) -> bool:
        """Whether some have left and not come back."""
        return any(lane.flying for lane in self.lanes.values())

    def withdraw(self) -> None:
        """Send nothing more."""
        for endpoint, lane in self.lanes.items():
            endpoint.withdraw(lane)

    def stored(self, settled: Sequence[Settled]) -> None:
        """These are stored, or held until they can be: as many others may leave."""
        through = Counter(done.lane for done in settled if done.sent and done.lane is not None)
        for endpoint, lane in self.lanes.items():
            if through[lane]:
                endpoint.stored(lane, through[lane])

    def allow(self, bundle: Bundle) -> None:
        if self._is_unwanted():
            raise PlanError(INTERRUPTED)
        self.meter(bundle.requests.call).sends(again=bundle.sent > 0)

    def allow_again(self, bundle: Bundle) -> None:
        meter = self.meter(bundle.requests.call)
        meter.broken()
        meter.back()
        if self._is_unwanted():
            raise PlanError(INTERRUPTED)
        meter.sends(again=True)

    def spent(self, bundle: Bundle, outcome: Outcome) -> None:
        meter = self.meter(bundle.requests.call)
        meter.back()
        meter.tokens(outcome.tokens, outcome.share)
        if outcome.responses is not None:
            meter.took(bundle.took)
        elif outcome.kind is OutcomeKind.BUSY:
            meter.busy()
        else:
            meter.broken()

    def reserve(self, call: Call, dollars: float) -> None:
        self.meter(call).reserve(dollars)

    def waits_for(self, call: Call, jobs: str) -> None:
        self.meter(call).waits_for(jobs)

    def postpone(self, bundles: Sequence[Bundle], message: str) -> None:
        self._events.post(Postponed([position for bundle in bundles for position in bundle.positions], message))

    def settle(self, lane: Lane, bundle: Bundle, responses: Responses, sent: bool) -> None:
        settled = Settled(bundle.requests, bundle.positions, responses, mine=True, sent=sent, lane=lane)
        self._events.post(settled, last=not len(lane) and lane.flying <= 1)  # no other is queued or out

    def held_up(self) -> None:
        self._events.nothing_comes()

    def abort(self, error: BaseException) -> None:
        self._events.post(error)


def gathering(took: float) -> float:
    """Seconds in which answers gather, after the last ones took so many seconds to be stored."""
    return min(max(took / STORING_SHARE - took, SHORTEST_GATHERING), LONGEST_GATHERING)


def _inputs(event: Event) -> int:
    return len(event.positions) if isinstance(event, Settled) else 1
