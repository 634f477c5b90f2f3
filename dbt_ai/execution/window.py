"""How many requests of one endpoint may be in flight: found by trying, since most endpoints do not say."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field

FIRST_SIZE = 8
# Endpoints that bear more than this are served well by this many.
LARGEST_SIZE = 1024
# A probe that is refused costs the cool-down that the endpoint asks for: spend at most a tenth of the time on that.
HOLD_PER_COOL_DOWN = 10
HOLD_LATENCIES = 4
# Requests that may leave for each accepted one, beside the one that takes its place: the window triples in a latency. What is
# refused because it grew too far goes again, while an endpoint that is used too little costs time in every round.
GROWTH = 2
# An answer that took so many times longer than the fastest one may have waited in a queue, which a larger window only
# makes longer: such answers do not let it grow by more than this in a latency.
QUEUEING = 1.5
# Twice as many in flight must bring this much more throughput, or the endpoint only queues them.
WORTHWHILE = 1.1


@dataclass(slots=True)
class Window:
    """Slow start, then hold what the endpoint accepted, then probe upwards with steps that double.

    Throughput that stops growing while the window does ends the growth too: endpoints with a queue never refuse.
    Pure: the caller passes the time in.

    largest: the limit of the configuration; then the window starts there, and only shrinks and recovers.
    connections: as many as the process may hold.
    """

    largest: int | None = None
    connections: int = sys.maxsize
    size: int = field(init=False)
    in_flight: int = field(init=False, default=0)
    latency: float = field(init=False, default=0.0)
    _fastest: float = field(init=False, default=float("inf"))
    _full: bool = field(init=False, default=False)
    _outstanding: int = field(init=False, default=0)
    _slow_start: bool = field(init=False)
    _step: int = field(init=False, default=0)
    _step_at: float = field(init=False, default=float("inf"))
    _probed_from: int = field(init=False, default=0)
    _hold: float = field(init=False, default=HOLD_LATENCIES)
    _round_started: float = field(init=False, default=-1.0)
    _round_left: int = field(init=False, default=0)
    _round_counts: bool = field(init=False, default=True)
    _round_size: int = field(init=False, default=0)
    _round_most: int = field(init=False, default=0)
    _last_most: int = field(init=False, default=0)
    _best_throughput: float = field(init=False, default=0.0)
    _best_size: int = field(init=False, default=0)
    _stalled: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self.size = min(self.largest or FIRST_SIZE, self.connections)
        self._slow_start = self.largest is None

    @property
    def open(self) -> bool:
        return self.in_flight < self.size and not self._full

    def enter(self, now: float) -> int:
        """A request leaves; returns how many are in flight with it."""
        if self._round_left <= 0:
            self._start_round(now)
        self.in_flight += 1
        self._round_most = max(self._round_most, self.in_flight)
        return self.in_flight

    def leave(self) -> None:
        """A request is over, however it ended; say so before telling what became of it."""
        self.in_flight -= 1
        self._full = False

    def accepted(self, sent: float, now: float) -> None:
        took = now - sent
        self._fastest = min(self._fastest, took)
        self.latency = took if not self.latency else 0.9 * self.latency + 0.1 * took
        self._count_round(now)
        if max(self._round_most, self._last_most) * (1 + GROWTH) < self.size:
            return  # the plan has not enough requests to fill the window: nothing is learnt about a larger one
        if self._slow_start:
            # A round without more throughput is measured again at its size before it grows on.
            queues = took > QUEUEING * self._fastest
            if not self._stalled and not (queues and self.size >= QUEUEING * self._round_size):
                self._grow_to(self.size + GROWTH)
        elif now >= self._step_at:
            if not self._step:
                self._step, self._probed_from = max(1, self.size // 32), self.size
            self._grow_to(self.size + self._step)
            self._step *= 2
            self._step_at = now + self.latency

    def refused(self, now: float, cool_down: float, sibling: bool) -> None:
        """cool_down: seconds for which the endpoint wants nothing more, 0 if it did not say.
        sibling: it had left before the first refusal of its kind arrived."""
        self._slow_start = False
        # What was in flight and is not refused as well is what the endpoint had accepted.
        self._outstanding = self._outstanding - 1 if sibling else self.in_flight
        # Some of those have been answered and are on their way back: keep clear of a refusal that costs a cool-down.
        accepted = self._outstanding - (self._outstanding // 32 if cool_down else 0)
        self.size = max(1, min(self.size, accepted))
        # A refused request leaves no room behind it: the next one leaves when an accepted one has returned.
        self._full = self.in_flight > 0
        self._hold_for(now, max(HOLD_LATENCIES * self.latency, HOLD_PER_COOL_DOWN * cool_down))
        self._best_throughput, self._stalled = 0.0, 0
        # The next round still counts answers from before the refusal.
        self._round_left, self._round_counts = 0, False

    def widen(self, now: float) -> None:
        """The refusals had nothing to do with how many were in flight: grow again as if they had not been."""
        self._slow_start = self.largest is None
        self._step_at = now if self.largest else float("inf")

    def _grow_to(self, size: int) -> None:
        self.size = min(size, self.largest or LARGEST_SIZE, self.connections)

    def _hold_for(self, now: float, seconds: float) -> None:
        self._step, self._step_at = 0, now + seconds

    def _start_round(self, now: float) -> None:
        self._round_started, self._round_left, self._round_size = now, max(self.size, FIRST_SIZE), self.size
        self._last_most, self._round_most = self._round_most, self.in_flight

    def _count_round(self, now: float) -> None:
        """A round is as many answers as the window was large; its throughput judges the growth."""
        self._round_left -= 1
        if self._round_left > 0 or now <= self._round_started:
            return
        throughput = max(self._round_size, FIRST_SIZE) / (now - self._round_started)
        if not self._round_counts:
            self._round_counts = True
        elif throughput > WORTHWHILE * self._best_throughput:
            self._best_throughput, self._best_size, self._stalled = throughput, self._round_size, 0
            self._hold = HOLD_LATENCIES
        elif self._slow_start or self._round_size >= 1.25 * self._best_size:
            self._stalled += 1
            if self._stalled >= 2:
                self._slow_start, self._stalled = False, 0
                self.size = max(1, self._best_size)
                # It may have been a slow moment: look again later, each time after a longer hold.
                self._hold = min(2 * self._hold, 64)
                self._hold_for(now, self._hold * self.latency)
                self._best_throughput = throughput
        self._start_round(now)
