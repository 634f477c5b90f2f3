"""Where the definition of a view is looked for."""

from __future__ import annotations

import duckdb
import pytest

from dbt_ai.engines.warehouse.connection import WarehouseConnection


@pytest.mark.parametrize(
    ("view", "found"),
    [
        ("shop.analytics.seen", ["lower", "upper"]),
        ('"shop"."analytics"."seen"', ["lower"]),
        ('"shop"."ANALYTICS"."SEEN"', ["upper"]),
        ("`shop`.`analytics`.`it's`", ["quoted"]),
    ],
)
def test_a_view_is_found_as_the_warehouse_keeps_its_name(view: str, found: list[str]):
    with duckdb.connect() as warehouse:
        warehouse.execute("create schema catalog; set schema = 'catalog'")
        kept = [("analytics", "seen", "lower"), ("ANALYTICS", "SEEN", "upper"), ("analytics", "it's", "quoted"), ("other", "seen", "other")]
        warehouse.execute("create table views (table_schema varchar, table_name varchar, view_definition varchar)")
        warehouse.executemany("insert into views values (?, ?, ?)", kept)
        query = WarehouseConnection(None).definition_of(view).replace("information_schema.views", "views")  # type: ignore[arg-type]
        assert [definition for (definition,) in warehouse.execute(query).fetchall()] == found
