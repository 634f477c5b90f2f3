"""A text that a regular expression matches, for mock answers to a JSON Schema with a `pattern`."""

from __future__ import annotations

import random
import re
import string
from collections.abc import Iterable
from typing import Any

try:
    from re import _parser as parser  # type: ignore[attr-defined]
except ImportError:  # Python 3.10
    import sre_parse as parser

_CATEGORIES = {"CATEGORY_DIGIT": string.digits, "CATEGORY_WORD": string.ascii_lowercase, "CATEGORY_SPACE": " "}


def matching(pattern: str, seed: int) -> str | None:
    """A short text that the pattern matches, chosen by the seed. None if none was found (look-around, back references)."""
    try:
        text = _text(parser.parse(pattern), random.Random(seed))
        return text if re.search(pattern, text) else None
    except (re.error, LookupError):
        return None


def _text(parsed: Iterable[tuple[Any, Any]], chooser: random.Random) -> str:
    return "".join(_part(str(operation), argument, chooser) for operation, argument in parsed)


def _part(operation: str, argument: Any, chooser: random.Random) -> str:
    match operation:
        case "LITERAL":
            return chr(argument)
        case "NOT_LITERAL":
            return "b" if argument == ord("a") else "a"
        case "ANY":
            return chooser.choice(string.ascii_lowercase)
        case "IN":
            return chooser.choice(_members(argument))
        case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
            least, most, repeated = argument
            return "".join(_text(repeated, chooser) for _ in range(least if least >= most else least + chooser.randrange(2)))
        case "SUBPATTERN" | "ATOMIC_GROUP":
            return _text(argument[-1] if operation == "SUBPATTERN" else argument, chooser)
        case "BRANCH":
            return _text(chooser.choice(argument[1]), chooser)
        case "AT":
            return ""
    raise LookupError(operation)


def _members(items: Iterable[tuple[Any, Any]]) -> str:
    """Some members of a set such as [a-z_]. A few are enough."""
    members, negated = "", False
    for operation, argument in items:
        match str(operation):
            case "NEGATE":
                negated = True
            case "LITERAL":
                members += chr(argument)
            case "RANGE":
                members += "".join(map(chr, range(argument[0], min(argument[1], argument[0] + 99) + 1)))
            case "CATEGORY":
                members += _CATEGORIES[str(argument)]
    if negated:
        members = "".join(sorted(set(string.ascii_letters + string.digits + " -") - set(members)))
    return members
