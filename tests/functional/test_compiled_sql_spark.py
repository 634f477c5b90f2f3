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


@pytest.mark.parametrize("engine", ["spark", "databricks"])
def test_spark_reads_every_statement(refusal: Callable[[str], str | None], engine: str) -> None:
    assert not {where: why for where, sql in golden.statements(engine) if (why := refusal(sql))}


def test_spark_refuses_a_statement_that_lacks_a_bracket(refusal: Callable[[str], str | None]) -> None:
    assert all(refusal(sql[::-1].replace(")", "", 1)[::-1]) for _, sql in golden.statements("spark") if ")" in sql)
