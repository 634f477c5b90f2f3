"""On Postgres the inputs of many rows are found once: they stay in a table from the query that collects them to the SQL that is built."""

from __future__ import annotations

import pytest
from models import EMBEDDER, ai_table
from warehouse import WarehouseProject

pytestmark = pytest.mark.env("postgres")

TEXTS = "select i, case when i % 7 > 0 then 'text ' || (i % 20) end as body from generate_series(1, 120000) as t(i)"
LARGE = "select i, {{ dbt_ai.ai_embed(ref('embedder'), 'body') }} as vector from {{ ref('texts') }}"
SMALL = "select body, {{ dbt_ai.ai_embed(ref('embedder'), 'body') }} as vector from (select distinct body from {{ ref('texts') }}) as t"
DIFFERENT = """select count(*) from analytics.texts join analytics.large using (i) left join analytics.small using (body)
    where large.vector is distinct from small.vector or (body is null) <> (large.vector is null)"""


@pytest.fixture
def large(on_postgres: WarehouseProject) -> WarehouseProject:
    on_postgres.write({"models/embedder.sql": EMBEDDER, "models/texts.sql": TEXTS, "models/large.sql": ai_table(LARGE)})
    on_postgres.dbt("run", "-s", "embedder", "texts", check=True)
    on_postgres.query("analyze analytics.texts")
    return on_postgres


def kept(project: WarehouseProject) -> list[str]:
    return [name for (name,) in project.query("select relname from pg_class where relname like 'dbt\\_ai\\_asked\\_%' order by 1")]


def run_sql(project: WarehouseProject) -> str:
    return (project.path / "target/run/project/models/large.sql").read_text()


def test_each_row_has_its_answer_and_nothing_is_left(large: WarehouseProject):
    large.write({"models/small.sql": ai_table(SMALL)})
    for computed in (20, 0):
        built = large.dbt("run", "-s", "small", "large", check=True)
        assert sum("20 computed" in built.message(node) for node in ("small", "large")) == bool(computed)
        assert "dbt_ai_asked_" in run_sql(large)
        assert large.query("select count(*), count(vector) from analytics.large") == [(120_000, 102_858)]
        assert large.query(DIFFERENT) == [(0,)]
        assert kept(large) == []
    assert "dbt_ai_asked_2" not in (large.path / "target/run/project/models/small.sql").read_text(), "few rows are worth no table"


def test_a_row_that_comes_after_its_inputs_were_kept_finds_a_stored_answer(large: WarehouseProject):
    asked_before = "{{ config(materialized='ai_table') }} select {{ dbt_ai.ai_embed(ref('embedder'), \"'late'\") }} as vector"
    with_hook = "{{ config(materialized='ai_table', pre_hook=\"insert into {{ ref('texts') }} values (0, 'late')\") }}" + LARGE
    large.write({"models/late.sql": asked_before, "models/large.sql": with_hook})
    large.dbt("run", "-s", "late", check=True)
    large.dbt("run", "-s", "large", check=True)
    assert large.query("select l.vector = large.vector from analytics.large, analytics.late as l where i = 0") == [(True,)]


def test_a_build_that_fails_leaves_no_inputs_behind(large: WarehouseProject):
    large.write({"models/large.sql": ai_table(LARGE.replace("select i,", "select 1 / (i - 60000) as i,"))})
    failed = large.dbt("run", "-s", "large")
    assert not failed.ok and "division by zero" in failed.output
    assert "dbt_ai_asked_" in run_sql(large) and kept(large) == []


def test_what_a_killed_process_left_is_dropped_a_day_later(large: WarehouseProject):
    now = large.query("select to_char(now() at time zone 'UTC', 'YYYYMMDDHH24MISS')")[0][0]
    old, new = "dbt_ai_asked_20260101000000_0a0a0a0a", f"dbt_ai_asked_{now}_0b0b0b0b"
    for name in (old, new):
        large.query(f"create table analytics.{name} (dbt_ai_input text)")
    large.dbt("run", "-s", "large", check=True)
    assert kept(large) == [new]
