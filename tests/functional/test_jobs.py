"""execution='batch': the requests of a node as jobs of a batch API, against a server of the documented shapes."""

from __future__ import annotations

import time
from functools import partial
from typing import Any

import pytest
from conftest import Project
from jobs_project import PLACES, ROWS, dbt_ai, dbt_ai_started, open_jobs, right, write
from models import external_model
from servers.batch_formats import FORMATS, Anthropic
from servers.batches import batches

from dbt_ai.display import progress
from dbt_ai.execution import node_jobs, scheduler
from dbt_ai.execution.node_jobs import JobContext
from dbt_ai.providers._openai_jobs import OpenAIJobs

EVERY_FORMAT = pytest.mark.parametrize("kind", PLACES)


@EVERY_FORMAT
def test_a_node_is_asked_in_a_job_and_built_from_its_results_in_any_order(project: Project, kind: str) -> None:
    with batches(looks=2) as server:
        write(project, server, kind=kind)
        project.dbt("run", check=True)
        assert right(project)
        assert (len(server.jobs), server.asked, server.live) == (1, ROWS, [])
        assert open_jobs(project) == 0
        project.dbt("run", "--full-refresh", check=True)
        assert server.asked == ROWS


def test_a_run_says_which_job_a_node_waits_for_and_how_far_it_is(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "EVERY", 0.5)
    with batches(looks=4) as server:
        write(project, server)
        run = project.dbt("run", check=True)
        assert f"dbt_ai answers: 0/{ROWS} · 1 job: batch_0 (in_progress, 0 of {ROWS} answered) · " in run.output
        assert run.output.count("batch_0 (in_progress, ") == 1  # nothing was new


def test_a_node_that_does_not_wait_is_pending_and_the_next_run_takes_the_answers(project: Project) -> None:
    with batches(looks=3) as server:
        write(project, server, wait="none")
        run = project.dbt("run")
        assert not run.ok
        assert f"pending: {ROWS} requests to external model 'llm' are in 1 job: batch_0 (in_progress, 0 of {ROWS} answered)" in run.output
        assert open_jobs(project) == 1
        server.jobs["batch_0"].left = 0
        project.dbt("run", check=True)
        assert right(project)
        assert (server.asked, open_jobs(project)) == (ROWS, 0)


def test_what_is_in_a_job_is_neither_estimated_nor_refused_again(project: Project) -> None:
    with batches(looks=1_000) as server:
        project.configure(max_requests=ROWS)
        write(project, server, wait="none")
        assert f"pending: {ROWS} requests" in project.dbt("run").output
        project.env["DBT_AI_MODE"] = "estimate"
        assert "ESTIMATE 0 new inputs in 0 requests, ~0 input tokens, ≤ 0 output tokens, cost ≤ $0.00" in project.dbt("run").output
        project.env["DBT_AI_MODE"] = "live"
        write(project, server, rows=ROWS + 5, wait="none")
        assert f"pending: {ROWS + 5} requests to external model 'llm' are in 2 jobs" in project.dbt("run").output
        assert server.asked == ROWS + 5


def test_nodes_that_ask_the_same_and_do_not_wait_pay_once(project: Project) -> None:
    """Each looks at the job once, so that it ends while they hand its requests on to each other."""
    with batches(looks=3) as server:
        write(project, server, wait="none")
        same = project.path.joinpath("models/answers.sql").read_text()
        project.write({f"models/same_{number}.sql": f"{same} where i >= {number}" for number in range(6)})
        project.dbt("run", "--threads", "7")
        assert server.asked == ROWS
        project.dbt("run", "--threads", "7", check=True)
        assert right(project)
        assert (server.asked, server.live, open_jobs(project)) == (ROWS, [], 0)


def test_answers_to_rows_that_are_gone_since_are_stored_and_counted(project: Project) -> None:
    with batches(looks=2) as server:
        write(project, server, wait="none")
        assert not project.dbt("run").ok
        write(project, server, rows=5)
        project.dbt("run", check=True)
        assert project.query("select sum(input_tokens) from dbt_ai.usage") == [(10 * ROWS,)]
        write(project, server)
        project.dbt("run", check=True)
        assert right(project)
        assert (server.asked, server.live) == (ROWS, [])


