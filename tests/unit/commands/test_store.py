from __future__ import annotations

import json
from pathlib import Path

import duckdb
import numpy as np
import pytest
from click.testing import CliRunner

from dbt_ai.commands.cli import cli
from dbt_ai.request import Delivery, Failure, Requests, Responses, TokenCount, parse_call
from dbt_ai.store.duckdb_store import Store


def call_of(name: str, kind: str = "CHAT"):
    model = {"name": name, "location": "https://host.test/v1", "api_format": "OpenAI", "model_type": kind, "model": name}
    return parse_call(json.dumps({"function": "ai_query" if kind == "CHAT" else "ai_embed", "model": model}), False)


def fill(path: Path, names: tuple[str, ...] = ("one", "two")) -> None:
    connection = duckdb.connect(str(path))
    store = Store(connection.cursor, '"dbt_ai"')
    for name in names:
        call = call_of(name)
        requests = Requests(call, ["a", "b", "c"], call.keys(["a", "b", "c"]))
        store.put(
            [Delivery(requests, [0, 1, 2], Responses(["1", "2", None], {2: Failure("c", "m")}, TokenCount(30, 3)))], f"model.project.{name}"
        )
    vectors = call_of("three", "EMBEDDINGS")
    requests = Requests(vectors, ["a"], vectors.keys(["a"]))
    store.put([Delivery(requests, [0], Responses(np.ones((1, 4), np.float32)))], "model.project.three")
    connection.close()


@pytest.fixture
def database(tmp_path: Path) -> Path:
    fill(tmp_path / "answers.duckdb")
    return tmp_path / "answers.duckdb"


def run(database: Path, *arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(cli, ["store", "--database", str(database), *arguments])
    assert result.exit_code == code, result.output
    return result.output


def test_stats_count_answers_and_never_failures(database: Path):
    shown = run(database, "stats")
    assert "ai_query" in shown and "ai_embed" in shown
    assert shown.count("| 2") >= 2 or shown.count(" 2 ") >= 2


def test_forget_deletes_what_a_node_paid_for(database: Path):
    assert "2 answers deleted" in run(database, "forget", "--node", "one")
    assert "0 answers deleted" in run(database, "forget", "--node", "model.project.one")
    assert "1 answers deleted" in run(database, "forget", "--where", "value = '2'")
    assert "1 answers deleted" in run(database, "forget", "--model", "three")


def test_deleting_everything_takes_a_condition(database: Path):
    assert "say which ones" in run(database, "forget", code=1)
    assert "--where cannot be read" in run(database, "forget", "--where", "no_such_column = 1", code=1)


def test_prune_takes_age_and_last_use(database: Path):
    connection = duckdb.connect(str(database))
    connection.execute("update dbt_ai.responses set created_at = now() - to_days(40), used_on = current_date - 3 where value = '1'")
    connection.close()
    assert "0 answers deleted" in run(database, "prune", "--older-than", "30", "--unused", "5")
    assert "2 answers deleted" in run(database, "prune", "--older-than", "30")


def test_an_export_fills_another_store_once(database: Path, tmp_path: Path):
    exported, other = tmp_path / "answers.parquet", tmp_path / "other.duckdb"
    assert "5 answers written" in run(database, "export", str(exported))
    fill(other, names=("one",))
    assert "2 answers taken in" in run(other, "import", str(exported))
    assert "0 answers taken in" in run(other, "import", str(exported))
    first = duckdb.connect(str(database)).execute("from dbt_ai.responses select key, value, vector order by key").fetchall()
    assert duckdb.connect(str(other)).execute("from dbt_ai.responses select key, value, vector order by key").fetchall() == first


def test_a_file_of_something_else_is_refused(database: Path, tmp_path: Path):
    other = tmp_path / "other.parquet"
    duckdb.execute(f"copy (select 1 as x) to '{other}' (format parquet)")
    assert "is no file of dbt-ai store export" in run(database, "import", str(other), code=1)


def test_a_missing_store_is_said_plainly(tmp_path: Path):
    assert "does not exist" in run(tmp_path / "none.duckdb", "stats", code=1)
    duckdb.connect(str(tmp_path / "empty.duckdb")).close()
    assert "has no answers in schema 'dbt_ai'" in run(tmp_path / "empty.duckdb", "stats", code=1)


def test_a_store_found_again_marks_its_use_once_a_day(database: Path):
    connection = duckdb.connect(str(database))
    connection.execute("update dbt_ai.responses set used_on = current_date - 9")
    store, call = Store(connection.cursor, '"dbt_ai"'), call_of("one")
    [found] = list(store.lookup(call, call.keys(["b", "a", "none"])))
    assert dict(zip(found.positions.tolist(), found.values, strict=True)) == {0: "2", 1: "1"}
    assert connection.execute("select count(*) from dbt_ai.responses where used_on = current_date").fetchall() == [(2,)]
