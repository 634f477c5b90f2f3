"""The requests of one endpoint: queued by every node that asks it, as many in flight as it bears."""

from __future__ import annotations

import asyncio
import math
import threading
import time
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, TypeAlias

from dbt_ai.conversation.knowledge import EndpointKnowledge
from dbt_ai.errors import PlanError
from dbt_ai.execution.backoff import backoff
from dbt_ai.execution.bundle import ATTEMPTS_OF_PIECES, MOST_UNSTORED, Bundle, Cut, Lane
from dbt_ai.execution.cache_warmth import CacheWarmth
from dbt_ai.execution.connection import most_connections
from dbt_ai.execution.endpoint_memory import Borne
from dbt_ai.execution.loop import Loop
from dbt_ai.execution.outage import Outage
from dbt_ai.execution.outcome import Outcome, OutcomeKind
from dbt_ai.execution.pacer import PATIENCE, Pacer, Quota, Ticket
from dbt_ai.execution.packing import LearntSize
from dbt_ai.execution.rate_limit_headers import retry_after
from dbt_ai.execution.scout import Scout
from dbt_ai.response import Failure, Responses

# Single requests refused with the same words while none was ever accepted: the specification is wrong, not the inputs. As many
# pieces of broken bundles while nothing was answered: the endpoint is down, not an input to blame.
HOPELESS = 20
# New exchanges that begin before the loop turns to those that are under way.
STARTED_AT_ONCE = 8


# A bundle that leaves.
Departure: TypeAlias = tuple[Lane, Bundle, Ticket]
# Sends one bundle, in a way that the endpoint takes, and tells what became of it; runs in the loop. Calls what it is given before the
# request leaves once more.
Exchange: TypeAlias = Callable[[Bundle, EndpointKnowledge, Callable[[], None]], Coroutine[Any, Any, Outcome]]


