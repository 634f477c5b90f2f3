"""Which refusals of an endpoint tell of a limit, and which come however few requests are sent."""

from __future__ import annotations

from dataclasses import dataclass, field

# A share is measured over this many requests, and over no less than two latencies: what was in flight has then been told.
PERIOD = 32
# A larger share is never taken as usual: an endpoint that refuses so much is overloaded, whoever caused it.
MOST_USUAL = 1 / 2
# Slowing down by this much must end the refusals, if it was a limit that refused.
SLOWER = 7 / 8


@dataclass(slots=True)
class Refusals:
    """The share of requests that an endpoint refuses. It is usual if it stays as it is while ever fewer requests are sent.

    usual: what no slowing down mends; refusals beyond it tell of a limit.
    """

    usual: float = field(init=False, default=0.0)
    _share: float = field(init=False, default=0.0)
    _reference: tuple[float, float] | None = field(init=False, default=None)
    _started: float = field(init=False, default=-1.0)
    _accepted: int = field(init=False, default=0)
    _in_vain: int = field(init=False, default=0)
    _refused: int = field(init=False, default=0)

    @property
    def beyond_usual(self) -> bool:
        return self._share > 1.5 * self.usual + 1 / PERIOD

    def count(self, now: float, refused: bool, latency: float) -> bool:
        """Returns whether this has just shown that refusals are usual: then slowing down was wrong."""
        if self._started < 0:
            self._started = now
        self._refused += refused
        self._accepted += not refused
        self._share += (refused - self._share) / PERIOD
        if self._accepted + self._refused < PERIOD or now - self._started < max(2 * latency, 0.5):
            return False
        share, rate = self._refused / (self._accepted + self._refused), self._accepted / max(now - self._started, 1e-3)
        self._started, self._accepted, self._refused = now, 0, 0
        if share <= 1 / 24:
            self._reference, self._in_vain = None, 0
            if share < self.usual / 4:
                self.usual /= 2
            return False
        if self._reference is None or rate > self._reference[0]:
            self._reference = rate, share
            return False
        before, share_before = self._reference
        if rate > SLOWER * before or share < share_before / 2 or share > MOST_USUAL:
            self._in_vain = 0
            return False
        self._in_vain += 1
        if self._in_vain < 2:
            return False
        self.usual, self._reference = share, None
        return True
