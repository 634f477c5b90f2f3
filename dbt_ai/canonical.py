"""A value as the one text that stands for it in hashes, the same wherever it is written: here and in macros/internal/_canonical.sql."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def canonical(value: Any) -> str:
    """The text of a JSON value. No two values share a text: a string says its length, and names are sorted.

    >>> canonical({"a": [1, None, "x y"]})
    '{1:a[1,null,3:x y,],}'
    """
    if isinstance(value, str):
        return f"{len(value)}:{value}"
    if isinstance(value, Mapping):
        return "{" + "".join(f"{canonical(str(name))}{canonical(value[name])}," for name in sorted(value)) + "}"
    if isinstance(value, Sequence):
        return "[" + "".join(f"{canonical(item)}," for item in value) + "]"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value)
