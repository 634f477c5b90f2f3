"""execution='batch' on Postgres: the jobs stand beside the answers, so that any machine takes them up."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from models import ai_table, external_model
from servers.batches import batches
from warehouse import WarehouseProject

pytestmark = pytest.mark.env("postgres")

ROWS = 400


@pytest.fixture
def project(on_postgres: WarehouseProject) -> WarehouseProject:
    return on_postgres


def command(project: WarehouseProject, *arguments: str) -> str:
    words = [sys.executable, "-m", "dbt_ai.commands.cli", "batches", *arguments]
    run = subprocess.run(words, cwd=project.path, env=project.environment(), capture_output=True, text=True, timeout=180)
    assert run.returncode == 0, run.stderr
    return run.stdout


def test_a_job_is_taken_up_by_another_machine_and_paid_once(project: WarehouseProject, tmp_path: Path) -> None:
    with batches(looks=1_000_000) as endpoint:
        where = {"location": f"{endpoint.url}/v1/chat/completions", "api_format": "OpenAI", "model_type": "CHAT", "model": "m"}
        project.write(
            {
                "models/llm.sql": external_model(**where, execution="batch", wait="none"),
                "models/texts.sql": f"select i, 'text ' || i as body from generate_series(1, {ROWS}) as t(i)",
                "models/answers.sql": ai_table("select body, {{ dbt_ai.ai_query(ref('llm'), 'body') }} as answer from {{ ref('texts') }}"),
            }
        )
        run = project.dbt_process("run")
        assert not run.ok and f"pending: {ROWS} requests" in run.output
        assert project.query("select count(distinct name), count(*) > 1 from dbt_ai.jobs") == [(1, True)]
        # Another machine has none of this one's files.
        project.env["DBT_AI_CACHE_DIR"] = str(tmp_path / "another")
        assert f"in_progress, 0 of {ROWS} answered" in command(project, "list")
        run = project.dbt_process("run")
        assert not run.ok and f"pending: {ROWS} requests" in run.output
        for job in endpoint.jobs.values():
            job.left = 0
        assert f"{ROWS} answers stored" in command(project, "wait")
        assert project.query("select count(*) from dbt_ai.jobs") == [(0,)]
        project.dbt_process("run", check=True)
        assert project.query("select count(*) from analytics.answers where answer = upper(body)") == [(ROWS,)]
        assert (len(endpoint.jobs), endpoint.asked, endpoint.live) == (1, ROWS, [])


def test_of_two_runs_at_once_one_hands_the_requests_over_and_both_end_with_its_answers(project: WarehouseProject) -> None:
    with batches(looks=1_000_000) as endpoint:
        where = {"location": f"{endpoint.url}/v1/chat/completions", "api_format": "OpenAI", "model_type": "CHAT", "model": "m"}
        project.write(
            {
                "models/llm.sql": external_model(**where, execution="batch", wait="none"),
                "models/texts.sql": "select i, 'text ' || i as body from generate_series(1, 50) as t(i)",
                "models/answers.sql": ai_table("select body, {{ dbt_ai.ai_query(ref('llm'), 'body') }} as answer from {{ ref('texts') }}"),
            }
        )
        project.dbt_process("run", "--select", "llm", "texts", check=True)
        runs = [project.start("run", "--select", "answers", "--target-path", f"target{number}") for number in range(2)]
        said = [run.communicate(timeout=180)[0] for run in runs]
        assert any("pending: 50 requests" in text for text in said), said
        assert all("pending: 50 requests" in text or "another run hands over some of the same 50 requests" in text for text in said), said
        assert (len(endpoint.jobs), endpoint.asked) == (1, 50)
        for job in endpoint.jobs.values():
            job.left = 0
        project.dbt_process("run", check=True)
        assert project.query("select count(*) from analytics.answers where answer = upper(body)") == [(50,)]
        assert (len(endpoint.jobs), endpoint.asked, endpoint.live) == (1, 50, [])


def test_a_row_that_failed_in_a_job_is_an_error_of_the_next_run_of_any_machine_and_paid_once(project: WarehouseProject) -> None:
    with batches(looks=1_000_000, refuses="text 7") as endpoint:
        where = {"location": f"{endpoint.url}/v1/chat/completions", "api_format": "OpenAI", "model_type": "CHAT", "model": "m"}
        project.write(
            {
                "models/llm.sql": external_model(**where, execution="batch", wait="none"),
                "models/texts.sql": "select i, 'text ' || i as body from generate_series(1, 50) as t(i)",
                "models/answers.sql": ai_table("select body, {{ dbt_ai.ai_query(ref('llm'), 'body') }} as answer from {{ ref('texts') }}"),
            }
        )
        assert "pending: 50 requests" in project.dbt_process("run").output
        for job in endpoint.jobs.values():
            job.left = 0
        assert "49 answers stored, 1 request failed" in command(project, "wait")
        [(failed, causes)] = project.query("select failed, failure_causes from dbt_ai.usage where failed > 0")
        assert failed == 1 and "no policy allows to answer text 7" in causes
        assert "has ended; the next run of the node says what failed: 1 × " in command(project, "list")
        run = project.dbt_process("run", "--select", "answers")
        assert "1 of 1 request failed (1 × " in run.output and "no policy allows to answer text 7" in run.output
        assert (endpoint.asked, endpoint.live) == (50, []) and project.query("select count(*) from dbt_ai.jobs") == [(0,)]
        assert "pending: 1 request to" in project.dbt_process("run", "--select", "answers").output
