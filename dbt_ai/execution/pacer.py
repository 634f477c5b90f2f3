"""When the next request may leave for one endpoint. Decides only; knows no thread, no socket and no clock."""

from __future__ import annotations

import math
import random
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field

from dbt_ai.execution.headers import limits_left, retry_after
from dbt_ai.execution.rates import Announced, Empty, RateSearch, TokenBucket
from dbt_ai.execution.refusals import Refusals
from dbt_ai.execution.window import Window

# How long an endpoint may refuse everything before the requests fail. A longer Retry-After is not believed while others are answered.
PATIENCE = 300.0
# An endpoint that answered a moment ago and has nothing in flight is tried again after this time, then after twice as much; it may
# have a short bucket. Then it is left alone for as long as it asks, for some ban who goes on asking.
FIRST_COOL_DOWN = 0.1
LONGEST_COOL_DOWN = 30.0
TRIES = 4
# What a window lets leave is spread over a latency, but for a little haste. While it grows, over less.
SPREAD = 1.25
SPREAD_OF_GROWTH = 10.0
# Of the first window some leave at once and the others at this rate: a refusal ends it.
FIRST_BURST = 8
FIRST_RATE = 240.0


@dataclass(frozen=True, slots=True)
class Quota:
    """What the configuration says an endpoint allows; None is unknown."""

    requests_per_minute: float | None = None
    tokens_per_minute: float | None = None
    max_in_flight: int | None = None


