from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import duckdb
import numpy as np
import pytest
from click.testing import CliRunner

from dbt_ai.call_constant import parse_call
from dbt_ai.catalog import Origin, catalog_in_duckdb
from dbt_ai.commands.cli import cli
from dbt_ai.commands.model_names import ModelNames
from dbt_ai.errors import ConfigurationError, StoreInUse
from dbt_ai.external_model import ExternalModel, mocked
from dbt_ai.request import Requests
from dbt_ai.response import Delivery, Failure, Responses
from dbt_ai.store.duckdb_store import DuckDBStore
from dbt_ai.store.schema import Tables
from dbt_ai.tokens import TokenCount


def call_of(name: str, kind: str = "CHAT"):
    model = {"name": name, "location": "https://host.test/v1", "api_format": "OpenAI", "model_type": kind, "model": name}
    return parse_call(json.dumps({"function": "ai_query" if kind == "CHAT" else "ai_embed", "model": model}), False)


def fill(path: Path, names: tuple[str, ...] = ("one", "two")) -> None:
    connection = duckdb.connect(str(path))
    store = DuckDBStore(connection.cursor, Tables("dbt_ai"))
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


def run(database: Path, *arguments: str, code: int = 0, typed: str = "y\n") -> str:
    result = CliRunner().invoke(cli, ["store", "--database", str(database), *arguments], input=typed)
    assert result.exit_code == code, result.output
    return result.output


def test_a_local_model_has_the_name_of_its_external_model_whichever_weights_answered():
    local = ExternalModel("embedder", "package://minilm", "Sentence Transformers", "EMBEDDINGS", "m")
    chosen = replace(local, name="own", identity="mine")
    stored = {model.stored_identity("f0a0") for model in (local, chosen)}
    names = ModelNames.of(stored, [local, chosen])
    assert names.identities("embedder") == [local.stored_identity("f0a0")] and names.identities("own") == ["mine f0a0"]
    assert {ModelNames.of(stored, []).shown(identity) for identity in stored} == {"m", "mine f0a0"}


def test_models_of_one_name_in_two_packages_are_told_apart():
    namesakes = [replace(call_of(called).model, name="llm") for called in ("one", "two")]
    names = ModelNames.of({model.key_identity for model in namesakes}, namesakes)
    assert [names.identities(f"llm ({model.model})") for model in namesakes] == [[model.key_identity] for model in namesakes]
    with pytest.raises(ConfigurationError, match=r"no stored answer is of model 'llm'; there are answers of llm \(one\), llm \(two\)"):
        names.identities("llm")


def test_a_node_whose_name_has_a_dot_is_shown_and_forgotten_by_that_name(tmp_path: Path):
    database = tmp_path / "answers.duckdb"
    fill(database, ("labels.v1", "labels.v2"))
    assert "| labels.v1 |" in run(database, "stats") and "| labels.v2 |" in run(database, "stats")
    assert "There are labels.v1, labels.v2" in run(database, "forget", "--node", "labels", code=1)
    assert "2 answers deleted" in run(database, "forget", "--node", "labels.v1")


def test_stats_count_answers_and_never_failures(database: Path):
    shown = run(database, "stats")
    assert "ai_query" in shown and "ai_embed" in shown
    assert shown.count("| 2") >= 2 or shown.count(" 2 ") >= 2


def test_forget_deletes_what_a_node_paid_for(database: Path):
    assert "2 answers deleted" in run(database, "forget", "--node", "one")
    assert "no stored answer is of node 'model.project.one'; use one of" in run(database, "forget", "--node", "model.project.one", code=1)
    assert "1 answer deleted" in run(database, "forget", "--where", "value = '2'")
    assert "1 answer deleted" in run(database, "forget", "--model", "three")


