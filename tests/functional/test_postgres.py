"""Postgres for real, with pgvector, and functions in the place of the azure_ai extension's that answer what the Mock model answers."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import integration
import pytest

from dbt_ai.providers import mock

pytestmark = pytest.mark.env("postgres")

PROVIDER = ("--vars", "{dbt_ai_postgres_provider: azure_ai}")
CHANGED = "{dbt_ai_postgres_provider: azure_ai, instruction: Shorten}"
DIMENSIONS = 16


class Postgres:
    def __init__(self, folder: Path) -> None:
        import pgserver
        import psycopg2

        self._server = pgserver.get_server(folder, cleanup_mode="delete")
        self.socket = str(folder)
        self._connection = psycopg2.connect(self._server.get_uri())
        self._connection.autocommit = True

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        with self._connection.cursor() as cursor:
            cursor.execute(sql, values)
            return list(cursor.fetchall()) if cursor.description else []

    def insert(self, table: str, rows: Sequence[tuple[Any, ...]]) -> None:
        with self._connection.cursor() as cursor:
            for row in rows:
                cursor.execute(f"insert into {table} values ({', '.join(['%s'] * len(row))})", row)

    def stop(self) -> None:
        self._connection.close()
        self._server.cleanup()


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    # Not in pytest's folder, which is its user's alone: Postgres does not run as root and takes a user of its own there.
    postgres = Postgres(Path(tempfile.mkdtemp()))
    postgres.rows((Path(__file__).parent / "postgres_vendor.sql").read_text())
    yield postgres
    postgres.stop()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, postgres: Postgres) -> Iterator[Path]:
    where = tmp_path_factory.mktemp("project") / "project"
    with integration.project(where, DBT_AI_INTEGRATION_POSTGRES_HOST=postgres.socket) as folder:
        yield folder


@pytest.fixture(scope="module")
def expected(folder: Path, postgres: Postgres) -> dict[str, list[integration.Row]]:
    """What DuckDB gives, which is also what the functions in the vendor's place are to answer."""
    rows = integration.rows_on_duckdb(folder)
    bodies = dict(integration.rows_of_seed(folder, "tickets", "ticket_id, body"))
    postgres.insert("vendor.answers", [(f"Answer this ticket: {bodies[id]}", "text", answer) for id, answer in rows["ticket_answers"]])
    postgres.insert("vendor.answers", [(f"Summarize: {bodies[id]}", "text", summary) for id, summary in rows["ticket_summaries"]])
    labels = [(bodies[id], "struct", json.dumps({"label": a, "urgency": b, "score": c})) for id, a, b, c in rows["ticket_labels"]]
    postgres.insert("vendor.answers", labels)
    postgres.insert("vendor.answers", [(bodies[id], "scalar", json.dumps({"answer": value})) for id, value in rows["ticket_urgency"]])
    texts = [text for (text,) in integration.rows_of_seed(folder, "articles", "content")] + ["machine learning techniques"]
    postgres.insert("vendor.embeddings", list(zip(texts, mock.vectors(texts, DIMENSIONS).tolist(), strict=True)))
    return rows


def test_every_row_is_the_row_that_duckdb_gives(expected: dict[str, list[integration.Row]], postgres: Postgres) -> None:
    integration.build("postgres", *PROVIDER)
    assert all(expected.values())
    assert not integration.differences(expected, postgres.rows, leave_out=["ticket_errors"])
    assert ("text", None) not in postgres.rows("select distinct kind, input from vendor.calls"), "a NULL input was asked"


def test_only_what_changed_is_asked_again(expected: dict[str, list[integration.Row]], postgres: Postgres, folder: Path) -> None:
    def count() -> int:
        return int(postgres.rows("select count(*) from vendor.calls")[0][0])

    counts = integration.calls_of_changes("postgres", {"dbt_ai_postgres_provider": "azure_ai"}, count, postgres.rows, folder)
    # Nine of the first ten tickets have a text.
    asked = {"nothing": 0, "a new row": 1, "an edit of the SQL": 0, "another prompt": 10, "the same prompt again": 0, "full refresh": 10}
    assert counts == asked
    postgres.rows("update analytics.tickets set body = 'Changed' where ticket_id = 1")
    postgres.rows("delete from analytics.tickets where ticket_id = 2")
    before = count()
    integration.build("postgres", "--select", "ticket_summaries", "--vars", CHANGED, command="run")
    assert count() - before == 1
    assert sorted(postgres.rows("select ticket_id from analytics.ticket_summaries")) == [(id,) for id in (1, *range(3, 12))]


@pytest.mark.usefixtures("expected")
def test_a_key_that_stands_twice_is_refused_before_anything_is_asked(postgres: Postgres) -> None:
    postgres.rows("insert into analytics.tickets values (1, 'A second ticket 1'), (null, 'A ticket without a number')")
    before = postgres.rows("select count(*) from vendor.calls")
    with pytest.raises(AssertionError, match="unique_key 'ticket_id' does not identify the rows of .*: of 12 rows 1 have none"):
        integration.build("postgres", "--select", "ticket_summaries", "--vars", CHANGED, command="run")
    assert postgres.rows("select count(*) from vendor.calls") == before


def test_the_native_way_without_a_provider_is_an_error_that_names_them(folder: Path) -> None:
    with pytest.raises(AssertionError, match="AI021: ai_query on postgres: var dbt_ai_postgres_provider is not set; set it to azure_ai"):
        integration.build("postgres", "--select", "ticket_answers", "--vars", "{dbt_ai: {way: native}}")


@pytest.mark.usefixtures("expected")
def test_words_and_vectors_find_rows_together(postgres: Postgres) -> None:
    rows = postgres.rows("select article_id, ai_rank, ai_similarity from analytics.articles_by_words_and_vectors order by ai_rank")
    assert [rank for _, rank, _ in rows] == [1, 2, 3]
    assert rows[0][0] == 6, "the only one with the words of the question"
