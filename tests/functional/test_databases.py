"""Where the tables and the answers may live."""

import os
import subprocess
from typing import Any

import duckdb
import pytest
from conftest import Project, environment
from models import EMBEDDER, LLM, TEXTS, ai_table

ANSWERS = ai_table(
    "select i, {{ dbt_ai.ai_embed(ref('embedder'), 'body') }}%s as e, {{ dbt_ai.ai_query(ref('llm'), 'body') }} as q"
    " from {{ ref('texts') }}"
)


@pytest.fixture
def project(project: Project) -> Project:
    project.write({"models/embedder.sql": EMBEDDER, "models/llm.sql": LLM, "models/texts.sql": TEXTS, "models/answers.sql": ANSWERS % ""})
    return project


def test_an_attached_database_as_target_holds_the_tables_and_the_answers(project: Project):
    project.output.update(attach=[{"path": "other.duckdb", "alias": "other"}], database="other")
    project.configure()
    for _ in range(2):
        project.dbt("build", check=True)
    with duckdb.connect(str(project.path / "other.duckdb")) as other:
        assert other.sql("select count(e), count(q) from answers").fetchall() == [(40, 40)]
        assert other.sql("select count(*) from dbt_ai.responses").fetchall() == [(20,)]


def test_a_store_of_its_own_serves_several_targets(project: Project):
    project.configure(store="answers.duckdb")
    project.dbt("build", check=True)
    project.output["path"] = "second.duckdb"
    project.configure()
    project.dbt("build", check=True)
    with duckdb.connect(str(project.path / "answers.duckdb")) as store:
        assert store.sql("select count(*) from dbt_ai.responses").fetchall() == [(20,)]
    with duckdb.connect(str(project.path / "second.duckdb")) as second:
        assert second.sql("select count(e), count(q) from answers").fetchall() == [(40, 40)]


@pytest.mark.parametrize("store", ["no/such/folder/answers.duckdb", "project.duckdb"])
def test_a_store_that_cannot_be_opened_is_named(project: Project, store: str):
    project.configure(store=store)
    message = project.dbt("run").message("answers")
    assert f"plugin dbt_ai: store '{store}' cannot be opened" in message
    assert "leave `store` out" in message
    assert "planning broke" not in message


def test_a_database_that_may_only_be_read_says_where_answers_could_be_kept(project: Project):
    project.dbt("run", "--select", "llm", "texts", check=True)
    project.output.update(config_options={"access_mode": "read_only"})
    project.configure()
    asked = ["show", "--inline", "select {{ dbt_ai.ai_query(ref('llm'), 'body') }} as q from {{ ref('texts') }}"]
    assert "set `store` to a DuckDB file that may be written" in project.dbt(*asked).output
    project.configure(store="answers.duckdb")
    assert "mock answer" in project.dbt(*asked, check=True).output


@pytest.mark.parametrize(("options", "threshold"), [({}, "122.0 MiB"), ({"config_options": {"checkpoint_threshold": "8MB"}}, "7.6 MiB")])
def test_checkpoints_are_rarer_unless_the_profile_says_how_rare(project: Project, options: dict[str, Any], threshold: str):
    project.output.update(options)
    project.configure()
    project.write({"models/texts.sql": "select current_setting('checkpoint_threshold') as threshold"})
    project.dbt("run", "--select", "texts", check=True)
    assert project.query("from texts") == [(threshold,)]


LIMITED = "import resource; resource.setrlimit(resource.RLIMIT_AS, (8_000_000_000,) * 2); from dbt.cli.main import cli; cli()"


@pytest.mark.parametrize(("options", "memory"), [({}, "1.8 GiB"), ({"settings": {"memory_limit": "1GB"}}, "953.6 MiB")])
def test_the_database_takes_a_part_of_the_memory_that_the_process_may_have(project: Project, options: dict[str, Any], memory: str):
    project.output.update(options)
    project.configure()
    project.write({"models/texts.sql": "select current_setting('memory_limit') as memory"})
    command = [project.python, "-c", LIMITED, "run", "--select", "texts"]
    subprocess.run(command, cwd=project.path, env=project.environment(), check=True, capture_output=True)
    assert project.query("from texts") == [(memory,)]


def test_sql_that_memory_does_not_suffice_for_fails_before_anything_is_asked(project: Project):
    project.output.update(settings={"memory_limit": "60MB", "max_temp_directory_size": "0B"})
    project.configure()
    sorted_texts = "(select i, 'text ' || i as body from range(3000000) t(i) order by hash(i))"
    project.write({"models/answers.sql": ai_table(f"select {{{{ dbt_ai.ai_query(ref('llm'), 'body') }}}} as q from {sorted_texts}")})
    run = project.dbt("run", "--select", "llm", "answers")
    assert "answers: its SQL cannot be run: Out of Memory Error" in run.message("answers"), run.output
    assert "executed as its rows are read" not in run.output


def test_ducklake_holds_vectors_as_lists(project: Project):
    """DuckLake has no arrays of fixed size: the model casts its vectors to FLOAT[]."""
    packages = next((environment("duckdb-1.5") / "lib").glob("python3.*/site-packages"))
    [extension] = packages.rglob("ducklake.duckdb_extension")
    folder = project.path / "extensions"
    project.env["PYTHONPATH"] = os.pathsep.join([str(packages), project.environment()["PYTHONPATH"]])
    install = f"import duckdb; duckdb.connect(config={{'extension_directory': {str(folder)!r}}}).execute(\"install '{extension}'\")"
    subprocess.run([project.python, "-c", install], env=project.environment(), check=True)
    project.output.update(
        threads=1,  # the extension of DuckDB 1.5 fails, and may crash, when several threads of one process commit
        config_options={"extension_directory": str(folder)},
        extensions=["ducklake"],
        attach=[{"path": "ducklake:lake.db", "alias": "lake", "options": {"data_path": "lake_files/"}}],
        database="lake",
    )
    project.configure()
    project.write({"models/answers.sql": ANSWERS % "::float[]"})
    for _ in range(2):
        project.dbt_process("build", check=True)
    count = (
        "import duckdb; c = duckdb.connect(config={'extension_directory': %r}); c.execute(\"attach 'ducklake:lake.db' as lake\");"
        "print(c.sql('select count(e), count(q) from lake.answers').fetchall(),"
        " c.sql('select count(*) from lake.dbt_ai.responses').fetchall())"
    )
    counted = subprocess.check_output([project.python, "-c", count % str(folder)], env=project.environment(), cwd=project.path, text=True)
    assert counted.strip() == "[(40, 40)] [(20,)]"


def test_motherduck_is_refused_before_it_is_reached(project: Project):
    project.output["path"] = "md:my_db"
    project.configure()
    assert "path 'md:my_db' is MotherDuck, whose servers cannot call functions of this process" in project.dbt("run").output
