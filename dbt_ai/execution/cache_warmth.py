"""One request first, where a provider caches the beginning that a call's requests share: sent together, each would pay for writing it."""

from __future__ import annotations

from dataclasses import dataclass, field

from dbt_ai.call import Call
from dbt_ai.execution.bundle import Bundle

# The others wait no longer for the first: it may never come back.
LONGEST_WAIT = 60.0
# Caches forget after five minutes at the earliest, counted from the last time that they were read.
WARM_SECONDS = 270.0


@dataclass(slots=True)
class CacheWarmth:
    """Which calls an endpoint has in its cache. Pure: the caller passes the time in, and holds a lock."""

    _first: dict[Call, tuple[Bundle, float]] = field(init=False, default_factory=dict)
    _warm_until: dict[Call, float] = field(init=False, default_factory=dict)

    def wait(self, now: float, bundle: Bundle) -> float:
        """Seconds until this bundle may leave."""
        first, until = self._first.get(bundle.requests.call, (bundle, now))
        return 0.0 if first is bundle else max(0.0, until - now)

    def leaves(self, now: float, bundle: Bundle) -> None:
        """A bundle leaves. It is the first of its call if nothing is in the cache."""
        call = bundle.requests.call
        if bundle.caching is not None and now >= self._warm_until.get(call, now) and call not in self._first:
            self._first[call] = (bundle, now + LONGEST_WAIT)

    def returned(self, now: float, bundle: Bundle, answered: bool) -> None:
        """A bundle came back. What was answered has written the beginning to the cache, or read it there."""
        call = bundle.requests.call
        if call in self._first and self._first[call][0] is bundle:
            del self._first[call]
        if answered and bundle.caching is not None:
            self._warm_until[call] = now + WARM_SECONDS