def test_what_would_be_forgotten_is_counted_and_asked_first(database: Path):
    asked = run(database, "forget", "--node", "one", typed="n\n", code=1)
    assert "2 answers will be deleted; the next run asks for what it needs. Go on? [y/N]" in asked
    assert "Aborted" in run(database, "forget", "--node", "one", typed="", code=1)
    assert "did you mean three?" in run(database, "forget", "--node", "thre", code=1)
    told = run(database, "forget", "--node", "one", "--yes", typed="")
    assert "2 answers deleted" in told and "Go on" not in told


def name_models(database: Path, **locations: str) -> None:
    """Put external models into the catalog of a database, by name, of the model and the place where `fill` asked it."""
    with duckdb.connect(str(database)) as connection:
        catalog = catalog_in_duckdb(connection.cursor, '"dbt_ai"')
        for name, model in locations.items():
            catalog.put("main", replace(call_of(model).model, name=name), Origin())


def test_stats_show_the_names_that_forget_takes(database: Path):
    name_models(database, llm="one", twin="one", other="two")
    shown = run(database, "stats")
    cells = [[cell.strip() for cell in line.split("|")[1:4]] for line in shown.splitlines()[2:]]
    assert sorted(cells) == [["one", "llm, twin", "ai_query"], ["three", "three", "ai_embed"], ["two", "other", "ai_query"]]
    assert "2 answers deleted" in run(database, "forget", "--model", "twin")
    unknown = run(database, "forget", "--model", "oth", code=1)
    assert "no stored answer is of model 'oth'; there are answers of other, three" in unknown


def test_a_model_is_also_known_by_what_its_endpoint_calls_it_and_by_its_whole_identity(database: Path):
    assert "2 answers deleted" in run(database, "forget", "--model", "one")
    assert "2 answers deleted" in run(database, "forget", "--model", call_of("two").model.key_identity)


def test_the_name_of_a_model_stands_for_its_mock_answers_too(tmp_path: Path):
    database = tmp_path / "mocked.duckdb"
    call = replace(call_of("one"), model=mocked(call_of("one").model))
    with duckdb.connect(str(database)) as connection:
        requests = Requests(call, ["a"], call.keys(["a"]))
        DuckDBStore(connection.cursor, Tables("dbt_ai")).put([Delivery(requests, [0], Responses(["1"]))], "model.project.one")
    name_models(database, llm="one")
    assert "1 answer deleted" in run(database, "forget", "--model", "llm")


def test_a_file_that_another_process_has_open_is_one_sentence(database: Path):
    code = f"import duckdb, sys; c = duckdb.connect({str(database)!r}); print('open', flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout and other.stdout.readline()
        for command in (["stats"], ["forget", "--where", "true"]):
            said = run(database, *command, code=1)
            assert re.fullmatch(rf"Error: database '.+' is in use by .+ \(PID {other.pid}\); DuckDB lets one process in, .+\n", said)
        other.communicate()


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
    assert "was not written by dbt-ai store export" in run(database, "import", str(other), code=1)


def exported(database: Path, tmp_path: Path, change: str = "select * from answers", name: str = "answers.parquet") -> Path:
    """An export of the database, changed by a query."""
    run(database, "export", str(tmp_path / "exported.parquet"))
    duckdb.execute(f"copy (with answers as (from '{tmp_path / 'exported.parquet'}') {change}) to '{tmp_path / name}' (format parquet)")
    return tmp_path / name


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    fill(tmp_path / "empty.duckdb", names=())
    duckdb.connect(str(tmp_path / "empty.duckdb")).execute("delete from dbt_ai.responses").close()
    return tmp_path / "empty.duckdb"


