"""How long requests took: percentiles of any number of them, in little memory."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field

# Two latencies that differ by less than this are the same.
_PRECISION = 1.05
_LOG = math.log(_PRECISION)


@dataclass(slots=True)
class Latencies:
    """Counts of seconds, each to within five percent.

    >>> latencies = Latencies()
    >>> for seconds in (1.0, 1.0, 1.0, 9.0):
    ...     latencies.add(seconds)
    >>> round(latencies.percentile(50)), round(latencies.percentile(95))
    (1, 9)
    """

    counts: Counter[int] = field(default_factory=Counter)

    def add(self, seconds: float) -> None:
        """Count one request."""
        self.counts[round(math.log(max(seconds, 1e-6)) / _LOG)] += 1

    def percentile(self, percent: float) -> float | None:
        """The seconds within which so many percent of the requests were answered; None where there was none."""
        left = math.ceil(sum(self.counts.values()) * percent / 100)
        for place in sorted(self.counts):
            left -= self.counts[place]
            if left <= 0:
                return _PRECISION**place
        return None
