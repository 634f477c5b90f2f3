"""Embeds all texts of a plan: tokenised once, sorted, packed, computed on every device, handed out in pieces."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dbt_ai.known_answers import NOT_A_NUMBER
from dbt_ai.local.choice import Improve
from dbt_ai.local.device import OutOfMemory
from dbt_ai.local.packing import cut_batches
from dbt_ai.local.tokenizer import Sequences, Tokenizer
from dbt_ai.local.window_mean import WindowMean
from dbt_ai.local.workers import Part, Workers
from dbt_ai.response import Failure, Responses
from dbt_ai.tokens import TokenCount

log = logging.getLogger(__name__)

# Texts that are tokenised and sorted together, and the characters that end a slice early. Sorting more saves no padding worth having;
# holding more costs memory, and tokenising more at once delays the first answer.
SLICE = 32_768
SLICE_CHARACTERS = 8_000_000
# A piece is handed out, and so committed, after this many texts or seconds: what a crash can cost, and how long Ctrl-C may wait.
PIECE_TEXTS = 8_192
PIECE_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a token sequence's vector becomes the answer, see Options. width: numbers in a finished vector, 0 if unknown."""

    prefix: str = ""
    dimensions: int | None = None
    width: int = 0
    normalize: bool = False
    over_long: str = "truncate"
    max_length: int | None = None


class Embedder:
    """One loaded model, shared by every node of the run. Thread-safe."""

    def __init__(self, tokens: Tokenizer, workers: Workers, recipe: Recipe, improve: Improve | None = None) -> None:
        """improve: called once, with the first slice of a plan. Returns better workers, if it finds some."""
        self._tokens = tokens
        self._workers = workers
        self._recipe = recipe
        self._improve = improve
        self._improving = threading.Lock()

    def embed(self, texts: Sequence[str]) -> Iterator[tuple[Sequence[int], Responses]]:
        """Yields positions in texts with their vectors, longest texts of each slice first.

        A text that cannot be embedded is a Failure of its own; the others go on.
        """
        truncated = 0
        ahead = ThreadPoolExecutor(1, thread_name_prefix="dbt_ai-tokenize")
        try:
            # The next slice is tokenised while the devices compute this one. No more than these two are held.
            tokenized = ((part.start, ahead.submit(self._tokenize, texts, part)) for part in slices(texts))
            following = next(tokenized, None)
            while following:
                start, sequences = following[0], following[1].result()
                following = next(tokenized, None)
                self._consider(sequences, len(texts) - start)
                for positions, responses in self._embed_slice(sequences):
                    truncated += responses.truncated
                    yield (positions + start).tolist(), responses
        finally:
            ahead.shutdown(wait=False, cancel_futures=True)
            if truncated:
                log.warning(
                    "dbt_ai: %s of %s texts have more than the %s tokens that the model reads and were cut; over_long: mean reads all",
                    f"{truncated:,}", f"{len(texts):,}", self._recipe.max_length,
                )  # fmt: skip

    def _consider(self, sequences: Sequences, texts: int) -> None:
        with self._improving:
            if self._improve is not None:
                workers = self._improve(sequences, texts, self._workers)
                if workers is not self._workers:
                    self._workers, self._improve = workers, None

    def _tokenize(self, texts: Sequence[str], part: slice) -> Sequences:
        return self._tokens.encode([self._recipe.prefix + text for text in texts[part]])

    def _embed_slice(self, sequences: Sequences) -> Iterator[tuple[NDArray[np.int64], Responses]]:
        piece = _Piece(sequences, self._recipe)
        wanted = np.arange(len(sequences.owner))
        if self._recipe.over_long == "error" and sequences.over_long.any():
            limit = (
                f"the text has more than the {self._recipe.max_length} tokens that the model reads; over_long may be 'truncate' or 'mean'"
            )
            piece.fail(wanted[sequences.over_long], Failure("input is too long", limit))
            wanted = wanted[~sequences.over_long]
        for positions, future in self._in_flight(sequences, wanted):
            for rows, outcome in future.result():
                if isinstance(outcome, OutOfMemory):
                    message = f"the text alone does not fit into memory: {str(outcome)[:200]}"
                    piece.fail(positions[rows], Failure("out of memory", message))
                else:
                    piece.add(positions[rows], outcome)
            if piece.is_due():
                yield piece.take()
        if len(piece):
            yield piece.take()

    def _in_flight(self, sequences: Sequences, wanted: NDArray[np.int64]) -> Iterator[tuple[NDArray[np.int64], Future[list[Part]]]]:
        """Keeps every device busy and one batch waiting for each, so that the packing reacts to the budget at once."""
        waiting: deque[tuple[NDArray[np.int64], Future[list[Part]]]] = deque()
        try:
            budget, batching = self._workers.budget, self._workers.batching
            for batch in cut_batches(sequences.lengths[wanted], budget, budget.start, batching):
                positions = wanted[batch]
                waiting.append((positions, self._workers.submit(sequences.rows(positions))))
                if len(waiting) >= 2 * self._workers.size:
                    yield waiting.popleft()
            while waiting:
                yield waiting.popleft()
        finally:
            for _, future in waiting:
                future.cancel()


