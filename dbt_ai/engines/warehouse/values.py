"""Values of a built table, as drivers give them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any


def as_text(value: Any) -> str | None:
    """A value as people read it.

    >>> as_text(True), as_text([1, "a"]), as_text(7), as_text(None)
    ('true', '[1, "a"]', '7', None)
    """
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, default=str, ensure_ascii=False) if isinstance(value, bool | list | tuple | dict) else str(value)


def from_json(value: Any) -> Any:
    """Structs and lists come as such, or as JSON.

    >>> from_json('{"label": "bug"}'), from_json("bug")
    ({'label': 'bug'}, 'bug')
    """
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def field_of(answer: Any, fields: Sequence[str]) -> Any:
    """A field of an answer; the whole answer where none is named."""
    found = from_json(answer) if fields else answer
    for name in fields:
        found = found.get(name) if isinstance(found, dict) else None
    return found
