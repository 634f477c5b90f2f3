"""Vectors as endpoints send them, and everything that is none."""

import base64
import json
import struct

import numpy as np
import pytest

from dbt_ai.errors import ProviderError
from dbt_ai.providers._vectors import read_vectors
from dbt_ai.providers.openai import read_embeddings
from dbt_ai.tokens import TokenCount


def packed(numbers):
    return base64.b64encode(struct.pack(f"<{len(numbers)}f", *numbers)).decode()


def read(vectors, count=None):
    return read_vectors(vectors, ["text"] * (len(vectors) if count is None else count), TokenCount())


@pytest.mark.parametrize("width", [1, 2, 3, 4, 5, 384, 1024])  # base64 is padded by none, one or two signs
@pytest.mark.parametrize("spell", [packed, list])
def test_every_vector_is_read_into_its_row(width, spell):
    rows = np.random.default_rng(width).standard_normal((7, width)).astype(np.float32)
    answer = read([spell(row.tolist()) for row in rows])
    assert answer.values.dtype == np.float32 and (answer.values == rows).all() and not answer.failures


@pytest.mark.parametrize("spell", [packed, list])
@pytest.mark.parametrize("bad", [float("nan"), float("inf"), float("-inf")])
def test_a_vector_with_nan_or_infinity_is_a_failure_of_its_row_alone(spell, bad):
    answer = read([spell([1.0, 2.0]), spell([bad, 2.0]), spell([3.0, 4.0])])
    assert {row: failure.message for row, failure in answer.failures.items()} == {1: "the model's vector holds NaN or infinity"}
    assert answer.values[[0, 2]].tolist() == [[1.0, 2.0], [3.0, 4.0]]


def test_a_number_beyond_float32_and_a_null_are_failures_too():
    assert set(read([[1e300, 0.0], [1.0, 0.0], [None, 0.0]]).failures) == {0, 2}


@pytest.mark.parametrize("spell", [packed, list])
def test_a_vector_of_zeros_is_a_failure_of_its_row_alone(spell):
    answer = read([spell([1.0, 0.0]), spell([0.0, -0.0])])
    assert {row: failure.message for row, failure in answer.failures.items()} == {1: "the model's vector holds nothing but zeros"}


OTHER_TYPES = {
    "float64": lambda row: struct.pack(f"<{len(row)}d", *row),
    "float64 of float32": lambda row: struct.pack(f"<{len(row)}d", *np.float32(row).tolist()),
    "float64 of few digits": lambda row: struct.pack(f"<{len(row)}d", *np.sign(row) / 2),
    "float16": lambda row: struct.pack(f"<{len(row)}e", *row),
    "bfloat16": lambda row: (np.array(row, "<f4").view("<u4") >> 16).astype("<u2").tobytes(),
    "float16 that is not normal": lambda row: struct.pack(f"<{len(row)}e", *(20 * number for number in row)),
    "float32 of big-endian": lambda row: struct.pack(f">{len(row)}f", *row),
    "int8": lambda row: struct.pack(f"<{len(row)}b", *(int(127 * number) for number in row)),
}


@pytest.mark.parametrize("type", OTHER_TYPES)
@pytest.mark.parametrize("width", [8, 384])
def test_base64_of_another_type_is_never_read_as_float32(type, width):
    count = 4 if width > 8 else 64  # a few numbers may look like anything
    rows = np.random.default_rng(width).standard_normal((count, width))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    with pytest.raises(ProviderError, match="base64 of something else than float32"):
        read([base64.b64encode(OTHER_TYPES[type](row.tolist())).decode() for row in rows])