def test_an_imported_file_that_holds_an_answer_twice_gives_it_once(database: Path, empty: Path, tmp_path: Path):
    file = exported(database, tmp_path, "from answers union all from answers")
    assert "5 answers taken in" in run(empty, "import", str(file))
    assert duckdb.connect(str(empty)).execute("select count(*), count(distinct key) from dbt_ai.responses").fetchall() == [(5, 5)]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ("from answers union all select * replace (value || '!' as value) from answers", "different answers to the same request, 4"),
        ("select * replace (nullif(value, '2') as value) from answers order by value", "it has no answer, or two"),
        ("select * replace ('text' as value) from answers", "it has no answer, or two"),
        ("select * replace ([1, 'nan'::float, 2] as vector) from answers where vector is not null", "vector holds NULL, NaN or infinity"),
        ("select * replace ([1, null, 2]::float[] as vector) from answers where vector is not null", "row 1: its vector holds NULL"),
        ("select * replace ([]::float[] as vector) from answers where vector is not null", "row 1: its vector is empty"),
        ("select * replace (key[1:9] as key) from answers", "row 1: its key has not 32 bytes"),
        ("select * replace (null::varchar as model) from answers", "row 1: model is missing"),
        ("select * exclude vector from answers", "it has no column 'vector'"),
        ("select *, 1 as more from answers", "it has a column 'more'"),
        ("select * replace ('soon' as created_at) from answers", "was not written by dbt-ai store export"),
    ],
)  # fmt: skip
def test_a_file_that_no_store_has_written_is_refused_as_a_whole(database: Path, empty: Path, tmp_path: Path, change: str, problem: str):
    refused = run(empty, "import", str(exported(database, tmp_path, change)), code=1)
    assert problem in refused and "Traceback" not in refused
    assert duckdb.connect(str(empty)).execute("select count(*) from dbt_ai.responses").fetchall() == [(0,)]


def test_tokens_that_make_no_sense_are_unknown_and_lose_no_answer(database: Path, empty: Path, tmp_path: Path):
    file = exported(database, tmp_path, "select * replace (-1e9::double as input_tokens, 'nan'::double as output_tokens) from answers")
    assert "5 answers taken in" in run(empty, "import", str(file))
    assert duckdb.connect(str(empty)).execute("select count(input_tokens), count(output_tokens) from dbt_ai.responses").fetchall() == [
        (0, 0)
    ]


def test_an_export_of_version_1_is_taken_in(database: Path, empty: Path, tmp_path: Path):
    assert "5 answers taken in" in run(empty, "import", str(exported(database, tmp_path, "select * exclude key_version from answers")))


def test_the_name_of_an_imported_file_is_no_pattern(database: Path, empty: Path, tmp_path: Path):
    exported(database, tmp_path)
    assert "does not exist" in run(empty, "import", str(tmp_path / "*.parquet"), code=2)
    starred = exported(database, tmp_path, "select * from answers where value = '1'", name="model=x[1]*.parquet")
    assert "2 answers taken in" in run(empty, "import", str(starred))


def test_a_pipe_is_not_waited_for(database: Path, tmp_path: Path):
    pipe = tmp_path / "pipe.parquet"
    os.mkfifo(pipe)
    assert "is not a file" in run(database, "import", str(pipe), code=1)
    assert "is not a file" in run(database, "export", str(pipe), code=1)


@pytest.mark.parametrize(
    "condition", ["true; drop table dbt_ai.responses", "value = '2') or (true", "value = '1'; select 1", "value, key", "'x'::integer = 1"]
)
def test_where_is_one_condition_and_nothing_beside_it(database: Path, condition: str):
    assert "--where cannot be read" in run(database, "forget", "--where", condition, code=1)
    assert duckdb.connect(str(database)).execute("select count(*) from dbt_ai.responses").fetchall() == [(5,)]


@pytest.mark.parametrize(
    "command", [["stats"], ["export", "out.parquet"], ["import", "in.parquet"], ["forget", "--where", "true"], ["prune", "--unused", "1"]]
)
def test_a_damaged_database_is_one_sentence(database: Path, tmp_path: Path, monkeypatch, command: list[str]):
    monkeypatch.chdir(exported(database, tmp_path, name="in.parquet").parent)
    content = bytearray(database.read_bytes())
    content[8192:] = bytes(len(content) - 8192)
    database.write_bytes(content)
    said = run(database, *command, code=1)
    assert "cannot be used" in said and "Traceback" not in said and len(said.strip().splitlines()) == 1
    database.write_text("not a database")
    assert "cannot be used" in run(database, *command, code=1)