def test_a_submission_that_was_never_answered_is_found_again_and_not_paid_twice(project: Project) -> None:
    for kind in PLACES:
        with batches(lose=1) as server:
            write(project, server, kind=kind)
            project.dbt("run", check=True)
            assert right(project)
            assert (len(server.jobs), server.asked) == (1, ROWS)


@pytest.mark.parametrize("kind", ["OpenAI", "Anthropic"])
def test_a_run_that_is_killed_at_each_step_of_a_job_pays_once(project: Project, kind: str) -> None:
    with batches() as server:
        write(project, server, kind=kind)
        # Anthropic's lines travel with the submission.
        for step in ("upload", "submit", "download") if kind == "OpenAI" else ("submit", "download"):
            server.stall = step
            server.stalled.clear()
            process = project.start("run")
            assert server.stalled.wait(120), step
            process.kill()
            process.communicate()
        server.stall = ""
        project.dbt("run", check=True)
        assert right(project)
        assert (len(server.jobs), server.asked, server.live, open_jobs(project)) == (1, ROWS, [], 0)


def test_a_second_process_asks_nothing_while_the_first_one_waits(project: Project) -> None:
    with batches(stall="download") as server:
        write(project, server)
        process = project.start("run")
        assert server.stalled.wait(120)
        assert not project.dbt_process("run").ok  # DuckDB lets one process in
        process.kill()
        process.communicate()
        server.stall = ""
        project.dbt("run", check=True)
        assert right(project)
        assert (len(server.jobs), server.asked) == (1, ROWS)


def test_a_run_goes_on_while_another_process_waits_for_the_jobs(project: Project) -> None:
    with batches(looks=1_000) as server:
        write(project, server, wait="none")
        assert "pending: " in project.dbt("run").output
        waits = dbt_ai_started(project, "wait")
        while server.jobs["batch_0"].left > 995:  # it has looked several times, and looks seldom from now on
            time.sleep(0.1)
            assert waits.poll() is None
        said = project.dbt_process("run").output
        while "is in use" in said or "Could not set lock" in said:  # it was just looking
            said = project.dbt_process("run").output
        assert f"pending: {ROWS} requests" in said
        server.jobs["batch_0"].left = 0
        out, err = waits.communicate(timeout=120)
        assert out == f"{ROWS} answers stored\n" and err.count("batch_0: in_progress, 0 of") == 1
        project.dbt("run", check=True)
        assert right(project)
        assert (server.asked, open_jobs(project)) == (ROWS, 0)


