"""How many rows the large model answers so that a proxy may answer others: what a proxy did on few rows says what to expect of all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dbt_ai.call import Call, Effort
from dbt_ai.effort.bound import allowed_errors

# Rows on which a proxy is tried, or fitted: a share of all, within bounds.
_TRIAL_SHARE, _LEAST_TRIAL, _MOST_TRIAL = 0.06, 100, 500
# The least share of the rows that a proxy must be expected to answer: for less it is not worth its while.
WORTH_IT = 0.05
# Sizes of a sample that are compared, each larger by this factor, from the least.
_LEAST_SAMPLE, _STEP = 20, 1.15
# A threshold that a few rows find too low by a little may hold.
_HOPE = 1.25


def trial_size(rows: int) -> int:
    """Rows that the large model answers first, to try or to fit a proxy."""
    return min(max(round(rows * _TRIAL_SHARE), _LEAST_TRIAL), _MOST_TRIAL, rows)


def in_random_order(call: Call, inputs: Sequence[str]) -> list[str]:
    """By a hash of each with the call, so that every run and every policy begins with the same rows."""
    return [text for _, text in sorted(zip(call.keys(inputs), inputs, strict=True))]


def tolerated_errors(effort: Effort, rows: int) -> int:
    """Rows whose answers may differ from the model's."""
    return int((1 - effort.agreement) * rows + 1e-9)


@dataclass(frozen=True, slots=True)
class Trial:
    """What a proxy did on rows whose answers are known: its confidences, the highest first, and how many errors it made down to each."""

    confidences: NDArray[np.float64]
    errors: NDArray[np.int64]

    @classmethod
    def of(cls, confidences: NDArray[np.float64], right: Sequence[bool]) -> Trial:
        """confidences: in any order. right: whether the answer of each was."""
        order = np.argsort(-confidences, kind="stable")
        return cls(confidences[order], np.cumsum(~np.asarray(right, dtype=bool)[order]))

    def error_share(self, thresholds: NDArray[np.float64]) -> NDArray[np.float64]:
        """The share of rows that are above each threshold and wrong. Half an error more than was seen: few rows may show none."""
        above = np.searchsorted(-self.confidences, -thresholds, side="left")
        seen = np.concatenate([[0], self.errors])[above]
        return (seen + 0.5) / max(len(self.confidences), 1)


@dataclass(frozen=True, slots=True)
class Guarantee:
    """How a proxy is checked. floor: it answers no row with this confidence or less. size: rows above the floor that are checked.
    allowed: errors among them that keep the promise. answered: rows that it can then be expected to answer."""

    floor: float
    size: int
    allowed: int
    answered: float


def best_check(
    confidences: NDArray[np.float64], trial: Trial, tolerated: int, confidence: float, floor: float | None = None
) -> Guarantee | None:
    """The check after which the proxy is expected to answer most; None if there is none that could keep the promise.

    confidences: of the rows that it may answer. tolerated: errors among them that the promise leaves room for.
    floor: of a proxy that was checked before; else the lowest that can be hoped for.
    """
    rows = len(confidences)
    levels = np.unique(np.concatenate([[-1.0], confidences]))  # a threshold lies below what it lets through
    expected = trial.error_share(levels) * rows
    if floor is None:
        hoped = np.flatnonzero(expected <= max(_HOPE * tolerated, 1.0))
        if not len(hoped):
            return None
        floor = float(levels[hoped[0]])
    above = int((confidences > floor).sum())
    answered_at = rows - np.searchsorted(np.sort(confidences), levels, side="right")
    best: Guarantee | None = None
    for checked in _sizes(above):
        allowed = allowed_errors(above, checked, tolerated, confidence)
        if allowed < 0:
            continue
        reached = np.flatnonzero((levels >= floor) & (expected * checked / above <= allowed + 0.5))
        answered = float(answered_at[reached[0]]) * (1 - checked / above) if len(reached) else 0.0
        if best is None or answered > best.answered:
            best = Guarantee(floor, checked, allowed, answered)
    return best


def smallest_check(rows: int, tolerated: int, confidence: float) -> int | None:
    """The fewest rows on which a proxy that makes no error is checked; None where the promise cannot be had at all."""
    return next((size for size in _sizes(rows) if allowed_errors(rows, size, tolerated, confidence) >= 0), None)


def _sizes(rows: int) -> Iterator[int]:
    """Sizes of a sample of so many rows that are worth comparing."""
    size = float(_LEAST_SAMPLE)
    while size < rows * (1 - WORTH_IT):
        yield round(size)
        size *= _STEP
