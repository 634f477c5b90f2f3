"""`dbt-ai fill`: asks what the models of a manifest look up, and stores the answers in the warehouse, without running a model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from dbt_ai.commands.estimate_report import figures
from dbt_ai.commands.manifest import DbtManifest, ManifestNode, read_manifest, select
from dbt_ai.commands.read_as_sql import read_as_sql
from dbt_ai.commands.warehouse_runtime import Ask, asker, planned
from dbt_ai.counted import some_of
from dbt_ai.dbt_project import DbtOptions, read_settings, read_target
from dbt_ai.errors import ConfigurationError, DbtAiError, Interrupted
from dbt_ai.estimate import Estimate
from dbt_ai.settings import forced_mode


@dataclass(frozen=True, slots=True)
class Filled:
    """state: done, estimated or failed. message: what was asked, what would be, or why not. expected: what would be asked, if estimated.
    refusal: why a budget would refuse that; empty if none would."""

    node: str
    state: str
    message: str
    expected: Estimate | None = None
    refusal: str = ""


def fill_project(
    options: DbtOptions, target_path: Path | None, *, estimate: bool = False, say: Callable[[str], None] = lambda line: None
) -> tuple[list[Filled], str]:
    """What became of each selected node that looks answers up, in the order of the DAG, and the table of what was asked.

    target_path: where dbt wrote manifest.json; the project's `target` unless given. Raises ConfigurationError where there is nothing to do,
    and Interrupted after Ctrl-C.
    """
    from dbt_ai.engines.warehouse.adapters import adapter_of

    target = target_path or options.project_folder / "target"
    manifest = read_manifest(target)
    asking = _asking(select([*manifest.nodes.values()], options.select, options.exclude), manifest, target)
    if not asking:
        on_duckdb = "; on DuckDB there is nothing to fill: `dbt run` asks, and `dbt-ai estimate` says what"
        by_run = on_duckdb if read_target(options).type == "duckdb" else ""
        raise ConfigurationError(f"no selected model of the manifest in {target} looks answers up{by_run}")
    settings = read_settings(options)
    with ExitStack() as stack:
        if estimate:
            stack.enter_context(forced_mode("estimate"))
        adapter = stack.enter_context(adapter_of(options))
        ask = asker(adapter, settings)
        ask("prepare")
        for sentence in ask("catalog", action="check_names", arguments=asdict(manifest.names))["result"]:
            say(sentence)
        filled = []
        for node in asking:
            say(f"filling {node.name}")
            filled.append(_fill(node, manifest.nodes, ask))
        return filled, str(ask("summary")["summary"])


def as_json(filled: Sequence[Filled]) -> dict[str, Any]:
    """Documented in docs/commands.md: a field may be added, none changes its meaning."""
    return {
        "nodes": [
            {
                "node": node.node,
                "state": node.state,
                "message": node.message,
                "expected": {**figures(node.expected), "refusal": node.refusal or None} if node.expected else None,
            }
            for node in filled
        ]
    }


def _asking(selected: Sequence[ManifestNode], manifest: DbtManifest, target: Path) -> list[ManifestNode]:
    left = [node.name for node in selected if not node.sql and node.materialized not in ("seed", "external_model")]
    if left:
        raise ConfigurationError(
            f"the manifest in {target} has not the compiled SQL of {some_of(left, most=3)}; run `dbt compile`, and then this again"
        )
    return [node for node in selected if manifest.looks_up(node)]


def _fill(node: ManifestNode, nodes: Mapping[str, ManifestNode], ask: Ask) -> Filled:
    try:
        views = read_as_sql(node, nodes, lambda parent: bool(ask("exists", place=parent.place)["exists"]))
        status = planned(ask, "dbt-ai fill", node.id, node.sql, views, node.tags)
    except (ConfigurationError, Interrupted):
        raise
    except DbtAiError as error:
        return Filled(node.id, "failed", str(error))
    expected = status["expected"]
    return Filled(
        node.id, str(status["state"]), str(status["message"]), Estimate.from_json(expected) if expected else None, str(status["refusal"])
    )
