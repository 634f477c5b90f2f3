"""One queue of batches for the devices of this process; every node of the run puts its batches there."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dbt_ai.errors import ProviderError
from dbt_ai.local.batch_size import BatchSize
from dbt_ai.local.device import Batching, Device, DeviceLost, OutOfMemory

log = logging.getLogger(__name__)


class Part(NamedTuple):
    """The vectors of some rows of a batch, or the reason why a single row has none."""

    rows: slice
    outcome: NDArray[np.float32] | OutOfMemory


class Workers:
    """A thread for each entry of `devices`; idle devices take the next batch, whoever asked for it.

    devices: one listed twice computes a batch while it is sent the next, or, on a CPU, uses a core for each entry.
    fallback: makes the device that takes the place of one that is lost; None stops the run instead.
    """

    def __init__(self, devices: Sequence[Device], budget: BatchSize, fallback: Callable[[], Device] | None = None) -> None:
        self.budget = budget
        self.devices = list(devices)
        self.size = len(devices)
        self._fallback = fallback
        self._warned: set[tuple[str, str]] = set()
        self._lock = threading.Lock()
        self._idle: queue.SimpleQueue[Device] = queue.SimpleQueue()
        for device in devices:
            self._idle.put(device)
        self._pool = ThreadPoolExecutor(len(devices), thread_name_prefix="dbt_ai-embed")

    @property
    def batching(self) -> Batching:
        """Which texts may share a batch on these devices."""
        return self.devices[0].batching

    @property
    def on_cpu(self) -> bool:
        """Whether the CPU alone computes."""
        return all(device.name == "cpu" for device in self.devices)

    def submit(self, rows: Sequence[NDArray[np.int32]]) -> Future[list[Part]]:
        """The future raises ProviderError when a device is lost and nothing may take its place."""
        return self._pool.submit(self._embed, rows)

    def _embed(self, rows: Sequence[NDArray[np.int32]]) -> list[Part]:
        device = self._idle.get()
        try:
            while True:
                try:
                    return list(self._halving(device, rows, 0))
                except DeviceLost as error:
                    device = self._instead_of(device, error)
        finally:
            self._idle.put(device)

    def _instead_of(self, device: Device, error: DeviceLost) -> Device:
        if self._fallback is None or device.name == "cpu":
            raise ProviderError(
                f"device {device.name} was lost in the middle of the run ({error}); what was answered is stored:"
                " run again, or set parameter on_device_lost to 'cpu'"
            ) from error
        self._warn(device, "dbt_ai: device %s was lost (%s); its share goes on with the CPU, more slowly", str(error))
        return self._fallback()

    def _halving(self, device: Device, rows: Sequence[NDArray[np.int32]], start: int) -> Iterator[Part]:
        tokens = len(rows) * max(len(row) for row in rows)
        began = time.perf_counter()
        try:
            vectors = device.embed(rows)
        except OutOfMemory as error:
            # Only the message is kept: the exception would keep the frames that raised it, and their memory.
            why = str(error)
        else:
            self.budget.succeeded(tokens, time.perf_counter() - began)
            yield Part(slice(start, start + len(rows)), vectors)
            return
        self.budget.exceeded(tokens)
        if len(rows) == 1:
            yield Part(slice(start, start + 1), self._alone(device, rows, why))
            return
        half = len(rows) // 2
        yield from self._halving(device, rows[:half], start)
        yield from self._halving(device, rows[half:], start + half)

    def _alone(self, device: Device, rows: Sequence[NDArray[np.int32]], why: str) -> NDArray[np.float32] | OutOfMemory:
        """Embed one text that does not fit into the device: on the CPU, if it may take the device's place."""
        if self._fallback is None or device.name == "cpu":
            return OutOfMemory(why)
        self._warn(device, "dbt_ai: device %s has no memory left (%s); the CPU computes what does not fit, more slowly", why)
        try:
            return self._fallback().embed(rows)
        except OutOfMemory as error:
            return OutOfMemory(str(error))

    def _warn(self, device: Device, message: str, why: str) -> None:
        """Once for a device: each of its threads sees what became of it."""
        with self._lock:
            first = (device.name, message) not in self._warned
            self._warned.add((device.name, message))
        if first:
            log.warning(message, device.name, why)
