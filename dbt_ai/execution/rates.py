"""How many requests and tokens may leave in a time: as configured, and as the endpoint's headers say."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

# A bucket holds what its rate earns in this many seconds: endpoints check limits per minute over much shorter spans.
BURST_SECONDS = 1.0
# Headers hold requests back for no longer than this. Then one request leaves, and the endpoint's answer to it is the judge.
LONGEST_ANNOUNCED = 60.0


@dataclass(slots=True)
class TokenBucket:
    """What is taken is gone at once, so everything in flight counts; `give_back` corrects an estimate.

    per_second: what it earns. Pure: the caller passes the time in.

    >>> bucket = TokenBucket(per_second=2)
    >>> bucket.take(0.0, 2)
    0.0
    >>> bucket.wait(0.0, 1)
    0.5
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

    def give_back(self, amount: float) -> None:
        """Less was used than was taken."""
        self._level = min(self.burst, self._level + amount)

    def empty(self, until: float) -> bool:
        """What was saved up is lost, and what would be earned until then. Returns whether there was anything to take."""
        self._earn(until)
        saved, self._level, self._wasted = self._level, min(self._level, 0.0), 0.0
        return saved >= 1

    def _earn(self, now: float) -> None:
        if self._at >= 0:
            earned = self._level + max(now - self._at, 0.0) * self.per_second
            self._level = min(self.burst, earned)
            self._wasted += earned - self._level
        self._at = max(now, self._at)


@dataclass(slots=True)
class Announced:
    """What an endpoint's headers say is left of one of its limits (`x-ratelimit-remaining-…` and its siblings).

    >>> announced = Announced()
    >>> announced.update(0.0, limit=100, remaining=1, reset=9.9)
    >>> announced.wait(0.0, amount=1, in_flight=1)
    0.1
    """

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
        return max(0.0, min((amount - left) / self.per_second, self.at + LONGEST_ANNOUNCED - now))
