"""execution='batch': the requests of a node as jobs of a batch API, against a server of the documented shapes."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import Any

import pytest
from conftest import Project
from models import external_model
from servers.batches import Batches, batches

ROWS = 60


def write(project: Project, server: Batches, *, rows: int = ROWS, kind: str = "openai", **fields: Any) -> None:
    """A node of `rows` distinct texts, asked in jobs."""
    where, form = ("/v1/messages", "Anthropic") if kind == "anthropic" else ("/v1/chat/completions", "OpenAI")
    model = {"location": server.url + where, "api_format": form, "model_type": "CHAT", "model": "m", "execution": "batch", **fields}
    project.write(
        {
            "models/llm.sql": external_model(**model),
            "models/texts.sql": f"select i, 'text ' || i as body from range({rows}) t(i)",
            "models/answers.sql": "{{ config(materialized='ai_table') }}\n"
            "select body, {{ dbt_ai.ai_query(ref('llm'), 'body', fail_on_error=false) }} as answer from {{ ref('texts') }}",
        }
    )


def dbt_ai(project: Project, *arguments: str) -> str:
    command = [sys.executable, "-m", "dbt_ai.commands.cli", "batches", *arguments]
    run = subprocess.run(command, cwd=project.path, env=project.environment(), capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stderr
    return run.stdout


def right(project: Project, rows: int = ROWS) -> bool:
    return project.query("select count(*) from answers where answer.response = upper(body)") == [(rows,)]


def open_jobs(project: Project) -> int:
    return int(project.query("select count(*) from dbt_ai.jobs")[0][0])


@pytest.mark.parametrize("kind", ["openai", "anthropic"])
def test_a_node_is_asked_in_a_job_and_built_from_its_results_in_any_order(project: Project, kind: str) -> None:
    with batches(looks=2) as server:
        write(project, server, kind=kind)
        project.dbt("run", check=True)
        assert right(project)
        assert (len(server.jobs), server.asked, server.live) == (1, ROWS, [])
        assert open_jobs(project) == 0
        project.dbt("run", "--full-refresh", check=True)
        assert server.asked == ROWS


def test_a_node_that_does_not_wait_is_pending_and_the_next_run_takes_the_answers(project: Project) -> None:
    with batches(looks=3) as server:
        write(project, server, wait="none")
        run = project.dbt("run")
        assert not run.ok
        assert f"pending: {ROWS} requests to external model 'llm' are in 1 jobs: batch_0 (in_progress, 0 of {ROWS} answered)" in run.output
        assert open_jobs(project) == 1
        server.jobs["batch_0"]["looks"] = 0
        project.dbt("run", check=True)
        assert right(project)
        assert (server.asked, open_jobs(project)) == (ROWS, 0)


def test_a_submission_that_was_never_answered_is_found_again_and_not_paid_twice(project: Project) -> None:
    for kind in ("openai", "anthropic"):
        with batches(lose=1) as server:
            write(project, server, kind=kind)
            project.dbt("run", check=True)
            assert right(project)
            assert (len(server.jobs), server.asked) == (1, ROWS)


def test_a_process_that_is_killed_while_it_waits_leaves_a_job_that_the_next_run_takes_up(project: Project) -> None:
    with batches(looks=1_000_000) as server:
        write(project, server)
        process = project.start("run")
        until = time.monotonic() + 60
        while not server.jobs and time.monotonic() < until:
            time.sleep(0.05)
        time.sleep(0.5)
        process.kill()
        process.wait()
        server.jobs["batch_0"]["looks"] = 0
        project.dbt("run", check=True)
        assert right(project)
        assert server.asked == ROWS


def test_a_download_that_breaks_is_read_again(project: Project) -> None:
    with batches(break_downloads=1) as server:
        write(project, server)
        project.dbt("run", check=True)
        assert right(project)
        assert server.asked == ROWS


def test_lines_that_are_missing_are_errors_of_their_rows_and_the_next_run_asks_them_alone(project: Project) -> None:
    with batches(mangle=True) as server:
        write(project, server)
        project.dbt("run", check=True)
        failed = project.query("select count(*), any_value(answer.errorStatus) from answers where answer.response is null")
        assert failed[0][0] == 3
        assert "the job ended without an answer to it" in failed[0][1]
        server.mangle = False
        project.dbt("run", check=True)
        assert right(project)
        assert server.asked == ROWS + 3


def test_a_job_that_expires_keeps_what_it_answered(project: Project) -> None:
    with batches(expire=0.5) as server:
        write(project, server)
        project.dbt("run", check=True)
        assert right(project, rows=ROWS // 2)


def test_few_requests_go_at_once_with_batch_above(project: Project) -> None:
    with batches() as server:
        write(project, server, batch_above=100)
        project.dbt("run", check=True)
        assert right(project)
        assert (len(server.jobs), len(server.live)) == (0, ROWS)


def test_what_is_in_a_job_is_waited_for_after_execution_became_live(project: Project) -> None:
    with batches(looks=2) as server:
        write(project, server, wait="none")
        assert not project.dbt("run").ok
        write(project, server, rows=ROWS + 5, execution="live")
        project.dbt("run", check=True)
        assert right(project, rows=ROWS + 5)
        assert (server.asked, len(server.live)) == (ROWS, 5)


def test_embeddings_travel_in_jobs_with_many_texts_a_line(project: Project) -> None:
    with batches() as server:
        model = {"location": f"{server.url}/v1/embeddings", "api_format": "OpenAI", "model_type": "EMBEDDINGS", "model": "e"}
        project.write(
            {
                "models/embedder.sql": external_model(**model, execution="batch"),
                "models/vectors.sql": "{{ config(materialized='ai_table') }}\n"
                "select body, {{ dbt_ai.ai_embed(ref('embedder'), 'body') }} as v from (select 'x' || i as body from range(600) t(i))",
            }
        )
        project.dbt("run", check=True)
        assert project.query("select count(*) from vectors where v[1] = length(body)") == [(600,)]
        assert server.asked == 3


def test_a_job_costs_half_and_counts_against_the_budget_before_it_is_submitted(project: Project) -> None:
    price = {"model": "m", "input_per_million": 1_000.0, "output_per_million": 0.0}
    with batches() as server:
        write(project, server)
        project.configure(prices=[price])
        project.dbt("run", check=True)
        # 10 tokens a line at $1,000 a million
        assert project.query("select cost_usd from dbt_ai.usage where node like '%answers'") == [(pytest.approx(ROWS * 0.01 / 2),)]
        write(project, server, rows=2 * ROWS)
        project.configure(prices=[price], max_cost_usd=0.01)
        run = project.dbt("run")
        assert not run.ok
        assert "would exceed max_cost_usd" in run.output
        assert server.asked == ROWS


def test_an_unknown_execution_or_wait_is_one_sentence(project: Project) -> None:
    with batches() as server:
        write(project, server, execution="batched")
        assert "execution 'batched' is not known; use one of live, batch, flex" in project.dbt("run").output
        write(project, server, wait="soon")
        assert "wait 'soon' is not a time; write '30m', '6h', 'none' or 'forever'" in project.dbt("run").output


def test_flex_asks_at_once_in_the_cheaper_tier(project: Project) -> None:
    with batches() as server:
        write(project, server, execution="flex", rows=3)
        project.dbt("run", check=True)
        assert right(project, rows=3)
        assert {request["service_tier"] for request in server.live} == {"flex"}


def test_the_command_line_lists_jobs_waits_for_them_and_cancels_them(project: Project) -> None:
    with batches(looks=1_000) as server:
        write(project, server, wait="none")
        assert not project.dbt("run").ok
        said = dbt_ai(project, "list")
        assert "batch_0" in said and f"in_progress, 0 of {ROWS} answered" in said
        assert "1 jobs cancelled" in dbt_ai(project, "cancel", "--yes")
        assert server.cancelled == ["batch_0"]
        assert f"{ROWS} answers stored" in dbt_ai(project, "wait")
        assert "no jobs are open" in dbt_ai(project, "list")
        project.dbt("run", check=True)
        assert right(project)
        assert server.asked == ROWS


def test_a_row_that_cannot_be_asked_fails_alone(project: Project) -> None:
    with batches() as server:
        write(project, server)
        row = "{'messages': [{'role': 'user', 'content': case when i <> 3 then 'x' || i end}]}"
        project.write(
            {
                "models/answers.sql": "{{ config(materialized='ai_table') }}\n"
                f"select i, {{{{ dbt_ai.ai_query(ref('llm'), \"{row}\", fail_on_error=false) }}}} as answer from {{{{ ref('texts') }}}}"
            }
        )
        project.dbt("run", check=True)
        assert project.query("select i, answer.errorStatus from answers where answer.response is null") == [
            (3, "the field 'messages' of the request is not a list of {role, content}; write it with dbt_ai.ai_messages(…)")
        ]
        assert server.asked == ROWS - 1
