"""What is compiled for Databend, planned by Databend itself: names, types and argument counts as well as grammar."""

from __future__ import annotations

from collections.abc import Callable

import golden
import parsers
import pytest

pytestmark = pytest.mark.env("databend")

CHAT_MODELS = ("llm", "unnamed", "chat", "spam", "revenue", "decider", "reranker")
TABLES = [
    "create database if not exists analytics",
    "create or replace table analytics.articles (article_id int, title string, content string, embedding array(float64 not null) not null)",
    "create or replace table analytics.tickets (ticket_id int, body string, queue string, embedding array(float64 not null) not null)",
    "create or replace table analytics.answers (ticket_id int, answer variant)",
    *(
        f"create or replace table analytics.{name} (ticket_id int, answer string, dbt_ai_state string)"
        for name in ("next_run", "kept", "asked")
    ),
    "create or replace table analytics.databricks_trips (trip_id int, pickup_zip string, units int, note string, price double)",
    "create or replace table analytics.databricks_messages (id int, ts bigint, from_number string, body string)",
    # In the place of the handlers of a model server, which the planner would ask for their types.
    *(f"create or replace function {name} as (request) -> concat(request, '')" for name in CHAT_MODELS),
    *(f"create or replace function {name}__call as (call, text) -> parse_json(concat(call, text))" for name in (*CHAT_MODELS, "embedder")),
    "create or replace function embedder as (text) -> if(text = '', [0.5::float64], [1::float64])",
]


@pytest.fixture(scope="module")
def refusal() -> Callable[[str], str | None]:
    return parsers.databend_refusal(TABLES)


def test_databend_plans_every_statement(refusal: Callable[[str], str | None]) -> None:
    assert not {where: why for where, sql in golden.statements("databend") if (why := refusal(sql))}


def test_databend_refuses_a_statement_with_a_bracket_too_many(refusal: Callable[[str], str | None]) -> None:
    broken = {where: parsers.with_a_bracket_too_many(sql) for where, sql in golden.statements("databend")}
    assert not [where for where, sql in broken.items() if sql and not refusal(sql)]
