"""Endpoints in simulated time: seconds pass in microseconds, and every run is the same."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from dbt_ai.execution.pacer import Pacer, Quota

Refusal = Mapping[str, str]


@dataclass
class Capacity:
    """Answers after `latency` seconds and refuses what exceeds capacity(now) in flight."""

    capacity: Callable[[float], int]
    latency: float = 0.2
    refusal: Refusal = field(default_factory=dict)
    running: int = 0

    def arrive(self, now: float) -> float | None:
        if self.running >= self.capacity(now):
            return None
        self.running += 1
        return now + self.latency

    def leave(self) -> None:
        self.running -= 1


@dataclass
class Bucket:
    """Refuses what a token bucket of `rate` per second that holds `burst` does not cover."""

    rate: float
    burst: float
    latency: float = 0.05
    refusal: Refusal = field(default_factory=lambda: {"retry-after": "1"})
    level: float = -1
    at: float = 0

    def arrive(self, now: float) -> float | None:
        self.level = self.burst if self.level < 0 else min(self.burst, self.level + (now - self.at) * self.rate)
        self.at = now
        if self.level < 1:
            return None
        self.level -= 1
        return now + self.latency

    def leave(self) -> None: ...


@dataclass
class Queue:
    """Never refuses: `workers` at a time are served for `service` seconds, the others wait."""

    workers: int
    service: float
    refusal: Refusal = field(default_factory=dict)
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
    final_window: int


def simulate(endpoint: Capacity | Bucket | Queue, requests: int, quota: Quota | None = None, hop: float = 0.001) -> Report:
    """Send this many requests through a Pacer. hop: seconds that a message travels either way."""
    pacer, now, left, refused, largest = Pacer(quota or Quota()), 0.0, requests, 0, 0
    order = itertools.count()
    events: list[tuple[float, int, Callable[[], None]]] = []

    def at(moment: float, do: Callable[[], None]) -> None:
        heapq.heappush(events, (moment, next(order), do))

    waking = False

    def wake() -> None:
        nonlocal waking
        waking = False

    def send() -> None:
        nonlocal left, waking
        while left:
            wait = pacer.wait(now, 1)
            if wait > 0:
                if wait != float("inf") and not waking:
                    waking = True
                    at(now + wait, wake)
                return
            left -= 1
            ticket = pacer.leave(now, 1)
            at(now + hop, lambda ticket=ticket: arrive(ticket))

    def arrive(ticket) -> None:
        done = endpoint.arrive(now)
        if done is None:
            at(now + hop, lambda: refuse(ticket))
        else:
            at(done, endpoint.leave)
            at(done + hop, lambda: accept(ticket))

    def refuse(ticket) -> None:
        nonlocal left, refused
        left, refused = left + 1, refused + 1
        pacer.refused(ticket, now, endpoint.refusal)

    finished = 0

    def accept(ticket) -> None:
        nonlocal finished
        finished += 1
        pacer.accepted(ticket, now, {})

    send()
    while finished < requests:
        now, _, do = heapq.heappop(events)
        do()
        largest = max(largest, pacer.window.size)
        send()
    return Report(now, refused, largest, pacer.window.size)