@pytest.mark.parametrize(
    ("vectors", "said"),
    [
        (["AAAA!AAA", packed([1.0])], "not all base64"),
        (["AAAAAAA", packed([1.0])], "not all base64"),
        (["AAAA\nAAA=", packed([1.0])], "not all base64"),
        (["AA==AAAA", packed([1.0])], "not all base64"),
        (["é" * 8, packed([1.0])], "not all base64"),
        ([packed([1.0]), [1.0]], "not all base64"),
        ([packed([1.0]), None], "not all base64"),
        ([[1.0], packed([1.0])], "neither all lists of numbers nor all base64"),
        ([1.0, 2.0], "neither all lists of numbers nor all base64"),
        ([None, [1.0]], "neither all lists of numbers nor all base64"),
        (["AAAA", "AAAA"], "a vector of 3 bytes, which are not float32 numbers"),
        ([packed([1.0]), "AAAA"], "a vector of 3 bytes, which are not float32 numbers"),
        ([packed([1.0, 2.0]), packed([1.0])], "different lengths: [1, 2]"),
        ([[1.0, 2.0], [1.0]], "different lengths: [1, 2]"),
        (["", ""], "vectors without numbers"),
        ([[], []], "vectors without numbers"),
        ([["a"], ["b"]], "not lists of numbers"),
        ([[{}], [{}]], "not lists of numbers"),
        ([[[1.0]], [[1.0, 2.0]]], "different lengths: [1, 2]"),
        ([[[[1.0, 2.0]]], [[[1.0, 2.0]]]], "not lists of numbers"),
        ([[[1.0], [2.0]], [[1.0], [2.0]]], "2 vectors for one text, one vector per token: set pooling"),
        ([[[1.0], [2.0]], [1.0, 2.0]], "one vector per token: set pooling"),
        ([[10**400], [1]], "not lists of numbers"),
        ([[True, False], [True, True]], "not lists of numbers"),
        ([[0.5, True], [0.5, 0.5]], "not lists of numbers"),
        ([["1.0", "2.0"], ["1.0", "2.0"]], "not lists of numbers"),
        ([[1.0, "2.0"], [1.0, 2.0]], "not lists of numbers"),
    ],
)
def test_what_is_no_vector_like_the_others_is_an_error_that_says_so(vectors, said):
    with pytest.raises(ProviderError) as error:
        read(vectors)
    assert said in str(error.value)


def test_a_vector_that_stands_alone_in_a_list_is_read():
    assert read([[[1.0, 2.0]], [[3.0, 4.0]]]).values.tolist() == [[1.0, 2.0], [3.0, 4.0]]


@pytest.mark.parametrize("count", [1, 3])
def test_more_or_fewer_vectors_than_inputs_are_an_error(count):
    with pytest.raises(ProviderError, match=f"answered 2 vectors to {count} input"):
        read([[1.0], [2.0]], count)


def test_an_index_of_null_is_none():
    data = [{"index": None, "embedding": [float(place)]} for place in range(3)]
    assert read_embeddings({"data": data}, ["text"] * 3, TokenCount()).values[:, 0].tolist() == [0.0, 1.0, 2.0]


@pytest.mark.parametrize("data", [[None, None], [1.0, 2.0], [{"index": 0}, {"index": 1}], [{"embedding": None}] * 2])
def test_what_holds_no_vector_is_an_error_and_no_traceback(data):
    with pytest.raises(ProviderError):
        read_embeddings({"data": data}, ["text"] * 2, TokenCount())


def embeddings(indexes):
    data = [{"embedding": packed([float(place)]), **({} if index is None else {"index": index})} for place, index in enumerate(indexes)]
    return read_embeddings(json.loads(json.dumps({"data": data})), ["text"] * len(data), TokenCount())


@pytest.mark.parametrize(
    ("indexes", "rows"), [([0, 1, 2], [0, 1, 2]), ([None] * 3, [0, 1, 2]), ([2, 0, 1], [1, 2, 0]), ([2, None, 0], [2, 1, 0])]
)
def test_vectors_are_put_where_their_index_says(indexes, rows):
    assert embeddings(indexes).values[:, 0].tolist() == rows


@pytest.mark.parametrize(
    ("indexes", "missing"), [([0, 0, 1], 2), ([0, 1, 3], 2), ([1, 2, 3], 0), ([0, 1, -1], 2), ([0, "1", 2], 1), ([0, 0.5, 2], 1)]
)
def test_an_index_twice_or_beyond_the_inputs_is_an_error(indexes, missing):
    with pytest.raises(ProviderError, match=f"none has the index {missing}"):
        embeddings(indexes)
