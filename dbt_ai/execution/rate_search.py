"""How many requests in a second an endpoint bears that refuses by rate and does not say its limit: found from its refusals."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from dbt_ai.execution.rates import TokenBucket

# Bursts stay short, in seconds: the endpoint's own bucket may hold next to nothing.
BURST_SECONDS = 0.05
# A rate at which nothing is refused is raised by a step after as many requests as the step takes to be refused, but no fewer than
# a few. The next step is twice as large.
FIRST_STEP = 1 / 64
LAST_STEP = 1 / 2
FEW = 8
# Where a refusal is not worth it, requests leave slower than at the rate by this share.
CAUTION = 1 / 32
# Two refusals bound the rate closely if so many requests were accepted between them, and in a second: then older ones are forgotten.
MANY = 64


@dataclass(frozen=True, slots=True)
class Empty:
    """A moment at which the endpoint's own bucket was empty. taken: the requests that it had accepted before.

    >>> Empty(at=10.0, taken=100).bound(Empty(at=12.0, taken=199))
    50.0
    """

    at: float
    taken: int

    def bound(self, later: Empty) -> float:
        """From one such moment to another an endpoint earns no more than it accepted in between, and the one that it refused."""
        # Messages overtake one another, so the later one may count fewer.
        return (max(later.taken - self.taken, 0) + 1) / (later.at - self.at) if later.at > self.at else math.inf


@dataclass(slots=True)
class RateSearch:
    """Each refusal tells a moment at which the endpoint's bucket was empty. Two of them bound its rate from above, the closer the
    more was accepted in between. A rate at which nothing is refused is raised.

    Pure: the caller passes the time in.
    changed_at: when the rate was last set; what left before says nothing of it.

    >>> search = RateSearch()
    >>> search.found, search.wait(0.0)
    (False, 0.0)
    """

    changed_at: float = field(init=False, default=-math.inf)
    _bucket: TokenBucket | None = field(init=False, default=None)
    _last: Empty | None = field(init=False, default=None)
    _earlier: Empty | None = field(init=False, default=None)
    _step: float = field(init=False, default=FIRST_STEP)
    _unknown: bool = field(init=False, default=False)
    _paced: int = field(init=False, default=0)
    _held: float = field(init=False, default=0.0)

    @property
    def found(self) -> bool:
        """Whether the endpoint has turned out to limit the rate."""
        return self._bucket is not None

    @property
    def rate(self) -> float:
        """Requests a second; infinite while no limit is known."""
        return self._bucket.per_second if self._bucket else math.inf

    def wait(self, now: float) -> float:
        """Seconds until the next request may leave."""
        return self._bucket.wait(now, 1) if self._bucket else 0.0

    def sent(self, now: float, probes: bool) -> None:
        """probes: whether finding a higher rate is worth a refusal."""
        if self._bucket is None:
            return
        wasted = self._bucket.take(now, 1 if probes else 1 + CAUTION)
        if wasted > 0.5:
            # Something else holds the requests back: the endpoint's bucket fills up, and what it accepts tells nothing of its rate.
            self._last = self._earlier = None
        elif self._bucket.wait(now, 1):
            self._paced += 1

    def held(self, now: float) -> None:
        """What left at this rate was not refused, so far as one can know by now: raise it if that was enough."""
        if self._bucket is None or self._paced < (1 if self._unknown else max(1 / self._step, FEW)):
            return
        if self._unknown:
            self._set(2 * self.rate, now)
        else:
            self._held = self.rate
            self._set(self.rate * (1 + self._step), now)
            self._step = min(2 * self._step, LAST_STEP)

    def busy(self, empty: Empty, now: float, throughput: float, unknown: bool) -> None:
        """A busy answer: too many left in a time. throughput: how many do, in a second. unknown: the endpoint may only be down."""
        found = min(self.rate if self.found else throughput, *self._bounds(empty))
        if found < self._held:
            # It was held before it was raised, so the bucket filled up in between: the bounds are wrong.
            found, self._last, self._earlier = self._held, None, None
        oldest = self._earlier or self._last
        accepted = max(empty.taken - oldest.taken, 0) if oldest else MANY
        self._set(found, now).empty(now)
        self._held, self._unknown = 0.0, unknown
        self._step = min(max(FIRST_STEP, 1 / (accepted + 1)), 1 / FEW)
        if self._last is None:
            self._last = empty
        elif empty.taken >= self._last.taken + MANY and empty.at >= self._last.at + 1.0:
            self._earlier, self._last = self._last, empty

    def pause(self, until: float) -> None:
        """Nothing leaves before: that saves up nothing."""
        if self._bucket is not None:
            self._bucket.empty(until)

    def _bounds(self, empty: Empty) -> list[float]:
        return [earlier.bound(empty) for earlier in (self._earlier, self._last) if earlier] or [math.inf]

    def _set(self, rate: float, now: float) -> TokenBucket:
        if self._bucket is None:
            self._bucket = TokenBucket(rate)
        self._bucket.per_second, self._bucket.burst = rate, max(1.0, BURST_SECONDS * rate)
        self._paced, self.changed_at = 0, now
        return self._bucket
