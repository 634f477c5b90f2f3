"""Reads the vectors of a response into one matrix."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pybase64 import b64decode

from dbt_ai.counted import counted
from dbt_ai.errors import ProviderError
from dbt_ai.known_answers import ALL_ZERO, NOT_A_NUMBER
from dbt_ai.response import Responses
from dbt_ai.tokens import TokenCount


def read_vectors(vectors: Sequence[Any], inputs: Sequence[str], tokens: TokenCount) -> Responses:
    """vectors[i] answers inputs[i]: a list of numbers, or base64 of little-endian float32. A failure where one holds NaN or
    infinity, or is zero: it has no direction, and a server writes it where it computed nothing.

    Raises ProviderError if there are more or fewer than inputs, or if one of them is not a vector or has another length.

    >>> read_vectors([[0.5, 0.5], [1.0, 0.0]], ["first", "second"], TokenCount(2)).values.shape
    (2, 2)
    """
    if len(vectors) != len(inputs):
        raise ProviderError(f"the endpoint answered {counted(len(vectors), 'vector')} to {counted(len(inputs), 'input')}")
    matrix = _unpacked(vectors) if isinstance(vectors[0], str) else _listed(list(map(_one_vector, vectors)))
    finite = np.isfinite(matrix).all(axis=1)
    if isinstance(vectors[0], str) and _seem_of_another_type(matrix):
        raise ProviderError("the endpoint answered base64 of something else than float32 numbers")
    failures = {int(row): NOT_A_NUMBER for row in np.flatnonzero(~finite)}
    failures |= {int(row): ALL_ZERO for row in np.flatnonzero(~matrix.any(axis=1))}
    return Responses(matrix, failures, tokens)


def in_order(items: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The items of an answer in the order of the inputs, which `index` tells; without one, or with null, they are in order.

    Raises ProviderError unless each input is numbered once: a vector must never reach another row.
    """
    if not all(isinstance(item, Mapping) for item in items):
        raise ProviderError("the endpoint answered items that are not objects with an 'embedding'")
    places = [position if item.get("index") is None else item["index"] for position, item in enumerate(items)]
    if places == list(range(len(items))):
        return list(items)
    missing = set(range(len(items))).difference(places)
    if missing:
        # One alone has no place but the first: this endpoint numbers otherwise, whatever it is asked.
        raise ProviderError(
            f"the endpoint answered {counted(len(items), 'vector')}, but none has the index {min(missing)}: it numbers one twice, or beyond"
            " the inputs",
            for_all=len(items) == 1,
        )
    return [item for _, item in sorted(zip(places, items, strict=True), key=lambda placed: placed[0])]


# No number in a vector of a model is larger, and the largest of one is never as small: a vector of length 1 has one of 0.003 at least.
LARGEST = 1e6
SMALLEST_LARGEST = 1e-4
# Two numbers of 16 bits where one of 32 was expected. Of noise, a sixteenth is of such a size in bfloat16, and two fifths in float16.
SMALLEST_HALF, LARGEST_HALF = 1e-4, 100.0
LEAST_HALVES, MOST_ARE = 64, 0.95

_NUMBERS = {int, float, type(None)}


def _unpacked(vectors: Sequence[Any]) -> NDArray[np.float32]:
    try:
        packed = [b64decode(vector, validate=True) for vector in vectors]
    except (TypeError, ValueError):
        raise ProviderError("the endpoint answered vectors that are not all base64") from None
    sizes = list(map(len, packed))
    for size in sizes:
        if size % 4:
            raise ProviderError(f"the endpoint answered a vector of {size} bytes, which are not float32 numbers")
    _check_lengths([size // 4 for size in sizes])
    return np.frombuffer(b"".join(packed), dtype="<f4").reshape(len(vectors), -1)


def _seem_of_another_type(matrix: NDArray[np.float32]) -> bool:
    """Whether these were of another type before their bytes were read as float32: float64, float16, bfloat16 or int8.

    Then most are far larger or far smaller than what a model computes, or their lower halves are numbers too. Where they are float32 after
    all, only one more request asks for them as decimal numbers.
    """
    sizes = np.abs(matrix)
    sizes[~np.isfinite(sizes)] = 0.0
    largest = sizes.max(axis=1, initial=0.0)
    if (largest > LARGEST).any() or ((largest > 0) & (largest < SMALLEST_LARGEST)).any():
        return True
    # The upper half of a float64 reads as about 1, the lower half of one that needs few digits as 0.
    halves = matrix.shape[1] % 2 == 0 and not sizes[:, ::2].any() and bool(((sizes[:, 1::2] > 0.5) & (sizes[:, 1::2] < 2.5)).all())
    return halves or _lower_halves_are_numbers(matrix[:64])


def _lower_halves_are_numbers(matrix: NDArray[np.float32]) -> bool:
    """Whether each number seems to be two of 16 bits. The lower half of a float32 is noise, or zero where it has few digits; that of two
    numbers is one of a size that models compute: in bfloat16, or in float16."""
    lower = matrix.view(np.uint32).astype(np.uint16)  # keeps the lower 16 bits
    lower = lower[lower != 0]
    # The same few halves again and again are those of numbers with few digits.
    if lower.size < LEAST_HALVES or 2 * lower.size < matrix.size or np.unique(lower).size < LEAST_HALVES / 2:
        return False
    as_bfloat16 = np.abs((lower.astype(np.uint32) << 16).view(np.float32))
    as_float16 = np.abs(lower.view(np.float16).astype(np.float32))
    return any(bool(((sizes > SMALLEST_HALF) & (sizes < LARGEST_HALF)).mean() > MOST_ARE) for sizes in (as_bfloat16, as_float16))


def _one_vector(vector: Any) -> Any:
    """The vector in a list that holds it alone. Raises ProviderError for one vector per token, which is not a vector of the text."""
    if isinstance(vector, list) and vector and isinstance(vector[0], list):
        if len(vector) > 1:
            raise ProviderError(
                f"the endpoint answered {len(vector)} vectors for one text, one vector per token: set pooling where the model is served",
                for_all=True,
            )
        return vector[0]
    return vector


def _listed(vectors: Sequence[Any]) -> NDArray[np.float32]:
    if not all(isinstance(vector, list) for vector in vectors):
        raise ProviderError("the endpoint answered vectors that are neither all lists of numbers nor all base64")
    _check_lengths([len(vector) for vector in vectors])
    # NumPy reads "1.5" and true as numbers, and null as NaN, which is a failure of its row.
    if not set(map(type, chain.from_iterable(vectors))) <= _NUMBERS:
        raise ProviderError("the endpoint answered vectors that are not lists of numbers")
    try:
        with np.errstate(over="ignore"):  # what float32 cannot hold becomes infinity, which is a failure of its own
            return np.array(vectors, dtype=np.float32).reshape(len(vectors), len(vectors[0]))
    except (TypeError, ValueError, OverflowError):
        raise ProviderError("the endpoint answered vectors that are not lists of numbers") from None


def _check_lengths(lengths: Sequence[int]) -> None:
    different = sorted(set(lengths))
    if len(different) > 1:
        raise ProviderError(f"the endpoint answered vectors of different lengths: {different}")
    if different == [0]:
        raise ProviderError("the endpoint answered vectors without numbers")
