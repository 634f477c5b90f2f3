import numpy as np
import pytest

from dbt_ai.matrix import Matrix


@pytest.mark.parametrize("spill_bytes", [0, 4000, 10**9])
def test_rows_are_the_same_in_memory_and_in_a_file(spill_bytes):
    matrix = Matrix(3, spill_bytes)
    rows = np.arange(9000, dtype=np.float32).reshape(-1, 3)
    for start in range(0, 3000, 170):
        matrix.append(rows[start : start + 170])
        assert (matrix.take(np.array([start, 0])) == rows[[start, 0]]).all()
    assert len(matrix) == 3000
    positions = np.array([2999, 5, 5, 1024])
    assert (matrix.take(positions) == rows[positions]).all()
    assert matrix.take(np.array([-1])).shape == (1, 3)
