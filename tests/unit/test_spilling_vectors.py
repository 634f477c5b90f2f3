import numpy as np
import pytest

from dbt_ai.spilling_vectors import SpillingVectors


@pytest.mark.parametrize("spill_bytes", [0, 4000, 10**9])
def test_rows_are_the_same_in_memory_and_in_a_file(spill_bytes):
    vectors = SpillingVectors(3, spill_bytes)
    rows = np.arange(9000, dtype=np.float32).reshape(-1, 3)
    for start in range(0, 3000, 170):
        vectors.append(rows[start : start + 170])
        assert (vectors.take(np.array([start, 0])) == rows[[start, 0]]).all()
    assert len(vectors) == 3000
    positions = np.array([2999, 5, 5, 1024])
    assert (vectors.take(positions) == rows[positions]).all()
    assert vectors.take(np.array([-1])).shape == (1, 3)
