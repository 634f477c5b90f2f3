"""How many requests and tokens may leave in a time: as configured, as the endpoint's headers say, or found by trying."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

# A bucket holds what its rate earns in this many seconds: endpoints check limits per minute over much shorter spans.
BURST_SECONDS = 1.0


@dataclass(slots=True)
class TokenBucket:
    """What is taken is gone at once, so everything in flight counts; `give_back` corrects an estimate.

    per_second: what it earns. Pure: the caller passes the time in.
    """

    per_second: float
    burst: float = 0.0
    _level: float = field(init=False)
    _at: float = field(init=False, default=-1.0)

    def __post_init__(self) -> None:
        self.burst = max(self.burst or self.per_second * BURST_SECONDS, 1.0)
        self._level = self.burst

    def wait(self, now: float, amount: float) -> float:
        """Seconds until this amount may be taken. More than the bucket holds is due when the bucket is full."""
        self._earn(now)
        missing = min(amount, self.burst) - self._level
        # Less than a microsecond is a rounding error, and waiting for it would never end.
        return missing / self.per_second if missing > 1e-6 * self.per_second else 0.0

    def take(self, now: float, amount: float) -> None:
        self._earn(now)
        self._level -= amount

    def give_back(self, amount: float) -> None:
        self._level = min(self.burst, self._level + amount)

    def _earn(self, now: float) -> None:
        if self._at >= 0:
            self._level = min(self.burst, self._level + (now - self._at) * self.per_second)
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
    """A moment at which an endpoint had nothing left. taken: the requests that it had accepted before."""

    at: float
    taken: int

    def bound(self, later: Empty) -> float:
        """No more per second than this can have been earned from one such moment to another."""
        return (later.taken - self.taken + 1) / (later.at - self.at) if later.at > self.at else math.inf


@dataclass(slots=True)
class RateSearch:
    """The requests per second that an endpoint bears, when it refuses by rate and does not announce it.

    Each refusal tells a moment at which the endpoint's token bucket was empty. From one to the next it accepted what it earned,
    so that two of them bound the rate from above, the closer the more was accepted in between. A rate at which nothing is refused
    for a while is raised by steps that double.
    """

    rate: float = math.inf
    _bucket: TokenBucket | None = None
    _empty: Empty | None = None
    _older: Empty | None = None
    _held: float = 0.0
    _held_since: float = 0.0
    _sent: int = 0
    _step: float = 1 / 64

    def wait(self, now: float) -> float:
        return self._bucket.wait(now, 1) if self._bucket else 0.0

    def sent(self, now: float, raises: bool) -> None:
        """raises: whether a higher rate is worth a refusal."""
        if self._bucket is None:
            return
        self._bucket.take(now, 1)
        self._sent += self._bucket._level < 1
        if raises and self._sent >= max(1 / self._step, 8):
            if not self._held:
                self._held = self.rate
            self._set(self.rate * (1 + self._step))
            self._step, self._sent = min(2 * self._step, 1.0), 0

    def refused(self, empty: Empty) -> None:
        bounds = [earlier.bound(empty) for earlier in (self._older, self._empty) if earlier]
        if self._bucket is not None:
            found = min(self.rate, *bounds) if bounds else self.rate
            if found < self._held:
                found = self._held
                self._empty = self._older = None
            self._set(found)
            self._bucket._level = min(self._bucket._level, 0.0)
            self._held, self._sent, self._step = 0.0, 0, 1 / 64
        if self._empty is None:
            self._empty = empty
        elif empty.taken - self._empty.taken >= 64 and empty.at - self._empty.at >= 1.0:
            self._older, self._empty = self._empty, empty

    def begin(self, now: float, empty: Empty) -> None:
        bounds = [earlier.bound(empty) for earlier in (self._older, self._empty) if earlier]
        self._bucket = TokenBucket(1.0, burst=1.0)
        self._bucket.take(now, 1)
        self._set(min(bounds, default=1.0))

    def forget(self) -> None:
        self._empty = self._older = None

    def _set(self, rate: float) -> None:
        assert self._bucket is not None
        self.rate = self._bucket.per_second = rate
        self._bucket.burst = max(1.0, 0.05 * rate)
