"""ai_chunk by structure on Postgres: a recursive query cuts where Python does."""

from __future__ import annotations

import random

import pytest
from warehouse import WarehouseProject

from dbt_ai.chunks import Chunking, chunks

pytestmark = pytest.mark.env("postgres")

PLACES = ("headings", "paragraphs", "sentences", "words")
CUTS = [(40, 0, "headings"), (60, 50, "headings"), (30, 20, "paragraphs"), (25, 40, "sentences"), (7, 30, "words")]


def texts() -> list[str]:
    chosen = random.Random(1)
    pieces = ["# Head ", "## ", "word ", "Ünïcode", "。", "！", ". ", '." ', "\n", "\n\n", " \t", "\r\n", "…»", "a" * 12, "It’s ", "? "]
    return ["".join(chosen.choices(pieces, k=chosen.randrange(1, 60))) for _ in range(150)]


def test_the_chunks_of_postgres_are_those_of_python(on_postgres: WarehouseProject):
    rows = ", ".join(f"({number}, $t${text}$t$)" for number, text in enumerate([*texts(), ""]))
    project = on_postgres
    project.write({"models/documents.sql": f"select * from (values {rows}, (-1, null)) as t(id, body)"})
    for number, (size, overlap, by) in enumerate(CUTS):
        key = "{{ dbt_ai.ai_chunk_key('id') }}"
        joined = f"{{{{ dbt_ai.ai_chunk('d.body', {size}, overlap={overlap}, by='{by}') }}}}"
        project.write({f"models/chunks_{number}.sql": f"select id, chunk.*, {key} as key from {{{{ ref('documents') }}}} as d {joined}"})
    project.dbt("run", check=True)
    for number, (size, overlap, by) in enumerate(CUTS):
        found = project.query(f"select id, chunk_order, chunk_offset, chunk, chunk_length from analytics.chunks_{number} order by 1, 2")
        cut = Chunking(size, size * overlap // 100, PLACES[PLACES.index(by) :])
        assert found == [
            (key, order, start + 1, text[start:end], end - start)
            for key, text in enumerate(texts())
            for order, (start, end) in enumerate(chunks(text, cut), 1)
        ]
        assert project.query(f"select count(distinct key) from analytics.chunks_{number}") == [(len(found),)]
