"""Postgres for real, with pgvector, and functions in the place of the azure_ai extension's that answer what the Mock model answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import integration
import pytest
from warehouse import PostgresServer

from dbt_ai.providers import mock

pytestmark = pytest.mark.env("postgres")

PROVIDER = ("--vars", "{dbt_ai_postgres_provider: azure_ai}")
CHANGED = "{dbt_ai_postgres_provider: azure_ai, instruction: Shorten}"
DIMENSIONS = 16


class Vendor:
    """The database of the integration project, with functions in the vendor's place."""

    def __init__(self, server: PostgresServer) -> None:
        self.socket = server.socket
        self.rows: Callable[..., list[tuple[Any, ...]]] = partial(server.rows, "postgres")
        self.rows((Path(__file__).parent / "postgres_vendor.sql").read_text())

    def insert(self, table: str, rows: Sequence[tuple[Any, ...]]) -> None:
        row = f"({', '.join(['%s'] * len(rows[0]))})"
        self.rows(f"insert into {table} values {', '.join([row] * len(rows))}", *chain(*rows))


@pytest.fixture(scope="module")
def vendor(postgres: PostgresServer) -> Vendor:
    return Vendor(postgres)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, vendor: Vendor) -> Iterator[Path]:
    where = tmp_path_factory.mktemp("project") / "project"
    with integration.project(where, DBT_AI_INTEGRATION_POSTGRES_HOST=vendor.socket) as folder:
        yield folder


@pytest.fixture(scope="module")
def expected(folder: Path, vendor: Vendor) -> dict[str, list[integration.Row]]:
    """What DuckDB gives, which is also what the functions in the vendor's place are to answer."""
    rows = integration.rows_on_duckdb(folder)
    bodies = dict(integration.rows_of_seed(folder, "tickets", "ticket_id, body"))
    vendor.insert("vendor.answers", [(f"Answer this ticket: {bodies[id]}", "text", answer) for id, answer in rows["ticket_answers"]])
    vendor.insert("vendor.answers", [(f"Summarize: {bodies[id]}", "text", summary) for id, summary in rows["ticket_summaries"]])
    labels = [(bodies[id], "struct", json.dumps({"label": a, "urgency": b, "score": c})) for id, a, b, c in rows["ticket_labels"]]
    vendor.insert("vendor.answers", labels)
    vendor.insert("vendor.answers", [(bodies[id], "scalar", json.dumps({"answer": value})) for id, value in rows["ticket_urgency"]])
    texts = [text for (text,) in integration.rows_of_seed(folder, "articles", "content")] + ["machine learning techniques"]
    vendor.insert("vendor.embeddings", list(zip(texts, mock.vectors(texts, DIMENSIONS).tolist(), strict=True)))
    return rows


def test_every_row_is_the_row_that_duckdb_gives(expected: dict[str, list[integration.Row]], vendor: Vendor) -> None:
    integration.build("postgres", *PROVIDER)
    assert all(expected.values())
    assert not integration.differences(expected, vendor.rows, leave_out=["ticket_errors"])
    assert ("text", None) not in vendor.rows("select distinct kind, input from vendor.calls"), "a NULL input was asked"


def test_only_what_changed_is_asked_again(expected: dict[str, list[integration.Row]], vendor: Vendor, folder: Path) -> None:
    def count() -> int:
        return int(vendor.rows("select count(*) from vendor.calls")[0][0])

    counts = integration.calls_of_changes("postgres", {"dbt_ai_postgres_provider": "azure_ai"}, count, vendor.rows, folder)
    # Nine of the first ten tickets have a text.
    asked = {"nothing": 0, "a new row": 1, "an edit of the SQL": 0, "another prompt": 10, "the same prompt again": 0, "full refresh": 10}
    assert counts == asked
    vendor.rows("update analytics.tickets set body = 'Changed' where ticket_id = 1")
    vendor.rows("delete from analytics.tickets where ticket_id = 2")
    before = count()
    integration.build("postgres", "--select", "ticket_summaries", "--vars", CHANGED, command="run")
    assert count() - before == 1
    assert sorted(vendor.rows("select ticket_id from analytics.ticket_summaries")) == [(id,) for id in (1, *range(3, 12))]


@pytest.mark.usefixtures("expected")
def test_a_key_that_stands_twice_is_refused_before_anything_is_asked(vendor: Vendor) -> None:
    vendor.rows("insert into analytics.tickets values (1, 'A second ticket 1'), (null, 'A ticket without a number')")
    before = vendor.rows("select count(*) from vendor.calls")
    with pytest.raises(AssertionError, match="unique_key 'ticket_id' does not identify the rows of .*: of 12 rows 1 have none"):
        integration.build("postgres", "--select", "ticket_summaries", "--vars", CHANGED, command="run")
    assert vendor.rows("select count(*) from vendor.calls") == before


def test_the_native_way_without_a_provider_is_an_error_that_names_them(folder: Path) -> None:
    with pytest.raises(AssertionError, match="AI021: ai_query on postgres: var dbt_ai_postgres_provider is not set; set it to azure_ai"):
        integration.build("postgres", "--select", "ticket_answers", "--vars", "{dbt_ai: {way: native}}")


@pytest.mark.usefixtures("expected")
def test_words_and_vectors_find_rows_together(vendor: Vendor) -> None:
    rows = vendor.rows("select article_id, ai_rank, ai_similarity from analytics.articles_by_words_and_vectors order by ai_rank")
    assert [rank for _, rank, _ in rows] == [1, 2, 3]
    assert rows[0][0] == 6, "the only one with the words of the question"