class Endpoint:
    """Thread-safe. Has bundles exchanged, as many at once as the pacer lets leave. remembered: see Pacer."""

    def __init__(self, exchange: Exchange, loop: Loop, quota: Quota | None = None, remembered: Borne | None = None) -> None:
        self._send = exchange
        self._loop = loop
        self._pacer = Pacer(quota or Quota(), most_connections(), remembered)
        self._learnt = LearntSize()
        self._knowledge = EndpointKnowledge()
        self._scout = Scout()
        self._outage = Outage()
        self._warmth = CacheWarmth()
        self._lanes: deque[Lane] = deque()
        # Nodes hand over and take back in threads of their own; everything else happens in the loop.
        self._lock = threading.Lock()
        self._exchanges: set[asyncio.Task[None]] = set()
        self._alarm: asyncio.TimerHandle | None = None
        self._starts = False
        self._closed = False
        self._refusals: dict[str, int] = {}
        self._broken_unanswered = 0
        self._busy_since = math.inf

    @property
    def in_flight(self) -> int:
        """Requests that are out now."""
        return self._pacer.window.in_flight

    def found(self) -> Borne | None:
        """What it turned out to bear: see Pacer."""
        with self._lock:
            return self._pacer.found

    def next_try(self) -> float:
        """Seconds until a request leaves, while all are refused as busy; 0 while any is in flight."""
        with self._lock:
            if self._pacer.window.in_flight or self._busy_since == math.inf:
                return 0.0
            now = time.monotonic()
            due = min((0.0 if lane.ready else lane.due - now for lane in self._lanes if len(lane)), default=0.0)
            return max(0.0, due, self._pacer.cools_until - now)

    def submit(self, lane: Lane, bundles: Sequence[Bundle]) -> None:
        """Take bundles to send; their lane's owner is told what becomes of each."""
        with self._lock:
            if lane not in self._lanes:
                self._lanes.append(lane)
            lane.ready.extend(bundles)
        self._loop.call_soon(self._send_what_may)

    def stored(self, lane: Lane, bundles: int) -> None:
        """The node has stored what became of this many bundles."""
        with self._lock:
            now = time.monotonic()
            held = self._is_behind(lane, now)
            lane.stored(bundles)
            resumes = held and not self._is_behind(lane, now)
        if resumes:
            self._loop.call_soon(self._send_what_may)

    def withdraw(self, lane: Lane) -> None:
        """Forget what a lane has queued; what is in flight comes back to it."""
        with self._lock:
            lane.clear()
            self._scout.forget()
            if lane in self._lanes:
                self._lanes.remove(lane)

    def close(self) -> None:
        """Nothing more leaves, and no node waits any longer."""
        with self._lock:
            self._closed = True
            for lane in self._lanes:
                self._abort(lane, PlanError("its AI calls were ended: dbt_ai was closed while they were under way"))

    def _send_what_may(self) -> None:
        """Begin new exchanges, a few in each round of the loop: in between it hears of what came back. One that sends a hundred first
        hears that the first of them was refused when all are."""
        if not self._starts:
            self._starts = True
            asyncio.get_running_loop().call_soon(self._start_a_few)

    def _start_a_few(self) -> None:
        self._starts = False
        for _ in range(STARTED_AT_ONCE):
            departure = self._next()
            if departure is None:
                return
            exchanges = asyncio.get_running_loop().create_task(self._exchange(departure))
            self._exchanges.add(exchanges)  # the loop itself does not keep tasks alive
            exchanges.add_done_callback(self._exchanges.discard)
        self._send_what_may()

    async def _exchange(self, departure: Departure | None) -> None:
        """One bundle after another. The next one takes the place of an answered one at once, before other answers are looked at:
        else what was answered together would leave together again, and wait for one another in every round."""
        while departure is not None:
            lane, bundle, ticket = departure
            try:
                again = partial(lane.owner.allow_again, bundle)
                outcome: Outcome | BaseException = await self._send(bundle, self._knowledge, again)
            except BaseException as error:  # whatever it is, the node that waits for this bundle must hear of it
                outcome = error
            with self._lock:
                try:
                    self._settle(lane, bundle, ticket, outcome)
                except BaseException as error:  # a bundle that is not settled would be waited for without end
                    self._abort(lane, error)
                lane.flying -= 1  # last: who finds nothing flying finds everything settled
            departure = self._next()
            if departure is not None:
                self._send_what_may()

    def _next(self) -> Departure | None:
        """The bundle that leaves now. None: none may; the alarm is set for when one may if nothing comes back before."""
        with self._lock:
            while not self._closed:
                now = time.monotonic()
                lane, due = self._next_lane(now)
                queued = sum(map(len, self._lanes))
                wait = self._wait(now, lane.ready[0], queued) if lane else due - now
                if lane is None or wait > 0:
                    self._wake_in(wait)
                    return None
                departure = self._leave(lane, now)
                if departure is not None:
                    return departure
        return None

    def _wait(self, now: float, bundle: Bundle, queued: int) -> float:
        """Seconds until a bundle may leave."""
        waits = (self._pacer.wait(now, bundle.tokens, queued), self._scout.wait(now, bundle), self._warmth.wait(now, bundle))
        return max(*waits, self._outage.wait(now))

    def _wake_in(self, seconds: float) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm = None if math.isinf(seconds) else asyncio.get_running_loop().call_later(seconds, self._send_what_may)

    def _next_lane(self, now: float) -> tuple[Lane | None, float]:
        """The lane whose turn it is, or when the next delayed bundle is due."""
        due = math.inf
        for lane in self._lanes:
            lane.let_due(now)
            due = min(due, lane.due)
        for _ in range(len(self._lanes)):
            lane = self._lanes[0]
            if lane.ready:
                if not self._is_behind(lane, now):
                    return lane, due
                lane.owner.held_up()
            self._lanes.rotate(-1)
        return None, due

    def _is_behind(self, lane: Lane, now: float) -> bool:
        """Whether storing goes before asking: what waits to be stored would be lost with the process, as what is in flight would."""
        return lane.is_behind(now, max(MOST_UNSTORED, self._pacer.window.size))

    def _leave(self, lane: Lane, now: float) -> Departure | None:
        bundle = lane.ready.popleft()
        takes_one = bundle.requests.call.embeds and not self._knowledge.takes_lists
        pieces = [[position] for position in bundle.positions] if takes_one else self._learnt.pieces(bundle.positions)
        if len(pieces) > 1:
            lane.ready.extendleft(reversed([bundle.piece(piece) for piece in pieces]))
            bundle = lane.ready.popleft()
        try:
            lane.owner.allow(bundle)
        except BaseException as error:  # handed over: the node raises it in its own thread
            self._abort(lane, error)
            return None
        self._lanes.rotate(-1)
        bundle.first_sent = min(bundle.first_sent, now)
        bundle.sent += 1
        lane.flying += 1
        self._scout.leaves(now, bundle, self._knowledge)
        self._warmth.leaves(now, bundle)
        self._outage.leaves(now, bundle)
        return lane, bundle, self._pacer.leave(now, bundle.tokens)

    def _abort(self, lane: Lane, error: BaseException) -> None:
        lane.clear()
        lane.owner.abort(error)

    def _settle(self, lane: Lane, bundle: Bundle, ticket: Ticket, outcome: Outcome | BaseException) -> None:
        now = time.monotonic()
        self._outage.returned(now, bundle)
        self._warmth.returned(now, bundle, isinstance(outcome, Outcome) and outcome.responses is not None)
        goes_on = isinstance(outcome, Outcome) and outcome.kind is OutcomeKind.GO_ON
        if goes_on and bundle.in_doubt:
            self._scout.looks_again(now, bundle)
        elif not (goes_on and bundle.seeks):
            self._scout.returned(bundle)
        if isinstance(outcome, BaseException):
            self._pacer.lost(ticket, now)
            self._abort(lane, outcome)
            return
        if outcome.kind is not OutcomeKind.BUSY:
            self._busy_since = math.inf
            if outcome.kind is not OutcomeKind.AGAIN:
                self._outage.over()
        lane.owner.spent(bundle, outcome)
        if outcome.kind is OutcomeKind.ANSWERED:
            self._answered(lane, bundle, ticket, outcome, now)
        elif outcome.kind is OutcomeKind.BUSY:
            self._busy(lane, bundle, ticket, outcome, now)
        elif outcome.kind is OutcomeKind.GO_ON:
            self._go_on(lane, bundle, ticket, outcome, now)
        else:
            self._pacer.lost(ticket, now)
            if outcome.kind is OutcomeKind.AGAIN:
                self._broken(lane, bundle, ticket, outcome, now)
            elif outcome.kind is OutcomeKind.REFUSED:
                self._refused(lane, bundle, outcome)
            else:
                self._fail_all(lane, bundle, outcome)

    def _go_on(self, lane: Lane, bundle: Bundle, ticket: Ticket, outcome: Outcome, now: float) -> None:
        """Ask the next question of the conversation, before other bundles leave."""
        if outcome.responses is not None:
            self._pacer.accepted(ticket, now, outcome.headers, outcome.tokens.total)
            bundle.broken, bundle.sent, bundle.first_sent = 0, 0, math.inf  # what follows is another request
        else:
            self._pacer.lost(ticket, now)
        if bundle.seeks and not self._scout.goes_on(now, bundle):
            bundle.conversation = None  # it begins anew with what the scout finds out
        elif bundle.seeks and lane in self._lanes:
            self._lanes.rotate(-self._lanes.index(lane))
        lane.ready.appendleft(bundle)

    def _answered(self, lane: Lane, bundle: Bundle, ticket: Ticket, outcome: Outcome, now: float) -> None:
        assert outcome.responses is not None
        self._pacer.accepted(ticket, now, outcome.headers, outcome.tokens.total)
        self._learnt.accepted(len(bundle))
        self._broken_unanswered = 0
        if bundle.piece_of is not None:
            bundle.piece_of.accepted += 1
            if bundle.piece_of.accepted == bundle.piece_of.pieces:
                self._learnt.refused(bundle.piece_of.size)
        self._settled(lane, bundle, outcome.responses)

    def _busy(self, lane: Lane, bundle: Bundle, ticket: Ticket, outcome: Outcome, now: float) -> None:
        seconds = self._pacer.busy(ticket, now, outcome.headers)
        self._busy_since = min(self._busy_since, now)
        next_try = max(now, self._pacer.cools_until)
        if next_try - max(self._busy_since, self._pacer.last_accepted) > PATIENCE:
            told = f"{outcome.message}; nothing is answered, and the next try would be in {next_try - now:,.0f} s"
            self._fail_all(lane, bundle, replace(outcome, message=told))
        elif seconds:
            lane.delay(bundle, now + seconds)
        else:
            lane.ready.appendleft(bundle)

    def _broken(self, lane: Lane, bundle: Bundle, ticket: Ticket, outcome: Outcome, now: float) -> None:
        bundle.broken += 1
        asked = retry_after(outcome.headers)
        seconds = backoff(bundle.broken, asked)
        never_accepted = math.isinf(self._pacer.last_accepted)
        # What a status of 500 comes back for may hold the input to blame, or too many: its pieces tell.
        may_be_to_blame = outcome.status >= 500 and (bundle.tries is not None or (len(bundle) > 1 and not never_accepted))
        if self._pacer.last_accepted < ticket.sent and not may_be_to_blame and (asked or 0.0) <= PATIENCE:
            self._outage.broke(ticket.sent, now, asked)
            if self._outage.is_hopeless(bundle):
                self._fail_all(lane, bundle, outcome)
                return
            if len(bundle) == 1 and bundle.tries is None:
                lane.ready.rotate(1)  # what tells most is another text, far from this one in length
        if never_accepted and outcome.ask_one and bundle.broken == ATTEMPTS_OF_PIECES:
            self._probe(lane, bundle, tries=None)
            return
        if bundle.broken < bundle.most_attempts(outcome.status, outcome.late) and seconds <= PATIENCE:
            lane.delay(bundle, now + seconds)
            return
        answers = self._pacer.last_accepted >= bundle.first_sent
        self._broken_unanswered += not answers
        whole = len(bundle) == 1 and bundle.tries is None
        if not answers and (whole or not outcome.reached or self._broken_unanswered >= HOPELESS):
            # Nothing at all was answered since this bundle was first sent: the others would only wait for the same end.
            self._fail_all(lane, bundle, outcome)
        elif len(bundle) == 1 or not outcome.reached:
            self._fail(lane, bundle, outcome)
        elif answers:
            self._cut(lane, bundle, tries=ATTEMPTS_OF_PIECES)
        else:
            self._probe(lane, bundle, ATTEMPTS_OF_PIECES)

    def _refused(self, lane: Lane, bundle: Bundle, outcome: Outcome) -> None:
        never_accepted = math.isinf(self._pacer.last_accepted)
        # An answer of another shape says nothing of the texts.
        no_answer = outcome.message if never_accepted and 200 <= outcome.status < 300 else ""
        if len(bundle) > 1:
            if outcome.too_large:
                self._learnt.refused(len(bundle))
            if never_accepted and not outcome.too_large and (outcome.ask_one or no_answer):
                self._probe(lane, bundle, None, no_answer)
            else:
                self._cut(lane, bundle)
            return
        if no_answer and bundle.piece_of is not None and bundle.piece_of.refused_for == no_answer:
            self._fail_all(lane, bundle, outcome)
            return
        if never_accepted:
            self._refusals[outcome.message] = self._refusals.get(outcome.message, 0) + 1
            if self._refusals[outcome.message] >= HOPELESS:
                return self._fail_all(lane, bundle, outcome)
        self._fail(lane, bundle, outcome)

    def _cut(self, lane: Lane, bundle: Bundle, tries: int | None = None) -> None:
        middle = len(bundle) // 2
        halves = Cut(len(bundle), pieces=2)
        for positions in (bundle.positions[middle:], bundle.positions[:middle]):
            lane.ready.appendleft(bundle.cut_off(positions, halves, tries))

    def _probe(self, lane: Lane, bundle: Bundle, tries: int | None, refused_for: str = "") -> None:
        """Cut a bundle while it is not known whether the endpoint answers anything: what tells most is a single input, far from
        those that were tried, and other bundles tell more than the pieces of this one."""
        middle = len(bundle) // 2
        pieces = [piece for piece in (bundle.positions[:middle], bundle.positions[middle + 1 :]) if piece]
        cut = Cut(len(bundle), 1 + len(pieces), refused_for)
        lane.ready.appendleft(bundle.cut_off(bundle.positions[middle : middle + 1], cut, tries))
        lane.ready.extend(bundle.cut_off(piece, cut, tries) for piece in pieces)

    def _fail(self, lane: Lane, bundle: Bundle, outcome: Outcome) -> None:
        self._settled(lane, bundle, bundle.failed(Failure(outcome.cause, outcome.message)))

    def _settled(self, lane: Lane, bundle: Bundle, responses: Responses) -> None:
        lane.came_back(time.monotonic(), len(bundle))
        lane.owner.settle(lane, bundle, responses, True)

    def _fail_all(self, lane: Lane, bundle: Bundle, outcome: Outcome) -> None:
        """Fail a bundle and, unsent, every other one that asks the same of the same endpoint."""
        self._fail(lane, bundle, outcome)
        for other in lane.take(bundle.requests.call):
            lane.owner.settle(lane, other, other.failed(Failure(outcome.cause, outcome.message)), False)
