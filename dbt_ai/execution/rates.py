"""How many requests and tokens may leave in a time: as configured, as the endpoint's headers say, or found by trying."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

# A bucket holds what its rate earns in this many seconds: endpoints check limits per minute over much shorter spans.
BURST_SECONDS = 1.0
# Requests leave for an endpoint whose rate was found in short bursts: its own bucket may hold next to nothing.
SHORT_BURST = 0.05
# A rate is raised by this share after as many requests as such a step takes to be refused, then by steps that double.
FIRST_STEP = 1 / 64
LAST_STEP = 1 / 2
# Where a refusal is not worth it, requests leave slower than the rate by this share.
CAUTION = 1 / 32
# Requests accepted between two refusals that bound the rate closely enough.
PRECISE = 64
FEW = 8


@dataclass(slots=True)
class TokenBucket:
    """What is taken is gone at once, so everything in flight counts; `give_back` corrects an estimate.

    per_second: what it earns. Pure: the caller passes the time in.
    """

    per_second: float
    burst: float = 0.0
    _level: float = field(init=False)
    _at: float = field(init=False, default=-1.0)
    _wasted: float = field(init=False, default=0.0)

    def __post_init__(self) -> None:
        self.burst = max(self.burst or self.per_second * BURST_SECONDS, 1.0)
        self._level = self.burst

    def wait(self, now: float, amount: float) -> float:
        """Seconds until this amount may be taken. More than the bucket holds is due when the bucket is full."""
        self._earn(now)
        missing = min(amount, self.burst) - self._level
        # Less than a microsecond is a rounding error, and waiting for it would never end.
        return missing / self.per_second if missing > 1e-6 * self.per_second else 0.0

    def take(self, now: float, amount: float) -> float:
        """Returns what was earned in vain since the last time, because the bucket was full."""
        self._earn(now)
        self._level -= amount
        wasted, self._wasted = self._wasted, 0.0
        return wasted

    def empty(self, until: float) -> None:
        """What was saved up is lost, and what would be earned until then."""
        self._earn(until)
        self._level, self._wasted = min(self._level, 0.0), 0.0

    def level(self, now: float) -> float:
        self._earn(now)
        return self._level

    def give_back(self, amount: float) -> None:
        self._level = min(self.burst, self._level + amount)

    def _earn(self, now: float) -> None:
        if self._at >= 0:
            earned = self._level + max(now - self._at, 0.0) * self.per_second
            self._level = min(self.burst, earned)
            self._wasted += earned - self._level
        self._at = max(now, self._at)


@dataclass(slots=True)
class Announced:
    """What an endpoint's headers say is left of one of its limits (`x-ratelimit-remaining-…` and its siblings)."""

    left: float = math.inf
    per_second: float = 0.0
    at: float = 0.0

    def update(self, now: float, limit: float | None, remaining: float, reset: float | None) -> None:
        """limit, remaining: in requests or tokens. reset: seconds until `remaining` is `limit` again."""
        self.left, self.at, self.per_second = remaining, now, 0.0
        if limit is not None and reset:
            self.per_second = max(limit - remaining, 0.0) / reset

    def wait(self, now: float, amount: float, in_flight: float) -> float:
        """Seconds until this amount fits, if everything in flight is still to be counted by the endpoint."""
        left = self.left + (now - self.at) * self.per_second - in_flight
        if left >= amount or math.isinf(left) or not self.per_second:
            # Without a reset nothing can be computed: the endpoint's own refusal tells how long to wait.
            return 0.0
        return (amount - left) / self.per_second


@dataclass(frozen=True, slots=True)
class Empty:
    """A moment at which an endpoint's own bucket was empty. taken: the requests that it had accepted before."""

    at: float
    taken: int

    def bound(self, later: Empty) -> float:
        """No more per second than this can have been earned from here to a later such moment."""
        # Messages overtake one another: an earlier request may be counted later.
        return (max(later.taken - self.taken, 0) + 1) / (later.at - self.at) if later.at > self.at else math.inf


@dataclass(slots=True)
class RateSearch:
    """The requests per second that an endpoint bears, when it refuses by rate and does not announce it.

    Each refusal tells a moment at which the endpoint's bucket was empty. From one to the next the endpoint accepted what it
    earned, so two of them bound its rate from above, the closer the more was accepted in between. A rate at which nothing is
    refused for a while is raised by steps that double.

    bucket: what lets requests leave at the rate; None until the rate limits them.
    """

    bucket: TokenBucket | None = field(init=False, default=None)
    _last: Empty | None = field(init=False, default=None)
    _earlier: Empty | None = field(init=False, default=None)
    _step: float = field(init=False, default=FIRST_STEP)
    _paced: int = field(init=False, default=0)
    _held: float = field(init=False, default=0.0)
    _unknown: bool = field(init=False, default=False)
    changed_at: float = field(init=False, default=0.0)

    @property
    def rate(self) -> float:
        return self.bucket.per_second if self.bucket else math.inf

    def wait(self, now: float) -> float:
        return self.bucket.wait(now, 1) if self.bucket else 0.0

    def sent(self, now: float, probes: bool) -> None:
        """probes: whether finding a higher rate is worth a refusal."""
        if self.bucket is None:
            return
        if self.bucket.take(now, 1 if probes else 1 + CAUTION) < 0.5:
            self._paced += self.bucket.wait(now, 1) > 0
        else:
            # Something else holds the requests back: the endpoint's bucket fills up, and what it accepts tells nothing of its rate.
            self._last = self._earlier = None
        if probes and self._paced >= (1 if self._unknown else max(1 / self._step, FEW)):
            if self._unknown:
                self._limit(2 * self.rate)
            else:
                self._held = self.rate
                self._limit(self.rate * (1 + self._step))
                self._step = min(2 * self._step, LAST_STEP)
            self._paced, self.changed_at = 0, now

    def refused(self, empty: Empty, now: float, throughput: float, unknown: bool) -> None:
        """Too many were sent in a time. throughput: what leaves now, for a start. unknown: whether the endpoint may just be down."""
        found = min([self.rate, *(earlier.bound(empty) for earlier in (self._last, self._earlier) if earlier)])
        if self.bucket is None:
            found = throughput
        elif found < self._held:
            # The rate was held before it was raised: the endpoint's bucket filled up in between, which made the bound wrong.
            found, self._last, self._earlier = self._held, None, None
        anchor = self._earlier or self._last
        accepted = max(empty.taken - anchor.taken, 0) if anchor else PRECISE
        self._limit(found).empty(now)
        self._step = min(max(FIRST_STEP, 1 / (accepted + 1)), 1 / FEW)
        self._held, self._paced, self.changed_at, self._unknown = 0.0, 0, now, unknown
        if self._last is None:
            self._last = empty
        elif empty.taken >= self._last.taken + PRECISE and empty.at >= self._last.at + 1.0:
            self._earlier, self._last = self._last, empty

    def pause(self, until: float) -> None:
        if self.bucket:
            self.bucket.empty(until)

    def _limit(self, rate: float) -> TokenBucket:
        self.bucket = self.bucket or TokenBucket(rate)
        self.bucket.per_second, self.bucket.burst = rate, max(1.0, SHORT_BURST * rate)
        return self.bucket
