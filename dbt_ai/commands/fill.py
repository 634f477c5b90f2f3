"""`dbt-ai fill`: asks what the models of a manifest look up, and stores the answers in the warehouse, without running a model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from dbt_ai.commands.manifest import Node, read_nodes, select
from dbt_ai.dbt_project import DbtOptions, read_settings
from dbt_ai.errors import ConfigurationError, DbtAiError
from dbt_ai.settings import forced_mode


@dataclass(frozen=True, slots=True)
class Filled:
    """state: done, estimated or failed. message: what was asked, what would be, or why not."""

    node: str
    state: str
    message: str


def fill_project(
    options: DbtOptions, target_path: Path | None, *, estimate: bool = False, say: Callable[[str], None] = lambda line: None
) -> tuple[list[Filled], str]:
    """What became of each selected node that looks answers up, in the order of the DAG, and the table of what was asked.

    target_path: where dbt wrote manifest.json; the project's `target` unless given. Raises ConfigurationError where there is nothing to do.
    """
    from dbt_ai.engines.warehouse.outside import adapter_of

    target = target_path or options.project_folder / "target"
    nodes = _asking(select(read_nodes(target), options.select, options.exclude), target)
    settings = read_settings(options)
    with ExitStack() as stack:
        if estimate:
            stack.enter_context(forced_mode("estimate"))
        adapter = stack.enter_context(adapter_of(options))
        ask = _asker(adapter, settings)
        ask("prepare")
        filled = []
        for node in nodes:
            say(f"filling {node.name}")
            filled.append(_fill(node, ask))
        return filled, str(ask("summary")["summary"])


def as_json(filled: Sequence[Filled]) -> dict[str, Any]:
    """Documented in docs/commands.md: a field may be added, none changes its meaning."""
    return {"nodes": [asdict(node) for node in filled]}


def _asking(nodes: Sequence[Node], target: Path) -> list[Node]:
    left = [node.name for node in nodes if not node.sql]
    if left:
        some = ", ".join(left[:3]) + (f" and {len(left) - 3} more" if len(left) > 3 else "")
        raise ConfigurationError(f"the manifest in {target} has not the compiled SQL of {some}; run `dbt compile`, and then this again")
    asking = [node for node in nodes if "dbt_ai_answer" in node.sql]
    if not asking:
        raise ConfigurationError(f"no selected model of the manifest in {target} looks answers up")
    return asking


def _asker(adapter: Any, settings: dict[str, Any]) -> Callable[..., dict[str, Any]]:
    from dbt_ai.engines.dbt_plugin import call_runtime

    def ask(action: str, **arguments: Any) -> dict[str, Any]:
        answer = call_runtime(adapter, action, {**arguments, "settings": settings})
        if "error" in answer:
            raise DbtAiError(answer["error"])
        return answer

    return ask


def _fill(node: Node, ask: Callable[..., dict[str, Any]]) -> Filled:
    try:
        ask("plan", node=node.id, owner="dbt-ai fill", sql=node.sql)
        status: dict[str, Any] = {"state": "running"}
        while status["state"] == "running":
            status = ask("wait", node=node.id)
    except ConfigurationError:
        raise
    except DbtAiError as error:
        return Filled(node.id, "failed", str(error))
    return Filled(node.id, str(status["state"]), str(status["message"]))
