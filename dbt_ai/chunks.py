"""Where a long text is cut into chunks: at headings, paragraphs, sentences or words, counted in characters or tokens.

adapters/postgres/_chunk_by_structure.sql and Spark's cut in the same places, in SQL; macros/functions/ai_chunk.sql has the same patterns.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

# What ends in such a place, up to the last one and up to the first one. Postgres reads the same patterns: it takes the longest match of
# the one and the shortest of the other, so a place is one character of white space at most.
_ENDS = {
    "headings": r"\n(?=#{1,6} )",
    "paragraphs": r"\n[ \t\r]*\n",
    "sentences": r"""(?:[.!?…]["')”’»]*[ \t\r\n]|[。！？])""",
    "words": r"[ \t\r\n]",
}
_LAST = {place: re.compile(f"(?s)^.*{end}") for place, end in _ENDS.items()}
_FIRST = {place: re.compile(f"(?s)^.*?{end}") for place, end in _ENDS.items()}


@dataclass(frozen=True, slots=True)
class Chunking:
    """How a text is cut.

    size: the most that a chunk has. shared: the most that it repeats of the chunk before. Both are characters, or tokens.
    places: where it may end, the best first: the last such place within reach, else a place of the next kind, else anywhere.
    call: of the embedder whose tokens are counted, as JSON; empty for characters.
    """

    size: int
    shared: int
    places: tuple[str, ...]
    call: str = ""


def read_cut(text: str) -> Chunking:
    """The constant that adapters/duckdb/ai_chunk.sql writes."""
    read: dict[str, Any] = json.loads(text)
    call = read.get("call")
    return Chunking(read["size"], read["shared"], tuple(read["places"]), json.dumps(call) if call else "")


def chunks(text: str, cut: Chunking, tokens: Sequence[int] | None = None) -> Iterator[tuple[int, int]]:
    """Where each chunk begins and ends, in characters.

    tokens: where each token of the text begins; None to count characters.

    >>> text = "One sentence. Another one. A third."
    >>> [text[start:end] for start, end in chunks(text, Chunking(20, 0, ("sentences", "words")))]
    ['One sentence. ', 'Another one. ', 'A third.']
    """
    start = end = 0
    while end < len(text):
        reach = max(_after(text, start, cut.size, tokens), end + 1)
        end = len(text) if reach >= len(text) else end + _last_place(text[end:reach], cut.places)
        yield start, end
        start = _start_of_next(text, start, end, cut, tokens) if end < len(text) else end


def _after(text: str, start: int, size: int, tokens: Sequence[int] | None) -> int:
    """The position after so many characters or tokens."""
    if tokens is None:
        return start + size
    position = bisect_left(tokens, start) + size
    return tokens[position] if position < len(tokens) else len(text)


def _before(end: int, size: int, tokens: Sequence[int] | None) -> int:
    """The position before so many characters or tokens."""
    if tokens is None or not size:
        return end - size
    return tokens[max(bisect_left(tokens, end) - size, 0)]


def _last_place(window: str, places: Sequence[str]) -> int:
    for place in places:
        if found := _LAST[place].match(window):
            return found.end()
    return len(window)


def _start_of_next(text: str, start: int, end: int, cut: Chunking, tokens: Sequence[int] | None) -> int:
    """The first sentence or word that begins in what the next chunk may repeat of this one."""
    earliest = max(_before(end, cut.shared, tokens), start + 1)
    if earliest >= end:
        return end
    tail = text[earliest:end].rstrip(" \t\r\n")
    for place in cut.places:
        if place in ("sentences", "words") and (found := _FIRST[place].match(tail)):
            return earliest + found.end()
    return earliest
