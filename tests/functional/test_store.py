"""Where answers are kept: what a run finds there, and what it loses when nothing can be written."""

from __future__ import annotations

import os
import shlex
import subprocess

import duckdb
import pytest
from conftest import Project, wait_until
from loopback import Endpoint, endpoint


def llm(location: str, **more: str) -> str:
    said = "".join(f", {name}={value!r}" for name, value in more.items())
    return (
        f"{{{{ dbt_ai.create_external_model(location={location!r}, api_format='OpenAI', model_type='CHAT', model='default'{said},"
        " parameters={'sql_rest_options': {'retry_count': 0}}) }}"
    )


def answers(model: str = "llm", rows: int = 20, text: str = "'text ' || i", more: str = "") -> str:
    return (
        f"{{{{ config(materialized='ai_table') }}}} select i, {{{{ dbt_ai.ai_query(ref('{model}'), \"{text}\"{more}) }}}} as answer"
        f" from range({rows}) t(i)"
    )


def one_sentence(message: str) -> None:
    assert "Traceback" not in message and "Error:" not in message.splitlines()[-1].split("(")[0], message


def test_two_servers_on_one_host_are_two_models(project: Project, counting: Endpoint):
    project.write({"models/llm.sql": llm(counting.chat), "models/answers.sql": answers()})
    project.dbt("run", check=True)
    with endpoint() as other:
        project.write({"models/other.sql": llm(other.chat), "models/others.sql": answers("other")})
        run = project.dbt("run", check=True)
        assert other.counters()["requests"] == 20
        assert "20 requests · 0 from store" in run.message("others") and "0 requests · 20 from store" in run.message("answers")


def test_a_raised_max_tokens_asks_only_for_what_was_cut_off(project: Project, counting: Endpoint):
    def answered(limit: int) -> str:
        sql = answers(more=f", model_parameters={{'max_tokens': {limit}}}")
        project.write({"models/llm.sql": llm(counting.chat), "models/answers.sql": sql})
        return project.dbt("run", check=True).message("answers")

    assert "20 requests · 0 from store" in answered(100)
    assert "0 requests · 20 from store" in answered(200)
    assert project.query("select output_limit, count(*) from dbt_ai.responses group by 1 order by 1") == [(100, 20), (200, 20)]
    assert "20 requests · 0 from store" in answered(50) and counting.counters()["requests"] == 40


@pytest.mark.parametrize("command", ["compile", "run"])
def test_two_external_models_that_would_share_answers_are_refused_before_anything_is_asked(
    project: Project, counting: Endpoint, command: str
):
    project.write(
        {"models/llm.sql": llm(counting.chat), "models/other.sql": llm(counting.chat + "?deployment=b"), "models/answers.sql": answers()}
    )
    run = project.dbt(command)
    assert not run.ok
    assert (
        "external models 'llm' (models/llm.sql) and 'other' (models/other.sql) are one model to stored answers: OpenAI default at"
        in run.output
    )
    assert counting.counters()["requests"] == 0
    project.write({"models/other.sql": llm(counting.chat + "?deployment=b", identity="b")})
    project.dbt("run", check=True)
    assert counting.counters()["requests"] == 20


def test_a_store_that_lacks_a_column_is_refused_before_the_first_request(project: Project, counting: Endpoint):
    project.write({"models/llm.sql": llm(counting.chat), "models/answers.sql": answers()})
    project.dbt("run", check=True)
    with duckdb.connect(str(project.database)) as connection:
        connection.execute("alter table dbt_ai.responses drop column output_tokens; delete from dbt_ai.responses")
    counting.behave()
    run = project.dbt("run", "--select", "answers")
    assert "of the columns of its table 'responses' output_tokens is missing and should be DOUBLE" in run.message("answers")
    one_sentence(run.message("answers"))
    assert counting.counters()["requests"] == 0


@pytest.mark.parametrize("store", ["nowhere/answers.duckdb", "damaged.duckdb", "pipe"])
def test_a_store_that_cannot_be_opened_is_told_before_the_first_request(project: Project, counting: Endpoint, store: str):
    os.mkfifo(project.path / "pipe")
    (project.path / "damaged.duckdb").write_bytes(b"not a database " * 1000)
    project.configure(store=str(project.path / store))
    project.write({"models/llm.sql": llm(counting.chat), "models/answers.sql": answers()})
    run = project.dbt("run")
    assert f"store '{project.path / store}' cannot be opened" in run.message("answers")
    one_sentence(run.message("answers"))
    assert counting.counters()["requests"] == 0


def test_a_disk_that_is_full_costs_what_was_under_way_and_the_message_counts_it(project: Project, counting: Endpoint):
    project.configure(store=str(project.path / "answers.duckdb"), endpoints=[{"url": counting.url, "max_in_flight": 8}])
    project.write({"models/llm.sql": llm(counting.chat), "models/answers.sql": answers(rows=400, text="i || repeat('x', 30000)")})
    counting.behave(latency=0.2, answer_bytes=40_000)  # so slow that what is asked while storing fails is little
    project.dbt("run", "--select", "llm", check=True)
    # 4 MB are the largest file that this process may write: 12 MB of answers do not fit.
    command = f"ulimit -f 4096; exec {shlex.join(project.command('run', '--select', 'answers'))}"
    full = subprocess.run(["bash", "-c", command], cwd=project.path, env=project.environment(), capture_output=True, text=True, timeout=120)
    assert full.returncode == 1, full.stdout + full.stderr
    assert "Traceback" not in full.stdout + full.stderr
    asked = counting.counters()["accepted"]
    assert asked < 200
    with duckdb.connect(str(project.path / "answers.duckdb")) as connection:
        [(stored,)] = connection.execute("select count(*) from dbt_ai.responses").fetchall()
    lost = asked - stored
    assert stored > 50 and f"{lost} answers that were paid for are not stored, and nothing more is asked" in full.stdout
    counting.behave()
    project.dbt("run", "--select", "answers", check=True)
    assert counting.counters()["requests"] == 400 - stored


@pytest.mark.parametrize("store", [None, "answers.duckdb"])
def test_a_database_that_is_deleted_during_a_run_ends_it_at_once(project: Project, store: str | None):
    with endpoint(latency=0.2) as server:
        project.configure(store=store, endpoints=[{"url": server.url, "max_in_flight": 20}])
        project.write({"models/llm.sql": llm(server.chat), "models/answers.sql": answers(rows=2_000)})
        running = project.start("run")
        wait_until(lambda: server.counters()["accepted"] > 60, running)
        (project.path / (store or "project.duckdb")).unlink()
        output, _ = running.communicate(timeout=120)
    assert running.returncode == 1
    assert "was deleted, replaced or emptied while it was open" in output and "Traceback" not in output, output
    assert "SELECT 2000" not in output, output
