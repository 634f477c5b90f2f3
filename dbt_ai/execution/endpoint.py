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
from dbt_ai.execution.batch import ATTEMPTS_OF_PIECES, Batch, Cut, Lane
from dbt_ai.execution.connection import most_connections
from dbt_ai.execution.loop import Loop
from dbt_ai.execution.outcome import Outcome, OutcomeKind
from dbt_ai.execution.pacer import PATIENCE, Pacer, Quota, Ticket
from dbt_ai.execution.packing import LearntSize
from dbt_ai.execution.rate_limit_headers import retry_after
from dbt_ai.execution.retrying import backoff
from dbt_ai.execution.scout import Scout
from dbt_ai.request import Failure, Responses

# Single requests refused with the same words while none was ever accepted: the specification is wrong, not the inputs. As many
# pieces of broken batches while nothing was answered: the endpoint is down, not an input to blame.
HOPELESS = 20
# Answers that wait to be stored are lost if the process is killed: beyond this many, and beyond what is in flight and would be lost as
# well, storing goes before asking.
MOST_UNSTORED = 128
# New exchanges that begin before the loop turns to those that are under way.
STARTED_AT_ONCE = 8


# A batch that leaves.
Departure: TypeAlias = tuple[Lane, Batch, Ticket]
# Sends one batch, in a way that the endpoint takes, and tells what became of it; runs in the loop. Calls what it is given before the
# request leaves once more.
Exchange: TypeAlias = Callable[[Batch, EndpointKnowledge, Callable[[], None]], Coroutine[Any, Any, Outcome]]


