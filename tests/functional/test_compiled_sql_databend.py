"""What is compiled for Databend, planned by Databend itself: names, types and argument counts as well as grammar."""

from __future__ import annotations

from collections.abc import Callable

import golden
import parsers
import pytest

pytestmark = pytest.mark.env("databend")

TABLES = [
    "create database if not exists analytics",
    "create or replace table analytics.articles (article_id int, title string, content string, embedding vector(3))",
    "create or replace table analytics.tickets (ticket_id int, body string, queue string)",
]


@pytest.fixture(scope="module")
def refusal() -> Callable[[str], str | None]:
    return parsers.databend_refusal(TABLES)


def test_databend_plans_every_statement(refusal: Callable[[str], str | None]) -> None:
    assert not {where: why for where, sql in golden.statements("databend") if (why := refusal(sql))}


def test_databend_refuses_a_statement_with_a_bracket_too_many(refusal: Callable[[str], str | None]) -> None:
    broken = {where: parsers.with_a_bracket_too_many(sql) for where, sql in golden.statements("databend")}
    assert not [where for where, sql in broken.items() if sql and not refusal(sql)]
