"""integration_tests/ built on an engine, and its rows compared with those that DuckDB gives."""

from __future__ import annotations

import json
import math
import os
import shutil
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

REPOSITORY = Path(__file__).parents[2]

# What identifies a row, and the column that the engines compute in different orders of addition.
TABLES: dict[str, str] = {
    "ticket_answers": "ticket_id, answer",
    "ticket_labels": "ticket_id, label, urgency, score",
    "ticket_urgency": "ticket_id, urgency",
    "ticket_summaries": "ticket_id, summary",
    "ticket_errors": "ticket_id, label, error",
    "nearest_articles": "article_id, title, distance",
    "article_distances": "article_id, other_id, similarity, l2, inner_product",
    "article_neighbours": "asked_id, article_id, ai_rank, ai_similarity",
    "article_chunks": "article_id, chunk, chunk_order, chunk_offset, chunk_length",
}
Row = tuple[Any, ...]

# Answers by look-ups, which ai_table plans and joins.
# Full text is searched with vectors by the plugin, or by Postgres.
LOOKED_UP = (
    *("--vars", "{materialized: ai_table, dbt_ai: {way: runtime}}"),
    *("--exclude", "databricks_examples", "articles_by_words_and_vectors"),
)


@contextmanager
def project(folder: Path, **env: str) -> Any:
    """A copy of the project in which `dbt` runs with this package."""
    shutil.copytree(REPOSITORY / "integration_tests", folder, ignore=shutil.ignore_patterns("target", "dbt_packages", "logs", "*.duckdb"))
    (folder / "dbt_packages").mkdir()
    (folder / "dbt_packages/dbt_ai").symlink_to(REPOSITORY)
    before, where = dict(os.environ), Path.cwd()
    os.environ.update({"DBT_PROFILES_DIR": str(folder), "DBT_SEND_ANONYMOUS_USAGE_STATS": "false", **env})
    os.chdir(folder)
    try:
        yield folder
    finally:
        os.chdir(where)
        os.environ.clear()
        os.environ.update(before)


def build(target: str, *arguments: str, command: str = "build") -> None:
    """`dbt build`, or another command, in this process. Raises AssertionError with what went wrong."""
    from dbt.cli.main import dbtRunner

    lines: list[str] = []
    runner = dbtRunner(callbacks=[lambda event: lines.append(event.info.msg) if event.info.level in ("warn", "error") else None])
    result = runner.invoke(["--no-use-colors", command, "--target", target, *arguments])
    assert result.success, "\n".join([*lines, str(result.exception or "")])


def rows_on_duckdb(folder: Path) -> dict[str, list[Row]]:
    """Build on DuckDB in a process of its own: one process has one adapter, and DuckDB keeps its file."""
    import subprocess
    import sys

    subprocess.run(
        [
            sys.executable,
            "-c",
            "from dbt.cli.main import cli; cli()",
            "--quiet",
            "build",
            "--target",
            "duckdb",
            "--target-path",
            "target_duckdb",
        ],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), "DBT_AI_INTEGRATION_DUCKDB": "expected.duckdb"},
        check=True,
    )
    with duckdb.connect(str(folder / "expected.duckdb"), read_only=True) as connection:
        return {table: ordered(connection.execute(f"select {columns} from {table}").fetchall()) for table, columns in TABLES.items()}


def rows_of_seed(folder: Path, seed: str, columns: str) -> list[Row]:
    """A seed as DuckDB loaded it, after `rows_on_duckdb`."""
    with duckdb.connect(str(folder / "expected.duckdb"), read_only=True) as connection:
        return connection.execute(f"select {columns} from {seed}").fetchall()


def ordered(rows: Sequence[Row]) -> list[Row]:
    return sorted((tuple(row) for row in rows), key=lambda row: tuple(str(value) for value in row[:3] if not isinstance(value, float)))


def compared(expected: Sequence[Row], found: Sequence[Row]) -> str | None:
    """None if the rows are equal, floats to six digits; else the first difference."""
    if len(expected) != len(found):
        return f"{len(found)} rows where there should be {len(expected)}"
    for one, other in zip(expected, ordered(found), strict=True):
        if not all(_equal(a, b) for a, b in zip(one, other, strict=True)):
            return f"{other} where there should be {one}"
    return None


def differences(expected: dict[str, list[Row]], query: Callable[[str], Sequence[Row]], leave_out: Sequence[str] = ()) -> dict[str, str]:
    found = {
        table: compared(rows, query(f"select {TABLES[table]} from analytics.{table}"))
        for table, rows in expected.items()
        if table not in leave_out
    }
    return {table: difference for table, difference in found.items() if difference}


def calls_of_changes(
    target: str, variables: dict[str, str], count: Callable[[], int], execute: Callable[[str], object], folder: Path
) -> dict[str, int]:
    """Rebuild ticket_summaries after one change at a time; how many rows the models were asked for after each.

    The eleventh row that is added has a text of its own; the tables are as `build` left them.
    """
    counts = {}

    def rebuild(change: str, *arguments: str, **more: str) -> None:
        before = count()
        given = json.dumps({**variables, **more})
        build(target, "--select", "ticket_summaries", "--vars", given, *arguments, command="run")
        counts[change] = count() - before

    rebuild("nothing")
    execute("insert into analytics.tickets values (11, 'A new ticket')")
    rebuild("a new row")
    model = folder / "models/ticket_summaries.sql"
    model.write_text(model.read_text().replace("select ticket_id,", "-- an edit that asks nothing else\nselect   ticket_id,"))
    rebuild("an edit of the SQL")
    rebuild("another prompt", instruction="Shorten")
    rebuild("the same prompt again", instruction="Shorten")
    rebuild("full refresh", "--full-refresh", instruction="Shorten")
    return counts


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, float) and other is not None:
        return math.isclose(one, float(other), rel_tol=1e-5, abs_tol=1e-5)
    return bool(one == other)
