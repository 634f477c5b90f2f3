"""What a report reads of a warehouse is counted and chosen there. The warehouse is DuckDB."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import duckdb
import pytest

from dbt_ai.engines.warehouse.connection import WarehouseConnection
from dbt_ai.engines.warehouse.dialect import dialect_of
from dbt_ai.engines.warehouse.tables import WarehouseTables
from dbt_ai.report import warehouse_source
from dbt_ai.report.artefacts import Drawn, Judged
from dbt_ai.report.labels import OTHERS, labels_of
from dbt_ai.report.warehouse_source import WarehouseSource

PLACE = (None, "main", "built")


class Rows(WarehouseConnection):
    """A connection that counts the rows that leave."""

    def __init__(self, database: duckdb.DuckDBPyConnection) -> None:
        self.database, self.left = database, 0

    def rows(self, sql: str) -> Iterator[Sequence[Any]]:
        for row in self.database.execute(sql).fetchall():
            self.left += 1
            yield row


class Source(WarehouseSource):
    def _relation(self, table: Judged | Drawn) -> str:
        return table.place[2]


@pytest.fixture
def rows() -> Rows:
    database = duckdb.connect()
    database.execute(
        """create table built as select i, case when i % 4 = 0 then 'b' else 'a' end as label, i % 2 = 0 as flag,
        {'response': {'label': case when i % 4 = 0 then 'b' else 'c' end}} as answer, ['a', 'b'][1 : i % 3] as labels,
        [i, 1.0] as vector from range(12000) as t(i)"""
    )
    return Rows(database)


@pytest.fixture
def source(rows: Rows) -> WarehouseSource:
    return Source(WarehouseTables(rows, dialect_of("duckdb"), "dbt_ai"))


def test_labels_are_counted_in_the_warehouse(rows: Rows, source: WarehouseSource) -> None:
    assert source.labels(Judged("n", PLACE, "label", "", "label")) == Counter({("a", "a"): 9000, ("b", "b"): 3000})
    assert source.labels(Judged("n", PLACE, "flag", "")) == Counter({("true", None): 6000, ("false", None): 6000})
    fields = Judged("n", PLACE, "answer", "", "label", fields=("response", "label"))
    assert source.labels(fields) == Counter({("c", "a"): 9000, ("b", "b"): 3000})
    assert source.labels(Judged("n", PLACE, "labels", "", several=True)) == Counter({("a", None): 8000, ("b", None): 4000})
    assert rows.left == 9


def test_of_very_many_answers_the_rarest_are_counted_together(rows: Rows, source: WarehouseSource, monkeypatch: pytest.MonkeyPatch) -> None:
    rows.database.execute("create or replace table built as select least(i, 1000) as label from range(3000) as t(i)")
    monkeypatch.setattr(warehouse_source, "MOST_GROUPS", 3)
    judged = Judged("n", PLACE, "label", "")
    assert source.labels(judged)["1000", None] == 2000 and source.labels(judged)[OTHERS, None] == 998
    shown = labels_of(source, judged)
    assert shown.counts[0] == ("1000", 2000) and shown.counts[-1] == (OTHERS, 998) and shown.total == 3000


def test_vectors_are_chosen_from_all_over_the_table(rows: Rows, source: WarehouseSource) -> None:
    found = source.vectors(Drawn("n", PLACE, "vector", "label"), 100)
    firsts = sorted(vector[0] for vector, _, _ in found)
    assert len(found) == 100 and rows.left == 101
    assert firsts[0] < 1000 and firsts[-1] > 11000
    assert found == source.vectors(Drawn("n", PLACE, "vector", "label"), 100)
    assert len(source.vectors(Drawn("n", PLACE, "vector"), 20_000)) == 12_000
