"""Texts and ways to cut them, for engines that cut by structure in SQL: the chunks are those of dbt_ai/chunks.py."""

from __future__ import annotations

import random

from dbt_ai.chunks import Chunking, chunks

PLACES = ("headings", "paragraphs", "sentences", "words")
# chunk_size, overlap, by
CUTS = [(40, 0, "headings"), (60, 50, "headings"), (30, 20, "paragraphs"), (25, 40, "sentences"), (7, 30, "words")]


def texts() -> list[str]:
    chosen = random.Random(1)
    pieces = ["# Head ", "## ", "word ", "Ünïcode", "。", "！", ". ", '." ', "\n", "\n\n", " \t", "\r\n", "…»", "a" * 12, "It’s ", "? "]
    return ["".join(chosen.choices(pieces, k=chosen.randrange(1, 60))) for _ in range(150)]


def cut_by_python(size: int, overlap: int, by: str) -> list[tuple[int, int, int, str, int]]:
    """The number of a text, and of each of its chunks chunk_order, chunk_offset, chunk and chunk_length."""
    cut = Chunking(size, size * overlap // 100, PLACES[PLACES.index(by) :])
    return [
        (number, order, start + 1, text[start:end], end - start)
        for number, text in enumerate(texts())
        for order, (start, end) in enumerate(chunks(text, cut), 1)
    ]
