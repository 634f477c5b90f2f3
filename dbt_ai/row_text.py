"""The text of a row in messages: a setting keeps it out, for logs and error trackers are read by more people than the table."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from difflib import SequenceMatcher

from dbt_ai.response import Failure

# An endpoint that quotes an input quotes at least so much of it; shorter pieces are words of any message.
QUOTED = 12
# Characters of an input that it is named by.
_NAMED_BY = 60
# Characters of an input that are looked for in a message, which holds a few hundred.
_LOOKED_FOR = 4_000
_QUOTES = re.compile(r"'[^']*'|\"[^\"]*\"|‘[^’]*’|“[^”]*”")
_GONE = "[redacted]"


def named_row(text: str, redact: bool) -> str:
    """How a row is named in a message: by the beginning of its text, or without it. In SQL that is left(sha256(text), 12).

    >>> named_row("Dear team", redact=False), named_row("Dear team", redact=True)
    ("'Dear team'", 'row 2ae656bb4179')
    """
    if redact:
        return f"row {hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}"
    return repr(text if len(text) <= _NAMED_BY else text[: _NAMED_BY - 1] + "…")


def without_row(failure: Failure, text: str) -> Failure:
    """The failure without what it quotes: of the row, or of an answer to it.

    >>> without_row(Failure("bad", "cannot read 'Ada, 12 Mill Road': too long"), "Ada, 12 Mill Road").message
    'cannot read [redacted]: too long'
    """
    return replace(failure, cause=_redacted(failure.cause, text), message=_redacted(failure.message, text))


def _redacted(message: str, text: str) -> str:
    message = _QUOTES.sub(_GONE, message)
    looked_for = text[:_LOOKED_FOR]
    while True:
        same = SequenceMatcher(None, message, looked_for, autojunk=False).find_longest_match()
        quoted = message[same.a : same.a + same.size]
        if same.size < QUOTED or _GONE in quoted:
            return message
        message = message.replace(quoted, quoted.replace(quoted.strip(), _GONE), 1)
