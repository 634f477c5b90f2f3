"""What is compiled for Spark and Databricks, read by Spark's own parser."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import golden
import parsers
import pytest

pytestmark = pytest.mark.env("spark")


@pytest.fixture(scope="module")
def refusal() -> Callable[[str], str | None]:
    return parsers.spark_refusal()


# Databricks has grants on functions, Spark has none.
GRANTS = ("grant_external_model", "revoke_external_model")


@pytest.mark.parametrize("engine", ["spark", "databricks"])
def test_spark_reads_every_statement(refusal: Callable[[str], str | None], engine: str) -> None:
    assert not {where: why for where, sql in golden.statements(engine) if not where.startswith(GRANTS) and (why := refusal(sql))}


def test_spark_refuses_a_statement_with_a_bracket_too_many(refusal: Callable[[str], str | None]) -> None:
    broken = {where: parsers.with_a_bracket_too_many(sql) for where, sql in golden.statements("spark")}
    assert not [where for where, sql in broken.items() if sql and not refusal(sql)]


@pytest.mark.parametrize(
    ("return_type", "answer", "read"),
    [
        ("STRUCT<label STRING NOT NULL, n INT>", '{"label": "it\'s", "n": null}', ("it's", None)),
        ("STRUCT<a STRUCT<b DATE>>", '{"a": {"b": null}}', ((None,),)),
        ("ARRAY<INT>", '{"answer": [1, 2]}', [1, 2]),
        ("DECIMAL(6, 2)", '{"answer": 1.50}', Decimal("1.50")),
    ],
)
@pytest.mark.parametrize("options", ["map('mode', 'FAILFAST')", None])
def test_spark_reads_an_answer_with_the_nulls_that_it_has(return_type: str, answer: str, read: object, options: str | None) -> None:
    with golden.compiler().macros(golden.ENGINES["databricks"]) as macros:
        sql = macros._spark_read(macros._string_literal(answer), macros._return_type(return_type), options)
    (row,) = parsers.spark().sql(f"select {sql} as answer").collect()
    assert row["answer"] == read


@pytest.mark.parametrize("options", ["map('mode', 'FAILFAST')", None])
def test_spark_reads_any_json_as_a_variant(options: str | None) -> None:
    with golden.compiler().macros(golden.ENGINES["databricks"]) as macros:
        sql = macros._spark_read("'{\"a\": [1, null]}'", macros._return_type("VARIANT"), options)
    (row,) = parsers.spark().sql(f"select to_json({sql}) as answer").collect()
    assert row["answer"] == '{"a":[1,null]}'
