"""The beginning that all rows share: written to the provider's prompt cache once, and read from there."""

from __future__ import annotations

import re

import pytest
from conftest import Project
from jobs_project import ROWS, right, write
from servers.batches import batches

RULES = "Answer in capitals. " * 300


@pytest.mark.parametrize("execution", ["live", "batch"])
def test_the_beginning_of_a_prompt_is_written_to_the_cache_once_and_read_by_all_others(project: Project, execution: str) -> None:
    prompt = f"'{RULES}Text: ' || body"
    price = {"model": "claude-sonnet-4-5", "input_per_million": 300.0, "cached_input_per_million": 30.0, "cache_write_per_million": 375.0}
    kept = {"live": 375.0, "batch": 600.0}[execution]  # for five minutes, or for the hour that a job may take
    with batches() as server:
        project.configure(prices=[price])
        write(project, server, kind="Anthropic", prompt=prompt, execution=execution, model="claude-sonnet-4-5")
        project.dbt("run", check=True)
        assert right(project)
        [(read, written, new, cost)] = project.query(
            "select sum(cached_input_tokens), sum(cache_write_tokens), sum(input_tokens), sum(cost_usd) from dbt_ai.usage"
        )
        assert written >= 1024 and (read, new) == ((ROWS - 1) * written, ROWS * (written + 10))
        full = (ROWS * 10 * 300 + read * 30 + written * kept) / 1e6
        assert cost == pytest.approx(full if execution == "live" else full / 2)
        assert sorted(len(job.lines) for job in server.jobs.values()) == ([] if execution == "live" else [1, ROWS - 1])


def test_an_estimate_prices_what_a_job_may_write_to_a_cache_for_an_hour(project: Project) -> None:
    price = {"model": "claude-sonnet-4-5", "input_per_million": 300.0, "cache_write_per_million": 375.0, "output_per_million": 0.0}
    project.configure(prices=[price])
    project.env["DBT_AI_MODE"] = "estimate"
    costs = {}
    with batches() as server:
        for kind in ("batch", "live"):
            write(project, server, kind="Anthropic", prompt=f"'{RULES}Text: ' || body", execution=kind, model="claude-sonnet-4-5")
            [(tokens, cost)] = re.findall(r"~([\d,]+) input tokens, .*cost ≤ \$([\d.]+)", project.dbt("run").output)[:1]
            costs[kind] = float(cost) / int(tokens.replace(",", "")) * 1e6
    assert costs == {"batch": pytest.approx(300, rel=0.01), "live": pytest.approx(375, rel=0.01)}  # half of twice the price
