"""Rows of float32 that may outgrow memory: a plan of millions of texts keeps its vectors in a temporary file."""

from __future__ import annotations

import mmap
import tempfile
from typing import IO

import numpy as np
from numpy.typing import NDArray

# Rows stay in memory up to this size. 64 MB are 43,000 vectors of 384 dimensions.
SPILL_BYTES = 64 * 2**20


class SpillingVectors:
    """float32[rows, width] that only grows. One thread appends; any number read rows that have been appended.

    >>> vectors = SpillingVectors(width=2)
    >>> vectors.append(np.array([[1, 2], [3, 4]], dtype=np.float32))
    >>> vectors.take(np.array([1])).tolist()
    [[3.0, 4.0]]
    """

    def __init__(self, width: int, spill_bytes: int = SPILL_BYTES) -> None:
        self.width = width
        self._count = 0
        self._rows: NDArray[np.float32] | None = _reserved(max(spill_bytes // (4 * width), 1), width)
        self._file: IO[bytes] | None = None

    def __len__(self) -> int:
        return self._count

    def append(self, rows: NDArray[np.float32]) -> None:
        """rows: float32[any, width]."""
        end = self._count + len(rows)
        if self._rows is not None and end > len(self._rows):
            self._spill(self._rows)
        if self._file is not None:
            # The file has no name and goes with this object, also when the process is killed.
            self._file.write(np.ascontiguousarray(rows, dtype=np.float32).data)
            self._file.flush()
        elif self._rows is not None:
            self._rows[self._count : end] = rows
        self._count = end

    def take(self, positions: NDArray[np.int64]) -> NDArray[np.float32]:
        """The rows at these positions, float32[len(positions), width]. A position without a row gives an arbitrary row."""
        rows = self._rows
        if rows is not None:
            return rows.take(positions, axis=0, mode="clip")
        assert self._file is not None
        # Mapped for this call only: pages that stay mapped count as memory of this process.
        with mmap.mmap(self._file.fileno(), self._count * self.width * 4, access=mmap.ACCESS_READ) as mapped:
            whole = np.frombuffer(mapped, dtype=np.float32).reshape(-1, self.width)
            taken = whole.take(positions, axis=0, mode="clip")
            del whole
        return taken

    def _spill(self, rows: NDArray[np.float32]) -> None:
        file = tempfile.TemporaryFile(prefix="dbt_ai-vectors-")  # noqa: SIM115
        file.write(rows[: self._count].data)
        file.flush()
        self._file, self._rows = file, None


def _reserved(rows: int, width: int) -> NDArray[np.float32]:
    """Room for rows. Only rows that are written take memory. numpy's own allocation asks for huge pages, which cost 6 ms each where
    memory is in use: three times as much as everything else that is done with a vector here."""
    return np.frombuffer(mmap.mmap(-1, rows * width * 4), dtype=np.float32).reshape(rows, width)
