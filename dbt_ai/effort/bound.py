"""Which rows a proxy may answer, so that a promise holds: of all rows, a share `agreement` has the answer of the large model.

The proxy has a confidence for each row. It may answer the rows above a threshold, and a random sample of those that it might answer, which
the large model answers too, decides the threshold: the lowest with no more than `allowed` errors of the sample above it. Let `tolerated` be
the errors that the promise leaves room for. Errors only grow as the threshold falls, so there is a first threshold with more than the
tolerated errors above it, in all rows. The chosen one breaks the promise only if it is not above that one, and then the sample has no
more than the allowed errors above the first. `allowed_errors` says for how many this has a probability of 1 - confidence at most. Any
number of thresholds may be tried: it is this one event that decides, and nothing has to be corrected for. The bound is a little cautious,
for errors of the sample itself are counted too, though the large model has put them right.

The probability is exact: the sample is drawn from a finite number of rows, without putting one back. What is promised, and that a held-out
sample decides it, follows SUPG (Kang et al., Approximate Selection with Guarantees using Proxies, PVLDB 13, 2020) and BARGAIN (Zeighami et
al., Cut Costs, Not Accuracy: LLM-Powered Data Processing with Guarantees, 2025); that a risk which only grows as the threshold falls needs
no correction, Bates et al. (Distribution-Free, Risk-Controlling Prediction Sets, J. ACM 68, 2021).
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence

_NEGLIGIBLE = 1e-15


def allowed_errors(rows: int, sample: int, tolerated: int, confidence: float) -> int:
    """The most errors in a sample of the rows that show, with this confidence, that the rows have no more than are tolerated.

    -1 where no sample of this size shows it.

    >>> allowed_errors(rows=2_000, sample=200, tolerated=200, confidence=0.95)
    13
    """
    wrong = min(tolerated + 1, rows)
    return bisect_right(range(sample + 1), 1 - confidence, key=lambda errors: _at_most(errors, rows, wrong, sample)) - 1


def lowest_threshold(confidences: Sequence[float], right: Sequence[bool], allowed: int) -> float:
    """The lowest confidence above which these rows of a sample have no more than the allowed errors.

    >>> lowest_threshold([0.9, 0.8, 0.7, 0.6], [True, False, True, False], allowed=1)
    0.6
    """
    wrong = sorted((confidence for confidence, is_right in zip(confidences, right, strict=True) if not is_right), reverse=True)
    if allowed < 0:
        return math.inf
    return wrong[allowed] if allowed < len(wrong) else -math.inf


def _at_most(errors: int, rows: int, wrong: int, sample: int) -> float:
    """The probability that a sample of the rows has so many of those that are wrong, or fewer (the hypergeometric distribution)."""
    least, most = max(0, sample - (rows - wrong)), min(wrong, sample)
    if errors >= most:
        return 1.0
    if errors < least:
        return 0.0
    # From the likeliest number on in both directions, each from the one before: few of them count.
    likeliest = max(least, min(errors, (sample + 1) * (wrong + 1) // (rows + 2)))
    peak = math.exp(_log_choose(wrong, likeliest) + _log_choose(rows - wrong, sample - likeliest) - _log_choose(rows, sample))
    total = exactly = peak
    for number in range(likeliest, least, -1):
        exactly *= number * (rows - wrong - sample + number) / ((wrong - number + 1) * (sample - number + 1))
        total += exactly
        if exactly < total * _NEGLIGIBLE:
            break
    exactly = peak
    for number in range(likeliest, errors):
        exactly *= (wrong - number) * (sample - number) / ((number + 1) * (rows - wrong - sample + number + 1))
        total += exactly
        if exactly < total * _NEGLIGIBLE:
            break
    return total


def _log_choose(count: int, chosen: int) -> float:
    return math.lgamma(count + 1) - math.lgamma(chosen + 1) - math.lgamma(count - chosen + 1)
