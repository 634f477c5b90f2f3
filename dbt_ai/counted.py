"""A number with its noun, as people write it."""

from __future__ import annotations


def counted(count: int, noun: str) -> str:
    """The number and the noun, which has an s behind any number but 1.

    >>> counted(1, "request"), counted(1_200, "request")
    ('1 request', '1,200 requests')
    """
    return with_noun(f"{count:,}", noun)


def with_noun(shown: str, noun: str) -> str:
    """As `counted`, of a number as it is shown, such as `~1,200`."""
    return f"{shown} {noun}{'' if shown == '1' else 's'}"
