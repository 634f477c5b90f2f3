"""The runtime on Postgres in plain dbt commands: what is asked, counted by the endpoint; what is kept, read from the warehouse."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from loopback import Endpoint
from models import EMBEDDER, LLM, ai_table
from warehouse import PostgresServer, WarehouseProject, postgres_server

pytestmark = pytest.mark.env("postgres")

SECRET = "sk-loopback-0123456789abcdef"


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    with postgres_server() as running:
        yield running


@pytest.fixture
def project(tmp_path: Path, server: PostgresServer) -> WarehouseProject:
    made = WarehouseProject(tmp_path, server=server)
    made.set_up()
    return made


def models(counting: Endpoint, rows: str, prompt: str = "'Label: ' || body", **parameters: Any) -> dict[str, str]:
    return {
        "models/embedder.sql": f"""{{{{ dbt_ai.create_external_model(location='{counting.embeddings}', api_format='OpenAI',
            model_type='EMBEDDINGS', model='e', parameters={{'dimensions': 8}}) }}}}""",
        "models/llm.sql": f"""{{{{ dbt_ai.create_external_model(location='{counting.chat}', api_format='OpenAI', model_type='CHAT',
            model='c', parameters={parameters}) }}}}""",
        "models/texts.sql": rows,
        "models/answers.sql": ai_table(
            f"""select i, {{{{ dbt_ai.ai_query(ref('llm'), "{prompt}", fail_on_error=false) }}}} as answer from {{{{ ref('texts') }}}}"""
        ),
        "models/vectors.sql": ai_table("select i, {{ dbt_ai.ai_embed(ref('embedder'), 'body') }} as vector from {{ ref('texts') }}"),
    }


def numbered(count: int, times: int = 1) -> str:
    return f"select i, 'text ' || lpad((i % {count})::varchar, 5, '0') as body from generate_series(0, {count * times - 1}) as t(i)"


def asked(counting: Endpoint) -> int:
    return int(counting.counters().get("requests", 0))


def test_only_what_changed_is_asked(project: WarehouseProject, counting: Endpoint):
    project.write(models(counting, numbered(300)))
    first = project.dbt("run", check=True)
    assert asked(counting) == 300 + 2
    assert first.message("answers") == "SELECT 300 · 300 requests · 0 from store · price unknown"
    assert "dbt_ai usage" in first.output
    for arguments in ((), ("--full-refresh",)):
        counting.behave()
        again = project.dbt("run", *arguments, check=True)
        assert asked(counting) == 0
        assert "0 requests · 300 from store" in again.message("answers")
    project.write({"models/texts.sql": numbered(300).replace("'0')", "'0') || case i when 7 then ' changed' else '' end")})
    project.dbt("run", check=True)
    assert counting.counters()["inputs"] == 2  # one for each model
    counting.behave()
    project.write(models(counting, numbered(300), prompt="'Classify: ' || body"))
    project.dbt("run", "--select", "answers", check=True)
    assert asked(counting) == 300
    counting.behave()
    project.write(models(counting, numbered(300)))
    project.dbt("run", check=True)
    assert asked(counting) == 0


def test_repeated_rows_are_asked_once(project: WarehouseProject, counting: Endpoint):
    project.write(models(counting, numbered(200, times=100)))
    project.dbt("run", check=True)
    assert asked(counting) == 200 + 1
    assert project.query("select count(*), count(answer ->> 'response') from analytics.answers") == [(20_000, 20_000)]
    assert project.query("select count(*), count(vector) from analytics.vectors") == [(20_000, 20_000)]


def test_rows_without_a_text_ask_nothing_and_an_empty_one_cannot_be_embedded(project: WarehouseProject, counting: Endpoint):
    rows = "select 1 as i, null as body union all select 2, '' union all select 3, 'a text'"
    project.write(models(counting, rows))
    project.write(
        {
            "models/vectors.sql": ai_table(
                "select i, {{ dbt_ai.ai_embed(ref('embedder'), 'body', fail_on_error=false) }} as vector from {{ ref('texts') }}"
            )
        }
    )
    project.dbt("run", check=True)
    assert counting.counters()["inputs"] == 2 + 1
    assert project.query("select i, vector ->> 'errorStatus', vector -> 'response' is null from analytics.vectors order by i") == [
        (1, None, True),
        (2, "empty input: an embedding needs some text", False),
        (3, None, False),
    ]
    assert project.query("select i, answer is null from analytics.answers order by i") == [(1, True), (2, False), (3, False)]


def test_a_killed_run_pays_only_for_what_was_not_answered(project: WarehouseProject, counting: Endpoint):
    project.write(models(counting, numbered(5000)))
    counting.behave(latency=0.3, capacity=128)
    project.dbt("run", "--select", "texts", "llm", check=True)
    running = project.start("run", "--select", "answers")
    while counting.counters().get("accepted", 0) < 2500:
        time.sleep(0.02)
        assert running.poll() is None
    running.send_signal(signal.SIGKILL)
    running.wait()
    time.sleep(0.3)
    accepted = counting.counters()["accepted"]
    there = project.answers()
    assert there > 0, "answers reach the warehouse while others are still asked"
    counting.behave()
    run = project.dbt("run", "--select", "answers", check=True)
    assert asked(counting) <= 5000 - accepted + 256
    assert "of a run that ended early are in the warehouse now" in run.output
    assert project.query("select count(*) from analytics.answers where answer ->> 'response' is not null") == [(5000,)]
    assert {path.name.split("-")[0] for path in (project.path / "cache/journals").rglob("*.duckdb")} <= {str(os.getpid())}


def test_an_interrupted_run_delivers_what_was_answered(project: WarehouseProject, counting: Endpoint):
    project.write(models(counting, numbered(2000)))
    counting.behave(latency=0.2, capacity=64)
    project.dbt("run", "--select", "texts", "llm", check=True)
    running = project.start("run", "--select", "answers")
    while counting.counters().get("accepted", 0) < 500:
        time.sleep(0.02)
        assert running.poll() is None
    running.send_signal(signal.SIGINT)
    started = time.monotonic()
    running.communicate(timeout=60)
    assert time.monotonic() - started < 20
    accepted = counting.counters()["accepted"]
    counting.behave()
    project.dbt("run", "--select", "answers", check=True)
    assert asked(counting) <= 2000 - accepted + 64


def test_a_budget_stops_before_it_is_exceeded_and_the_next_run_goes_on(project: WarehouseProject, counting: Endpoint):
    project.write(models(counting, numbered(100)))
    project.write(
        {
            "models/more.sql": ai_table(
                "select {{ dbt_ai.ai_query(ref('llm'), \"'Again: ' || (answer ->> 'response')\") }} as again from {{ ref('answers') }}"
            )
        }
    )
    counting.behave(answer_bytes=100)
    project.configure(max_requests=150)
    refused = project.dbt("run")
    assert "would exceed max_requests of 150 with 101 requests used in this run; nothing was sent" in refused.output
    assert asked(counting) <= 150
    kept = project.answers()
    counting.behave(answer_bytes=100)
    project.configure(max_requests=None)
    project.dbt("run", check=True)
    assert kept + counting.counters()["inputs"] == project.answers()


def test_an_estimate_says_what_the_run_then_asks_and_builds_nothing(project: WarehouseProject, counting: Endpoint):
    project.write(models(counting, numbered(400)))
    project.dbt("run", "--select", "texts", "llm", "embedder", check=True)
    project.configure(mode="estimate")
    run = project.dbt("run", "--select", "answers")
    assert run.message("answers").startswith("ESTIMATE 400 new inputs in 400 requests, ~")
    assert asked(counting) == 0
    assert project.query("select to_regclass('analytics.answers')") == [(None,)]
    project.configure(mode="live")
    project.dbt("run", "--select", "answers", check=True)
    assert asked(counting) == 400


def test_what_was_recorded_is_replayed_without_an_endpoint(project: WarehouseProject, counting: Endpoint):
    project.write(models(counting, numbered(50)))
    project.configure(mode="record")
    project.dbt("run", check=True)
    rows = [project.query(f"select * from analytics.{table} order by i") for table in ("answers", "vectors")]
    project.query("drop schema dbt_ai cascade")
    project.configure(mode="replay")
    counting.behave(status=500)
    project.dbt("run", check=True)
    assert asked(counting) == 0
    assert [project.query(f"select * from analytics.{table} order by i") for table in ("answers", "vectors")] == rows
    project.write({"models/texts.sql": numbered(51)})
    assert "has no answer for ai_query" in project.dbt("run").message("answers")


def test_the_mock_needs_no_key_and_no_network_and_never_meets_real_answers(project: WarehouseProject, counting: Endpoint):
    project.write(models(counting, numbered(20)))
    project.configure(mode="mock")
    project.dbt("run", check=True)
    assert asked(counting) == 0
    assert project.query("select distinct answer ->> 'response' like 'mock answer %' from analytics.answers") == [(True,)]
    project.configure(mode="live")
    project.dbt("run", check=True)
    assert asked(counting) == 20 + 1
    assert project.query("select distinct answer ->> 'response' like 'mock answer %' from analytics.answers") == [(False,)]


def test_a_failed_row_is_one_error_value(project: WarehouseProject, counting: Endpoint):
    project.write(models(counting, numbered(100)))
    project.write(
        {
            "models/strict.sql": ai_table(
                "select {{ dbt_ai.ai_query(ref('llm'), \"'Strict: ' || body\") }} as answer from {{ ref('texts') }}"
            )
        }
    )
    counting.behave(poison="text 00007")
    run = project.dbt("run", "--exclude", "vectors")
    assert run.results["answers"]["status"] == "success"
    assert "1 of 100 requests failed" in run.message("strict")
    assert project.query(
        "select i from analytics.answers where answer ->> 'errorStatus' is not null and answer ->> 'response' is null"
    ) == [(7,)]
    counting.behave()
    project.dbt("run", "--exclude", "vectors", check=True)
    assert asked(counting) == 2
    assert project.query("select count(*) from dbt_ai.failures") == [(0,)]
    assert project.query("select count(answer ->> 'response') from analytics.answers") == [(100,)]


def test_two_runs_at_once_store_no_answer_twice_and_do_not_wait_for_each_other(project: WarehouseProject, counting: Endpoint):
    project.write(models(counting, numbered(1000)))
    counting.behave(latency=0.05)
    project.dbt("run", "--select", "texts", "llm", "embedder", check=True)
    first = project.start("run", "--select", "answers", "--target-path", "first", "--log-path", "first")
    second = project.start("run", "--select", "vectors", "--target-path", "second", "--log-path", "second")
    for running in (first, second):
        output, _ = running.communicate(timeout=120)
        assert running.returncode == 0, output
    assert project.query("select count(*), count(distinct key) from dbt_ai.responses") == [(2000, 2000)]


def test_a_store_of_duckdb_answers_everything(project: WarehouseProject, counting: Endpoint, tmp_path_factory: pytest.TempPathFactory):
    from conftest import Project

    rows = numbered(60)
    laptop = Project(tmp_path_factory.mktemp("laptop"))
    laptop.set_up()
    laptop.write(models(counting, rows.replace("generate_series(0, 59)", "generate_series(0, 59)")))
    run = subprocess.run(laptop.command("run"), cwd=laptop.path, env=laptop.environment(), capture_output=True, text=True)
    assert run.returncode == 0, run.stdout
    assert asked(counting) == 60 + 1
    exported = laptop.path / "answers.parquet"
    store = [sys.executable, "-m", "dbt_ai.commands.cli", "store"]
    subprocess.run(
        [*store, "--database", str(laptop.database), "export", str(exported)], env=laptop.environment(), cwd=laptop.path, check=True
    )
    project.write(models(counting, rows))
    imported = subprocess.run(
        [*store, "import", str(exported)], env=project.environment(), cwd=project.path, capture_output=True, text=True
    )
    assert "120 answers taken in" in imported.stdout, imported.stdout + imported.stderr
    counting.behave()
    project.dbt("run", check=True)
    assert asked(counting) == 0
    assert project.query("select count(answer ->> 'response') from analytics.answers") == [(60,)]


def test_no_secret_is_in_sql_logs_or_tables(project: WarehouseProject, counting: Endpoint):
    host = counting.chat.split("/v1")[0]
    project.write(models(counting, numbered(20)))
    project.write(
        {
            "models/llm.sql": f"""{{{{ dbt_ai.create_external_model(location='{counting.chat}', api_format='OpenAI', model_type='CHAT',
        model='c', credential='{host}') }}}}"""
        }
    )
    project.env["LOOPBACK_KEY"] = json.dumps({"Bearer": SECRET})
    project.configure(credentials=[{"name": host, "identity": "HTTPEndpointHeaders", "secret_env": "LOOPBACK_KEY"}])
    counting.behave(poison="text 00007")
    run = project.dbt("--debug", "run", "--exclude", "vectors")
    assert run.results["answers"]["status"] == "success"
    files = [path for folder in ("logs", "target") for path in (project.path / folder).rglob("*") if path.is_file()]
    assert not [path for path in files if SECRET.encode() in path.read_bytes()]
    tables = project.query("select table_schema, table_name from information_schema.tables where table_schema in ('dbt_ai', 'analytics')")
    for schema, table in tables:
        assert project.query(f"select count(*) from {schema}.{table} as t where t::text like '%{SECRET}%'") == [(0,)]


SEEN = """{{ config(materialized='view') }}
select i, {{ dbt_ai.ai_query(ref('llm'), "'Label: ' || body") }} as answer from {{ ref('texts') }}"""


def test_a_view_over_ai_calls_is_read_by_any_tool(project: WarehouseProject, counting: Endpoint):
    project.write({**models(counting, numbered(30)), "models/seen.sql": SEEN})
    project.dbt("run", "--select", "seen", "texts", "llm", check=True)
    assert project.query("select count(*), count(answer) from analytics.seen") == [(30, 0)]
    project.dbt("run", "--select", "answers", check=True)
    assert project.query("select count(*), count(answer) from analytics.seen") == [(30, 30)]


@pytest.mark.parametrize("materialized", ["view", "ephemeral"])
def test_a_table_over_a_view_with_ai_calls_asks_what_the_view_looks_up(project: WarehouseProject, counting: Endpoint, materialized: str):
    project.write(
        {
            **models(counting, numbered(30)),
            "models/seen.sql": SEEN.replace("'view'", f"'{materialized}'"),
            "models/through.sql": f"{{{{ config(materialized='{materialized}') }}}} select * from {{{{ ref('seen') }}}} where i < 10",
            "models/read.sql": ai_table("select * from {{ ref('through') }} as t where i > 4"),
        }
    )
    counting.behave(answer_bytes=100)
    project.dbt("run", "--select", "+read", check=True)
    assert asked(counting) == 30 if materialized == "view" else 5
    assert project.query("select i, answer is not null from analytics.read order by i") == [(i, True) for i in range(5, 10)]


@pytest.mark.parametrize("materialized", ["table", "incremental"])
def test_a_built_in_materialization_is_planned_by_a_pre_hook(project: WarehouseProject, counting: Endpoint, materialized: str):
    project.write(models(counting, numbered(30)))
    where = "{% if is_incremental() %} where i >= 30 {% endif %}"
    project.write(
        {
            "models/answers.sql": f"""{{{{ config(materialized='{materialized}', pre_hook="{{{{ dbt_ai.ai_prefetch() }}}}") }}}}
            select i, {{{{ dbt_ai.ai_query(ref('llm'), "'Label: ' || body") }}}} as answer from {{{{ ref('texts') }}}} {where}"""
        }
    )
    project.dbt("run", "--exclude", "vectors", check=True)
    assert asked(counting) == 30
    project.write({"models/texts.sql": numbered(40)})
    project.dbt("run", "--exclude", "vectors", check=True)
    assert asked(counting) == 40
    assert project.query("select count(*), count(answer) from analytics.answers") == [(40, 40)]


def test_types_and_functions_are_those_of_the_engine(project: WarehouseProject):
    project.write(
        {
            "models/llm.sql": LLM,
            "models/embedder.sql": EMBEDDER,
            "models/typed.sql": ai_table(
                """select i,
                  {{ dbt_ai.ai_query(ref('llm'), 'body', return_type='INT') }} as number,
                  {{ dbt_ai.ai_query(ref('llm'), 'body', return_type='TIMESTAMP') }} as moment,
                  {{ dbt_ai.ai_query(ref('llm'), 'body', return_type='DECIMAL(10,2)') }} as amount,
                  {{ dbt_ai.ai_query(ref('llm'), 'body', return_type='ARRAY<STRING>') }} as list,
                  {{ dbt_ai.ai_extract(ref('llm'), 'body', ['name', 'city']) }} as extracted,
                  {{ dbt_ai.ai_filter(ref('llm'), 'body', 'It is nice') }} as nice,
                  {{ dbt_ai.ai_similarity(ref('embedder'), 'body', "'refund'") }} as alike,
                  {{ dbt_ai.ai_query(ref('llm'), dbt_ai.ai_messages('body', system="'Be brief.'")) }} as talked,
                  {{ dbt_ai.ai_query(ref('llm'), dbt_ai.ai_struct(a='i', b='body')) }} as asked
                from (select 1 as i, 'a text' as body) as t"""
            ),
        }
    )
    project.dbt("run", check=True)
    types = dict(project.query("select column_name, data_type from information_schema.columns where table_name = 'typed'"))
    assert types == {
        "i": "integer", "number": "integer", "moment": "timestamp with time zone", "amount": "numeric", "list": "jsonb",
        "extracted": "jsonb", "nice": "boolean", "alike": "double precision", "talked": "text", "asked": "text",
    }  # fmt: skip
    [row] = project.query("select * from analytics.typed")
    assert None not in row


def test_what_cannot_be_planned_is_one_sentence(project: WarehouseProject):
    project.write(
        {
            "models/llm.sql": LLM,
            "models/texts.sql": numbered(3),
            "models/correlated.sql": ai_table(
                "select i, (select max({{ dbt_ai.ai_query(ref('llm'), 't.body || u.body') }}) from {{ ref('texts') }} as u"
                " where u.i < t.i) as x from {{ ref('texts') }} as t"
            ),
        }
    )
    message = project.dbt("run").message("correlated")
    assert (
        "an AI call in a subquery reads t.body of the query around it; move the subquery into a CTE with that column, and join it"
        in message
    )
    assert "Traceback" not in message


def test_a_schema_that_cannot_be_made_is_one_sentence(project: WarehouseProject, server: PostgresServer):
    project.write({"models/llm.sql": LLM, "models/answers.sql": ai_table("select {{ dbt_ai.ai_query(ref('llm'), \"'x'\") }} as answer")})
    project.query("create role poor login; create schema analytics authorization poor")
    output = {**server.output(project.name), "user": "poor"}
    project.write({"profiles.yml": json.dumps({"project": {"target": "dev", "outputs": {"dev": output}}})})
    run = project.dbt("run")
    assert not run.ok
    assert "the role of this target must be allowed to create the schema dbt_ai, or somebody creates it once" in run.output


WITHOUT_OUR_PACKAGE = """
import os, sys
sys.path = [folder for folder in sys.path if not os.path.exists(os.path.join(folder or ".", "dbt_ai/__init__.py"))]
from dbt.cli.main import cli
cli()
"""


def dbt_ai(project: WarehouseProject, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "dbt_ai.commands.cli", *arguments]
    return subprocess.run(command, cwd=project.path, env=project.environment(), capture_output=True, text=True)


def test_what_was_filled_from_outside_is_built_by_a_dbt_without_our_package(project: WarehouseProject, counting: Endpoint):
    project.write({**models(counting, numbered(40)), "models/seen.sql": SEEN})
    project.dbt("run", "--select", "texts", "llm", "embedder", check=True)
    expected = dbt_ai(project, "fill")
    assert expected.returncode == 1
    assert "has not the compiled SQL of " in expected.stderr and "; run `dbt compile`" in expected.stderr
    project.dbt("compile", check=True)
    estimated = dbt_ai(project, "fill", "--estimate", "--output", "json", "-s", "answers")
    [node] = json.loads(estimated.stdout)["nodes"]
    assert node["state"] == "estimated" and node["expected"]["new_inputs"] == node["expected"]["requests"] == 40, estimated.stderr
    assert asked(counting) == 0
    filled = dbt_ai(project, "fill")
    assert filled.returncode == 0, filled.stdout + filled.stderr
    assert "model.project.answers: done, 40 requests" in filled.stdout
    assert asked(counting) == 40 + 1
    built = subprocess.run(
        [sys.executable, "-c", WITHOUT_OUR_PACKAGE, "run", "--select", "answers", "vectors", "seen"],
        cwd=project.path,
        env=project.environment(),
        capture_output=True,
        text=True,
    )
    assert built.returncode == 0, built.stdout
    assert "AI030" in built.stdout
    assert asked(counting) == 40 + 1
    there = {table: project.query(f"select * from analytics.{table} order by i") for table in ("answers", "vectors", "seen")}
    project.dbt("run", "--full-refresh", check=True)
    assert {table: project.query(f"select * from analytics.{table} order by i") for table in there} == there
    assert all(None not in row for rows in there.values() for row in rows)


def test_a_fill_asks_what_a_build_of_the_whole_project_will_look_up(project: WarehouseProject, counting: Endpoint):
    """Before anything of it is built, and also what depends on answers of other models."""
    project.write(
        {
            **models(counting, numbered(20)),
            "models/seen.sql": SEEN,
            "models/read.sql": ai_table("select * from {{ ref('seen') }} where i < 10"),
            "models/again.sql": ai_table(
                "select i, {{ dbt_ai.ai_query(ref('llm'), \"'Again: ' || (answer ->> 'response')\") }} as answer from {{ ref('answers') }}"
            ),
        }
    )
    counting.behave(answer_bytes=100)
    project.dbt("compile", check=True)
    filled = dbt_ai(project, "fill", "--exclude", "seen", "vectors")
    assert filled.returncode == 0, filled.stdout + filled.stderr
    count = asked(counting)
    project.dbt("run", "--exclude", "vectors", check=True)
    assert asked(counting) == count
    assert project.query("select count(*), count(answer) from analytics.again") == [(20, 20)]
    assert project.query("select count(*), count(answer) from analytics.read") == [(10, 10)]


def test_sql_compiled_for_another_mode_is_refused(project: WarehouseProject, counting: Endpoint):
    project.write(models(counting, numbered(5)))
    project.dbt("run", "--select", "texts", "llm", "embedder", check=True)
    project.dbt("compile", check=True)
    project.configure(mode="mock")
    filled = dbt_ai(project, "fill", "-s", "answers")
    assert filled.returncode == 1
    assert "its SQL was compiled for another mode than mock, or by another version of dbt_ai; compile it again" in filled.stdout
