"""Exact search: the rows that point most nearly the same way as each of some queries. Rows are seen once, in any order."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# Queries compared with a chunk of rows at once: their products with 2,048 rows are 8 MB.
QUERIES_AT_ONCE = 1024
# Candidates are cut back to the best k of each query before there are this many for each neighbour that is wanted.
CANDIDATES_FOR_EACH = 20
# The square of a length between these is a float32 that has lost nothing.
SHORTEST, LONGEST = 1e-15, 1e15


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The nearest rows, by query and then by similarity, the nearest first. All arrays have one length.

    queries, rows: their numbers. similarities: cosines.

    >>> Neighbours(np.array([0]), np.array([7]), np.array([0.5], dtype=np.float32)).rows.tolist()
    [7]
    """

    queries: NDArray[np.int64]
    rows: NDArray[np.int64]
    similarities: NDArray[np.float32]


class Nearest:
    """The k rows with the largest cosine for each query, the one with the smallest number of equals, and none below min_similarity.

    A vector of zeros has no direction: it is nobody's neighbour and has none. Several threads may show rows at once.

    >>> search = Nearest(np.array([[2, 0]], dtype=np.float32), k=1)
    >>> search.see(np.array([[0, 1], [3, 1]], dtype=np.float32), np.array([7, 8]))
    >>> search.found().rows.tolist()
    [8]
    """

    def __init__(self, queries: NDArray[np.float32], k: int, min_similarity: float = -1.0) -> None:
        """queries: float32[any, width]."""
        self.width = queries.shape[1]
        self.rows_seen = 0
        self._lock = threading.Lock()
        directions = _directions(queries)
        starts = range(0, len(queries), QUERIES_AT_ONCE)
        self._blocks = [_Block(directions[start : start + QUERIES_AT_ONCE], start, k, min_similarity) for start in starts]

    def see(self, rows: NDArray[np.float32], numbers: NDArray[np.int64]) -> None:
        """Compare rows with every query. rows: float32[any, width]. numbers: of each row its own."""
        directions = _directions(rows)
        for block in self._blocks:
            cosines = directions @ block.directions
            with self._lock:
                block.take(cosines, numbers)
        with self._lock:
            self.rows_seen += len(rows)

    def found(self) -> Neighbours:
        """The neighbours among all rows that were seen. Queries are numbered from 0."""
        return _joined([block.best() for block in self._blocks])


class _Block:
    """Some of the queries, and the best candidates so far of each."""

    def __init__(self, directions: NDArray[np.float32], start: int, k: int, min_similarity: float) -> None:
        self.directions = np.ascontiguousarray(directions.T)
        self._start = start
        self._k = k
        # The cosine of opposite vectors may be rounded to a little less than -1.
        self._least = np.full(len(directions), min_similarity if min_similarity > -1 else -np.inf, dtype=np.float32)
        self._best = _none()
        self._pending: list[Neighbours] = []
        self._candidates = 0
        self._chunks = 0

    def take(self, cosines: NDArray[np.float32], numbers: NDArray[np.int64]) -> None:
        """cosines: float32[rows, queries], not a number where there is none."""
        rows, queries = cosines.shape
        if self._chunks == 0 and rows > self._k:
            kth = np.partition(np.nan_to_num(cosines, nan=-2.0), rows - self._k, axis=0)[rows - self._k]
            self._least = np.maximum(self._least, kth)
        found = np.flatnonzero(cosines >= self._least)
        self._pending.append(Neighbours(found % queries, numbers[found // queries], cosines.ravel()[found]))
        self._candidates += len(found)
        self._chunks += 1
        # Each cut raises what a candidate must reach. The first rows raise it most.
        if self._chunks.bit_count() == 1 or self._candidates > CANDIDATES_FOR_EACH * self._k * queries:
            self._cut()

    def best(self) -> Neighbours:
        self._cut()
        return Neighbours(self._best.queries + self._start, self._best.rows, np.clip(self._best.similarities, -1, 1))

    def _cut(self) -> None:
        found = _joined([self._best, *self._pending])
        order = np.lexsort((found.rows, -found.similarities, found.queries))
        ranks = _ranks(found.queries[order])
        kept = order[ranks < self._k]
        self._best = Neighbours(found.queries[kept], found.rows[kept], found.similarities[kept])
        self._pending, self._candidates = [], 0
        last = order[ranks == self._k - 1]
        self._least[found.queries[last]] = found.similarities[last]


def _directions(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """The vectors with length 1. What has no direction is not a number, which is above no threshold."""
    lengths: NDArray[np.float32] = np.sqrt(np.einsum("ij,ij->i", vectors, vectors)).astype(np.float32, copy=False)
    unusual = np.flatnonzero(~((lengths > SHORTEST) & (lengths < LONGEST)))
    lengths[unusual] = 1
    directions: NDArray[np.float32] = np.divide(vectors, lengths[:, None], dtype=np.float32)
    if len(unusual):
        exact = vectors[unusual].astype(np.float64)
        exact_lengths = np.sqrt(np.einsum("ij,ij->i", exact, exact))
        exact_lengths[~np.isfinite(exact_lengths) | (exact_lengths == 0)] = np.nan
        directions[unusual] = exact / exact_lengths[:, None]
    return directions


def _ranks(queries: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many neighbours of its own query stand before each, where the neighbours of a query stand together."""
    return np.arange(len(queries)) - np.searchsorted(queries, queries)


def _joined(parts: Iterable[Neighbours]) -> Neighbours:
    parts = list(parts) or [_none()]
    return Neighbours(
        np.concatenate([part.queries for part in parts]),
        np.concatenate([part.rows for part in parts]),
        np.concatenate([part.similarities for part in parts]),
    )


def _none() -> Neighbours:
    return Neighbours(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.float32))
