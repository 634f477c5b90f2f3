"""ai_chunk by structure on Spark: a fold in SQL cuts where Python does. Databricks compiles to the same."""

from __future__ import annotations

import golden
import parsers
import pytest
from chunk_texts import CUTS, cut_by_python, texts

pytestmark = pytest.mark.env("spark")


def test_the_chunks_of_spark_are_those_of_python():
    spark = parsers.spark()
    spark.createDataFrame(list(enumerate([*texts(), "", None])), "id int, body string").createOrReplaceTempView("documents")
    for size, overlap, by in CUTS:
        joined = f"{{{{ dbt_ai.ai_chunk('d.body', {size}, overlap={overlap}, by='{by}') }}}}"
        rows = f"select id, chunk_order, chunk_offset, chunk, chunk_length from documents as d {joined} order by 1, 2"
        compiled = golden.compiler().render(golden.ENGINES["spark"], rows)
        assert compiled.sql, compiled.error
        assert [tuple(row) for row in spark.sql(compiled.sql).collect()] == cut_by_python(size, overlap, by)


def test_a_long_text_is_cut_in_few_steps():
    spark = parsers.spark()
    spark.createDataFrame([(1, "Ünïcode word. " * 10_000)], "id int, body string").createOrReplaceTempView("documents")
    rows = "select count(*), max(chunk_length) from documents as d {{ dbt_ai.ai_chunk('d.body', 1000, by='sentences') }}"
    compiled = golden.compiler().render(golden.ENGINES["spark"], rows)
    assert [tuple(row) for row in spark.sql(str(compiled.sql)).collect()] == [(141, 994)]
