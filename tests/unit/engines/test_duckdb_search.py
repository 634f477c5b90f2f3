"""The SQL functions of an exact search, on DuckDB without dbt: what one search of a plan leaves to the next."""

from __future__ import annotations

import duckdb
import pytest

from dbt_ai.engines import duckdb_search
from dbt_ai.engines.duckdb_search import ExactSearches

SEARCH = """with begun as materialized (
    select dbt_ai_search_begin([[1, 0], [0, 1]]::float[][], [5, 6], 1, -1, {digest}, {node}) as search),
seen as materialized (
    select sum(dbt_ai_search_see(search, [x, y]::float[], i)) as rows
    from begun cross join (values (1, 2, 1), (2, 1, 3)) as t(i, x, y) where search > 0)
select search > 0, dbt_ai_search_end(search, rows::bigint) from begun cross join seen"""
FOUND = [(5, 1), (6, 2)]


@pytest.fixture
def database() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    ExactSearches().register(connection, ())
    return connection


def compared(database: duckdb.DuckDBPyConnection, node: str | None, digest: str | None = "7") -> bool:
    """Whether the rows were compared. What is found is right in any case."""
    given = {name: "null" if value is None else f"'{value}'" for name, value in (("node", node), ("digest", digest))}
    [(rows, found)] = database.execute(SEARCH.format(**given)).fetchall()
    assert [(neighbour["query"], neighbour["row"]) for neighbour in found] == FOUND
    return bool(rows)


def test_the_passes_of_a_plan_and_their_node_compare_the_rows_once(database: duckdb.DuckDBPyConnection):
    nodes = ["collect model.a", "rehearse model.a", "collect model.a", "model.a"]
    assert [compared(database, node) for node in nodes] == [True, False, False, False]
    assert compared(database, "model.a"), "nothing is kept after the node"


def test_other_rows_are_compared_again(database: duckdb.DuckDBPyConnection):
    assert [compared(database, "collect model.a", digest) for digest in ("7", "8", "7")] == [True, True, False]


def test_nothing_is_kept_outside_of_a_plan(database: duckdb.DuckDBPyConnection):
    assert all(compared(database, node, digest) for node in (None, "model.a") for digest in ("7", None) for _ in range(2))


def test_what_is_kept_is_bounded(database: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(duckdb_search, "REMEMBERED", 3)
    assert [compared(database, "collect model.a", digest) for digest in ("7", "8", "8", "7")] == [True, True, False, True]
