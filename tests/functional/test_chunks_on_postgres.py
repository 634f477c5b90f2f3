"""ai_chunk by structure on Postgres: a recursive query cuts where Python does."""

from __future__ import annotations

import pytest
from chunk_texts import CUTS, cut_by_python, texts
from warehouse import WarehouseProject

pytestmark = pytest.mark.env("postgres")


def test_the_chunks_of_postgres_are_those_of_python(on_postgres: WarehouseProject):
    rows = ", ".join(f"({number}, $t${text}$t$)" for number, text in enumerate([*texts(), ""]))
    project = on_postgres
    project.write({"models/documents.sql": f"select * from (values {rows}, (-1, null)) as t(id, body)"})
    for number, (size, overlap, by) in enumerate(CUTS):
        key = "{{ dbt_ai.ai_chunk_key('id') }}"
        joined = f"{{{{ dbt_ai.ai_chunk('d.body', {size}, overlap={overlap}, by='{by}') }}}}"
        project.write({f"models/chunks_{number}.sql": f"select id, chunk.*, {key} as key from {{{{ ref('documents') }}}} as d {joined}"})
    joined = "{{ dbt_ai.ai_chunk('d.body', 7, overlap=30) }}"
    project.write({"models/anywhere.sql": f"select id, chunk.* from {{{{ ref('documents') }}}} as d {joined}"})
    project.dbt("run", check=True)
    for number, cut in enumerate(CUTS):
        found = project.query(f"select id, chunk_order, chunk_offset, chunk, chunk_length from analytics.chunks_{number} order by 1, 2")
        assert found == cut_by_python(*cut)
        assert project.query(f"select count(distinct key) from analytics.chunks_{number}") == [(len(found),)]
    anywhere = [
        (number, order, start + 1, text[start : start + 7], len(text[start : start + 7]))
        for number, text in enumerate(texts())
        for order, start in enumerate(range(0, max(len(text) - 2, 1), 5), 1)
    ]
    assert project.query("select id, chunk_order, chunk_offset, chunk, chunk_length from analytics.anywhere order by 1, 2") == anywhere
