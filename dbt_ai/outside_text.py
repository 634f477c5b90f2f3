"""Text that somebody else wrote (an endpoint, the name of a file, a line of a cassette), made fit for messages."""

from __future__ import annotations

import re

# What one response, file or line may say of itself; a message may quote several.
SAID = 600
MESSAGE = 4_000

_SPACES = re.compile(r"[\u00a0\u2000-\u200a\u202f\u205f\u3000]")


def shown(text: str, limit: int = SAID) -> str:
    """The text in one line of at most `limit` characters; a long one loses its middle.

    A character that is not visible is written as its escape: a terminal obeys control characters, a line break forges a line of the log,
    and the order of a text with bidirectional overrides is not the order in which it is read.

    >>> shown("busy\\r\\nDone. PASS=99 \\x1b[2J")
    'busy\\\\r\\\\nDone. PASS=99 \\\\x1b[2J'
    """
    if len(text) <= limit and text.isprintable():
        return text
    text = _SPACES.sub(" ", whole(_shortened(text, limit)))
    if not text.isprintable():
        text = "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)
    return _shortened(text, limit)


def in_one_line(error: BaseException, limit: int = 300) -> str:
    """What an error says, in one line that is cut short.

    >>> in_one_line(ValueError("no such table\\n  LINE 1: select"))
    'no such table LINE 1: select'
    """
    return " ".join(str(error).split())[:limit]


def lines_shown(text: str, limit: int = MESSAGE) -> str:
    """The text with its lines, of at most `limit` characters, what is not a visible character as its escape.

    >>> lines_shown("a\\nb\\x1b[2J")
    'a\\nb\\\\x1b[2J'
    """
    return "\n".join(shown(line, limit) for line in _shortened(text, limit).splitlines())


def storable(text: str) -> str:
    """The whole text without NUL, which no text of Postgres holds: written in JSON there, it would fail every query that reads the row.

    >>> storable("a\\0b")
    'ab'
    """
    return whole(text).replace("\0", "")


def whole(text: str) -> str:
    """The text without halves of UTF-16 surrogate pairs, which JSON may spell but neither the store nor SQL can hold."""
    if text.isascii():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _shortened(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    end = limit // 4
    return f"{text[: limit - end - 3]} … {text[-end:]}"
