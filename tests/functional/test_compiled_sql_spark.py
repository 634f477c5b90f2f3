"""What is compiled for Spark and Databricks, read by Spark's own parser."""

from __future__ import annotations

from collections.abc import Callable

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
