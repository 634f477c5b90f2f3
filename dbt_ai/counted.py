"""Numbers with what they count, as people write them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from itertools import islice


def counted(count: int, noun: str) -> str:
    """The number and the noun, which has an s behind any number but 1.

    >>> counted(1, "request"), counted(1_200, "request")
    ('1 request', '1,200 requests')
    """
    return with_noun(f"{count:,}", noun)


def with_noun(shown: str, noun: str) -> str:
    """As `counted`, of a number as it is shown, such as `~1,200`."""
    return f"{shown} {noun}{'' if shown == '1' else 's'}"


def some_of(names: Collection[str], most: int) -> str:
    """The first of the names, and how many more there are.

    >>> some_of(["a", "b", "c"], most=2)
    'a, b and 1 more'
    """
    shown = ", ".join(islice(names, most))
    return f"{shown} and {len(names) - most:,} more" if len(names) > most else shown


# Causes that a line names.
_MOST_CAUSES = 5


def most_frequent(causes: Counter[str], examples: Mapping[str, str] | None = None) -> str:
    """The most frequent causes of failures, each by its example if there is one, and how many others there are.

    >>> most_frequent(Counter({"400 no": 2, "refused": 1}), {"refused": "the model refused: content filter"})
    '2 × 400 no; 1 × the model refused: content filter'
    """
    named = [f"{count:,} × {(examples or {}).get(cause, cause)}" for cause, count in causes.most_common(_MOST_CAUSES)]
    others = len(causes) - len(named)
    return "; ".join([*named, counted(others, "other cause")] if others else named)
