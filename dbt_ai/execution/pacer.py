"""When the next request may leave for one endpoint. Decides only; knows no thread, no socket and no clock.

Each part learns one thing. `Window`: how many may be in flight. `RateSearch`: how many may leave in a second, where nobody says so.
`TokenBucket` keeps the limits of the configuration, `Announced` those of the headers. `Refusals`: which share is refused whatever is sent,
and so tells of no limit. The pacer decides which of them a refusal is for.

A refusal is here always a busy answer, 429 or 503: the request is sound, and goes again.
"""

from __future__ import annotations

import itertools
import math
import random
import sys
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from dbt_ai.execution.endpoint_memory import Borne
from dbt_ai.execution.rate_limit_headers import limits_left, retry_after
from dbt_ai.execution.rate_search import Empty, RateSearch
from dbt_ai.execution.rates import Announced, TokenBucket
from dbt_ai.execution.refusal_share import RefusalShare
from dbt_ai.execution.window import LARGEST_SIZE, Window

# How long an endpoint may answer nothing before the requests fail. A longer Retry-After is not believed while it answers others.
PATIENCE = 300.0
# Nothing is in flight and the last request was refused. An endpoint that has just answered is tried a few times, after this time
# and then after twice as long; it may have a small bucket. Then it is left alone for as long as it asks: some ban who goes on.
FIRST_COOL_DOWN = 0.1
LONGEST_COOL_DOWN = 30.0
TRIES = 4
# What may leave is spread over two thirds of a latency, and over less while the window grows: what left together returns together and would
# leave as one wave again, which small buckets refuse. Each wave that is spread leaves room unused for once.
SPREAD = 1.5
SPREAD_OF_GROWTH = 10.0
# Of the first window these leave at once and the others at this rate: a refusal comes back before they all have left.
FIRST_BURST = 6
FIRST_RATE = 150.0
# A window of which so much was in flight, and answered, is one that the endpoint bears.
WELL_USED = 3 / 4


@dataclass(frozen=True, slots=True)
class Quota:
    """What the configuration says an endpoint allows; None is unknown. request_seconds: the longest that one request may take."""

    requests_per_minute: float | None = None
    tokens_per_minute: float | None = None
    max_in_flight: int | None = None
    request_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Ticket:
    """One request that has left. number: of those that left so far. position: how many were in flight with it."""

    number: int
    position: int
    sent: float
    tokens: int


class LimitKind(Enum):
    """What a refusal tells of."""

    IN_FLIGHT = "too many in flight"
    RATE = "too many in a time"
    NONE = "neither"


