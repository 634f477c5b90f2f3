"""Endpoints in simulated time: seconds pass in microseconds, and every run is the same."""

from __future__ import annotations

import heapq
import itertools
import math
import random
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from dbt_ai.execution.endpoint import STARTED_AT_ONCE
from dbt_ai.execution.endpoint_memory import Borne
from dbt_ai.execution.pacer import Pacer, Quota, Ticket

Headers = Mapping[str, str]


@dataclass
class Limited:
    """Answers after `latency` seconds, and refuses what exceeds capacity(now) in flight or is not covered by a token bucket of
    `rate` per second that holds `burst`. jitter: by what share a latency differs. flaky: the share that is refused at random."""

    capacity: Callable[[float], int] | None = None
    rate: float | None = None
    burst: float = 1
    latency: float = 0.2
    refusal: Headers = field(default_factory=dict)
    jitter: float = 0
    flaky: float = 0
    running: int = 0
    level: float = -1
    at: float = 0
    chance: random.Random = field(default_factory=lambda: random.Random(1))

    def arrive(self, now: float) -> float | None:
        if self.capacity and self.running >= self.capacity(now):
            return None
        if self.rate:
            self.level = self.burst if self.level < 0 else min(self.burst, self.level + (now - self.at) * self.rate)
            self.at = now
            if self.level < 1:
                return None
        if self.chance.random() < self.flaky:
            return None
        self.level -= 1
        self.running += 1
        return now + self.latency * self.chance.uniform(1 - self.jitter, 1 + self.jitter)

    def leave(self) -> None:
        self.running -= 1


@dataclass
class Queue:
    """Never refuses: `workers` at a time are served for `service` seconds, the others wait."""

    workers: int
    service: float
    refusal: Headers = field(default_factory=dict)
    free_at: list[float] = field(default_factory=list)

    def arrive(self, now: float) -> float | None:
        self.free_at = self.free_at or [0.0] * self.workers
        start = max(now, heapq.heappop(self.free_at))
        heapq.heappush(self.free_at, start + self.service)
        return start + self.service

    def leave(self) -> None: ...


@dataclass
class Down:
    """Refuses everything until a moment."""

    until: float
    refusal: Headers = field(default_factory=dict)
    arrived_at: list[float] = field(default_factory=list)

    def arrive(self, now: float) -> float | None:
        self.arrived_at.append(now)
        return now + 0.2 if now >= self.until else None

    def leave(self) -> None: ...


@dataclass
class Report:
    """accepted_at: when each answer came. longest_wait: seconds from a request's first refusal to its answer. found: see Pacer."""

    seconds: float
    refused: int
    largest_window: int
    accepted_at: list[float]
    longest_wait: float
    found: Borne | None = None

    def throughput(self, since: float, until: float) -> float:
        return sum(since <= moment < until for moment in self.accepted_at) / (until - since)


def simulate(
    endpoint: Limited | Queue | Down,
    requests: int,
    quota: Quota | None = None,
    hop: float = 0.001,
    seed: int = 1,
    work: float = 0.0,
    remembered: Borne | None = None,
) -> Report:
    """Send this many requests through a Pacer, as an endpoint's queue does.

    hop: seconds that a message travels either way, more or less: messages overtake one another.
    work: seconds that the client is busy with each request that leaves and with each response: whatever arrives meanwhile waits.
    remembered: see Pacer.
    """
    pacer = Pacer(quota or Quota(), remembered=remembered)
    return Simulation(endpoint, pacer, deque(range(requests)), hop, random.Random(seed), work).run()


@dataclass
class Simulation:
    """The client does one thing after another, and each in its turn: what came back, and then a few of the requests that may leave."""

    endpoint: Limited | Queue | Down
    pacer: Pacer
    ready: deque[int]
    hop: float
    chance: random.Random
    work: float = 0.0
    now: float = 0.0
    alarm: float = math.inf
    busy_until: float = 0.0
    starts: bool = False
    refused: int = 0
    delayed: int = 0
    largest: int = 0
    refused_at: dict[int, float] = field(default_factory=dict)
    accepted_at: list[float] = field(default_factory=list)
    waits: list[float] = field(default_factory=lambda: [0.0])
    events: list[tuple[float, int, Callable[[], None]]] = field(default_factory=list)
    order: Iterator[int] = field(default_factory=itertools.count)

    def run(self) -> Report:
        self.start_more()
        while self.events or self.alarm < math.inf:
            if self.events and self.events[0][0] <= self.alarm:
                self.now, _, do = heapq.heappop(self.events)
                do()
            else:
                self.now, self.alarm = max(self.now, self.alarm), math.inf
                self.start_more()
        assert not self.ready, "everything waits for nothing"
        return Report(self.accepted_at[-1], self.refused, self.largest, self.accepted_at, max(self.waits), self.pacer.found)

    def start_more(self) -> None:
        if not self.starts:
            self.starts = True
            self.client(self.start_a_few)

    def start_a_few(self) -> None:
        self.starts = False
        if all(self.send_one() for _ in range(STARTED_AT_ONCE)):
            self.start_more()

    def send_one(self) -> bool:
        """Whether a request left. If none may, the alarm is set."""
        self.alarm = math.inf
        if not self.ready:
            return False
        wait = self.pacer.wait(self.now, 1, len(self.ready) + self.delayed)
        if wait > 0:
            self.alarm = self.now + wait
            return False
        number, ticket = self.ready.popleft(), self.pacer.leave(self.now, 1)
        self.largest = max(self.largest, self.pacer.window.size)
        self.busy_until = max(self.busy_until, self.now) + self.work
        self.travels(self.busy_until, lambda: self.arrive(number, ticket))
        return True

    def arrive(self, number: int, ticket: Ticket) -> None:
        done = self.endpoint.arrive(self.now)
        if done is None:
            self.travels(self.now, lambda: self.comes_back(lambda: self.refuse(number, ticket)))
        else:
            self.at(done, self.endpoint.leave)
            self.at(done, lambda: self.travels(self.now, lambda: self.comes_back(lambda: self.accept(number, ticket))))

    def comes_back(self, do: Callable[[], None]) -> None:
        """The client hears of it when it has done what arrived before. The next request takes its place at once."""

        def hear() -> None:
            self.busy_until += self.work
            do()
            if self.send_one():
                self.start_more()

        self.client(hear)

    def refuse(self, number: int, ticket: Ticket) -> None:
        self.refused += 1
        self.delayed += 1
        self.refused_at.setdefault(number, self.now)
        self.at(self.now + self.pacer.busy(ticket, self.now, self.endpoint.refusal), lambda: self.again(number))

    def again(self, number: int) -> None:
        self.delayed -= 1
        self.ready.appendleft(number)
        self.start_more()

    def accept(self, number: int, ticket: Ticket) -> None:
        self.accepted_at.append(self.now)
        self.waits.append(self.now - self.refused_at.get(number, self.now))
        self.pacer.accepted(ticket, self.now, {})

    def client(self, do: Callable[[], None]) -> None:
        """The client does this as soon as it is not busy."""

        def when_free() -> None:
            if self.now < self.busy_until:
                self.at(self.busy_until, when_free)
            else:
                self.busy_until = self.now
                do()

        self.at(self.now, when_free)

    def travels(self, since: float, do: Callable[[], None]) -> None:
        self.at(since + self.hop * self.chance.uniform(0.5, 1.5), do)

    def at(self, moment: float, do: Callable[[], None]) -> None:
        heapq.heappush(self.events, (moment, next(self.order), do))
