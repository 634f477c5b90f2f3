"""The interface to hardware: a device holds one loaded model and turns a batch of token ids into vectors."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class OutOfMemory(Exception):
    """The batch does not fit; a smaller one may."""


class DeviceLost(Exception):
    """The device cannot be used again in this process."""


class DeviceUnusable(Exception):
    """The device is not on this machine, or the model does not fit into it."""


class Batching(Enum):
    """Which texts may share a batch without a text's vector depending on the others by more than 1e-5."""

    PADDED = "any"
    # In reduced precision, padding changes the last bit of some sums, and rounding enlarges that.
    EQUAL = "texts of equal length"
    ALONE = "none"


class Device(Protocol):
    """One loaded model in one place, used by one thread at a time."""

    name: str
    batching: Batching

    def embed(self, rows: Sequence[NDArray[np.int32]]) -> NDArray[np.float32]:
        """Vectors float32[len(rows), width] of token sequences sorted by descending length, pooled as the model pools.

        Raises OutOfMemory, DeviceLost.
        """
        ...