@pytest.fixture
def mock_clock(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs of this process wait by the clock of a server, and look once an hour at last."""
    monkeypatch.setattr(node_jobs, "LONGEST_LOOK", 3600.0)
    return lambda server: monkeypatch.setattr(scheduler, "JobContext", partial(JobContext, sleep=server.pass_time))


def test_a_job_of_a_day_is_waited_for_and_what_expired_is_asked_again(project: Project, mock_clock: Any) -> None:
    with batches(takes=86_400, expire=0.5) as server:
        mock_clock(server)
        write(project, server, wait="6h")
        began = server.now
        run = project.dbt("run")
        assert not run.ok and f"pending: {ROWS} requests" in run.output
        assert server.now - began == pytest.approx(6 * 3600, abs=1)
        write(project, server)
        project.dbt("run", check=True)
        assert 86_400 <= server.now - began < 90_001
        failed = project.query("select count(*), any_value(answer.errorStatus) from answers where answer.response is null")
        assert failed[0][0] == ROWS // 2 and "before the completion window expired" in failed[0][1]
        server.expire = 0.0
        project.dbt("run", check=True)
        assert right(project)
        assert (server.asked, server.live) == (ROWS + ROWS // 2, [])


def test_a_submission_that_is_listed_late_is_waited_for(project: Project, mock_clock: Any) -> None:
    with batches(lose=1, late=3, page=1) as server:
        mock_clock(server)
        write(project, server)
        project.dbt("run", check=True)
        assert right(project)
        assert (len(server.jobs), server.asked) == (1, ROWS)


def test_a_job_that_was_taken_for_ours_and_is_not_is_left_alone(project: Project) -> None:
    """Anthropic's jobs have no names: another one of the same size may be somebody else's."""
    with batches(looks=0, lose=1, late=2) as server:
        [anthropic] = [form for form in FORMATS if isinstance(form, Anthropic)]
        write(project, server, kind="Anthropic", wait="none")
        late, server.late, server.now = server.late, 0, server.now + 60
        theirs = server.submit(anthropic, [{"custom_id": f"theirs-{number}", "params": {}} for number in range(ROWS)], "")
        server.late, theirs.answered, theirs.until = late, 0, server.now + 3600
        run = project.dbt("run")
        assert not run.ok and f"pending: {ROWS} requests to external model 'llm' are in 1 job: {theirs.id}" in run.output
        assert f"{theirs.id} may be somebody else's job, for it was found by its size and time" in dbt_ai(project, "cancel", "--yes")
        assert server.cancelled == []
        server.pass_time(3600)
        project.dbt("run", check=True)
        assert right(project)
        assert (server.asked, open_jobs(project)) == (2 * ROWS, 0)  # theirs and ours


def test_a_job_that_the_provider_does_not_have_any_more_is_asked_again(project: Project) -> None:
    with batches(looks=2) as server:
        write(project, server, wait="none")
        assert not project.dbt("run").ok
        server.jobs.clear()
        write(project, server)
        project.dbt("run", check=True)
        [(error,)] = project.query("select distinct answer.errorStatus from answers")
        assert "the job ended without an answer to it: the provider does not have it any more" in error
        project.dbt("run", check=True)
        assert right(project)


def test_a_download_that_breaks_is_read_again(project: Project) -> None:
    with batches(break_downloads=1) as server:
        write(project, server)
        project.dbt("run", check=True)
        assert right(project)
        assert server.asked == ROWS


@EVERY_FORMAT
def test_lines_that_are_missing_are_errors_of_their_rows_and_the_next_run_asks_them_alone(project: Project, kind: str) -> None:
    with batches(mangle=True) as server:
        write(project, server, kind=kind)
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


def test_one_call_of_a_node_is_asked_in_a_job_and_another_at_once_by_a_model_of_its_own(project: Project) -> None:
    with batches() as server:
        write(project, server, identity="llm")
        model = {"location": server.url + PLACES["OpenAI"], "api_format": "OpenAI", "model_type": "CHAT", "model": "m", "identity": "llm"}
        call = "{{ dbt_ai.ai_query(ref('%s'), \"%s || body\") }} as %s"
        later, now = call % ("llm", "'a '", "later"), call % ("llm_now", "'b '", "now")
        project.write(
            {
                "models/llm_now.sql": external_model(**model),
                "models/answers.sql": "{{ config(materialized='ai_table') }}\n"
                f"select body, {later}, {now} from {{{{ ref('texts') }}}} where i < 5",
            }
        )
        project.dbt("run", check=True)
        found = project.query("select count(*) from answers where later = upper('a ' || body) and now = upper('b ' || body)")
        assert (found, server.asked, len(server.live)) == ([(5,)], 5, 5)


def test_what_is_in_a_job_is_waited_for_after_execution_became_live(project: Project) -> None:
    with batches(looks=2) as server:
        write(project, server, wait="none")
        assert not project.dbt("run").ok
        write(project, server, rows=ROWS + 5, execution="live")
        project.dbt("run", check=True)
        assert right(project, rows=ROWS + 5)
        assert (server.asked, len(server.live)) == (ROWS, 5)


@pytest.mark.parametrize(
    ("api_format", "place", "lines"), [("OpenAI", "/v1/embeddings", 3), ("Gemini", "/v1beta/models/e:batchEmbedContents", 600)]
)
def test_embeddings_travel_in_jobs_of_as_many_lines_as_were_estimated(project: Project, api_format: str, place: str, lines: int) -> None:
    with batches() as server:
        model = {"location": f"{server.url}{place}", "api_format": api_format, "model_type": "EMBEDDINGS", "model": "e"}
        project.write(
            {
                "models/embedder.sql": external_model(**model, execution="batch"),
                "models/vectors.sql": "{{ config(materialized='ai_table') }}\n"
                "select body, {{ dbt_ai.ai_embed(ref('embedder'), 'body') }} as v from (select 'x' || i as body from range(600) t(i))",
            }
        )
        project.env["DBT_AI_MODE"] = "estimate"
        assert f"600 new inputs in {lines} requests" in project.dbt("run").output
        project.env["DBT_AI_MODE"] = "live"
        project.dbt("run", check=True)
        assert project.query("select count(*) from vectors where v[1] = length(body)") == [(600,)]
        assert (server.asked, len(server.jobs)) == (lines, 1)


def test_what_other_jobs_have_answered_is_kept_before_a_problem_of_one_ends_the_node(project: Project, monkeypatch: Any) -> None:
    monkeypatch.setattr(OpenAIJobs, "lines", ROWS // 2)
    with batches(looks=0) as server:
        write(project, server, wait="none")
        server.page_for.add("batch_0")
        run = project.dbt("run")
        assert not run.ok and "the results of the job are not JSON lines: <html>" in run.output
        assert open_jobs(project) == 1
        assert "<html>" in dbt_ai(project, "wait", code=1)
        server.page_for.clear()
        project.dbt("run", check=True)
        assert right(project)
        assert (len(server.jobs), server.asked, open_jobs(project)) == (2, ROWS, 0)


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


def test_an_unknown_execution_or_wait_or_batch_above_is_one_sentence(project: Project) -> None:
    with batches() as server:
        write(project, server, execution="batched")
        assert "execution 'batched' is not known; use one of live, batch, flex" in project.dbt("run").output
        write(project, server, batch_above=2**70)
        assert f"batch_above {2**70} is not a whole number from 0 to 1,000,000,000" in project.dbt("run").output
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
        assert "1 job cancelled" in dbt_ai(project, "cancel", "--yes")
        assert server.cancelled == ["batch_0"]
        assert f"{ROWS // 2} answers stored" in dbt_ai(project, "wait")
        used = "select sum(requests), sum(executed), sum(failed), sum(input_tokens) from dbt_ai.usage"
        assert project.query(used) == [(ROWS, ROWS // 2, ROWS // 2, 10 * (ROWS // 2))]
        assert "no jobs are open" in dbt_ai(project, "list")
        server.looks = 1
        write(project, server)
        project.dbt("run", check=True)
        assert right(project)
        assert server.asked == ROWS + ROWS // 2  # what it had not answered when it was cancelled


def test_a_job_outlives_a_revoked_key_a_model_that_moved_and_one_that_is_gone(project: Project) -> None:
    with batches(looks=1_000) as server, batches() as elsewhere:
        write(project, server, wait="none", identity="llm")
        assert "pending: " in project.dbt("run").output
        server.revoked = True
        assert "external model 'llm': batch_0 stays open: 401 Incorrect API key provided" in project.dbt("run").output
        said = dbt_ai(project, "wait", code=1)
        assert "batch_0: 401 " in said and "0 answers stored; the jobs that have a problem stay open" in said
        server.revoked = False
        write(project, elsewhere, wait="none", identity="llm")  # another host, which knows nothing of the job
        assert f"pending: {ROWS} requests to external model 'llm' are in 1 job: batch_0 (in_progress" in project.dbt("run").output
        server.jobs["batch_0"].left = 0
        said = dbt_ai(project, "cancel", "--yes")
        assert f"batch_0 is not cancelled: it has ended (completed, {ROWS} of {ROWS} answered); `dbt-ai batches wait` stores" in said
        assert server.cancelled == [] and "0 jobs cancelled" in said
        for name in ("llm", "answers"):
            (project.path / f"models/{name}.sql").unlink()
        assert f"{ROWS} answers stored" in dbt_ai(project, "wait")
        write(project, elsewhere, identity="llm")
        project.dbt("run", check=True)
        assert right(project)
        assert (server.asked, elsewhere.asked, elsewhere.live, open_jobs(project)) == (ROWS, 0, [], 0)


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
