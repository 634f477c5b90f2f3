"""integration_tests/ where answers are looked up: on servers in the place of Snowflake and BigQuery, and on DuckDB without our plugin."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import integration
import pytest
from emulators import bigquery_server, snowflake_server

pytestmark = pytest.mark.env("cloud")

Rows = dict[str, list[Any]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Any:
    path = tmp_path_factory.mktemp("integration")
    with integration.project(path / "project", DBT_AI_CACHE_DIR=str(path / "cache")) as folder:
        yield folder


@pytest.fixture(scope="module")
def expected(folder: Path) -> Rows:
    return integration.rows_on_duckdb(folder)


def test_every_row_is_the_same_on_duckdb_without_the_plugin(expected: Rows, monkeypatch: pytest.MonkeyPatch) -> None:
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    monkeypatch.setenv("DBT_AI_INTEGRATION_DUCKDB", "looked_up.duckdb")
    integration.build("duckdb_runtime", *integration.LOOKED_UP)
    DuckDBConnectionManager.close_all_connections()
    with duckdb.connect("looked_up.duckdb") as connection:
        assert not integration.differences(expected, lambda sql: connection.execute(sql).fetchall())


def test_every_row_is_the_same_on_snowflake(expected: Rows, monkeypatch: pytest.MonkeyPatch) -> None:
    left_out = ["article_chunks"]  # fakesnow takes no number out of a VARIANT
    with snowflake_server() as server:
        monkeypatch.setenv("DBT_AI_INTEGRATION_SNOWFLAKE_PORT", str(server.port))
        integration.build("snowflake", *integration.LOOKED_UP, *left_out)
        assert not integration.differences(expected, lambda sql: server.rows("INTEGRATION", sql), left_out)


def test_every_row_is_the_same_on_bigquery(expected: Rows) -> None:
    left_out = ["ticket_summaries", "article_neighbours"]  # Crucible has no copy jobs, and not VECTOR_SEARCH
    with bigquery_server() as server:
        integration.build("bigquery", *integration.LOOKED_UP, *left_out)
        assert not integration.differences(expected, lambda sql: server.rows("integration", sql), left_out)