class Endpoint:
    """Thread-safe. Has batches exchanged, as many at once as the pacer lets leave."""

    def __init__(self, exchange: Exchange, loop: Loop, quota: Quota | None = None) -> None:
        self._send = exchange
        self._loop = loop
        self._pacer = Pacer(quota or Quota(), most_connections())
        self._learnt = LearntSize()
        self._knowledge = EndpointKnowledge()
        self._scout = Scout()
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

    def next_try(self) -> float:
        """Seconds until a request leaves, while all are refused as busy; 0 while any is in flight."""
        with self._lock:
            if self._pacer.window.in_flight or self._busy_since == math.inf:
                return 0.0
            now = time.monotonic()
            due = min((0.0 if lane.ready else lane.due - now for lane in self._lanes if len(lane)), default=0.0)
            return max(0.0, due, self._pacer.cools_until - now)

    def submit(self, lane: Lane, batches: Sequence[Batch]) -> None:
        """Take batches to send; their lane's owner is told what becomes of each."""
        with self._lock:
            if lane not in self._lanes:
                self._lanes.append(lane)
            lane.ready.extend(batches)
        self._loop.call_soon(self._send_what_may)

    def stored(self, lane: Lane, batches: int) -> None:
        """The node has stored what became of this many batches."""
        with self._lock:
            held = self._lags(lane)
            lane.unstored -= batches
            resumes = held and not self._lags(lane)
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
        """One batch after another. The next one takes the place of an answered one at once, before other answers are looked at:
        else what was answered together would leave together again, and wait for one another in every round."""
        while departure is not None:
            lane, batch, ticket = departure
            try:
                again = partial(lane.asker.allow_again, batch)
                outcome: Outcome | BaseException = await self._send(batch, self._knowledge, again)
            except BaseException as error:  # whatever it is, the node that waits for this batch must hear of it
                outcome = error
            with self._lock:
                try:
                    self._settle(lane, batch, ticket, outcome)
                except BaseException as error:  # a batch that is not settled would be waited for without end
                    self._abort(lane, error)
                lane.flying -= 1  # last: who finds nothing flying finds everything settled
            departure = self._next()
            if departure is not None:
                self._send_what_may()

    def _next(self) -> Departure | None:
        """The batch that leaves now. None: none may; the alarm is set for when one may if nothing comes back before."""
        with self._lock:
            while not self._closed:
                now = time.monotonic()
                lane, due = self._next_lane(now)
                queued = sum(map(len, self._lanes))
                wait = max(self._pacer.wait(now, lane.ready[0].tokens, queued), self._scout.wait(now, lane.ready[0])) if lane else due - now
                if lane is None or wait > 0:
                    self._wake_in(wait)
                    return None
                departure = self._leave(lane, now)
                if departure is not None:
                    return departure
        return None

    def _wake_in(self, seconds: float) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm = None if math.isinf(seconds) else asyncio.get_running_loop().call_later(seconds, self._send_what_may)

    def _next_lane(self, now: float) -> tuple[Lane | None, float]:
        """The lane whose turn it is, or when the next delayed batch is due."""
        due = math.inf
        for lane in self._lanes:
            lane.let_due(now)
            due = min(due, lane.due)
        for _ in range(len(self._lanes)):
            lane = self._lanes[0]
            if lane.ready and not self._lags(lane):
                return lane, due
            self._lanes.rotate(-1)
        return None, due

    def _lags(self, lane: Lane) -> bool:
        """Whether too many of its answers wait to be stored."""
        return lane.unstored >= max(MOST_UNSTORED, self._pacer.window.size)

    def _leave(self, lane: Lane, now: float) -> Departure | None:
        batch = lane.ready.popleft()
        pieces = self._learnt.pieces(batch.positions)
        if len(pieces) > 1:
            lane.ready.extendleft(reversed([batch.piece(piece) for piece in pieces]))
            batch = lane.ready.popleft()
        try:
            lane.asker.allow(batch)
        except BaseException as error:  # handed over: the node raises it in its own thread
            self._abort(lane, error)
            return None
        self._lanes.rotate(-1)
        batch.first_sent = min(batch.first_sent, now)
        batch.sent += 1
        lane.flying += 1
        self._scout.leaves(now, batch, self._knowledge)
        return lane, batch, self._pacer.leave(now, batch.tokens)

    def _abort(self, lane: Lane, error: BaseException) -> None:
        lane.clear()
        lane.asker.abort(error)

    def _settle(self, lane: Lane, batch: Batch, ticket: Ticket, outcome: Outcome | BaseException) -> None:
        now = time.monotonic()
        asks_otherwise = isinstance(outcome, Outcome) and outcome.kind is OutcomeKind.GO_ON and batch.seeks
        looks_again = isinstance(outcome, Outcome) and outcome.kind is OutcomeKind.GO_ON and batch.in_doubt
        if looks_again:
            self._scout.looks_again(now, batch)
        elif not asks_otherwise:
            self._scout.returned(batch)
        if isinstance(outcome, BaseException):
            self._pacer.lost(ticket, now)
            self._abort(lane, outcome)
            return
        if outcome.kind is not OutcomeKind.BUSY:
            self._busy_since = math.inf
        lane.asker.spent(batch, outcome)
        if outcome.kind is OutcomeKind.ANSWERED:
            self._answered(lane, batch, ticket, outcome, now)
        elif outcome.kind is OutcomeKind.BUSY:
            self._busy(lane, batch, ticket, outcome, now)
        elif outcome.kind is OutcomeKind.GO_ON:
            if outcome.responses is not None:
                self._pacer.accepted(ticket, now, outcome.headers, outcome.tokens.total)
                batch.broken, batch.sent, batch.first_sent = 0, 0, math.inf  # what follows is another request
            else:
                self._pacer.lost(ticket, now)
            if asks_otherwise and not self._scout.goes_on(now, batch):
                batch.conversation = None  # it begins anew with what the scout finds out
            elif asks_otherwise and lane in self._lanes:
                self._lanes.rotate(-self._lanes.index(lane))
            lane.ready.appendleft(batch)
        else:
            self._pacer.lost(ticket, now)
            if outcome.kind is OutcomeKind.AGAIN:
                self._broken(lane, batch, outcome, now)
            elif outcome.kind is OutcomeKind.REFUSED:
                self._refused(lane, batch, outcome)
            else:
                self._fail_all(lane, batch, outcome)

    def _answered(self, lane: Lane, batch: Batch, ticket: Ticket, outcome: Outcome, now: float) -> None:
        assert outcome.responses is not None
        self._pacer.accepted(ticket, now, outcome.headers, outcome.tokens.total)
        self._learnt.accepted(len(batch))
        self._broken_unanswered = 0
        if batch.piece_of is not None:
            batch.piece_of.accepted += 1
            if batch.piece_of.accepted == batch.piece_of.pieces:
                self._learnt.refused(batch.piece_of.size)
        self._settled(lane, batch, outcome.responses)

    def _busy(self, lane: Lane, batch: Batch, ticket: Ticket, outcome: Outcome, now: float) -> None:
        seconds = self._pacer.refused(ticket, now, outcome.headers)
        self._busy_since = min(self._busy_since, now)
        next_try = max(now, self._pacer.cools_until)
        if next_try - max(self._busy_since, self._pacer.last_accepted) > PATIENCE:
            told = f"{outcome.message}; nothing is answered, and the next try would be in {next_try - now:,.0f} s"
            self._fail_all(lane, batch, replace(outcome, message=told))
        elif seconds:
            lane.delay(batch, now + seconds)
        else:
            lane.ready.appendleft(batch)

    def _broken(self, lane: Lane, batch: Batch, outcome: Outcome, now: float) -> None:
        batch.broken += 1
        seconds = backoff(batch.broken, retry_after(outcome.headers))
        if batch.broken < batch.most_attempts(outcome.status) and seconds <= PATIENCE:
            lane.delay(batch, now + seconds)
            return
        answers = self._pacer.last_accepted >= batch.first_sent
        self._broken_unanswered += not answers
        whole = len(batch) == 1 and batch.tries is None
        if not answers and (whole or not outcome.reached or self._broken_unanswered >= HOPELESS):
            # Nothing at all was answered since this batch was first sent: the others would only wait for the same end.
            self._fail_all(lane, batch, outcome)
        elif len(batch) == 1 or not outcome.reached:
            self._fail(lane, batch, outcome)
        elif answers:
            self._cut(lane, batch, tries=ATTEMPTS_OF_PIECES)
        else:
            self._probe(lane, batch)

    def _refused(self, lane: Lane, batch: Batch, outcome: Outcome) -> None:
        if len(batch) > 1:
            if outcome.too_large:
                self._learnt.refused(len(batch))
            self._cut(lane, batch)
            return
        if math.isinf(self._pacer.last_accepted):
            self._refusals[outcome.message] = self._refusals.get(outcome.message, 0) + 1
            if self._refusals[outcome.message] >= HOPELESS:
                return self._fail_all(lane, batch, outcome)
        self._fail(lane, batch, outcome)

    def _cut(self, lane: Lane, batch: Batch, tries: int | None = None) -> None:
        middle = len(batch) // 2
        halves = Cut(len(batch), pieces=2)
        for positions in (batch.positions[middle:], batch.positions[:middle]):
            lane.ready.appendleft(batch.cut_off(positions, halves, tries))

    def _probe(self, lane: Lane, batch: Batch) -> None:
        """Cut a batch while it is not known whether the endpoint answers anything: what tells most is a single input, far from
        those that were tried, and other batches tell more than the pieces of this one."""
        middle = len(batch) // 2
        pieces = [piece for piece in (batch.positions[:middle], batch.positions[middle + 1 :]) if piece]
        cut = Cut(len(batch), pieces=1 + len(pieces))
        lane.ready.appendleft(batch.cut_off(batch.positions[middle : middle + 1], cut, ATTEMPTS_OF_PIECES))
        lane.ready.extend(batch.cut_off(piece, cut, ATTEMPTS_OF_PIECES) for piece in pieces)

    def _fail(self, lane: Lane, batch: Batch, outcome: Outcome) -> None:
        self._settled(lane, batch, batch.failed(Failure(outcome.cause, outcome.message)))

    def _settled(self, lane: Lane, batch: Batch, responses: Responses) -> None:
        lane.unstored += 1
        lane.asker.settle(lane, batch, responses, True)

    def _fail_all(self, lane: Lane, batch: Batch, outcome: Outcome) -> None:
        """Fail a batch and, unsent, every other one that asks the same of the same endpoint."""
        self._fail(lane, batch, outcome)
        for other in lane.take(batch.requests.call):
            lane.asker.settle(lane, other, other.failed(Failure(outcome.cause, outcome.message)), False)
