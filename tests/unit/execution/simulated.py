"""Endpoints in simulated time: seconds pass in microseconds, and every run is the same."""

from __future__ import annotations

import heapq
import itertools
import math
import random
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

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
    """accepted_at: when each answer came. longest_wait: seconds from a request's first refusal to its answer."""

    seconds: float
    refused: int
    largest_window: int
    accepted_at: list[float]
    longest_wait: float

    def throughput(self, since: float, until: float) -> float:
        return sum(since <= moment < until for moment in self.accepted_at) / (until - since)


def simulate(endpoint: Limited | Queue | Down, requests: int, quota: Quota | None = None, hop: float = 0.001, seed: int = 1) -> Report:
    """Send this many requests through a Pacer, as an endpoint's queue does.

    hop: seconds that a message travels either way, more or less: messages overtake one another.
    """
    return Simulation(endpoint, Pacer(quota or Quota()), deque(range(requests)), hop, random.Random(seed)).run()


@dataclass
class Simulation:
    endpoint: Limited | Queue | Down
    pacer: Pacer
    ready: deque[int]
    hop: float
    chance: random.Random
    now: float = 0.0
    alarm: float = math.inf
    refused: int = 0
    delayed: int = 0
    refused_at: dict[int, float] = field(default_factory=dict)
    accepted_at: list[float] = field(default_factory=list)
    waits: list[float] = field(default_factory=lambda: [0.0])
    events: list[tuple[float, int, Callable[[], None]]] = field(default_factory=list)
    order: Iterator[int] = field(default_factory=itertools.count)

    def run(self) -> Report:
        largest = 0
        self.send()
        while self.ready or self.events:
            if self.events and self.events[0][0] <= self.alarm:
                self.now, _, do = heapq.heappop(self.events)
                do()
            else:
                assert self.alarm < math.inf, "everything waits for nothing"
                self.now = self.alarm
            largest = max(largest, self.pacer.window.size)
            self.send()
        return Report(self.accepted_at[-1], self.refused, largest, self.accepted_at, max(self.waits))

    def send(self) -> None:
        self.alarm = math.inf
        while self.ready:
            wait = self.pacer.wait(self.now, 1, len(self.ready) + self.delayed)
            if wait > 0:
                self.alarm = self.now + wait
                return
            number, ticket = self.ready.popleft(), self.pacer.leave(self.now, 1)
            self.arrives(lambda number=number, ticket=ticket: self.arrive(number, ticket))

    def arrive(self, number: int, ticket: Ticket) -> None:
        done = self.endpoint.arrive(self.now)
        if done is None:
            self.arrives(lambda: self.refuse(number, ticket))
        else:
            self.at(done, self.endpoint.leave)
            self.at(done, lambda: self.arrives(lambda: self.accept(number, ticket)))

    def refuse(self, number: int, ticket: Ticket) -> None:
        self.refused += 1
        self.delayed += 1
        self.refused_at.setdefault(number, self.now)
        self.at(self.now + self.pacer.refused(ticket, self.now, self.endpoint.refusal), lambda: self.again(number))

    def again(self, number: int) -> None:
        self.delayed -= 1
        self.ready.appendleft(number)

    def accept(self, number: int, ticket: Ticket) -> None:
        self.accepted_at.append(self.now)
        self.waits.append(self.now - self.refused_at.get(number, self.now))
        self.pacer.accepted(ticket, self.now, {})

    def arrives(self, do: Callable[[], None]) -> None:
        self.at(self.now + self.hop * self.chance.uniform(0.5, 1.5), do)

    def at(self, moment: float, do: Callable[[], None]) -> None:
        heapq.heappush(self.events, (moment, next(self.order), do))
