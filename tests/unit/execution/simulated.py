"""Endpoints in simulated time: seconds pass in microseconds, and every run is the same."""

from __future__ import annotations

import heapq
import itertools
import random
from collections import deque
from collections.abc import Callable, Mapping
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
class Report:
    seconds: float
    refused: int
    largest_window: int
    most_refusals: int  # of one request
    pacer: Pacer
    accepted_at: list[float]


def simulate(endpoint: Limited | Queue, requests: int, quota: Quota | None = None, hop: float = 0.001, seed: int = 1) -> Report:
    """Send this many requests through a Pacer, as an endpoint's queue does. hop: seconds that a message travels either way, more
    or less: messages overtake one another."""
    pacer, now, refused, largest, accepted_at = Pacer(quota or Quota()), 0.0, 0, 0, []
    ready, refusals = deque(range(requests)), [0] * requests
    order = itertools.count()
    events: list[tuple[float, int, Callable[[], None]]] = []
    delayed = 0
    chance = random.Random(seed)
    wake_at = float("inf")

    def at(moment: float, do: Callable[[], None]) -> None:
        heapq.heappush(events, (moment, next(order), do))

    def travel() -> float:
        return hop * chance.uniform(0.5, 1.5)

    def wake() -> None:
        nonlocal wake_at
        wake_at = float("inf")

    def send() -> None:
        nonlocal wake_at
        while ready:
            wait = pacer.wait(now, 1, len(ready) + delayed)
            if wait > 0:
                if now + wait < wake_at:
                    wake_at = now + wait
                    at(wake_at, wake)
                return
            number, ticket = ready.popleft(), pacer.leave(now, 1)
            at(now + travel(), lambda number=number, ticket=ticket: arrive(number, ticket))

    def arrive(number: int, ticket: Ticket) -> None:
        done = endpoint.arrive(now)
        if done is None:
            at(now + travel(), lambda: refuse(number, ticket))
        else:
            at(done, endpoint.leave)
            at(done + travel(), lambda: accept(ticket))

    def refuse(number: int, ticket: Ticket) -> None:
        nonlocal refused, delayed
        refused += 1
        refusals[number] += 1
        delayed += 1
        at(now + pacer.refused(ticket, now, endpoint.refusal), lambda: again(number))

    def again(number: int) -> None:
        nonlocal delayed
        delayed -= 1
        ready.appendleft(number)

    def accept(ticket: Ticket) -> None:
        accepted_at.append(now)
        pacer.accepted(ticket, now, {})

    send()
    while len(accepted_at) < requests:
        now, _, do = heapq.heappop(events)
        do()
        largest = max(largest, pacer.window.size)
        send()
    return Report(now, refused, largest, max(refusals), pacer, accepted_at)
