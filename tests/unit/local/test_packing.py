import numpy as np

from dbt_ai.local.packing import cut_batches


def batches(lengths, budget, enough):
    lengths = np.array(lengths)
    return [lengths[batch].tolist() for batch in cut_batches(lengths, lambda: budget, enough)]


def test_a_batch_that_keeps_the_device_busy_ends_where_texts_get_much_shorter():
    assert batches([20, 10, 10, 10, 9, 2, 2], budget=1000, enough=20) == [[20], [10, 10, 10, 9], [2, 2]]


def test_a_batch_that_would_leave_the_device_idle_takes_shorter_texts_too():
    assert batches([20, 10, 10, 9, 2, 2], budget=1000, enough=60) == [[20, 10, 10], [9, 2, 2]]


def test_no_batch_exceeds_what_fits_now():
    assert batches([10, 10, 10, 10], budget=20, enough=40) == [[10, 10], [10, 10]]
