"""When the next request may leave for one endpoint. Decides only; knows no thread, no socket and no clock."""

from __future__ import annotations

import math
import random
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field

from dbt_ai.execution.headers import limits_left, retry_after
from dbt_ai.execution.rates import Allowance, Announced, RateSearch
from dbt_ai.execution.window import Window

# An endpoint that refuses without saying for how long, while nothing is in flight that could make room.
FIRST_COOL_DOWN = 0.25
LONGEST_COOL_DOWN = 30.0
# A window may leave in this fraction of a latency: fast enough for it to triple in one.
SPREAD = 4.0


@dataclass(frozen=True, slots=True)
class Quota:
    """What the configuration says an endpoint allows; None is unknown."""

    requests_per_minute: float | None = None
    tokens_per_minute: float | None = None
    max_in_flight: int | None = None


@dataclass(frozen=True, slots=True)
class Ticket:
    """One request that has left. position: how many were in flight with it."""

    position: int
    sent: float
    tokens: int


@dataclass(slots=True)
class Pacer:
    """Window, rate limits and cool-down of one endpoint. The caller holds a lock and passes the time in.

    `wait` says whether a request may leave, `leave` notes that it did; then exactly one of `accepted`, `refused`, `lost`.
    """

    quota: Quota = Quota()
    connections: int = sys.maxsize
    window: Window = field(init=False)
    _requests: Allowance | None = field(init=False, default=None)
    _tokens: Allowance | None = field(init=False, default=None)
    _announced: dict[str, Announced] = field(init=False)
    _search: RateSearch = field(init=False, default_factory=RateSearch)
    _pace: Allowance | None = field(init=False, default=None)
    _spread: Allowance | None = field(init=False, default=None)
    _tokens_in_flight: float = field(init=False, default=0.0)
    _cool_until: float = field(init=False, default=0.0)
    _refused_at: float = field(init=False, default=-math.inf)
    _epoch_started: float | None = field(init=False, default=None)
    _epoch_accepted: int = field(init=False, default=0)
    _proven: int = field(init=False, default=0)
    _by_rate: bool = field(init=False, default=False)
    _refusals_in_row: int = field(init=False, default=0)
    last_accepted: float = field(init=False, default=-math.inf)

    def __post_init__(self) -> None:
        self.window = Window(self.quota.max_in_flight, self.connections)
        if self.quota.requests_per_minute:
            self._requests = Allowance(self.quota.requests_per_minute / 60)
        if self.quota.tokens_per_minute:
            self._tokens = Allowance(self.quota.tokens_per_minute / 60)
        self._announced = {"requests": Announced(), "tokens": Announced()}

    def wait(self, now: float, tokens: int) -> float:
        """Seconds until a request of this many tokens may leave; infinite until something returns."""
        if not self.window.open:
            return math.inf
        wait = max(0.0, self._cool_until - now)
        if self._requests:
            wait = max(wait, self._requests.wait(now, 1))
        if self._tokens:
            wait = max(wait, self._tokens.wait(now, tokens))
        if self._pace:
            wait = max(wait, self._pace.wait(now, 1))
        if self._spread:
            wait = max(wait, self._spread.wait(now, 1))
        wait = max(wait, self._announced["requests"].wait(now, 1, self.window.in_flight))
        return max(wait, self._announced["tokens"].wait(now, tokens, self._tokens_in_flight))

    def leave(self, now: float, tokens: int) -> Ticket:
        if self._epoch_started is None:
            self._epoch_started = now
        for allowance, amount in ((self._requests, 1), (self._tokens, tokens), (self._pace, 1), (self._spread, 1)):
            if allowance:
                allowance.take(now, amount)
        self._tokens_in_flight += tokens
        return Ticket(self.window.enter(now), now, tokens)

    def accepted(self, ticket: Ticket, now: float, headers: Mapping[str, str], tokens: int = 0) -> None:
        """The endpoint did what was asked. headers: names in lower case. tokens: as it counted them, 0 if it did not."""
        self._return(ticket)
        self.last_accepted = now
        self._refusals_in_row = 0
        self._epoch_accepted += 1
        if ticket.sent > self._refused_at:
            self._proven = max(self._proven, ticket.position)
        if tokens and self._tokens:
            self._tokens.give_back(ticket.tokens - tokens)
        self._read(headers, now)
        self.window.accepted(ticket.sent, now)
        self._spread_out()
        if self._pace:
            self._search.grow(now)
            self._pace.per_second = self._search.rate

    def refused(self, ticket: Ticket, now: float, headers: Mapping[str, str]) -> None:
        """429 or 503: not a failure. The whole endpoint cools down."""
        self._return(ticket)
        self._read(headers, now)
        asked = retry_after(headers)
        self._refusals_in_row += 1
        cool_down = asked or 0.0
        if not asked and not self.window.in_flight:
            cool_down = random.uniform(0.5, 1.0) * min(LONGEST_COOL_DOWN, FIRST_COOL_DOWN * 2 ** min(self._refusals_in_row, 10))
        sibling = ticket.sent <= self._refused_at
        if not sibling:
            self._begin_epoch(ticket, now, asked or 0.0)
        if not (self._by_rate and asked):
            self.window.refused(now, asked or 0.0, sibling)
        self._cool_until = max(self._cool_until, now + cool_down)

    def lost(self, ticket: Ticket, now: float) -> None:
        """Neither: it broke, or was answered with an error of its own."""
        self._return(ticket)

    def _begin_epoch(self, ticket: Ticket, now: float, asked: float) -> None:
        """The first refusal after a time of acceptance: what does it tell?"""
        started = self._epoch_started if self._epoch_started is not None else now
        if asked and not self._by_rate and ticket.position <= self._proven:
            # As many as this were in flight and accepted since the last refusal: it is not the number in flight
            # that is refused but the number in a time.
            self._by_rate = True
            self.window.widen(now)
        if asked and self._by_rate:
            measured = self._epoch_accepted / max(now - started, 1e-3)
            self._search.refused(now, asked, measured)
            # Bursts stay short: threads wake up late, and a bucket may hold next to nothing.
            self._pace = Allowance(self._search.rate, burst=max(1.0, 0.05 * self._search.rate))
        self._refused_at, self._epoch_started, self._epoch_accepted, self._proven = now, now, 0, 0

    def _spread_out(self) -> None:
        """Requests that left together return together and go out as one wave again, which small buckets refuse."""
        rate = SPREAD * self.window.size / max(self.window.latency, 1e-3)
        if self._spread is None:
            self._spread = Allowance(rate)
        self._spread.per_second, self._spread.burst = rate, max(1.0, self.window.size / 8)

    def _return(self, ticket: Ticket) -> None:
        self.window.leave()
        self._tokens_in_flight -= ticket.tokens

    def _read(self, headers: Mapping[str, str], now: float) -> None:
        for left in limits_left(headers):
            self._announced[left.kind].update(now, left.limit, left.remaining, left.reset)
