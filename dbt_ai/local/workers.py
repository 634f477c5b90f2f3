"""One queue of batches for the devices of this process; every node of the run puts its batches there."""

from __future__ import annotations

import queue
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dbt_ai.local.device import Device, OutOfMemory


class Budget:
    """Padded tokens that a batch may have: halved when memory runs out, grown again slowly, never above its ceiling."""

    def __init__(self, tokens: int, ceiling: int | None = None) -> None:
        self.tokens = tokens
        self._ceiling = ceiling or tokens
        self._good = 0

    def __call__(self) -> int:
        return self.tokens

    def succeeded(self) -> None:
        self._good += 1
        if self._good >= 16 and self.tokens < self._ceiling:
            self.tokens = min(self._ceiling, self.tokens * 5 // 4)
            self._good = 0

    def exceeded(self, tokens: int) -> None:
        """A batch of so many padded tokens did not fit."""
        self.tokens = max(1, min(self.tokens, tokens // 2))
        self._good = 0


class Part(NamedTuple):
    """Vectors of some rows of a batch, or why a single row has none."""

    rows: slice
    outcome: NDArray[np.float32] | OutOfMemory


class Workers:
    """A thread for each device; idle devices take the next batch, whoever asked for it."""

    def __init__(self, devices: Sequence[Device], budget: Budget) -> None:
        self.budget = budget
        self.size = len(devices)
        self._idle: queue.SimpleQueue[Device] = queue.SimpleQueue()
        for device in devices:
            self._idle.put(device)
        self._pool = ThreadPoolExecutor(len(devices), thread_name_prefix="dbt_ai-embed")

    def submit(self, rows: Sequence[NDArray[np.int32]]) -> Future[list[Part]]:
        return self._pool.submit(self._embed, rows)

    def _embed(self, rows: Sequence[NDArray[np.int32]]) -> list[Part]:
        device = self._idle.get()
        try:
            return list(self._halving(device, rows, 0))
        finally:
            self._idle.put(device)

    def _halving(self, device: Device, rows: Sequence[NDArray[np.int32]], start: int) -> Iterator[Part]:
        try:
            vectors = device.embed(rows)
        except OutOfMemory as error:
            self.budget.exceeded(len(rows) * max(len(row) for row in rows))
            if len(rows) == 1:
                yield Part(slice(start, start + 1), error)
                return
        else:
            self.budget.succeeded()
            yield Part(slice(start, start + len(rows)), vectors)
            return
        half = len(rows) // 2
        yield from self._halving(device, rows[:half], start)
        yield from self._halving(device, rows[half:], start + half)
