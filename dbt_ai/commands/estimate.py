"""`dbt-ai estimate`: what a selection of a project would ask, without a request and without building anything."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any

from dbt_ai.commands.manifest import DbtManifest
from dbt_ai.dbt_project import DbtOptions, compile_nodes, read_target, run_dbt, working_in
from dbt_ai.errors import ConfigurationError
from dbt_ai.estimate import Estimate
from dbt_ai.project_names import ProjectNames, short_name
from dbt_ai.settings import forced_mode
from dbt_ai.store.schema import literal

_MISSING_TABLE = re.compile(r'Table with name "?([^"\s]+)"? does not exist')
_CALLS = re.compile(r"\bdbt_ai_(try_)?(embed|query)")


@dataclass(frozen=True, slots=True)
class NodeEstimate:
    """expected: None where the node's SQL cannot run yet; problem: why. refusal: why a budget would refuse it; empty if none would."""

    node: str
    expected: Estimate | None
    problem: str | None = None
    refusal: str = ""


def estimate_project(
    options: DbtOptions, *, full_refresh: bool = False, say: Callable[[str], None] = lambda line: None
) -> list[NodeEstimate]:
    """Compile the selection and run the collect pass of every node with AI calls, in the order of the DAG. say: hears what is under way.

    Raises ConfigurationError if the project does not compile, or the engine is another than DuckDB.
    """
    from dbt.adapters.factory import FACTORY

    engine = read_target(options).type
    if engine != "duckdb":
        raise ConfigurationError(
            f"the target is on {engine}, where answers are looked up; run `dbt compile` and `dbt-ai fill --estimate`,"
            " or `DBT_AI_MODE=estimate dbt run`"
        )
    with forced_mode("estimate"), working_in(options.project_folder):
        say("compiling the project")
        parsed = run_dbt("parse", options, selection=False)
        nodes = compile_nodes(options, full_refresh=full_refresh, manifest=parsed, warn=say)
        manifest = DbtManifest.from_dbt(parsed.nodes.values())
        adapter: Any = FACTORY.adapters["duckdb"]
        try:
            with adapter.connection_named("dbt_ai_estimate"):
                for sentence in _check_names(adapter, manifest.names):
                    say(sentence)
                return list(_estimates(adapter, nodes, manifest, say))
        finally:
            # dbt-duckdb keeps the plugin as long as the database: the next dbt command of this process would find it estimating.
            adapter.cleanup_connections()
            adapter.connections.close_all_connections()


def _estimates(adapter: Any, nodes: Sequence[Any], manifest: DbtManifest, say: Callable[[str], None]) -> Iterator[NodeEstimate]:
    incomplete: set[str] = set()
    for node in nodes:
        below = not incomplete.isdisjoint(node.depends_on_nodes)
        if node.resource_type in ("model", "snapshot", "test") and _asks(node, manifest):
            say(f"looking at what {node.name} would ask")
            estimated = estimate_sql(adapter, node.unique_id, node.compiled_code, node.tags, below)
            yield estimated
            below = below or estimated.expected is None or estimated.expected.inputs > 0
        if below:
            incomplete.add(node.unique_id)


def _asks(node: Any, manifest: DbtManifest) -> bool:
    """Whether the node has AI calls, or reads a view that has. A view is not asked for the calls of those that it reads."""
    if _CALLS.search(node.compiled_code or ""):
        return True
    if node.config.get("materialized") in ("view", "ephemeral"):
        return False
    read = (manifest.nodes.get(id) for view in manifest.views_below(node.depends_on_nodes) for id in view.parents)
    return any(other is not None and other.materialized == "external_model" for other in read)


def estimate_sql(adapter: Any, node: str, sql: str, tags: Sequence[str] = (), below: bool = False) -> NodeEstimate:
    """What a node with this SQL would ask, by an adapter whose plugin estimates. below: a node that it reads is not complete."""
    progress = planned(partial(_ask, adapter), "estimate", node, sql, tags)
    name = short_name(node)
    if progress.get("expected") is None:
        return NodeEstimate(name, None, _problem(progress["message"].splitlines()[0]))
    expected = progress["expected"]
    read = Estimate.from_json(expected)
    return NodeEstimate(name, replace(read, exact=read.exact and not below), refusal=progress["refusal"])


def planned(ask: Callable[..., Any], owner: str, node: str, sql: str, tags: Sequence[str] = ()) -> Mapping[str, Any]:
    """Run the plan of a node to its end; how it ended. ask: calls a SQL function of ours with texts. owner: see Runtime.start_plan."""
    ask("dbt_ai_plan", node, owner, sql, json.dumps({"tags": tags}))
    status: Mapping[str, Any] = {"state": "running"}
    while status["state"] == "running":
        status = json.loads(ask("dbt_ai_wait", node))
    return status


def _problem(message: str) -> str:
    """Why the SQL of a node cannot run: most often because nothing is built yet."""
    missing = _MISSING_TABLE.search(message)
    return f"{missing[1]} is not built yet ({message})" if missing else message


def _check_names(adapter: Any, names: ProjectNames) -> list[str]:
    answer = json.loads(_ask(adapter, "dbt_ai_catalog", "check_names", json.dumps(asdict(names))))
    if "error" in answer:
        raise ConfigurationError(answer["error"])
    return list(answer["result"])


def _ask(adapter: Any, function: str, *arguments: str) -> Any:
    _, answer = adapter.execute(f"select {function}({', '.join(map(literal, arguments))})", fetch=True)
    return answer.columns[0][0]
