"""The page of `dbt-ai report`, of tables that were filled by hand, by an import, or by somebody who means harm."""

from __future__ import annotations

import re
from collections.abc import Iterator

import duckdb
import pytest

from dbt_ai.report.artefacts import Artefacts, Drawn, Judged, Result
from dbt_ai.report.contents import gather
from dbt_ai.report.duckdb_source import DuckDBSource
from dbt_ai.report.html import MOST_ROWS, page
from dbt_ai.store.duckdb_store import DuckDBStore
from dbt_ai.store.schema import Tables

SCRIPT = "</script><script>alert(1)</script><img src=https://tracker.test/x onerror=alert(1)>"
TERMINAL = "\x1b[2J\x1b]0;owned\x07\x00\u202e\u200b"
USAGE = """insert into dbt_ai.usage by name
    select 'run' as invocation_id, {node} as node, 'llm' as external_model, 'm' as model,
        1 as requests, 1 as distinct_requests, 0 as from_store,
        1 as executed, 0 as failed, 0 as throttled, 0 as broken, 0 as retried, 0 as truncated, 10 as input_tokens, 1 as output_tokens,
        {cost} as cost_usd, 0.5 as saved_usd, {at} as started_at, 1 as seconds, {causes} as failure_causes from range({rows}) t(i)"""
ANSWERS = """insert into dbt_ai.responses by name
    select cast(i as varchar)::blob as key, 'ai_query' as function, 'm' as model, {value} as value, now() as created_at, today() as used_on,
        'model.shop.labels' as node, {input} as input from range({rows}) t(i)"""


@pytest.fixture
def store() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        DuckDBStore(connection.cursor, Tables("dbt_ai")).check()
        yield connection


def shown(store: duckdb.DuckDBPyConnection, artefacts: Artefacts | None = None) -> str:
    source = DuckDBSource(store, Tables("dbt_ai"), store, list)
    return page(gather("shop", "2026-01-01", source, artefacts or Artefacts(), lambda model: model))


def use(
    store: duckdb.DuckDBPyConnection,
    node: str = "'model.shop.labels'",
    cost: str = "0.01",
    at: str = "now()",
    rows: int = 1,
    causes: str = "null",
) -> None:
    store.execute(USAGE.format(node=node, cost=cost, at=at, rows=rows, causes=causes))


def test_hostile_text_is_text_wherever_it_stands(store: duckdb.DuckDBPyConnection):
    store.execute("create table hostile as select ?::varchar as label, [i::float, 1] as v from range(9) t(i)", [SCRIPT + TERMINAL])
    store.execute(ANSWERS.format(value="?", input="?", rows=3), [SCRIPT + TERMINAL, TERMINAL + SCRIPT])
    use(store)
    store.execute("update dbt_ai.usage set node = ?, external_model = ?", [f"model.shop.{SCRIPT}{TERMINAL}", SCRIPT + TERMINAL])
    store.execute("update dbt_ai.usage set failure_causes = to_json(map {?: 3})", [SCRIPT + TERMINAL])
    place = (None, "main", "hostile")
    judged, drawn = Judged(SCRIPT, place, "label", "label", "label"), Drawn(SCRIPT, place, "v", "label", "label")
    written = shown(store, Artefacts("run", {}, [judged], [drawn]))
    assert written.count("<script>") == 1 and written.count("</script>") == 1 and "<img" not in written
    assert not re.search("[\x00\x1b\x07\u202e\u200b]", written) and "\\x1b[2J" in written


def test_numbers_that_cannot_be_are_not_known(store: duckdb.DuckDBPyConnection):
    for cost in ("'nan'::double", "'inf'::double", "-5", "0.01"):
        use(store, cost=cost)
    store.execute("update dbt_ai.usage set input_tokens = -7 where cost_usd < 0")
    written = shown(store)
    assert "≥ $0.01" in written and not re.search(r"\b(nan|inf)\b|=\"-|\$-", written.split("</style>")[1])


def test_a_node_that_failed_before_it_asked_is_the_first_of_the_last_run(store: duckdb.DuckDBPyConnection):
    use(store)
    results = {"model.shop.labels": Result("success", 1.0, 1), "model.shop.refused": Result("error", 0.5, None)}
    written = shown(store, Artefacts("run", results, asking=frozenset(results)))
    last_run = written.split('id="plans"')[1].split("</section>")[0]
    assert re.findall(r'<th scope="row">(\w+)</th>', last_run) == ["refused", "labels"]
    assert "error, nothing was asked" in last_run and "success, nothing" not in last_run


def test_requests_that_were_sent_again_are_told(store: duckdb.DuckDBPyConnection):
    use(store)
    store.execute("update dbt_ai.usage set requests = 9, retried = 2")
    written = shown(store)
    assert "9 (2 again)" in written and "the highest, $0.01, on" in written


@pytest.mark.parametrize("at", ["9999-12-31 23:00", "200000-01-01", "infinity", "1000-01-01 (BC)"])
def test_a_day_that_python_does_not_know_has_its_column(store: duckdb.DuckDBPyConnection, at: str):
    use(store, at=f"'{at}'::timestamptz", causes="'{\"busy\": 3}'")
    assert "busy" in shown(store)


def test_ten_thousand_nodes_are_a_page_that_can_be_read(store: duckdb.DuckDBPyConnection):
    use(store, node="'model.shop.n' || i", cost="i / 1000", rows=10_000, causes="'{\"cause ' || i || '\": 3}'")
    results = {f"model.shop.n{i}": Result("success", 1.0, 1) for i in range(10_000)}
    written = shown(store, Artefacts("run", results))
    assert f"The {MOST_ROWS} with the highest cost of 10,000." in written and "n9999" in written
    assert written.count("<tr>") < 4 * MOST_ROWS and len(written) < 2_000_000


def test_long_answers_are_shown_by_their_beginning(store: duckdb.DuckDBPyConnection):
    store.execute(ANSWERS.format(value="repeat('long ', 200000)", input="repeat('text ', 200000)", rows=20))
    assert len(shown(store)) < 200_000


def test_an_empty_store_has_a_report(store: duckdb.DuckDBPyConnection):
    assert "Nothing has been asked yet" in shown(store)