def test_an_export_to_a_folder_that_is_not_there_is_one_sentence(database: Path, tmp_path: Path):
    said = run(database, "export", str(tmp_path / "nowhere" / "out.parquet"), code=1)
    folder = str(tmp_path / "nowhere")
    assert said.endswith(f"out.parquet' cannot be written: there is no folder {folder!r}\n") and len(said.splitlines()) == 1


def test_an_export_overwrites_nothing_but_an_export(database: Path, tmp_path: Path):
    seed = tmp_path / "tickets.csv"
    seed.write_text("ticket_id,body")
    result = CliRunner().invoke(cli, ["store", "--database", str(database), "export", str(seed)])
    assert result.exit_code and "is there and no Parquet file, so it is not overwritten" in result.output
    assert seed.read_text() == "ticket_id,body"
    for _ in range(2):
        assert CliRunner().invoke(cli, ["store", "--database", str(database), "export", str(tmp_path / "a.parquet")]).exit_code == 0


@pytest.mark.parametrize("option", ["--target", "-t", "--database"])
def test_an_option_that_stands_behind_its_command_is_told_its_place(option: str):
    said = CliRunner().invoke(cli, ["store", "stats", option, "mock"]).output
    assert f"{option} stands before stats: dbt-ai store {option} … stats" in said
    assert "No such option" in CliRunner().invoke(cli, ["store", "stats", "--limit", "1"]).output


def test_a_missing_store_is_said_plainly(tmp_path: Path):
    assert "does not exist" in run(tmp_path / "none.duckdb", "stats", code=1)
    duckdb.connect(str(tmp_path / "empty.duckdb")).close()
    assert "has no answers in schema 'dbt_ai'" in run(tmp_path / "empty.duckdb", "stats", code=1)


def test_a_store_found_again_marks_its_use_once_a_day(database: Path):
    connection = duckdb.connect(str(database))
    connection.execute("update dbt_ai.responses set used_on = current_date - 9")
    store, call = DuckDBStore(connection.cursor, Tables("dbt_ai")), call_of("one")
    texts = ["b", "a", "none"]
    pieces = list(store.lookup(Requests(call, texts, call.keys(texts))))
    found = {position: value for piece in pieces for position, value in zip(piece.positions.tolist(), piece.values, strict=True)}
    assert found == {0: "2", 1: "1"}
    assert connection.execute("select count(*) from dbt_ai.responses where used_on = current_date").fetchall() == [(2,)]


def test_an_import_makes_the_database_that_the_first_run_will_use(database: Path, tmp_path: Path):
    exported = tmp_path / "answers.parquet"
    run(database, "export", str(exported))
    assert "5 answers taken in" in run(tmp_path / "new.duckdb", "import", str(exported))
    with duckdb.connect(str(tmp_path / "new.duckdb"), read_only=True) as made:
        assert made.execute("select count(*) from dbt_ai.responses").fetchall() == [(5,)]
    assert "there is no folder" in run(tmp_path / "none/new.duckdb", "import", str(exported), code=1)


def test_an_import_that_fails_leaves_the_database_that_a_run_has_made_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def opened(path: Path) -> None:
        path.write_bytes(b"of a run")
        raise StoreInUse("database is in use")

    monkeypatch.setattr("dbt_ai.commands.store.open_file", opened)
    (tmp_path / "answers.parquet").write_bytes(b"")
    assert "in use" in run(tmp_path / "new.duckdb", "import", str(tmp_path / "answers.parquet"), code=1)
    assert (tmp_path / "new.duckdb").read_bytes() == b"of a run"


def test_an_import_that_fails_leaves_no_database_behind(tmp_path: Path):
    (tmp_path / "broken.parquet").write_text("not Parquet")
    assert "was not written by dbt-ai store export" in run(tmp_path / "new.duckdb", "import", str(tmp_path / "broken.parquet"), code=1)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["broken.parquet"]
