"""Rows that fail in jobs of a batch API: told to the next run whoever read the results, and asked again only by the run after that."""

from __future__ import annotations

import pytest
from conftest import Project
from jobs_project import PLACES, ROWS, dbt_ai, dbt_ai_started, open_jobs, right, write
from servers.batches import Batches, batches

ROW = "text 7"
REFUSAL = f"no policy allows to answer {ROW}"


def failed(project: Project) -> list[str]:
    """Errors of rows in the table."""
    return [error for (error,) in project.query("select answer.errorStatus from answers where answer.response is null")]


def handed_over(project: Project, server: Batches, **fields: object) -> None:
    """A job that has ended by now, at the provider's."""
    write(project, server, wait="none", **fields)
    assert "pending: " in project.dbt("run").output
    end(server)


def end(server: Batches) -> None:
    for job in server.jobs.values():
        job.left = 0


@pytest.mark.parametrize("kind", PLACES)
def test_a_row_that_failed_in_a_job_that_was_waited_for_is_an_error_of_the_next_run(project: Project, kind: str) -> None:
    with batches(looks=1_000, refuses=ROW) as server:
        handed_over(project, server, kind=kind)
        said = dbt_ai(project, "wait")
        assert f"batch_0: {ROWS - 1} answers stored, 1 request failed: 1 × " in said and REFUSAL in said
        [(count, causes)] = project.query("select failed, failure_causes from dbt_ai.usage where failed > 0")
        assert count == 1 and REFUSAL in causes
        assert "has ended; the next run of the node says what failed: 1 × " in dbt_ai(project, "list")
        [(job,)] = project.query("select remote from dbt_ai.jobs")
        assert f"{job} is not cancelled: it has ended" in dbt_ai(project, "cancel", job, "--yes")
        assert dbt_ai(project, "wait") == "0 answers stored\n"  # nothing is under way
        project.env["DBT_AI_MODE"] = "estimate"
        assert "ESTIMATE 0 new inputs in 0 requests" in project.dbt("run").output
        project.env["DBT_AI_MODE"] = "live"
        project.dbt("run", check=True)
        assert right(project, rows=ROWS - 1)
        [error] = failed(project)
        assert REFUSAL in error
        assert (server.asked, server.live, open_jobs(project)) == (ROWS, [], 0)
        # A run after it asks again, as after any failure.
        assert "pending: 1 request to" in project.dbt("run").output
        assert server.asked == ROWS + 1


def test_a_node_whose_rows_may_not_fail_says_why_one_did_and_a_later_run_has_its_answer(project: Project) -> None:
    with batches(looks=1_000, refuses=ROW) as server:
        handed_over(project, server, fail_on_error=True)
        dbt_ai(project, "wait")
        run = project.dbt("run")
        assert not run.ok and f"1 of {ROWS} requests failed (1 × " in run.output and REFUSAL in run.output
        assert server.asked == ROWS
        server.refuses, server.looks = "", 0
        assert "pending: 1 request to" in project.dbt("run").output or server.asked == ROWS + 1
        dbt_ai(project, "wait")
        project.dbt("run", check=True)
        assert project.query("select count(*) from answers where answer = upper(body)") == [(ROWS,)]
        assert (server.asked, open_jobs(project)) == (ROWS + 1, 0)


def test_a_node_that_is_pending_again_tells_what_failed_when_it_ends(project: Project) -> None:
    """Its first job has ended with a failure when it asks for new rows, which are in a job that nobody waits for."""
    with batches(looks=1_000, refuses=ROW) as server:
        handed_over(project, server)
        for rows in (ROWS + 5, ROWS + 10):
            write(project, server, rows=rows, wait="none")
            assert "pending: 5 requests to" in project.dbt("run").output
            end(server)
        project.dbt("run", check=True)
        assert right(project, rows=ROWS + 9) and len(failed(project)) == 1
        assert (server.asked, server.live, open_jobs(project)) == (ROWS + 10, [], 0)


def test_nodes_that_share_a_job_hear_of_their_own_failures(project: Project) -> None:
    """A node takes the results of a job that another one asked for, and needs few of its rows."""
    with batches(looks=1_000, refuses=ROW) as server:
        handed_over(project, server)
        same = project.path.joinpath("models/answers.sql").read_text()
        project.write({"models/few.sql": f"{same} where i < 5"})
        project.dbt("run", "--select", "few", check=True)
        assert open_jobs(project) == 1
        project.dbt("run", check=True)
        assert right(project, rows=ROWS - 1) and len(failed(project)) == 1
        assert (server.asked, open_jobs(project)) == (ROWS, 0)


def test_a_process_that_is_killed_before_it_has_told_what_failed_loses_nothing(project: Project) -> None:
    with batches(looks=1_000, refuses=ROW) as server:
        handed_over(project, server)
        server.stall = "download"
        waits = dbt_ai_started(project, "wait")
        assert server.stalled.wait(120)
        waits.kill()
        waits.communicate()
        server.stall = ""
        assert f"{ROWS - 1} answers stored, 1 request failed" in dbt_ai(project, "wait")
        # A run that has heard of it, and is killed while it hands new rows over.
        write(project, server, rows=ROWS + 5)
        server.stall = "submit"
        server.stalled.clear()
        process = project.start("run")
        assert server.stalled.wait(120)
        process.kill()
        process.communicate()
        server.stall = ""
        end(server)
        project.dbt("run", check=True)
        assert right(project, rows=ROWS + 4) and len(failed(project)) == 1
        assert (server.asked, open_jobs(project)) == (ROWS + 5, 0)


def test_redact_rows_keeps_what_a_provider_quotes_out_of_the_store_and_the_terminal(project: Project) -> None:
    project.configure(redact_rows=True)
    with batches(looks=1_000, refuses=ROW) as server:
        handed_over(project, server)
        said = dbt_ai(project, "wait") + dbt_ai(project, "list")
        assert "1 × it failed in a job" in said and ROW not in said
        kept = str(project.query("select failures from dbt_ai.jobs") + project.query("select failure_causes from dbt_ai.usage"))
        assert "it failed in a job" in kept and ROW not in kept
        project.dbt("run", check=True)
        [error] = failed(project)
        assert "redact_rows" in error and ROW not in error


@pytest.mark.parametrize("reader", ["run", "wait"])
def test_a_download_that_breaks_goes_on_where_it_broke_and_is_counted_once(project: Project, reader: str) -> None:
    with batches(looks=1_000, refuses=ROW) as server:
        handed_over(project, server)
        server.break_downloads = 2
        if reader == "wait":
            said = dbt_ai(project, "wait")
            assert said.count("batch_0: the download broke, and what is left is read again") == 2
            assert f"{ROWS - 1} answers stored, 1 request failed" in said
            project.dbt("run", check=True)
        else:
            write(project, server)  # and waits for it
            project.dbt("run", check=True)
        assert right(project, rows=ROWS - 1) and len(failed(project)) == 1
        assert project.query("select sum(input_tokens), sum(executed) from dbt_ai.usage") == [(10 * (ROWS - 1), ROWS - 1)]
