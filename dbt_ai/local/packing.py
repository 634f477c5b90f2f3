"""Cuts texts of known token length into batches with almost no padding."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from dbt_ai.local.device import Batching

# A row is nearly as long as the longest of its batch if it has this share of its tokens.
_ALIKE = 0.8


def cut_batches(
    lengths: NDArray[np.int64], budget: Callable[[], int], enough: int, batching: Batching = Batching.PADDED
) -> Iterator[NDArray[np.int64]]:
    """Positions of the sequences of each batch, longest batch first.

    lengths: tokens of each sequence, at least 1.
    budget: padded tokens (rows × longest row) that a batch may have now; asked anew for each batch, because running
    out of memory lowers it. A sequence longer than the budget travels alone.
    enough: padded tokens that keep the device busy; a batch that has them ends where the rows get much shorter.
    """
    order = np.argsort(-lengths, kind="stable")
    start = 0
    while start < len(order):
        longest = int(lengths[order[start]])
        rows = 1 if batching is Batching.ALONE else max(1, budget() // max(longest, 1))
        batch = order[start : start + rows]
        batch = batch[: max(_alike(lengths[batch]), enough // max(longest, 1))]
        if batching is Batching.EQUAL:
            batch = batch[lengths[batch] == longest]
        yield batch
        start += len(batch)


def _alike(lengths: NDArray[np.int64]) -> int:
    """How many of the descending lengths are nearly as long as the first."""
    return int(np.searchsorted(-lengths, -_ALIKE * lengths[0], side="right"))
