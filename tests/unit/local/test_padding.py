import numpy as np
import pytest

from dbt_ai.local.padding import pad

ROWS = [np.array([5, 6, 7], dtype=np.int32), np.array([8], dtype=np.int32), np.array([], dtype=np.int32)]


@pytest.mark.parametrize(
    ("left", "ids", "mask"),
    [
        (False, [[5, 6, 7], [8, 0, 0], [0, 0, 0]], [[1, 1, 1], [1, 0, 0], [0, 0, 0]]),
        (True, [[5, 6, 7], [0, 0, 8], [0, 0, 0]], [[1, 1, 1], [0, 0, 1], [0, 0, 0]]),
    ],
)
def test_rows_are_filled_up_on_the_side_that_the_model_wants(left, ids, mask):
    padded, read = pad(ROWS, 0, left)
    assert padded.tolist() == ids
    assert read.tolist() == mask
    assert padded.dtype == read.dtype == np.int64
