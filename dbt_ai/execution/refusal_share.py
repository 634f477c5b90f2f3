"""Which refusals of an endpoint tell of a limit, and which come however few requests are sent."""

from __future__ import annotations

from dataclasses import dataclass, field

# Of late: this many requests.
REQUESTS = 32
# A limit refuses more than this: what it refuses leaves room for the next request, which it refuses as well.
FEW = 1 / 16
# A share is measured until so many were refused, or accepted, and over two latencies: what was in flight has been told by then.
REFUSALS = 8
ACCEPTED = 256
SHORTEST = 0.5
# A smaller share is what looking for a limit costs. A larger one is not usual: such an endpoint is overloaded, whoever caused it.
LEAST = 1 / 32
MOST = 1 / 2
# Slowing down by so much, twice, ends the refusals if it was a limit that refused.
SLOWER = 7 / 8


@dataclass(slots=True)
class RefusalShare:
    """The share of requests that an endpoint refuses. It is usual if it stays while ever fewer are sent: then they tell of no limit.

    Pure: the caller passes the time in.

    >>> share = RefusalShare()
    >>> share.count(0.0, refused=True, latency=0.2), share.usual
    (False, False)
    """

    _usual: float = field(init=False, default=0.0)
    _share: float = field(init=False, default=0.0)
    _started: float = field(init=False, default=-1.0)
    _accepted: int = field(init=False, default=0)
    _refused: int = field(init=False, default=0)
    _before: tuple[float, float] | None = field(init=False, default=None)
    _in_vain: int = field(init=False, default=0)

    @property
    def few(self) -> bool:
        """No more than usual, or a single one."""
        return self._share <= 1.5 * self._usual + FEW

    @property
    def usual(self) -> bool:
        """Refusals come however few requests are sent, and no more of them than that."""
        return self._usual > 0 and self.few

    def count(self, now: float, refused: bool, latency: float) -> bool:
        """Returns true when slowing down has turned out to be in vain."""
        self._share += (refused - self._share) / REQUESTS
        self._refused += refused
        self._accepted += not refused
        if self._started < 0:
            self._started = now
        enough = self._refused >= REFUSALS or self._accepted >= ACCEPTED
        if not enough or now - self._started < max(2 * latency, SHORTEST):
            return False
        share, rate = self._refused / (self._accepted + self._refused), self._accepted / (now - self._started)
        self._started, self._accepted, self._refused = now, 0, 0
        return self._judge(share, rate)

    def _judge(self, share: float, rate: float) -> bool:
        """share, rate: of requests refused, and accepted in a second, since the last time."""
        if share <= LEAST:
            self._before, self._in_vain = None, 0
            if share < self._usual / 4:
                self._usual /= 2
        elif self._before is None or rate > self._before[0]:
            self._before = rate, share
        elif rate > SLOWER * self._before[0] or share < self._before[1] / 2 or share > MOST:
            self._in_vain = 0
        else:
            self._in_vain += 1
        if self._in_vain < 2:
            return False
        self._usual, self._before, self._in_vain = share, None, 0
        return True
