"""The promise holds as often as it says: selections with a known truth, tried many times."""

from __future__ import annotations

import math
import random

import pytest

from dbt_ai.effort.bound import allowed_errors, lowest_threshold


@pytest.mark.parametrize("tolerated", [5, 40, 100])
@pytest.mark.parametrize("size", [30, 100, 300])
@pytest.mark.parametrize("wrong", ["even", "unsure", "just too many"])
def test_more_errors_than_are_tolerated_are_let_through_no_oftener_than_promised(tolerated: int, size: int, wrong: str):
    """even: errors are as frequent at every confidence. unsure: only below the middle. just too many: the first threshold that breaks the
    promise is the lowest one."""
    rows, confidence, broken, tries = 1_000, 0.9, 0, 2_000
    chosen = random.Random(f"{tolerated} {size} {wrong}")
    allowed = allowed_errors(rows, size, tolerated, confidence)
    for _ in range(tries):
        if wrong == "even":
            errors = [chosen.random() < 3 * tolerated / rows for _ in range(rows)]
        elif wrong == "unsure":
            errors = [row > rows / 2 and chosen.random() < 0.5 for row in range(rows)]
        else:
            errors = [row <= tolerated for row in range(rows)]
            chosen.shuffle(errors)
        sample = set(chosen.sample(range(rows), size))
        confidences = [1 - row / rows for row in range(rows)]
        threshold = lowest_threshold([confidences[row] for row in sample], [not errors[row] for row in sample], allowed)
        let_through = sum(errors[row] for row in range(rows) if confidences[row] > threshold and row not in sample)
        broken += let_through > tolerated
    assert broken / tries <= 1 - confidence + 3 * math.sqrt(confidence * (1 - confidence) / tries)


def test_a_sample_that_can_show_nothing_lets_nothing_through():
    assert allowed_errors(rows=100, sample=10, tolerated=5, confidence=0.95) == -1
    assert lowest_threshold([0.9], [True], allowed=-1) == math.inf
    # Half of the rows, none of them wrong, say it of the other half.
    assert allowed_errors(rows=100, sample=50, tolerated=5, confidence=0.95) == 0


def test_rows_as_sure_as_the_first_error_too_many_are_not_let_through():
    assert lowest_threshold([0.9, 0.8, 0.8, 0.8], [True, True, False, False], allowed=1) == 0.8
    assert lowest_threshold([0.9, 0.8], [True, False], allowed=1) == -math.inf
