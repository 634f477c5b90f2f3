"""How many padded tokens a batch may have: found by measuring, halved when memory runs out, grown again slowly."""

from __future__ import annotations

import threading

# A larger batch must be faster by this much. Otherwise it only costs memory.
_WORTH = 1.05
_TRIALS = 4
# So many batches must fit before a larger one is tried: up to three quarters of the size that did not fit, and beyond.
_GOOD_BEFORE_GROWING = 16
_GOOD_BEFORE_TRYING_AGAIN = 64


class BatchSize:
    """Thread-safe. Starts at `start`; doubles while full batches get faster, up to `ceiling`.

    >>> size = BatchSize(16_384)
    >>> size.exceeded(16_384)
    >>> size()
    8192
    """

    def __init__(self, start: int, ceiling: int | None = None) -> None:
        self.tokens = self.start = start
        # The size that measuring found, and how far it is grown back to for now.
        self._found = self._target = start
        self._ceiling = ceiling or start
        self._rates: list[float] = []
        self._best = 0.0
        self._good = 0
        self._lock = threading.Lock()

    def __call__(self) -> int:
        return self.tokens

    def succeeded(self, tokens: int, seconds: float) -> None:
        """A batch of so many padded tokens took so long."""
        with self._lock:
            self._good += 1
            if self.tokens < self._target:
                if self._good >= _GOOD_BEFORE_GROWING:
                    self.tokens, self._good = min(self._target, max(self.tokens * 5 // 4, self.tokens + 1)), 0
            elif self.tokens < self._found:
                if self._good >= _GOOD_BEFORE_TRYING_AGAIN:
                    self._target, self._good = min(self._found, self._target * 2), 0
            elif self.tokens < self._ceiling and tokens > self.tokens // 2:
                self._rates.append(tokens / max(seconds, 1e-9))
                if len(self._rates) == _TRIALS:
                    self._climb(sorted(self._rates)[_TRIALS // 2])

    def _climb(self, rate: float) -> None:
        self._rates.clear()
        if rate > _WORTH * self._best:
            self._best = rate
            self.tokens = min(self.tokens * 2, self._ceiling)
        else:
            self.tokens = self._ceiling = max(self.tokens // 2, 1)
        self._found = self._target = self.tokens

    def exceeded(self, tokens: int) -> None:
        """A batch of so many padded tokens did not fit."""
        with self._lock:
            self.tokens = max(1, min(self.tokens, tokens // 2))
            # Other programs use the memory too, so what fits changes.
            self._target = max(self.tokens, min(self._target, tokens * 3 // 4))
            self._ceiling = self._found
            self._good = 0
            self._rates.clear()
