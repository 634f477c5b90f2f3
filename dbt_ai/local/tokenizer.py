"""Texts to token ids, once, with the model's own tokenizer and its windows over long texts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Only the beginning of a long text is tokenised, with so many tokens to spare: the last tokens of the beginning may differ from
# those of the whole text. Most languages have fewer characters in a token than this.
_SPARE_TOKENS = 64
_CHARACTERS = 8
# Texts that are tokenised at once, for all cores to share. An encoding takes some twenty times the memory of its ids.
_AT_ONCE = 1024


@dataclass(frozen=True, slots=True)
class Sequences:
    """Token sequences of a slice of texts, stored end to end.

    ids: int32[all tokens]; starts: int64[sequences + 1]; owner: int64[sequences], the text each one belongs to.
    tokens: int64[texts], the tokens that are read of each text; over_long: bool[texts], whether it has more than the model reads at once.
    A text has more than one sequence only when its windows are averaged.

    >>> ids, starts = np.array([101, 7, 102, 101, 102]), np.array([0, 3, 5])
    >>> sequences = Sequences(ids, starts, owner=np.array([0, 1]), tokens=np.array([3, 2]), over_long=np.array([False, False]))
    >>> sequences.lengths.tolist()
    [3, 2]
    """

    ids: NDArray[np.int32]
    starts: NDArray[np.int64]
    owner: NDArray[np.int64]
    tokens: NDArray[np.int64]
    over_long: NDArray[np.bool_]

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Tokens of each sequence."""
        return np.diff(self.starts)

    def rows(self, positions: NDArray[np.int64]) -> list[NDArray[np.int32]]:
        """The token ids of these sequences."""
        return [self.ids[self.starts[position] : self.starts[position + 1]] for position in positions]


class Tokenizer:
    """A tokenizer set up for one embedder. Thread-safe: the Rust tokenizer is only read."""

    def __init__(self, tokenizer: Any, max_length: int | None, windows: bool = False, special: bool = True) -> None:
        """tokenizer: a tokenizers.Tokenizer, which is copied. windows: keep what exceeds max_length as further sequences."""
        self._tokenizer = type(tokenizer).from_str(tokenizer.to_str())
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        if max_length:
            self._tokenizer.enable_truncation(max_length)
        self._max_length = max_length
        self._windows = windows
        self._special = special
        self._beginning = (max_length + _SPARE_TOKENS) * _CHARACTERS if max_length and not windows else None

    def encode(self, texts: Sequence[str]) -> Sequences:
        """Tokenise these texts as far as the model reads them."""
        ids: list[NDArray[np.int32]] = []
        owner: list[int] = []
        over_long = np.zeros(len(texts), dtype=np.bool_)
        for text, encoding in enumerate(self._encodings(texts)):
            windows = [encoding]
            # `overflowing` copies its windows, so it is read only where there can be some.
            if len(encoding) == self._max_length and (more := encoding.overflowing):
                over_long[text] = True
                windows += more if self._windows else []
            ids.extend(np.asarray(window.ids, dtype=np.int32) for window in windows)
            owner.extend([text] * len(windows))
        starts = np.zeros(len(ids) + 1, dtype=np.int64)
        np.cumsum([len(row) for row in ids], out=starts[1:])
        owners = np.asarray(owner, dtype=np.int64)
        tokens = np.bincount(owners, weights=np.diff(starts), minlength=len(texts)).astype(np.int64)
        whole = np.concatenate(ids) if ids else np.empty(0, dtype=np.int32)
        return Sequences(whole, starts, owners, tokens, over_long)

    def _encodings(self, texts: Sequence[str]) -> Iterator[Any]:
        for start in range(0, len(texts), _AT_ONCE):
            part = texts[start : start + _AT_ONCE]
            yield from self._encode_whole(part) if self._beginning is None else self._encode_beginnings(part, self._beginning)

    def _encode_beginnings(self, texts: Sequence[str], characters: int) -> list[Any]:
        """The same as _encode_whole, without reading the texts to their ends."""
        encodings = self._encode_whole([text[:characters] for text in texts])
        again = [index for index, text in enumerate(texts) if len(text) > characters and not _has_spare(encodings[index])]
        for index, encoding in zip(again, self._encode_whole([texts[index] for index in again]), strict=True):
            encodings[index] = encoding
        return encodings

    def _encode_whole(self, texts: Sequence[str]) -> list[Any]:
        # The fast method leaves out character offsets, which are not needed here.
        return list(self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=self._special))


def _has_spare(encoding: Any) -> bool:
    return sum(len(window) for window in encoding.overflowing) >= _SPARE_TOKENS


def prompt_length(tokenizer: Any, prompt: str) -> int:
    """The number of tokens that a prompt takes, with the special ones at its start and without those at its end."""
    if not prompt:
        return 0
    special = tokenizer.encode(prompt).special_tokens_mask
    while special and special[-1]:
        special.pop()
    return len(special)
