"""How many requests of one endpoint may be in flight: found by trying, since most endpoints do not say."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field

# The window of an endpoint that was never asked. Its queue may be that of one slow process, where the last of them waits for all others.
FIRST_SIZE = 20
# Endpoints that bear more than this are served well by this many.
LARGEST_SIZE = 1024
# Slow start: requests that may leave for each accepted one, beside the one that takes its place, and more of them with each answer up
# to a limit. An endpoint that is used too little costs time in every round, while a refusal comes back before the whole window has left
# and ends the growth.
GROWTH = 5
LARGEST_GROWTH = 8
# A size that was found is held for a round before a larger one is probed. After each probe that was refused it is held for twice as
# long, up to two rounds, or so many answers where those are fewer.
LONGEST_HOLD = 2
HOLD_ANSWERS = 32
# A round is as many answers as the window is large, and no fewer than this.
SHORTEST_ROUND = 4
# A probe is one more request, since most are refused. If it is not, the next step is this share of the size, and steps double.
STEP = 1 / 8
# An answer that took so many times longer than the fastest one may have waited in a queue, which a larger window only
# makes longer: such answers do not let it grow by more than this in a round.
QUEUEING = 1.5
# Growth must bring this much more throughput, or the endpoint only queues.
WORTHWHILE = 1.1


@dataclass(slots=True)
class Window:
    """Slow start until the first refusal, then hold what was accepted, then probe upwards with steps that double.

    Throughput that stops growing while the window does ends the growth too: endpoints with a queue never refuse.
    Pure: the caller passes the time in.

    largest: the limit of the configuration; then the window starts there, and only shrinks and recovers.
    connections: as many as the process may hold.
    borne: a size that was borne before; then the window starts there, and is probed upwards.
    latency: seconds from a request to its answer, of late.

    >>> window = Window()
    >>> window.size, window.open
    (20, True)
    """

    largest: int | None = None
    connections: int = sys.maxsize
    borne: int | None = None
    size: int = field(init=False)
    in_flight: int = field(init=False, default=0)
    latency: float = field(init=False, default=0.0)
    _fastest: float = field(init=False, default=float("inf"))
    _growth: int = field(init=False, default=GROWTH)
    _no_room: bool = field(init=False, default=False)
    _outstanding: int = field(init=False, default=0)
    slow_start: bool = field(init=False)
    _hold: int = field(init=False, default=1)
    _held: int = field(init=False, default=0)
    _step: int = field(init=False, default=0)
    _filled: bool = field(init=False, default=False)
    _filled_before: bool = field(init=False, default=False)
    _round_started: float = field(init=False, default=-1.0)
    _round_left: int = field(init=False, default=0)
    _round_counts: bool = field(init=False, default=True)
    _round_size: int = field(init=False, default=0)
    _best_throughput: float = field(init=False, default=0.0)
    _best_size: int = field(init=False, default=0)
    _stalled: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self.size = min(self.largest or self.borne or FIRST_SIZE, self.connections)
        self.slow_start = self.largest is None and self.borne is None
        # An endpoint may bear twice as much today: the first probe beyond what was borne is a larger step, a quarter.
        self._step = round(self.size * STEP) if self.borne is not None else 0

    @property
    def open(self) -> bool:
        """Whether one more may be in flight."""
        return self.in_flight < self.size and not self._no_room

    @property
    def found(self) -> bool:
        """Whether its size has turned out to be what the endpoint bears, or is as large as any."""
        return self.largest is None and (not self.slow_start or self.size >= min(LARGEST_SIZE, self.connections))

    @property
    def throughput(self) -> float:
        """Answers per second while the window is full."""
        return self.size / max(self.latency, 1e-3)

    def enter(self, now: float) -> int:
        """A request leaves; returns how many are in flight with it."""
        if self._round_left <= 0:
            self._start_round(now)
        self.in_flight += 1
        self._filled = self._filled or self.in_flight >= self.size
        return self.in_flight

    def leave(self) -> None:
        """A request is over, however it ended; say so before telling what became of it."""
        self.in_flight -= 1
        self._no_room = False

    def accepted(self, sent: float, now: float, probes: bool = True) -> None:
        """probes: whether finding a larger window is worth a refusal."""
        took = now - sent
        self._fastest = min(self._fastest, took)
        self.latency = took if not self.latency else 0.9 * self.latency + 0.1 * took
        self._count_round(now)
        if not (self._filled or self._filled_before):
            return  # nothing is learnt about a larger window while this one is not used
        if self.slow_start:
            # A round without more throughput is measured again at its size before it grows on.
            queues = took > QUEUEING * self._fastest
            if not self._stalled and not (queues and self.size >= QUEUEING * (self._best_size or self._round_size)):
                self._grow(self._growth)
                self._growth = min(self._growth + 1, LARGEST_GROWTH)
        elif self._held > 0:
            self._held -= 1
        elif probes:
            self._step = max(2 * self._step, round(self.size * STEP)) if self._step else 1
            self._grow(self._step)
            self._held = self.size

    def busy(self, sibling: bool) -> None:
        """A busy answer came. sibling: its request had left before the first one of its kind arrived."""
        self.slow_start = False
        # What was in flight and is not refused as well is what the endpoint had accepted.
        self._outstanding = self._outstanding - 1 if sibling else self.in_flight
        self.size = max(1, min(self.size, self._outstanding))
        # A refused request leaves no room behind it: the next one leaves when an accepted one has returned.
        self._no_room = self.in_flight > 0
        if self._step:
            self._hold = min(2 * self._hold, max(LONGEST_HOLD, HOLD_ANSWERS // self.size))
        self._hold_on()
        self._best_throughput, self._stalled = 0.0, 0
        # The next round still counts answers from before the refusal.
        self._round_left, self._round_counts = 0, False

    def restart(self) -> None:
        """Nothing was answered for a while."""
        self.size = 1
        self.grow_again()

    def grow_again(self) -> None:
        """What ended the growth had nothing to do with how many were in flight."""
        self.slow_start = self.largest is None
        self._step = self._held = 0

    def _grow(self, by: int) -> None:
        self.size = min(self.size + by, self.largest or LARGEST_SIZE, self.connections)

    def _hold_on(self) -> None:
        self._step, self._held = 0, self._hold * max(self.size, SHORTEST_ROUND)

    def _start_round(self, now: float) -> None:
        self._round_started, self._round_left, self._round_size = now, max(self.size, SHORTEST_ROUND), self.size
        self._filled_before, self._filled = self._filled, False

    def _count_round(self, now: float) -> None:
        """A round is as many answers as the window was large; its throughput judges the growth."""
        self._round_left -= 1
        if self._round_left > 0 or now <= self._round_started:
            return
        throughput = max(self._round_size, SHORTEST_ROUND) / (now - self._round_started)
        if not self._round_counts or not (self._filled or self._filled_before):
            self._round_counts = True
        elif throughput > WORTHWHILE * self._best_throughput:
            if self._best_throughput:
                self._hold = 1
            self._best_throughput, self._best_size, self._stalled = throughput, self._round_size, 0
        elif self.slow_start or self._round_size >= 1.25 * self._best_size:
            self._stalled += 1
            if self._stalled >= 2:
                self.slow_start, self._stalled = False, 0
                self.size = max(1, self._best_size)
                # It may have been a slow moment: look again later, each time after a longer hold.
                self._hold = min(2 * self._hold, 64)
                self._hold_on()
                self._best_throughput = throughput
        self._start_round(now)