@dataclass(frozen=True, slots=True)
class Ticket:
    """One request that has left. number: how many had left before. position: how many were in flight with it."""

    number: int
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
    rate: RateSearch = field(init=False, default_factory=RateSearch)
    refusals: Refusals = field(init=False, default_factory=Refusals)
    last_accepted: float = field(init=False, default=-math.inf)
    cools_until: float = field(init=False, default=-math.inf)
    _requests: TokenBucket | None = field(init=False, default=None)
    _tokens: TokenBucket | None = field(init=False, default=None)
    _announced: dict[str, Announced] = field(init=False)
    _spread: TokenBucket | None = field(init=False, default=None)
    _tokens_in_flight: float = field(init=False, default=0.0)
    _queued: int = field(init=False, default=0)
    _sent: int = field(init=False, default=0)
    _refused: int = field(init=False, default=0)
    _refusal_takes: float = field(init=False, default=0.0)
    _refusal_cost: float = field(init=False, default=0.0)
    _reacted_at: float = field(init=False, default=-math.inf)
    _limit: str = field(init=False, default="window")
    _borne: int = field(init=False, default=0)
    _rate_known: bool = field(init=False, default=False)
    _suspicions: int = field(init=False, default=0)
    _cool_downs: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self.window = Window(self.quota.max_in_flight, self.connections)
        if self.quota.requests_per_minute:
            self._requests = TokenBucket(self.quota.requests_per_minute / 60)
        if self.quota.tokens_per_minute:
            self._tokens = TokenBucket(self.quota.tokens_per_minute / 60)
        if not self.quota.max_in_flight:
            self._spread = TokenBucket(FIRST_RATE, FIRST_BURST)
        self._announced = {"requests": Announced(), "tokens": Announced()}

    def wait(self, now: float, tokens: int, queued: int) -> float:
        """Seconds until a request of this many tokens may leave; infinite until something returns. queued: requests that wait."""
        self._queued = queued
        if not self.window.open:
            return math.inf
        wait = max(0.0, self.cools_until - now)
        if self._requests:
            wait = max(wait, self._requests.wait(now, 1))
        if self._tokens:
            wait = max(wait, self._tokens.wait(now, tokens))
        wait = max(wait, self.rate.wait(now))
        if self._spread:
            wait = max(wait, self._spread.wait(now, 1))
        wait = max(wait, self._announced["requests"].wait(now, 1, self.window.in_flight))
        return max(wait, self._announced["tokens"].wait(now, tokens, self._tokens_in_flight))

    def leave(self, now: float, tokens: int) -> Ticket:
        for bucket, amount in ((self._requests, 1), (self._tokens, tokens), (self._spread, 1)):
            if bucket:
                bucket.take(now, amount)
        self.rate.sent(now, self._probes and now > self.rate.changed_at + 2 * self._refusal_takes)
        self._tokens_in_flight += tokens
        self._sent += 1
        return Ticket(self._sent, self.window.enter(now), now, tokens)

    def accepted(self, ticket: Ticket, now: float, headers: Mapping[str, str], tokens: int = 0) -> None:
        """The endpoint did what was asked. headers: names in lower case. tokens: as it counted them, 0 if it did not."""
        self._return(ticket)
        self.last_accepted = now
        self._cool_downs = 0
        self._count(now, False)
        if ticket.sent > self._reacted_at:
            self._borne = max(self._borne, ticket.position)
        if tokens and self._tokens:
            self._tokens.give_back(ticket.tokens - tokens)
        self._read(headers, now)
        self.window.accepted(ticket.sent, now, self._probes)
        self._spread_out()

    def refused(self, ticket: Ticket, now: float, headers: Mapping[str, str]) -> float:
        """429 or 503: not a failure. Returns the seconds until this request may leave again."""
        self._return(ticket)
        self._read(headers, now)
        asked = retry_after(headers) or 0.0
        alone = not self.window.in_flight and self.last_accepted < ticket.sent
        if not alone and asked > PATIENCE:
            asked = 0.0
        self._refusal_cost = asked
        empty = Empty(ticket.sent, ticket.number - self._refused)
        self._refused += 1
        self._count(now, True)
        self._refusal_takes = now - ticket.sent
        sibling = ticket.sent <= self._reacted_at
        tolerated = not self.refusals.beyond_usual and (self.refusals.usual or ticket.position <= self._borne and not self._rate_known)
        if not sibling:
            self._limit = "neither" if tolerated or self._saved_up(now) else self._limit_met(ticket)
            if not tolerated:
                self._reacted_at = now
        if self._limit == "rate":
            self.rate.refused(empty, now, self.window.throughput, self._cool_downs > 0)
            if not self._rate_known:
                self._rate_known = True
                self.window.search()
        elif self._limit == "window":
            self.window.refused(sibling)
            self._borne = min(self._borne, self.window.size)
        if alone:
            self._cool_down(now, asked)
        return asked

    def lost(self, ticket: Ticket, now: float) -> None:
        """Neither: it broke, or was answered with an error of its own."""
        self._return(ticket)

    @property
    def _probes(self) -> bool:
        """Whether looking for a larger limit is worth a refusal: not when everything is answered before that request may go again."""
        return self._queued > min(self.window.throughput, self.rate.rate) * self._refusal_cost

    def _count(self, now: float, refused: bool) -> None:
        if self.refusals.count(now, refused, self.window.latency):
            self.rate, self._rate_known = RateSearch(), False
            self.window.search()

    def _saved_up(self, now: float) -> bool:
        """Whether what left was saved up by a rate of the configuration: the endpoint's own bucket holds less, and is empty."""
        saved = [bucket for bucket in (self._requests, self._tokens) if bucket and bucket.level(now) >= 1]
        for bucket in saved:
            bucket.empty(now)
        return bool(saved)

    def _limit_met(self, ticket: Ticket) -> str:
        """Whether this refusal tells of too many in a time, or of too many in flight."""
        if ticket.position == 1 and self.last_accepted > -math.inf and self._cool_downs < TRIES:
            return "rate"
        if self._rate_known:
            return "rate" if ticket.position < self.window.size else "window"
        few = 2 * ticket.position <= self._borne
        if few:
            self._suspicions += 1
        elif ticket.sent > self._reacted_at + self.window.latency:
            self._suspicions = self._suspicions + 1 if ticket.position <= 7 / 8 * self._borne else 0
        return "rate" if self._suspicions >= 2 else "neither" if few else "window"

    def _cool_down(self, now: float, asked: float) -> None:
        """Nothing is answered: the whole endpoint waits."""
        self._cool_downs += 1
        if self._cool_downs <= TRIES and self.last_accepted > -math.inf:
            # The rate spaces the first tries, once it is known.
            seconds = FIRST_COOL_DOWN * 2 ** (self._cool_downs - 1) if self.rate.rate == math.inf or self._cool_downs > 1 else 0.0
            self.rate.pause(now + seconds)
        else:
            seconds = asked or random.uniform(0.5, 1.0) * min(LONGEST_COOL_DOWN, FIRST_COOL_DOWN * 2 ** min(self._cool_downs, 10))
            self.rate, self._rate_known = RateSearch(), False
            self.window.search()
        self.cools_until = max(self.cools_until, now + seconds)

    def _spread_out(self) -> None:
        """Requests that left together return together and go out as one wave again, which small buckets refuse."""
        rate = (SPREAD_OF_GROWTH if self.window.slow_start else SPREAD) * self.window.size / max(self.window.latency, 1e-3)
        if self._spread is None:
            if not self._refused:
                return
            self._spread = TokenBucket(rate)
        self._spread.per_second, self._spread.burst = rate, max(1.0, self.window.size / 8)

    def _return(self, ticket: Ticket) -> None:
        self.window.leave()
        self._tokens_in_flight -= ticket.tokens

    def _read(self, headers: Mapping[str, str], now: float) -> None:
        for left in limits_left(headers):
            self._announced[left.kind].update(now, left.limit, left.remaining, left.reset)
