"""How many requests and tokens may leave in a time: as configured, as the endpoint's headers say, or found by trying."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

# A bucket holds what its rate earns in this many seconds: endpoints check limits per minute over much shorter spans.
BURST_SECONDS = 1.0


@dataclass(slots=True)
class Allowance:
    """A token bucket. What is taken is gone at once, so everything in flight counts; `give_back` corrects an estimate.

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


@dataclass(slots=True)
class RateSearch:
    """The requests per second that an endpoint bears, when it refuses by rate and does not announce it.

    The first estimate is what it accepted from one refusal to the next. Then a geometric search: a rate that held for a
    while is raised by a factor, one that did not is taken back and the factor shrinks; what a failed attempt costs (the
    cool-down) sets how long a good rate is kept.
    """

    rate: float = math.inf
    _good: float = 0.0
    _factor: float = 2.0
    _periods: float = 1.0
    _period: float = 1.0
    _since: float = 0.0
    _raises: int = 0

    def refused(self, now: float, cool_down: float, measured: float) -> None:
        """measured: requests per second accepted since the refusal before this one, cool-down included."""
        self._period = max(cool_down, 0.1)
        if math.isinf(self.rate):
            self.rate = self._good = max(measured, 1.0 / self._period)
        else:
            # Refused at a rate that was thought good: the truth lies between that and what was accepted, cool-down included.
            fallback = self._good if self.rate > self._good else math.sqrt(self._good * min(max(measured, 0.1 * self._good), self._good))
            self._good = max(measured, fallback)
            self.rate = self._good
            self._factor = max(1.05, math.sqrt(self._factor))
            self._periods = min(2 * self._periods, 8.0)
        self._raises = 0
        self._since = now + cool_down

    def grow(self, now: float) -> None:
        """Called as requests are accepted: raise a rate that has held."""
        if math.isinf(self.rate) or now - self._since < self._periods * self._period:
            return
        self._good = self.rate
        self._raises += 1
        if self._raises >= 3:  # far below what it bears: search faster again
            self._factor, self._periods = min(2.0, self._factor**2), max(1.0, self._periods / 2)
        self.rate *= self._factor
        self._since = now
