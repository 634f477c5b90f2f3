"""Keeps Python's search for unreachable objects away from what is there before requests leave."""

from __future__ import annotations

import gc
import threading


class SparedObjects:
    """While anybody is inside, what existed when the first one entered is not searched. Thread-safe.

    dbt makes half a million objects when it reads a project. A full search looks at each of them, in a fifth of a second, and all
    threads wait for it: no request leaves, and no answer is read.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0

    def __enter__(self) -> None:
        with self._lock:
            self._inside += 1
            if self._inside == 1:
                gc.freeze()

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._inside -= 1
            if not self._inside:
                gc.unfreeze()


# One for the process, as the search is.
SPARED = SparedObjects()
