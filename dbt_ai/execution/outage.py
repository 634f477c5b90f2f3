"""An endpoint that answers nothing that can be an answer: it is asked by one request at a time, and a few times only."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from dbt_ai.execution.backoff import LONGEST_BACKOFF, attempts_of, backoff
from dbt_ai.execution.bundle import Bundle

# Requests that break one after another before the endpoint itself is left alone for a time: each may have been to blame itself.
AT_ONCE = 2


@dataclass(slots=True)
class Outage:
    """Counts what breaks while nothing is answered. What was on its way together counts once: it tells the same.

    Pure: the caller passes the time in, and holds a lock.

    >>> outage = Outage()
    >>> outage.broke(sent=0.0, now=0.1, asked=None)
    >>> outage.broke(sent=0.0, now=0.2, asked=None)
    >>> outage.breaks
    1
    """

    breaks: int = field(init=False, default=0)
    _last: float = field(init=False, default=-math.inf)
    _until: float = field(init=False, default=-math.inf)
    _probe: Bundle | None = field(init=False, default=None)

    def wait(self, now: float) -> float:
        """Seconds until another request may leave."""
        return max(0.0, self._until - now) if self.breaks else 0.0

    def leaves(self, now: float, bundle: Bundle) -> None:
        """A request leaves. The others wait for what becomes of it, but not for one that hangs."""
        if now > self._until + LONGEST_BACKOFF:  # nobody has asked for a long time
            self.over()
        if self.breaks:
            self._probe, self._until = bundle, now + LONGEST_BACKOFF

    def returned(self, now: float, bundle: Bundle) -> None:
        """What became of a request is known."""
        if bundle is self._probe:
            self._probe, self._until = None, now

    def broke(self, sent: float, now: float, asked: float | None) -> None:
        """A request broke that left at `sent`, and nothing was answered since. asked: seconds that the endpoint wants to wait."""
        if sent < self._last:
            return
        self.breaks += 1
        self._last = now
        self._until = now + (backoff(self.breaks - AT_ONCE, asked) if self.breaks > AT_ONCE else 0.0)

    def over(self) -> None:
        """The endpoint did, or refused, what was asked."""
        self.breaks, self._probe = 0, None

    def is_hopeless(self, bundle: Bundle) -> bool:
        """Whether as many broke one after another as one request would have been sent."""
        return self.breaks >= attempts_of(bundle.requests.call) + AT_ONCE
