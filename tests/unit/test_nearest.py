"""Exact search over a matrix."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dbt_ai.nearest import QUERIES_AT_ONCE, Nearest, Neighbours

ROWS_AT_ONCE = 2048


def nearest(queries: np.ndarray, rows: np.ndarray, k: int, min_similarity: float = -1.0) -> Neighbours:
    """The neighbours among rows that are seen as DuckDB shows them."""
    search = Nearest(queries, k, min_similarity)
    for start in range(0, len(rows), ROWS_AT_ONCE):
        search.see(rows[start : start + ROWS_AT_ONCE], np.arange(start, min(start + ROWS_AT_ONCE, len(rows))))
    return search.found()


@settings(deadline=None)
@given(seed=st.integers(0, 1000), queries=st.integers(1, 5), rows=st.integers(0, 40), k=st.integers(1, 12))
def test_the_neighbours_are_those_of_comparing_one_by_one(seed: int, queries: int, rows: int, k: int):
    random = np.random.default_rng(seed)
    asked, matrix = (random.integers(-1, 2, (count, 2)).astype(np.float32) for count in (queries, rows))
    found = nearest(asked, matrix, k, 0.1)
    expected = []
    for query, vector in enumerate(asked):
        lengths = np.linalg.norm(matrix, axis=1) * np.linalg.norm(vector)
        cosines = {row: float(matrix[row] @ vector / lengths[row]) for row in range(rows) if lengths[row]}
        best = sorted((-round(cosine, 5), row) for row, cosine in cosines.items() if cosine >= 0.1)[:k]
        expected += [(query, row) for _, row in best]
    assert [tuple(pair) for pair in zip(found.queries.tolist(), found.rows.tolist(), strict=True)] == expected


def test_a_later_block_has_the_nearest_and_the_first_of_equals_stays():
    rows = np.tile(np.array([[1, 1]], dtype=np.float32), (3 * ROWS_AT_ONCE + 1, 1))
    rows[-1] = [1, 0]
    found = nearest(np.array([[2, 0]], dtype=np.float32), rows, 3)
    assert found.rows.tolist() == [len(rows) - 1, 0, 1]
    assert found.similarities.tolist() == pytest.approx([1, 0.5**0.5, 0.5**0.5])


def test_a_vector_of_zeros_has_no_neighbours_and_is_none():
    rows = np.array([[0, 0], [1, 0]], dtype=np.float32)
    assert nearest(np.array([[0, 0], [3, 0]], dtype=np.float32), rows, 2).rows.tolist() == [1]


def test_rows_are_found_in_whatever_order_they_are_seen_and_for_many_queries():
    random = np.random.default_rng(0)
    queries, rows = (random.standard_normal((count, 4), dtype=np.float32) for count in (QUERIES_AT_ONCE + 3, 5000))
    search = Nearest(queries, 3)
    for numbers in np.array_split(random.permutation(len(rows)), 7):
        search.see(rows[numbers], numbers)
    found, expected = search.found(), nearest(queries, rows, 3)
    assert search.rows_seen == len(rows)
    assert found.queries.tolist() == expected.queries.tolist() == [query for query in range(len(queries)) for _ in range(3)]
    assert found.rows.tolist() == expected.rows.tolist()


def test_opposite_vectors_are_neighbours_however_their_cosine_is_rounded():
    queries = np.random.default_rng(1).standard_normal((50, 16), dtype=np.float32)
    for query in queries:
        found = nearest(query[None], query[None] * np.float32(-3.3), 1)
        assert found.rows.tolist() == [0] and found.similarities[0] >= -1
        assert nearest(query[None], query[None] * np.float32(3.3), 1).similarities[0] <= 1


@pytest.mark.parametrize("scale", [1e-40, 1e-25, 1e20, 1e37])
def test_a_vector_has_its_direction_however_long_it_is(scale: float):
    rows = np.array([[3, 4], [1, 0], [0, 0], [np.inf, 1], [np.nan, 1]], dtype=np.float32)
    found = nearest(np.array([[1, 0]], dtype=np.float32) * np.float32(scale), rows * np.float32(scale), 5)
    assert found.rows.tolist() == [1, 0]
    np.testing.assert_allclose(found.similarities, [1, 0.6], atol=1e-4)
