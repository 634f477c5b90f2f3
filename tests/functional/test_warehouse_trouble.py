"""What goes wrong on a warehouse, on Postgres: each is one sentence, nothing that was answered is lost, and the next run goes on."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys

import pytest
from conftest import wait_until
from loopback import Endpoint
from models import LLM, ai_table, external_model
from warehouse import PostgresServer, WarehouseProject

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


def test_a_server_that_closes_the_connection_during_copy_loses_no_answer(
    project: WarehouseProject, postgres: PostgresServer, counting: Endpoint
):
    import psycopg2

    counting.behave(dimensions=64)
    project.query(
        "create function dbt_ai.waits() returns trigger language plpgsql as $$ begin perform pg_advisory_xact_lock(1); return null; end $$;"
        " create trigger waits before insert on dbt_ai.responses for each statement execute function dbt_ai.waits()"
    )
    copies_wait = psycopg2.connect(host=postgres.socket, user="postgres", dbname=project.name)
    copies_wait.cursor().execute("select pg_advisory_lock(1)")
    running = project.start("run", "--select", "vectors")
    closing = "select pg_terminate_backend(pid) from pg_stat_activity where query like 'copy %' and pid <> pg_backend_pid()"
    wait_until(lambda: project.query(closing), running)
    copies_wait.close()
    said, _ = running.communicate(timeout=300)
    assert re.search(r"\(Database Error (the )?server closed the connection", said) and "Traceback" not in said, said
    project.dbt_process("run", "--select", "vectors", check=True)
    assert counting.counters()["inputs"] == 6000
    assert project.query("select count(*), count(vector) from analytics.vectors") == [(6000, 6000)]


def test_a_table_of_answers_that_is_dropped_meanwhile_is_made_and_filled_again(project: WarehouseProject, counting: Endpoint):
    counting.behave(latency=1, capacity=32)
    running = project.start("run", "--select", "answers")
    wait_until(lambda: counting.counters()["accepted"] >= 100, running)  # six seconds before the last one
    project.query("drop table dbt_ai.responses")
    said, _ = running.communicate(timeout=300)
    assert "Traceback" not in said
    run = project.dbt_process("run", "--select", "answers", check=True)
    assert counting.counters()["accepted"] <= 300 + 100, run.output
    assert project.query("select count(*), count(answer) from analytics.answers") == [(300, 300)]


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
