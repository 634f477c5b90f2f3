"""The promises on warehouses that are emulated here, in plain dbt commands; test_warehouse.py has them on Postgres."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from emulators import BigQueryServer, SnowflakeServer, bigquery_server, snowflake_server
from loopback import Endpoint, endpoint
from models import ai_table
from warehouse import WarehouseProject

pytestmark = pytest.mark.env("cloud")

SECRET = "sk-loopback-0123456789abcdef"
SERVERS = {"snowflake": snowflake_server, "bigquery": bigquery_server}
# Numbers without a function of one warehouse that makes them.
DIGITS = " union all ".join(f"select {digit} as n" for digit in range(10))


@pytest.fixture(scope="module")
def servers() -> Iterator[dict[str, SnowflakeServer | BigQueryServer]]:
    with ExitStack() as stack:
        yield {name: stack.enter_context(start()) for name, start in SERVERS.items()}


@pytest.fixture(scope="module")
def running_endpoint() -> Iterator[Endpoint]:
    with endpoint() as running:
        yield running


@pytest.fixture
def counting(running_endpoint: Endpoint) -> Endpoint:
    running_endpoint.behave()
    return running_endpoint


@pytest.fixture(params=sorted(SERVERS))
def project(request: pytest.FixtureRequest, tmp_path: Path, servers: dict[str, Any]) -> WarehouseProject:
    made = WarehouseProject(tmp_path, server=servers[request.param])
    made.set_up()
    return made


def numbered(count: int, times: int = 1) -> str:
    text = "{{ dbt.type_string() }}"
    places = " cross join ".join(f"digits as {place}" for place in "abcd")
    return f"""with digits as ({DIGITS}), numbers as (select a.n + 10 * b.n + 100 * c.n + 1000 * d.n as i from {places})
    select i, 'text ' || lpad(cast(mod(i, {count}) as {text}), 5, '0') as body from numbers where i < {count * times}"""


def models(counting: Endpoint, rows: str, prompt: str = "'Label: ' || body", **parameters: Any) -> dict[str, str]:
    return {
        "models/embedder.sql": f"""{{{{ dbt_ai.create_external_model(location='{counting.embeddings}', api_format='OpenAI',
            model_type='EMBEDDINGS', model='e', parameters={{'dimensions': 8}}) }}}}""",
        "models/llm.sql": f"""{{{{ dbt_ai.create_external_model(location='{counting.chat}', api_format='OpenAI', model_type='CHAT',
            model='c', parameters={parameters}) }}}}""",
        "models/texts.sql": rows,
        "models/answers.sql": ai_table(
            f"""with answered as (
                select i, {{{{ dbt_ai.ai_query(ref('llm'), "{prompt}", fail_on_error=false) }}}} as answer from {{{{ ref('texts') }}}}
            )
            select i, {{{{ dbt_ai.ai_field('answer', 'response', 'STRING') }}}} as response,
                   {{{{ dbt_ai.ai_field('answer', 'errorStatus', 'STRING') }}}} as error
            from answered"""
        ),
        "models/vectors.sql": ai_table("select i, {{ dbt_ai.ai_embed(ref('embedder'), 'body') }} as vector from {{ ref('texts') }}"),
    }


def asked(counting: Endpoint) -> int:
    return int(counting.counters().get("requests", 0))


def test_only_what_changed_is_asked(project: WarehouseProject, counting: Endpoint):
    project.write(models(counting, numbered(300)))
    first = project.dbt("run", check=True)
    assert asked(counting) == 300 + 2
    assert "300 requests · 0 from store · price unknown" in first.message("answers")
    assert "left join" in next((project.path / "target/run").rglob("answers.sql")).read_text()
    for arguments in ((), ("--full-refresh",)):
        counting.behave()
        again = project.dbt("run", *arguments, check=True)
        assert asked(counting) == 0
        assert "0 requests · 300 from store" in again.message("answers")
    project.write({"models/texts.sql": numbered(300).replace("5, '0')", "5, '0') || case i when 7 then ' changed' else '' end")})
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
    assert project.query("select count(*), count(response), count(error) from analytics.answers") == [(300, 300, 0)]


def test_repeated_rows_are_asked_once(project: WarehouseProject, counting: Endpoint):
    project.write(models(counting, numbered(20, times=100)))
    project.dbt("run", check=True)
    assert asked(counting) == 20 + 1
    assert project.query("select count(*), count(response) from analytics.answers") == [(2000, 2000)]
    assert project.query("select count(*), count(vector) from analytics.vectors") == [(2000, 2000)]


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
    counting.behave()
    run = project.dbt("run", "--select", "answers", check=True)
    assert asked(counting) <= 5000 - accepted + 256
    assert "of a run that ended early are in the warehouse now" in run.output
    assert project.query("select count(*), count(response) from analytics.answers") == [(5000, 5000)]
    assert {path.name.split("-")[0] for path in (project.path / "cache/journals").rglob("*.duckdb")} <= {str(os.getpid())}


def test_a_budget_stops_before_it_is_exceeded_and_the_next_run_goes_on(project: WarehouseProject, counting: Endpoint):
    project.write(models(counting, numbered(100)))
    again = "select {{ dbt_ai.ai_query(ref('llm'), \"'Again: ' || response\") }} as again from {{ ref('answers') }}"
    project.write({"models/more.sql": ai_table(again)})
    counting.behave(answer_bytes=100)
    project.configure(max_requests=150)
    refused = project.dbt("run", "--exclude", "vectors")
    assert not refused.ok and "max_requests" in refused.message("more")
    kept = project.answers()
    assert kept == asked(counting) == 100
    project.configure(max_requests=None)
    project.dbt("run", "--exclude", "vectors", check=True)
    assert asked(counting) == project.answers() > kept


def test_an_estimate_says_what_the_run_then_asks_and_builds_nothing(project: WarehouseProject, counting: Endpoint):
    project.write(models(counting, numbered(40)))
    project.dbt("run", "--select", "texts", "llm", "embedder", check=True)
    project.configure(mode="estimate")
    run = project.dbt("run", "--select", "answers")
    assert run.message("answers").startswith("ESTIMATE 40 new inputs in 40 requests, ~")
    assert asked(counting) == 0
    with pytest.raises(Exception, match="(?i)answers"):
        project.query("select * from analytics.answers")
    project.configure(mode="live")
    project.dbt("run", "--select", "answers", check=True)
    assert asked(counting) == 40


def test_what_was_recorded_is_replayed_without_an_endpoint(project: WarehouseProject, counting: Endpoint):
    project.write(models(counting, numbered(50)))
    project.configure(mode="record")
    project.dbt("run", check=True)
    rows = [project.query(f"select * from analytics.{table} order by i") for table in ("answers", "vectors")]
    # The same project on a warehouse that has never seen it.
    project.move_to_new_database(mode="replay")
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
    mocked = "select count(*) from analytics.answers where response like 'mock answer %'"
    assert project.query(mocked) == [(20,)]
    project.configure(mode="live")
    project.dbt("run", check=True)
    assert asked(counting) == 20 + 1
    assert project.query(mocked) == [(0,)]


def test_a_failed_row_is_one_error_value_and_no_secret_is_in_sql_logs_or_tables(project: WarehouseProject, counting: Endpoint):
    host = counting.chat.split("/v1")[0]
    project.write(models(counting, numbered(100)))
    llm = f"location='{counting.chat}', api_format='OpenAI', model_type='CHAT', model='c', credential='{host}'"
    strict = "select {{ dbt_ai.ai_query(ref('llm'), \"'Strict: ' || body\") }} as answer from {{ ref('texts') }}"
    project.write({"models/llm.sql": f"{{{{ dbt_ai.create_external_model({llm}) }}}}", "models/strict.sql": ai_table(strict)})
    project.env["LOOPBACK_KEY"] = json.dumps({"Bearer": SECRET})
    project.configure(credentials=[{"name": host, "identity": "HTTPEndpointHeaders", "secret_env": "LOOPBACK_KEY"}])
    counting.behave(poison="text 00007")
    run = project.dbt("--debug", "run", "--exclude", "vectors")
    assert run.results["answers"]["status"] == "success"
    assert "1 of 100 requests failed" in run.message("strict")
    assert project.query("select i from analytics.answers where error is not null and response is null") == [(7,)]
    # The query history of a warehouse is what was sent there, all of which is in the debug log.
    files = [path for folder in ("logs", "target", "cache") for path in (project.path / folder).rglob("*") if path.is_file()]
    assert not [path for path in files if SECRET.encode() in path.read_bytes()]
    for table in ("dbt_ai.responses", "dbt_ai.failures", "dbt_ai.usage", "analytics.answers"):
        assert not [row for row in project.query(f"select * from {table}") if SECRET in str(row)]
    counting.behave()
    project.dbt("run", "--exclude", "vectors", check=True)
    assert asked(counting) == 2
    assert project.query("select count(*) from dbt_ai.failures") == [(0,)]
    assert project.query("select count(response) from analytics.answers") == [(100,)]


def test_two_runs_at_once_store_no_answer_twice(project: WarehouseProject, counting: Endpoint):
    project.write(models(counting, numbered(300)))
    counting.behave(latency=0.05)
    project.dbt("run", "--select", "texts", "llm", "embedder", check=True)
    both = [project.start("run", "--select", "answers", "--target-path", name, "--log-path", name) for name in ("first", "second")]
    for running in both:
        output, _ = running.communicate(timeout=120)
        assert running.returncode == 0, output
    assert project.query("select count(*), count(distinct key) from dbt_ai.responses") == [(300, 300)]


def test_answers_go_out_to_a_file_and_come_in_to_another_warehouse(project: WarehouseProject, counting: Endpoint):
    project.write(models(counting, numbered(60)))
    project.dbt("run", check=True)
    store = [sys.executable, "-m", "dbt_ai.commands.cli", "store"]
    file = str(project.path / "answers.parquet")
    subprocess.run([*store, "export", file], cwd=project.path, env=project.environment(), check=True)
    rows = [project.query(f"select * from analytics.{table} order by i") for table in ("answers", "vectors")]
    project.move_to_new_database()
    imported = subprocess.run([*store, "import", file], cwd=project.path, env=project.environment(), capture_output=True, text=True)
    assert "120 answers taken in" in imported.stdout, imported.stdout + imported.stderr
    counting.behave()
    project.dbt("run", check=True)
    assert asked(counting) == 0
    assert [project.query(f"select * from analytics.{table} order by i") for table in ("answers", "vectors")] == rows
