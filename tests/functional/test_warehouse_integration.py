"""integration_tests/ where answers are looked up: on servers in the place of Snowflake and BigQuery, and on DuckDB without our plugin."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import integration
import pytest

pytestmark = pytest.mark.env("cloud")


@pytest.fixture
def folder(tmp_path: Path) -> Any:
    with integration.project(tmp_path / "project", DBT_AI_CACHE_DIR=str(tmp_path / "cache")) as folder:
        yield folder


def test_every_row_is_the_same_on_duckdb_without_the_plugin(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    expected = integration.rows_on_duckdb(folder)
    monkeypatch.setenv("DBT_AI_INTEGRATION_DUCKDB", "looked_up.duckdb")
    integration.build("duckdb_runtime", *integration.LOOKED_UP)
    DuckDBConnectionManager.close_all_connections()
    with duckdb.connect("looked_up.duckdb") as connection:
        assert not integration.differences(expected, lambda sql: connection.execute(sql).fetchall())
