"""Takes secrets out of what endpoints say: some repeat the key that they were sent, in an error and even in an answer."""

from __future__ import annotations

import base64
import binascii
import re
import string
import sys
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

MASK = "***"

# A header value that is shorter is not a secret but a version, a tenant's number or a word such as EMPTY: masking it would make messages
# unreadable, and whoever knows the message could guess it anyway.
SHORTEST_SECRET = 6
# An answer is data: there, a value is masked only if it cannot be in it by chance. Keys that providers make have 20 characters and more;
# what people write for a server without authentication is a word ("lm-studio", "not-needed"), and other headers hold dates and numbers.
SHORTEST_IN_ANSWER = 8
_LONG = 20
_BY_CHANCE = re.compile(r"[A-Za-z]+(?:[-_. ][A-Za-z]+)*|[0-9][0-9.:/ -]*")

# A text may hold a piece of a secret, cut by who wrote it. So many characters are recognised: fewer may be the public beginning that
# all keys of a provider share, such as "sk-proj-".
PIECE = 8
PIECE_IN_ANSWER = 16
# A piece is found by one of these parts of the secret, so a long secret (a token of 2,000 characters) costs no more than a short one.
_MOST_PARTS = 16

_SCHEME = re.compile(r"(?:bearer|basic|token|api-?key|key) +(?=\S)", re.IGNORECASE)
# Of one owner: where tokens are renewed every hour, only the last ones can still be in what an endpoint says.
_REMEMBERED = 64

# In base64, a character at the border of a secret tells a part of it.
_BASE64 = frozenset(string.ascii_letters + string.digits + "+/-_=")

# How URLs, JSON and HTML write a character otherwise. Texts are searched as they are and as they would be read.
_ESCAPE = re.compile(
    r"%([0-9A-Fa-f]{2})|\\u([0-9A-Fa-f]{4})|\\x([0-9A-Fa-f]{2})|\\([\"'\\/])|&#([0-9]{1,7});|&#[xX]([0-9A-Fa-f]{1,6});|&([a-z]{2,6});"
)
_ENTITIES = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'", "plus": "+", "sol": "/", "equals": "="}
# JSON in JSON in a URL.
_MOST_LEVELS = 3

Span = tuple[int, int]


class Redaction:
    """The secrets that were sent so far, also those that have been replaced since. Thread-safe; takes time in proportion to the text.

    >>> redaction = Redaction()
    >>> redaction.learn("https://api.openai.com", "Bearer sk-1234567890abcdef")
    >>> redaction.redact("401: sk-1234567890abcdef is not valid")
    '401: *** is not valid'
    """

    def __init__(self) -> None:
        self._secrets: dict[str, dict[str, tuple[_Form, ...]]] = {}  # by owner, then by the secret itself
        self._in_messages: Sequence[_Form] = ()
        self._in_answers: Sequence[_Form] = ()
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"Redaction(of {', '.join(self._secrets)})"

    def learn(self, owner: str, header: str) -> None:
        """The value of a header is a secret from now on. owner: whose it is, such as the name of a credential."""
        with self._lock:
            mine = self._secrets.setdefault(owner, {})
            for secret in _secrets(header):
                mine[secret] = mine.pop(secret, ()) or _forms(secret)
                if len(mine) > _REMEMBERED:
                    del mine[next(iter(mine))]
            known = {secret: forms for secrets in self._secrets.values() for secret, forms in secrets.items()}
            # New ones: others redact with the old ones at the same time.
            self._in_messages = [form for forms in known.values() for form in forms]
            self._in_answers = [form for secret, forms in known.items() if not _is_by_chance(secret) for form in forms]

    def redact(self, text: str) -> str:
        """A message without secrets, and without pieces of them that are long enough to recognise."""
        return _masked(text, self._in_messages, PIECE)

    def redact_answer(self, text: str) -> str:
        """An answer without secrets: what may be in it by chance stays."""
        return _masked(text, self._in_answers, PIECE_IN_ANSWER)


def _is_by_chance(secret: str) -> bool:
    return len(secret) < SHORTEST_IN_ANSWER or (len(secret) < _LONG and _BY_CHANCE.fullmatch(secret) is not None)


def _secrets(header: str) -> Iterator[str]:
    """What is secret in the value of a header: `Bearer` before it is not."""
    value = header.strip()
    token = _SCHEME.sub("", value, count=1) if _SCHEME.match(value) else value
    parts = [token]
    if value.lower().startswith("basic "):  # user:password, of which a server may repeat either
        try:
            pair = base64.b64decode(token, validate=True).decode()
            parts += [pair, pair.partition(":")[2]]
        except (binascii.Error, UnicodeDecodeError):
            pass
    yield from dict.fromkeys(part for part in parts if len(part) >= SHORTEST_SECRET)


