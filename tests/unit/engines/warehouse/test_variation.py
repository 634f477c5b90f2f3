"""Compiled SQL whose calls are asked in another way, about its first rows."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dbt_ai.call_constant import parse_call
from dbt_ai.engines.warehouse.look_ups import read
from dbt_ai.engines.warehouse.variation import ask_of_first_rows, ask_otherwise, first_column, reading

MODEL = {"name": "llm", "location": "https://h.test/v1/chat/completions", "api_format": "OpenAI", "model_type": "CHAT", "model": "small"}
CALL: dict[str, Any] = {"function": "ai_query", "model": MODEL, "parameters": {}}


def look_up(call: dict[str, Any] = CALL, asks: bool = True) -> str:
    text = json.dumps(call).replace("'", "''")
    constant = f", '{text}' as dbt_ai_call" if asks else ""
    return (
        f"(select max(dbt_ai_answer.dbt_ai_value) from (select key as dbt_ai_key, value as dbt_ai_value{constant} from dbt_ai.responses)"
        f" as dbt_ai_answer where dbt_ai_answer.dbt_ai_key = sha256(convert_to('{parse_call(json.dumps(call)).digest}' || body, 'UTF8')))"
    )


def digest(text: str) -> str:
    return parse_call(text).digest


def larger(call: dict[str, Any]) -> dict[str, Any]:
    return {**call, "model": {**call["model"], "model": "it's large"}}


def test_the_other_way_is_asked_and_found_under_its_own_key():
    statement = read(f"select id, {look_up()} as answer, {look_up(asks=False)} as again from tickets", "postgres")
    assert ask_otherwise(statement, larger, digest)
    [other] = read(statement.root.sql("postgres"), "postgres").asking()
    assert json.loads(str(other.call))["model"]["model"] == "it's large" and other.digest == digest(str(other.call))
    assert {found.digest for found in read(statement.root.sql("postgres"), "postgres").look_ups} == {other.digest}


def test_what_the_model_has_answered_without_its_proxy_is_looked_up_in_the_other_way_too():
    proxy = {"function": "ai_embed", "model": {**MODEL, "model_type": "EMBEDDINGS"}, "parameters": {}}
    by_effort = {**CALL, "effort": {"agreement": 0.9, "confidence": 0.9, "proxy": proxy}}
    statement = read(f"select id, coalesce({look_up(asks=False)}, {look_up(by_effort)}) as answer from tickets", "postgres")
    assert ask_otherwise(statement, larger, digest)
    plain, asked = statement.root.sql("postgres"), read(statement.root.sql("postgres"), "postgres").asking()[0]
    assert digest(json.dumps(larger(CALL))) in plain and digest(json.dumps(CALL)) not in plain and asked.digest in plain


def test_calls_of_ephemeral_models_stay_as_they_are_beside_calls_of_the_node():
    cte = f" __dbt__cte__seen as (\nselect id, body, {look_up()} as seen from tickets\n)"
    for own, changed in ((f"select id, seen, {look_up()} as told", [False, True]), ("select id, seen", [True])):
        statement = read(f"with {cte} {own} from __dbt__cte__seen", "postgres")
        assert ask_otherwise(statement, larger, digest, [cte])
        asking = read(statement.root.sql("postgres"), "postgres").asking()
        by_place = [(found.digest == digest(str(found.call)), "it's large" in str(found.call)) for found in asking]
        assert sorted(by_place) == [(True, differs) for differs in changed]


def test_a_call_that_is_the_same_in_both_ways_is_told():
    assert not ask_otherwise(read(f"select id, {look_up()} as answer from tickets", "postgres"), lambda call: call, digest)


@pytest.mark.parametrize(
    ("sql", "limited"),
    [
        ("select id, {} as answer from tickets", "FROM tickets ORDER BY id LIMIT 10"),
        ("select *, {} as answer from tickets", "FROM tickets ORDER BY id LIMIT 10"),
        ("select t.ticket as id, {} as answer from tickets as t", "FROM tickets AS t ORDER BY t.ticket LIMIT 10"),
        ("with a as (select id, {} as answer from tickets) select * from a", "FROM tickets ORDER BY id LIMIT 10)"),
        ("select id, {} as answer from tickets order by made desc limit 500", "FROM tickets ORDER BY made DESC LIMIT 10"),
        ("select id, {} as answer from tickets limit 5", "FROM tickets LIMIT 5"),
        ("select 'a' as id, {} as answer from tickets", "FROM tickets LIMIT 10"),
    ],
)
def test_the_calls_of_the_first_rows_are_asked_wherever_they_stand(sql: str, limited: str):
    statement = read(sql.format(look_up()), "postgres")
    ask_of_first_rows(statement, 10, "id")
    assert limited in statement.root.sql("postgres")


@pytest.mark.parametrize(
    "sql",
    [
        "select id from tickets where {} = 'bug'",
        "select distinct {} as answer from tickets",
        "select max(id), {} as answer from tickets group by 2",
        "select id, {} as answer from tickets union all select 1, 'a'",
    ],
)
def test_a_call_that_decides_which_rows_there_are_needs_all_of_them(sql: str):
    statement = read(sql.format(look_up()), "postgres")
    before = statement.root.sql("postgres")
    ask_of_first_rows(statement, 10, "id")
    assert statement.root.sql("postgres") == before


@pytest.mark.parametrize(("dialect", "most"), [("postgres", "LIMIT 10"), ("bigquery", "LIMIT 10"), ("tsql", "TOP 10")])
def test_the_answers_are_read_beside_what_tells_their_rows(dialect: str, most: str):
    statement = read("select id, topic as label, made as answer from tickets", dialect)
    assert first_column(statement) == "id" and first_column(read("select * from tickets", dialect)) is None
    sql = reading(statement, ("id", None, "answer"), 10)
    assert "AS dbt_ai_told, NULL AS dbt_ai_label" in sql and most in sql and "ORDER BY id" in sql
