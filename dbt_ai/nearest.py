"""Exact search: the rows of a matrix that point most nearly the same way as each of some queries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# Rows compared with all queries at once. Their products with 1,024 queries are 16 MB.
ROWS_AT_ONCE = 4096
# Candidates are cut back to the best k of each query before there are this many for each neighbour that is wanted.
CANDIDATES_FOR_EACH = 20


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The nearest rows, by query and then by similarity, the nearest first. All arrays have one length.

    queries, rows: positions. similarities: cosines.

    >>> rows = np.array([[1, 0], [0, 1], [1, 1]], dtype=np.float32)
    >>> nearest(rows[:1], rows, k=2).rows.tolist()
    [0, 2]
    """

    queries: NDArray[np.int64]
    rows: NDArray[np.int64]
    similarities: NDArray[np.float32]


def nearest(queries: NDArray[np.float32], rows: NDArray[np.float32], k: int, min_similarity: float = -1.0) -> Neighbours:
    """The k rows with the largest cosine for each query, the first of equals, and none below min_similarity.

    queries, rows: float32[any, width]. A vector of zeros has no direction: it is nobody's neighbour and has none.
    """
    directions, lengths = _directions(queries)
    directions[lengths == 0] = np.nan  # which is above no threshold
    least = np.full(len(queries), min_similarity, dtype=np.float32)
    best, pending, candidates = _none(), [], 0
    for start in range(0, len(rows), ROWS_AT_ONCE):
        block, lengths = _directions(rows[start : start + ROWS_AT_ONCE])
        block[lengths == 0] = np.nan
        cosines = block @ directions.T
        if start == 0 and len(block) > k:
            kth = np.partition(np.nan_to_num(cosines, nan=-2.0), len(block) - k, axis=0)[len(block) - k]
            least = np.maximum(least, kth)
        found = np.flatnonzero(cosines >= least)
        pending.append(Neighbours(found % len(queries), found // len(queries) + start, cosines.ravel()[found]))
        candidates += len(found)
        if candidates > CANDIDATES_FOR_EACH * k * len(queries) or len(pending) in (2, 8):
            best = _best(_joined([best, *pending]), k)
            pending, candidates = [], 0
            kth_of = np.flatnonzero(_ranks(best.queries) == k - 1)
            least[best.queries[kth_of]] = best.similarities[kth_of]
    return _best(_joined([best, *pending]), k)


def _directions(vectors: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    lengths: NDArray[np.float32] = np.sqrt(np.einsum("ij,ij->i", vectors, vectors)).astype(np.float32, copy=False)
    directions: NDArray[np.float32] = np.divide(vectors, np.where(lengths == 0, np.float32(1), lengths)[:, None], dtype=np.float32)
    return directions, lengths


def _best(found: Neighbours, k: int) -> Neighbours:
    order = np.lexsort((found.rows, -found.similarities, found.queries))
    kept = order[_ranks(found.queries[order]) < k]
    return Neighbours(found.queries[kept], found.rows[kept], found.similarities[kept])


def _ranks(queries: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many neighbours of its own query stand before each, where the neighbours of a query stand together."""
    return np.arange(len(queries)) - np.searchsorted(queries, queries)


def _joined(parts: Iterable[Neighbours]) -> Neighbours:
    parts = list(parts)
    return Neighbours(
        np.concatenate([part.queries for part in parts]),
        np.concatenate([part.rows for part in parts]),
        np.concatenate([part.similarities for part in parts]),
    )


def _none() -> Neighbours:
    return Neighbours(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.float32))
