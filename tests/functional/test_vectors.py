"""Vectors and chunks on DuckDB, as compiled."""

from __future__ import annotations

import time

import duckdb
import golden
import pytest


@pytest.fixture(scope="module")
def compiled() -> dict[str, str]:
    cases = golden.compiler().compile(golden.ENGINES["duckdb"])
    return {case.name: case.sql for case in cases if case.sql is not None}


def distance(sql: str, left: str, right: str) -> float | None:
    expression = sql.split("as other_id, ")[1].split(" as score")[0]
    ((score,),) = duckdb.sql(f"select {expression} from (select {left} as embedding) as a, (select {right} as embedding) as b").fetchall()
    return score


@pytest.mark.parametrize(
    ("function", "expected"),
    [("ai_cosine_similarity", 0.6), ("ai_cosine_distance", 0.4), ("ai_l2_distance", 20**0.5), ("ai_inner_product", 15.0)],
)
@pytest.mark.parametrize("form", ["[3, 4]::float[2]", "[3, 4]::float[]", "[3.0, 4.0]"])
def test_vectors_are_compared_whatever_their_type(compiled: dict[str, str], function: str, expected: float, form: str) -> None:
    other = form.replace("3", "5").replace("4", "0")
    assert distance(compiled[function], form, other) == pytest.approx(expected)


@pytest.mark.parametrize("function", ["ai_cosine_similarity", "ai_cosine_distance", "ai_l2_distance", "ai_inner_product"])
def test_nothing_is_compared_with_null(compiled: dict[str, str], function: str) -> None:
    assert distance(compiled[function], "[3, 4]", "null") is None


@pytest.mark.parametrize("function", ["ai_cosine_similarity", "ai_cosine_distance"])
def test_zeros_have_no_direction(compiled: dict[str, str], function: str) -> None:
    assert distance(compiled[function], "[3, 4]", "[0, 0]") is None


def test_chunks_cover_the_text_and_overlap_as_asked(compiled: dict[str, str]) -> None:
    text = "".join(chr(ord("a") + number % 26) for number in range(1234))
    rows = duckdb.sql(
        compiled["overlapping_chunks"].replace('"memory"."analytics"."articles"', f"(select 1 as article_id, '{text}' as content)")
    ).fetchall()
    assert [(order, offset, length) for _, _, order, offset, length in sorted(rows, key=lambda row: row[2])] == [
        (1, 1, 500),
        (2, 451, 500),
        (3, 901, 334),
    ]
    assert all(text[offset - 1 : offset - 1 + length] == chunk for _, chunk, _, offset, length in rows)


@pytest.mark.parametrize("content", ["''", "null"])
def test_an_empty_text_has_no_chunks(compiled: dict[str, str], content: str) -> None:
    sql = compiled["whole_chunks"].replace('"memory"."analytics"."articles"', f"(select 1 as article_id, {content} as content)")
    assert duckdb.sql(sql).fetchall() == []


@pytest.mark.parametrize("letter", ["a", "👍"])
def test_the_time_of_a_long_text_grows_with_its_chunks_and_not_with_their_places(compiled: dict[str, str], letter: str) -> None:
    rendered = "{{ dbt_ai.ai_chunk('content', 100, overlap=10) }}"
    sql = golden.compiler().render(golden.ENGINES["duckdb"], f"select chunk.* from texts {rendered}").sql
    connection = duckdb.connect()
    connection.execute("create table texts as select repeat(?, 1000000) as content", [letter])
    began = time.process_time()
    last = connection.execute(f"{sql} order by chunk_order desc limit 1").fetchall()
    assert last == [(letter * 100, 11111, 999901, 100)]
    assert time.process_time() - began < 10, "half a second of the processor is usual"


def test_chunks_are_the_characters_that_python_counts(compiled: dict[str, str]) -> None:
    texts = ["e\u0301" * 9, "👩\u200d👩\u200d👧\u200d👦" * 5, "a\r\nb\r\n" * 4, "ж", " \n", "word " * 30]
    connection = duckdb.connect()
    connection.execute("create table texts (content varchar)")
    connection.executemany("insert into texts values (?)", [[text] for text in texts])
    for size, overlap in ((1, 0), (2, 50), (3, 34), (7, 10), (40, 50), (1000, 50)):
        rendered = f"{{{{ dbt_ai.ai_chunk('content', {size}, overlap={overlap}) }}}}"
        sql = golden.compiler().render(golden.ENGINES["duckdb"], f"select content, chunk.* from texts {rendered}").sql
        shared = size * overlap // 100
        expected = [
            (text, text[start : start + size], order, start + 1, len(text[start : start + size]))
            for text in texts
            for order, start in enumerate(range(0, max(len(text) - shared, 1), size - shared), 1)
        ]
        assert sorted(connection.execute(str(sql)).fetchall()) == sorted(expected)