@dataclass(frozen=True, slots=True)
class _Form:
    """One way to write a secret. parts: by which it is found. places: where each of them stands in it.
    neighbours: characters beside it that tell of it too."""

    text: str
    parts: tuple[str, ...]
    places: tuple[int, ...]
    neighbours: frozenset[str]

    def found(self, text: str, least: int) -> Iterator[Span]:
        """Where the text agrees with the form, in at least so many characters or in all of it."""
        if not any(map(text.__contains__, self.parts)):  # nearly always
            return
        least = min(least, len(self.text))
        for part, offset in zip(self.parts, self.places, strict=True):
            at = text.find(part)
            while at >= 0:
                start, end = at, at + len(part)
                while start > 0 and start > at - offset and text[start - 1] == self.text[offset - (at - start) - 1]:
                    start -= 1
                while end < len(text) and end - at + offset < len(self.text) and text[end] == self.text[end - at + offset]:
                    end += 1
                if end - start >= least:
                    while start > 0 and text[start - 1] in self.neighbours:
                        start -= 1
                    while end < len(text) and text[end] in self.neighbours:
                        end += 1
                    yield start, end
                # What lies in this piece is seen: a text that repeats itself is not read again from each of its characters.
                at = text.find(part, max(at, end - len(part)) + 1)


def _forms(secret: str) -> tuple[_Form, ...]:
    """The ways to write a secret that are not undone by reading escapes; also how it is read itself, if it seems to hold some."""
    plain = [secret, secret.replace(" ", "+")]
    for _ in range(_MOST_LEVELS):
        secret = _ESCAPE.sub(_character, secret)
        plain.append(secret)
    forms = [_form(text) for text in dict.fromkeys(plain)]
    forms += [_form(text, _BASE64) for text in dict.fromkeys(_base64(plain[0]))]
    return tuple(form for form in forms if len(form.text) >= SHORTEST_SECRET)


def _base64(secret: str) -> Iterator[str]:
    """What base64 of any text that holds the secret has in it: a character stands for six bits, so it depends on what stands before."""
    raw = secret.encode()
    for before in range(3):
        first, last = -(-before * 8 // 6), (before + len(raw)) * 8 // 6
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            yield encode(b"\0" * before + raw).decode()[first:last]


def _form(text: str, neighbours: frozenset[str] = frozenset()) -> _Form:
    last = max(len(text) - PIECE, 0)
    places = tuple(dict.fromkeys([*range(0, last, max(PIECE, last // _MOST_PARTS)), last]))
    return _Form(text, tuple(text[place : place + PIECE] for place in places), places, neighbours)


def _masked(text: str, forms: Sequence[_Form], least: int) -> str:
    if not forms:
        return text
    spans = _found(text, forms, least)
    read = text
    levels: list[str] = []
    while len(levels) < _MOST_LEVELS and (meant := _ESCAPE.sub(_character, read)) != read:
        levels.append(read)
        read = meant
        found = _found(read, forms, least)
        for level in reversed(levels) if found else ():
            found = _written(level, found)
        spans = _joined([*spans, *found])
    if not spans:
        return text
    ends = [0, *(end for _, end in spans)]
    starts = [*(start for start, _ in spans), len(text)]
    return MASK.join(text[end:start] for end, start in zip(ends, starts, strict=True))


def _found(text: str, forms: Iterable[_Form], least: int) -> list[Span]:
    return _joined([span for form in forms for span in form.found(text, least)])


def _joined(spans: list[Span]) -> list[Span]:
    """Without overlaps, in order."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _character(escape: re.Match[str]) -> str:
    """What an escape stands for; itself where that is not a character."""
    *hexadecimal, plain, decimal, hexadecimal_entity, named = escape.groups()
    code = next((int(digits, 16) for digits in (*hexadecimal, hexadecimal_entity) if digits), None)
    if decimal:
        code = int(decimal)
    if code is not None:
        return chr(code) if code <= sys.maxunicode else escape[0]
    return plain or _ENTITIES.get(named, escape[0])


def _written(text: str, spans: Sequence[Span]) -> list[Span]:
    """Where these spans of the text without escapes stand in the text with them."""
    escapes = ((escape.start(), len(escape[0]) - len(_character(escape))) for escape in _ESCAPE.finditer(text))
    end_of_text = (len(text) + 1, 0)
    at, longer = next(escapes, end_of_text)
    shift = 0
    places = []
    for position in (position for span in spans for position in span):
        while at < position + shift:
            shift += longer
            at, longer = next(escapes, end_of_text)
        places.append(position + shift)
    return list(zip(places[::2], places[1::2], strict=True))