@dataclass(slots=True)
class Pacer:
    """Window, rate limits and cool-down of one endpoint. The caller holds a lock and passes the time in.

    `wait` says whether a request may leave, `leave` notes that it did; then exactly one of `accepted`, `busy`, `lost`.
    A refused request waits as long as it was told to. The others go on as long as the endpoint answers any.
    remembered: what the endpoint bore in an earlier run. As many leave again, hardly faster than they were answered then: where it
    bears less today, the first refusal comes back before many more have left.

    >>> pacer = Pacer(Quota(max_in_flight=1))
    >>> ticket = pacer.leave(0.0, tokens=10)
    >>> pacer.wait(0.0, tokens=10, queued=5)
    inf
    >>> pacer.accepted(ticket, 0.2, headers={})
    >>> pacer.wait(0.2, tokens=10, queued=5)
    0.0
    """

    quota: Quota = Quota()
    connections: int = sys.maxsize
    remembered: Borne | None = None
    window: Window = field(init=False)
    rate: RateSearch = field(init=False, default_factory=RateSearch)
    last_accepted: float = field(init=False, default=-math.inf)
    cools_until: float = field(init=False, default=-math.inf)
    _requests: TokenBucket | None = field(init=False, default=None)
    _tokens: TokenBucket | None = field(init=False, default=None)
    _announced: dict[str, Announced] = field(init=False)
    _spread: TokenBucket | None = field(init=False, default=None)
    _refusals: RefusalShare = field(init=False, default_factory=RefusalShare)
    _tokens_in_flight: float = field(init=False, default=0.0)
    _queued: int = field(init=False, default=0)
    _sent: int = field(init=False, default=0)
    _refused: int = field(init=False, default=0)
    _limit: LimitKind = field(init=False, default=LimitKind.NONE)
    _reacted_at: float = field(init=False, default=-math.inf)
    _refused_lately: deque[tuple[float, int]] = field(init=False, default_factory=lambda: deque(maxlen=LARGEST_SIZE))
    _borne: int = field(init=False, default=0)
    _borne_before: int = field(init=False, default=0)
    _suspicions: int = field(init=False, default=0)
    _refusal_costs: float = field(init=False, default=0.0)
    _refusal_takes: float = field(init=False, default=0.0)
    _cool_downs: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        before = self.remembered
        self.window = Window(self.quota.max_in_flight, self.connections, before.in_flight if before else None)
        if self.quota.requests_per_minute:
            self._requests = TokenBucket(self.quota.requests_per_minute / 60)
        if self.quota.tokens_per_minute:
            self._tokens = TokenBucket(self.quota.tokens_per_minute / 60)
        if not self.quota.max_in_flight:
            self._spread = TokenBucket(max(before.per_second if before else 0.0, FIRST_RATE), FIRST_BURST)
        self._announced = {"requests": Announced(), "tokens": Announced()}

    @property
    def found(self) -> Borne | None:
        """What the endpoint turned out to bear at once. None where it was told, or limits the rate, or was not used as far."""
        in_flight = min(self.window.size, self._borne)
        used = in_flight >= WELL_USED * self.window.size
        if not (self.window.found and used) or self.rate.found or not self.window.latency:
            return None
        return Borne(in_flight, self.window.latency)

    def wait(self, now: float, tokens: int, queued: int) -> float:
        """Seconds until a request of this many tokens may leave; infinite until something returns. queued: requests that wait."""
        self._queued = queued
        if not self.window.open:
            return math.inf
        wait = max(0.0, self.cools_until - now, self.rate.wait(now))
        for bucket, amount in ((self._requests, 1), (self._tokens, tokens), (self._spread, 1)):
            if bucket:
                wait = max(wait, bucket.wait(now, amount))
        wait = max(wait, self._announced["requests"].wait(now, 1, self.window.in_flight))
        return max(wait, self._announced["tokens"].wait(now, tokens, self._tokens_in_flight))

    def leave(self, now: float, tokens: int) -> Ticket:
        """A request leaves now. The ticket comes back with what became of it."""
        for bucket, amount in ((self._requests, 1), (self._tokens, tokens), (self._spread, 1)):
            if bucket:
                bucket.take(now, amount)
        self.rate.sent(now, self._probes)
        if self._probes and now > self.rate.changed_at + 2 * self._refusal_takes:
            self.rate.held(now)
        self._tokens_in_flight += tokens
        self._sent += 1
        return Ticket(self._sent, self.window.enter(now), now, tokens)

    def accepted(self, ticket: Ticket, now: float, headers: Mapping[str, str], tokens: int = 0) -> None:
        """The endpoint did what was asked. headers: names in lower case. tokens: as it counted them, 0 if it did not."""
        self._return(ticket, headers, now)
        self._count(now, refused=False)
        self.last_accepted, self._cool_downs = now, 0
        if ticket.sent > self._reacted_at and ticket.position > self._borne:
            self._borne = max(self._borne, ticket.position - self._refused_beside(ticket))
        if tokens and self._tokens:
            self._tokens.give_back(ticket.tokens - tokens)
        self.window.accepted(ticket.sent, now, self._probes)
        self._spread_out()

    def busy(self, ticket: Ticket, now: float, headers: Mapping[str, str]) -> float:
        """It answered 429 or 503: not a failure. Returns the seconds until this request may leave again."""
        self._return(ticket, headers, now)
        self._count(now, refused=True)
        asked = retry_after(headers) or 0.0
        unanswered = not self.window.in_flight and self.last_accepted < ticket.sent
        if asked > PATIENCE and not unanswered:
            asked = 0.0
        self._refusal_costs, self._refusal_takes = asked, now - ticket.sent
        empty = Empty(ticket.sent, ticket.number - self._refused)
        self._refused += 1
        self._refused_lately.append((now, ticket.number))
        sibling = ticket.sent <= self._reacted_at  # nobody knew yet, and what is done about it is done
        if not sibling:
            self._limit = self._limit_met(ticket, now)
        if self._limit is LimitKind.RATE and not sibling:
            if not self.rate.found:
                self.window.grow_again()
            leaves = min(self.window.throughput, self._requests.per_second if self._requests else math.inf)
            self.rate.busy(empty, now, leaves, unknown=self._cool_downs > 0)
        elif self._limit is LimitKind.IN_FLIGHT:
            self.window.busy(sibling)
            self._borne = min(self._borne, self.window.size)
        if unanswered:
            self._cool_down(now, asked)
        return asked

    def lost(self, ticket: Ticket, now: float) -> None:
        """Neither: it broke, or was answered with an error of its own."""
        self._return(ticket, {}, now)

    def _refused_beside(self, ticket: Ticket) -> int:
        """How many of those that were in flight when this one left have been refused since: the endpoint never bore them."""
        since = itertools.takewhile(lambda refused: refused[0] > ticket.sent, reversed(self._refused_lately))
        return sum(number < ticket.number for _, number in since)

    @property
    def _probes(self) -> bool:
        """Whether looking for a larger limit is worth a refusal: not if all others are answered before that request may go again."""
        return self._queued > min(self.window.throughput, self.rate.rate) * self._refusal_costs

    def _limit_met(self, ticket: Ticket, now: float) -> LimitKind:
        """What this refusal tells of, the first one that nothing was done about."""
        borne = ticket.position <= self._borne and not self.rate.found
        if self._refusals.usual or (borne and self._refusals.few and self._probes):
            return LimitKind.NONE
        since, self._reacted_at = now - self._reacted_at, now
        saved_up = [bucket.empty(now) for bucket in (self._requests, self._tokens) if bucket]
        if any(saved_up):
            return LimitKind.NONE  # the configured rate may be right, but the endpoint's own bucket holds less
        if ticket.position == 1 and self.last_accepted > -math.inf and self._cool_downs < TRIES:
            return LimitKind.RATE
        if self.rate.found:
            return LimitKind.RATE if ticket.position < self.window.size else LimitKind.IN_FLIGHT
        # More than these were answered while they were in flight. A capacity that sinks is followed within a latency, a rate is not.
        far_fewer = 2 * ticket.position <= self._borne
        if far_fewer or since > self.window.latency:
            fewer = ticket.position <= 3 / 4 * max(self._borne, self._borne_before)
            self._suspicions = self._suspicions + 1 if fewer else max(0, self._suspicions - 1)
            self._borne_before = self._borne
        if self._suspicions >= 2:
            return LimitKind.RATE
        return LimitKind.NONE if far_fewer else LimitKind.IN_FLIGHT

    def _cool_down(self, now: float, asked: float) -> None:
        """Nothing is answered: the whole endpoint waits."""
        self._cool_downs += 1
        seconds = min(LONGEST_COOL_DOWN, FIRST_COOL_DOWN * 2 ** min(self._cool_downs - 1, 10))
        if self._cool_downs > TRIES or self.last_accepted == -math.inf:
            seconds = asked or random.uniform(0.5, 1.0) * 2 * seconds
            self._start_anew()
            self.window.restart()
        elif self._cool_downs == 1 and self.rate.found:
            seconds = 0.0  # the rate itself spaces the first try
        self.cools_until = now + seconds
        self.rate.pause(self.cools_until)

    def _count(self, now: float, refused: bool) -> None:
        if self._refusals.count(now, refused, self.window.latency):
            self._start_anew()

    def _start_anew(self) -> None:
        """What was learnt from refusals was wrong, or is out of date."""
        self.rate = RateSearch()
        self.window.grow_again()
        self._borne = self._borne_before = self._suspicions = 0

    def _spread_out(self) -> None:
        if self._spread is None and not self._refused:
            return  # a window that was configured is right until something is refused
        haste = SPREAD_OF_GROWTH if self.window.slow_start else SPREAD
        if self._spread is None:
            self._spread = TokenBucket(haste)
        self._spread.per_second, self._spread.burst = max(haste * self.window.throughput, 1e-3), max(1.0, self.window.size / 8)

    def _return(self, ticket: Ticket, headers: Mapping[str, str], now: float) -> None:
        self.window.leave()
        self._tokens_in_flight -= ticket.tokens
        for left in limits_left(headers):
            self._announced[left.kind].update(now, left.limit, left.remaining, left.reset)