class _Piece:
    """Finished texts that have not been handed out yet."""

    def __init__(self, sequences: Sequences, recipe: Recipe) -> None:
        self._sequences = sequences
        self._recipe = recipe
        self._windows = WindowMean(sequences)
        self._clear()

    def _clear(self) -> None:
        self._texts: list[NDArray[np.int64]] = []
        self._vectors: list[NDArray[np.float32]] = []
        self._failures: dict[int, Failure] = {}
        self._since = time.monotonic()
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def is_due(self) -> bool:
        return self._count >= PIECE_TEXTS or time.monotonic() - self._since >= PIECE_SECONDS

    def add(self, positions: NDArray[np.int64], vectors: NDArray[np.float32]) -> None:
        texts, vectors = self._windows.merge(positions, vectors)
        vectors = finish(vectors, self._recipe)
        for row in np.flatnonzero(~np.isfinite(vectors).all(axis=1)):
            self._failures[self._count + int(row)] = NOT_A_NUMBER
        self._append(texts, vectors)

    def fail(self, positions: NDArray[np.int64], failure: Failure) -> None:
        texts = self._windows.give_up(positions)
        self._failures.update({self._count + row: failure for row in range(len(texts))})
        self._append(texts, np.zeros((len(texts), 0), dtype=np.float32))

    def _append(self, texts: NDArray[np.int64], vectors: NDArray[np.float32]) -> None:
        self._texts.append(texts)
        self._vectors.append(vectors)
        self._count += len(texts)

    def take(self) -> tuple[NDArray[np.int64], Responses]:
        texts = np.concatenate(self._texts)
        values = np.zeros((len(texts), max(self._recipe.width, *(vectors.shape[1] for vectors in self._vectors))), dtype=np.float32)
        start = 0
        for vectors in self._vectors:
            values[start : start + len(vectors), : vectors.shape[1]] = vectors
            start += len(vectors)
        truncated = int(self._sequences.over_long[texts].sum()) if self._recipe.over_long == "truncate" else 0
        read = TokenCount(input=int(self._sequences.tokens[texts].sum()))
        responses = Responses(values, self._failures, read, truncated)
        self._clear()
        return texts, responses


def slices(texts: Sequence[str]) -> Iterator[slice]:
    """Parts of the texts that are sorted together: at most SLICE texts, and SLICE_CHARACTERS but for a single longer text."""
    start = characters = 0
    for end, text in enumerate(texts):
        if end > start and (end - start >= SLICE or characters + len(text) > SLICE_CHARACTERS):
            yield slice(start, end)
            start, characters = end, 0
        characters += len(text)
    if start < len(texts):
        yield slice(start, len(texts))


def finish(vectors: NDArray[np.float32], recipe: Recipe) -> NDArray[np.float32]:
    """Cut vectors to the requested dimensions, and scale them to length 1 if requested."""
    if recipe.dimensions and recipe.dimensions < vectors.shape[1]:
        vectors = vectors[:, : recipe.dimensions]
    if recipe.normalize:
        length = np.linalg.norm(vectors, axis=1, keepdims=True)
        vectors = vectors / np.maximum(length, 1e-12)
    return vectors
