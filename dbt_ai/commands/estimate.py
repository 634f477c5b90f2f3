"""`dbt-ai estimate`: what a selection of a project would ask, without a request and without building anything."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dbt_ai.commands.store import table
from dbt_ai.errors import ConfigurationError
from dbt_ai.estimate import Estimate
from dbt_ai.ledger import dollars

_CALLS = re.compile(r"\bdbt_ai_(try_)?(embed|query)")


@dataclass(frozen=True, slots=True)
class NodeEstimate:
    """expected: None where the node's SQL cannot run yet; problem: why."""

    node: str
    expected: Estimate | None
    problem: str = ""


def estimate_project(folder: Path, profiles: Path | None, target: str | None, select: str | None) -> list[NodeEstimate]:
    """Compile the selection and run the collect pass of every node with AI calls, in the order of the DAG.

    Raises ConfigurationError if the project does not compile, or runs on another engine than DuckDB.
    """
    from dbt.adapters.factory import FACTORY
    from dbt.cli.main import dbtRunner

    os.environ["DBT_AI_MODE"] = "estimate"
    with tempfile.TemporaryDirectory() as scratch:
        command = ["--log-level", "none", "compile", "--project-dir", str(folder), "--target-path", scratch, "--log-path", scratch]
        if profiles is None and (folder / "profiles.yml").exists() and "DBT_PROFILES_DIR" not in os.environ:
            profiles = folder
        command += ["--profiles-dir", str(profiles)] if profiles else []
        command += ["--target", target] if target else []
        command += ["--select", *select.split()] if select else []
        result = dbtRunner().invoke(command)
    if not result.success:
        problem = result.exception or "; ".join(str(found.message) for found in getattr(result.result, "results", ()) if found.message)
        raise ConfigurationError(f"the project in {folder} does not compile: {problem}")
    if "duckdb" not in FACTORY.adapters:
        raise ConfigurationError("only DuckDB runs AI calls in this process; on another warehouse its own tools say what a query costs")
    adapter: Any = FACTORY.adapters["duckdb"]
    compiled: Any = result.result
    found: list[NodeEstimate] = []
    incomplete: set[str] = set()
    with adapter.connection_named("dbt_ai_estimate"):
        for node in (entry.node for entry in compiled.results):
            below = not incomplete.isdisjoint(node.depends_on_nodes)
            if node.resource_type == "model" and _CALLS.search(node.compiled_code or ""):
                estimated = _estimate(adapter, node.unique_id, node.compiled_code, below)
                found.append(estimated)
                below = below or estimated.expected is None or estimated.expected.inputs > 0
            if below:
                incomplete.add(node.unique_id)
    return found


def shown(estimates: list[NodeEstimate]) -> str:
    rows = [_row(estimate.node, estimate.expected, estimate.problem) for estimate in estimates]
    known = [estimate.expected for estimate in estimates if estimate.expected is not None]
    if len(rows) > 1:
        total = sum(known, Estimate())
        rows.append(_row("total", total if len(known) == len(estimates) else replace(total, exact=False), ""))
    return table(["node", "new inputs", "requests", "input tokens", "output tokens", "cost", "note"], rows)


def _estimate(adapter: Any, node: str, sql: str, below: bool) -> NodeEstimate:
    def ask(function: str, *arguments: str) -> Any:
        literals = ", ".join("'" + argument.replace("'", "''") + "'" for argument in arguments)
        _, answer = adapter.execute(f"select {function}({literals})", fetch=True)
        return answer.columns[0][0]

    ask("dbt_ai_plan", node, "estimate", sql, "{}")
    progress: Mapping[str, Any] = {"state": "running"}
    while progress["state"] == "running":
        progress = json.loads(ask("dbt_ai_wait", node))
    name = node.split(".", 2)[-1]
    if progress.get("expected") is None:
        return NodeEstimate(name, None, progress["message"].splitlines()[0])
    expected = progress["expected"]
    read = Estimate(**{**expected, "unpriced": tuple(expected["unpriced"])})
    return NodeEstimate(name, replace(read, exact=read.exact and not below))


def _row(node: str, expected: Estimate | None, problem: str) -> tuple[str, ...]:
    if expected is None:
        return (node, "?", "?", "?", "?", "?", problem[:60])
    least = "" if expected.exact else "≥ "
    output = "unbounded" if expected.output_tokens is None else f"≤ {expected.output_tokens:,}"
    cost = f"≤ {dollars(expected.cost_usd)}" if expected.cost_usd is not None else "unknown" if expected.unpriced else "unbounded"
    note = f"no price for {', '.join(expected.unpriced)}" if expected.unpriced else ""
    return (node, f"{least}{expected.inputs:,}", f"{least}{expected.requests:,}", f"~{expected.input_tokens:,}", output, cost, note)
