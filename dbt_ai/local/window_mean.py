"""Long texts that are read window by window: their vectors are averaged, weighted by tokens."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dbt_ai.local.tokenizer import Sequences


class WindowMean:
    """Turns vectors of sequences into vectors of texts. A text of several windows is complete with its last window.

    >>> ends, lengths = np.array([0, 2, 3]), np.array([3])
    >>> long = Sequences(np.array([7, 8, 9]), ends, owner=np.array([0, 0]), tokens=lengths, over_long=np.array([True]))
    >>> texts, vectors = WindowMean(long).merge(np.array([0, 1]), np.array([[3, 0], [0, 3]], dtype=np.float32))
    >>> vectors.tolist()
    [[2.0, 1.0]]
    """

    def __init__(self, sequences: Sequences) -> None:
        self._owner = sequences.owner
        self._lengths = sequences.lengths
        self._missing = np.bincount(sequences.owner, minlength=len(sequences.tokens))
        self._split = self._missing > 1
        self._sums: dict[int, NDArray[np.float64]] = {}
        self._weights: dict[int, int] = {}

    def merge(self, positions: NDArray[np.int64], vectors: NDArray[np.float32]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """positions: of sequences. Returns the texts that are complete now and their vectors."""
        texts = self._owner[positions]
        split = self._split[texts]
        if not split.any():
            return texts, vectors
        done = list(texts[~split])
        rows = list(vectors[~split])
        for position, text, vector in zip(positions[split], texts[split], vectors[split], strict=True):
            weight = int(self._lengths[position])
            self._sums[text] = self._sums.get(text, 0.0) + vector.astype(np.float64) * weight
            self._weights[text] = self._weights.get(text, 0) + weight
            self._missing[text] -= 1
            if self._missing[text] == 0:
                done.append(text)
                rows.append((self._sums.pop(text) / self._weights.pop(text)).astype(np.float32))
        return np.asarray(done, dtype=np.int64), np.asarray(rows, dtype=np.float32).reshape(len(rows), vectors.shape[1])

    def give_up(self, positions: NDArray[np.int64]) -> NDArray[np.int64]:
        """The texts of sequences that have no vector; other windows of these texts are ignored from now on."""
        texts = np.unique(self._owner[positions])
        fresh = texts[self._missing[texts] >= 0]
        self._missing[fresh] = -1
        for text in fresh:
            self._sums.pop(int(text), None)
        return fresh
