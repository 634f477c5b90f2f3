"""Answers as Arrow columns, and failures as the error of a statement. All engines that run our functions use this."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dbt_ai.counted import counted
from dbt_ai.errors import ProviderError
from dbt_ai.known_answers import SAMPLED_OUT, KnownAnswers


def texts_column(answers: KnownAnswers, slots: Iterable[int]) -> pa.Array:
    """The text in each slot, NULL for a negative one."""
    return pa.array([answers.texts[slot] if slot >= 0 else None for slot in slots], pa.string())


def vectors_column(matrix: NDArray[np.float32], absent: NDArray[np.bool_], length: int | None = None) -> pa.Array:
    """The rows of float32[rows, dimensions] as vectors, NULL where absent.

    length: of the fixed-size arrays that are wanted, all NULL if the vectors have another; None for lists.
    """
    width = matrix.shape[1]
    mask = pa.array(absent) if absent.any() else None
    if length is None:
        offsets = pa.array(np.arange(len(absent) + 1, dtype=np.int32) * width)
        return pa.ListArray.from_arrays(offsets, pa.array(matrix.ravel()), mask=mask)
    if width != length:
        return pa.nulls(len(absent), pa.list_(pa.float32(), length))
    return pa.FixedSizeListArray.from_arrays(pa.array(matrix.ravel()), length, mask=mask)


def answers_column(answers: KnownAnswers, texts: Sequence[str | None]) -> pa.Array:
    """The answer to each text: a text or a list of floats, NULL where there is none."""
    slots = answers.find(texts)
    if answers.call.embeds:
        return vectors_column(answers.vectors(slots), slots < 0)
    return texts_column(answers, slots)


def with_errors(values: pa.Array, answers: KnownAnswers, texts: Sequence[str | None]) -> pa.Array:
    """STRUCT(response, errorStatus) of each row; NULL for a NULL text, which asks nothing."""
    failures = answers.failures
    messages: list[Any] = [failures[text].message if text in failures else None for text in texts] if failures else [None] * len(values)
    asked_nothing = pa.array([text is None for text in texts])
    return pa.StructArray.from_arrays([values, pa.array(messages, pa.string())], names=["response", "errorStatus"], mask=asked_nothing)


def raise_failures(answers: KnownAnswers, texts: Iterable[str | None], node: str = "") -> None:
    """Raises ProviderError if one of these texts, of a call with fail_on_error, has failed."""
    asked = dict.fromkeys(text for text in texts if text is not None)
    failures = [answers.failures[text] for text in asked if text in answers.failures]
    failures = [failure for failure in failures if failure is not SAMPLED_OUT]
    if failures:
        call = answers.call
        who = f"{node}{': ' if node else ''}{call.function} by external model {call.model.name!r}"
        raise ProviderError(
            f"{who} failed for {counted(len(failures), 'request')} ({failures[0].message}); fail_on_error=false makes errors data"
        )
