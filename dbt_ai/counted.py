"""A number with its noun, as people write it."""

from __future__ import annotations


def counted(count: int, noun: str) -> str:
    """The number and the noun, which has an s behind any number but 1.

    >>> counted(1, "request"), counted(1_200, "request")
    ('1 request', '1,200 requests')
    """
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
