"""Deadlines of calls that block: one thread watches all of them.

A socket with a timeout of its own is polled before every read and write, and each of these calls lets go of Python's global
lock. With hundreds of threads in flight, getting the lock back cost more than all the rest of a request.
"""

from __future__ import annotations

import math
import threading
import time
from typing import Protocol


class Interruptible(Protocol):
    def interrupt(self) -> None:
        """Ends whatever blocks on this, from another thread."""


class Deadlines:
    """Thread-safe."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._watched: dict[Interruptible, float] = {}
        self._looks_at = math.inf
        self._watching = False

    def watch(self, blocking: Interruptible, deadline: float) -> None:
        """From now on `blocking` is interrupted when time.monotonic() reaches the deadline."""
        with self._changed:
            self._watched[blocking] = deadline
            if not self._watching:
                threading.Thread(target=self._watch, name="dbt_ai deadlines", daemon=True).start()
                self._watching = True  # not before: if no thread can be had, the next one to watch tries again
            elif deadline < self._looks_at:  # rare: the deadlines of one endpoint come in the order of its requests
                self._changed.notify()

    def over(self, blocking: Interruptible) -> None:
        with self._changed:
            self._watched.pop(blocking, None)

    def close(self) -> None:
        """Interrupts everything at once."""
        with self._changed:
            for blocking in self._watched:
                blocking.interrupt()
            self._watching = False
            self._changed.notify()

    def _watch(self) -> None:
        with self._changed:
            while self._watching:
                now = time.monotonic()
                for blocking, deadline in self._watched.items():
                    if deadline <= now:
                        blocking.interrupt()
                self._looks_at = min((deadline for deadline in self._watched.values() if deadline > now), default=math.inf)
                self._changed.wait(None if math.isinf(self._looks_at) else self._looks_at - now)
