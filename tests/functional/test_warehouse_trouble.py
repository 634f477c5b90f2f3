"""What goes wrong on a warehouse, on Postgres: each is one sentence, nothing that was answered is lost, and the next run goes on."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import threading
import time

import pytest
from conftest import wait_until
from loopback import Endpoint
from models import LLM, ai_table, external_model
from warehouse import PostgresServer, WarehouseProject

from dbt_ai.engines.warehouse.look_ups import Statement

pytestmark = pytest.mark.env("postgres")

ASK = "select i, {{ dbt_ai.ai_query(ref('llm'), 'body') }} as answer from {{ ref('texts') }}"
EMBED = "select i, {{ dbt_ai.ai_embed(ref('embedder'), 'body') }} as vector from {{ ref('texts') }}"


@pytest.fixture
def project(on_postgres: WarehouseProject, counting: Endpoint) -> WarehouseProject:
    where = {"api_format": "OpenAI", "model": "m"}
    on_postgres.write(
        {
            "models/llm.sql": external_model(location=counting.chat, model_type="CHAT", **where),
            "models/embedder.sql": external_model(
                location=counting.embeddings, model_type="EMBEDDINGS", parameters={"dimensions": 64}, **where
            ),
            "models/texts.sql": "select i, 'text ' || i as body from generate_series(1, 6000) as t(i)",
            "models/answers.sql": ai_table(ASK + " where i <= 300"),
            "models/vectors.sql": ai_table(EMBED),
        }
    )
    on_postgres.dbt("run", "--select", "texts", "llm", "embedder", check=True)
    return on_postgres


def test_a_server_that_closes_the_connection_during_copy_loses_no_answer(project: WarehouseProject, counting: Endpoint):
    counting.behave(dimensions=64)
    ended: list[int] = []
    closing = "select pg_terminate_backend(pid) from pg_stat_activity where query like 'copy %' and pid <> pg_backend_pid()"

    def close() -> None:
        while not ended:
            if project.query(closing):
                ended.append(1)
            time.sleep(0.002)

    watching = threading.Thread(target=close)
    watching.start()
    run = project.dbt_process("run", "--select", "vectors")
    ended.append(0)
    watching.join()
    assert 1 in ended, "no COPY was seen"
    assert re.search(r"\(Database Error (the )?server closed the connection", run.output) and "Traceback" not in run.output, run.output
    project.dbt_process("run", "--select", "vectors", check=True)
    assert counting.counters()["inputs"] == 6000
    assert project.query("select count(*), count(vector) from analytics.vectors") == [(6000, 6000)]


def test_a_table_of_answers_that_is_dropped_meanwhile_is_made_and_filled_again(project: WarehouseProject, counting: Endpoint):
    counting.behave(latency=1, capacity=32)
    running = project.start("run", "--select", "answers")
    wait_until(lambda: counting.counters()["accepted"] >= 100, running)  # six seconds before the last one
    project.query("begin; lock dbt_ai.responses; create table lost as table dbt_ai.responses; drop table dbt_ai.responses; commit")
    said, _ = running.communicate(timeout=300)
    assert "Traceback" not in said
    run = project.dbt_process("run", "--select", "answers", check=True)
    [(lost,)] = project.query("select count(*) from lost")
    assert counting.counters()["accepted"] <= 300 + lost, run.output
    assert project.query("select count(*), count(answer) from analytics.answers") == [(300, 300)]


def test_tables_that_are_dropped_between_two_runs_of_a_process_are_made_and_filled_again(project: WarehouseProject, counting: Endpoint):
    project.dbt("run", "--select", "answers", check=True)
    project.query("drop schema dbt_ai cascade")
    project.dbt("run", "--select", "answers", check=True)
    assert project.query("select count(*), count(answer) from analytics.answers") == [(300, 300)]
    assert (project.answers(), counting.counters()["accepted"]) == (300, 300)


def test_ctrl_c_ends_a_run_that_waits_for_a_lock(project: WarehouseProject, postgres: PostgresServer):
    import psycopg2

    locking = psycopg2.connect(host=postgres.socket, user="postgres", dbname=project.name)
    locking.cursor().execute("lock table dbt_ai.responses in access exclusive mode")
    running = project.start("run", "--select", "answers")
    waits = "select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
    wait_until(lambda: project.query(waits), running)
    running.send_signal(signal.SIGINT)
    running.communicate(timeout=120)
    locking.close()


def test_a_role_that_may_only_read_builds_what_is_answered(project: WarehouseProject, postgres: PostgresServer, counting: Endpoint):
    project.dbt("run", "--select", "answers", check=True)
    project.write({"models/again.sql": ai_table(ASK + " where i <= 200"), "models/more.sql": ai_table(ASK + " where i <= 301")})
    project.query(
        "create role reader login; grant usage on schema dbt_ai, analytics to reader; grant create on schema analytics to reader;"
        " grant select on all tables in schema dbt_ai, analytics to reader"
    )
    output = {**postgres.output(project.name), "user": "reader"}
    project.write({"profiles.yml": json.dumps({"project": {"target": "dev", "outputs": {"dev": output}}})})
    run = project.dbt("run", "--select", "again")
    assert run.ok and "permission denied for table usage" in run.output
    assert project.query("select count(*), count(answer) from analytics.again") == [(200, 200)]
    asked = counting.counters()["requests"]
    assert "permission denied for table responses" in project.dbt("run", "--select", "more").message("more")
    assert counting.counters()["requests"] == asked, "what cannot be kept was paid"


@pytest.mark.parametrize(
    ("forbidding", "said"),
    [
        ("revoke temporary on database {name} from public", "permission denied to create temporary tables"),
        ("alter table dbt_ai.responses enable row level security", "COPY FROM not supported with row-level security"),
        ("revoke delete on dbt_ai.responses from writer", "permission denied for table responses"),
    ],
)
def test_what_could_not_be_kept_is_not_asked(
    project: WarehouseProject, postgres: PostgresServer, counting: Endpoint, forbidding: str, said: str
):
    project.query(
        "drop role if exists writer; create role writer login; grant all on schema dbt_ai, analytics to writer;"
        " grant all on all tables in schema dbt_ai, analytics to writer;" + forbidding.format(name=project.name)
    )
    output = {**postgres.output(project.name), "user": "writer"}
    project.write({"profiles.yml": json.dumps({"project": {"target": "dev", "outputs": {"dev": output}}})})
    message = project.dbt("run", "--select", "answers").message("answers")
    project.query("drop owned by writer; drop role writer")
    assert f"answers cannot be kept in schema dbt_ai (Database Error {said}" in message
    assert "and temporary on the database, to the role of this target" in message
    assert counting.counters().get("requests", 0) == 0


def test_sql_that_would_fail_after_all_is_answered_fails_before_anything_is_asked(project: WarehouseProject, counting: Endpoint):
    project.write(
        {
            "models/answers.sql": ai_table("select nosuch, " + ASK.removeprefix("select ")),
            "models/hooked.sql": "{{ config(materialized='ai_table', pre_hook='create temp table made as select 7 as n') }}\n"
            + ASK.replace("from", ", (select n from made) as n from")
            + " where i < 3",
        }
    )
    asked = counting.counters().get("requests", 0)
    message = project.dbt("run", "--select", "answers").message("answers")
    assert 'nothing was asked, for its SQL would fail (Database Error column "nosuch" does not exist' in message
    output = {**project.server.output(project.name), "search_path": "analytics"}
    profile = (project.path / "profiles.yml").read_text()
    project.write({"profiles.yml": json.dumps({"project": {"target": "dev", "outputs": {"dev": output}}})})
    message = project.dbt("run", "--select", "vectors").message("vectors")
    assert 'type "vector" does not exist' in message and "create extension vector, or name its schema in search_path" in message
    assert counting.counters().get("requests", 0) == asked
    project.write({"profiles.yml": profile})
    project.dbt("run", "--select", "hooked", check=True)
    assert project.query("select count(answer), min(n) from analytics.hooked") == [(2, 7)]


def test_sql_that_is_read_otherwise_than_the_warehouse_reads_it_asks_nothing(
    project: WarehouseProject, counting: Endpoint, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(Statement, "written_again", lambda statement: statement.sql.replace("initcap(body)", "upper(body)"))
    project.write({"models/answers.sql": ai_table(ASK.replace("'body'", "'initcap(body)'"))})
    message = project.dbt("run", "--select", "answers").message("answers")
    assert "nothing was asked, for sqlglot reads its SQL otherwise than the warehouse" in message
    assert re.search("initcap.* became .*upper.*; move that expression into a model of its own", message)
    assert counting.counters().get("requests", 0) == 0


def test_sql_is_written_again_only_where_something_is_missing(project: WarehouseProject, monkeypatch: pytest.MonkeyPatch):
    project.dbt("run", "--select", "answers", check=True)
    monkeypatch.setattr(Statement, "written_again", None)
    project.dbt("run", "--select", "answers", check=True)


def test_a_collecting_query_that_fails_is_one_sentence_that_says_what_helps(project: WarehouseProject):
    project.query(
        "create function slow() returns boolean language plpgsql as $$ begin"
        " raise exception 'canceling statement due to statement timeout' using errcode = '57014'; end $$"
    )
    project.write({"models/answers.sql": ai_table(ASK + " where slow()")})
    project.write({"models/vectors.sql": "{{ config(materialized='ai_table', pre_hook='create temp table made as select 1 as i') }} "
        + EMBED.replace("{{ ref('texts') }}", "made")})  # fmt: skip
    run = project.dbt("run", "--select", "answers", "vectors")
    assert 'relation "made" does not exist' in run.message("vectors")
    assert "it has a connection of its own, without what hooks of the model make" in run.message("vectors")
    message = run.message("answers")
    assert "canceling statement due to statement timeout" in message
    assert "let a statement take longer (statement_timeout on Postgres), or materialize the rows that it reads as a table" in message


def store(project: WarehouseProject, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "dbt_ai.commands.cli", "store", *arguments]
    return subprocess.run(command, cwd=project.path, env=project.environment(), capture_output=True, text=True)


def test_an_export_that_fails_leaves_the_file_that_was_there_and_an_empty_one_can_be_imported(on_postgres: WarehouseProject):
    file = on_postgres.path / "answers.parquet"
    assert "0 answers" in store(on_postgres, "export", str(file)).stdout
    assert "0 answers taken in" in store(on_postgres, "import", str(file)).stdout
    before = file.read_bytes()
    on_postgres.query("drop schema dbt_ai cascade; create schema dbt_ai; create table dbt_ai.responses (id int)")
    failed = store(on_postgres, "export", str(file))
    assert failed.returncode == 1 and "is not a table of dbt_ai" in failed.stderr and "Traceback" not in failed.stderr
    assert file.read_bytes() == before and not list(on_postgres.path.glob("*.part"))


def test_a_table_of_somebody_else_with_one_of_our_names_is_one_sentence(on_postgres: WarehouseProject):
    asking = ai_table("select {{ dbt_ai.ai_query(ref('llm'), \"'x'\") }} as answer")
    on_postgres.query("create schema dbt_ai; create table dbt_ai.responses (id int, text text)")
    on_postgres.write({"models/llm.sql": LLM, "models/answers.sql": asking})
    run = on_postgres.dbt("run")
    assert '"dbt_ai"."responses" is not a table of dbt_ai, since it has no column key' in run.output
    assert on_postgres.query("select count(*) from dbt_ai.responses") == [(0,)]
    on_postgres.configure(schema="answers of ai")
    on_postgres.dbt("run", check=True)
