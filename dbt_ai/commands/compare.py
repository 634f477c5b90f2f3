"""`dbt-ai compare`: a node's question asked in two ways about the same rows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from dbt_ai.commands.comparing import SPECIFICATION, Answered, ComparedQuestion, TwoWayAsker, Variation
from dbt_ai.commands.manifest import DbtManifest
from dbt_ai.dbt_project import DbtOptions, Target, compile_nodes, read_target, run_dbt, working_in
from dbt_ai.errors import ConfigurationError
from dbt_ai.report.artefacts import read_artefacts
from dbt_ai.report.comparisons import Comparison, Side, compared, save
from dbt_ai.settings import forced_mode
from dbt_ai.yaml_values import instead


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is compared. column: SQL of the answer; label: the column that says what is right; shown: the one that tells a row."""

    node: str
    change: Variation
    rows: int
    column: str | None = None
    label: str | None = None
    shown: str | None = None


def compare(options: DbtOptions, wanted: Wanted, agreed: Callable[[], bool], say: Callable[[str], None]) -> Comparison | None:
    """Say what both ways would ask, ask them and keep the comparison for the report; None if the user does not agree.

    Raises ConfigurationError where the project does not compile, where there is nothing to compare, or where a budget would not hold.
    """
    if not str(wanted.change):
        raise ConfigurationError("nothing differs; give --model, --prompt or --parameters for the other way")
    asker = _asker(options, read_target(options))
    folder = options.project_folder
    with working_in(folder):
        say("compiling the project")
        with forced_mode("estimate"):
            question = _question(options, wanted, folder / "target")
            expected = asker.estimate(question, say)
        for said, one in zip(("current", f"changed ({wanted.change})"), expected, strict=True):
            say(f"{said}: {one.expected}")
        if refusal := next((one.refusal for one in expected if one.refusal), ""):
            raise ConfigurationError(f"{refusal}; nothing was sent")
        if not agreed():
            return None
        a, b = asker.ask(question, say)
    pairs = [(*row, other[2]) for row, other in zip(a.rows, b.rows, strict=True)]
    sides = (_side("current", a), _side(str(wanted.change), b))
    column = ".".join([question.column, *question.fields])
    found = compared(wanted.node, column, f"{datetime.now():%Y-%m-%d %H:%M}", sides, pairs)
    save(found, folder / "target")
    return found


def _asker(options: DbtOptions, target: Target) -> TwoWayAsker:
    """Imported here: a project on DuckDB has no extra [warehouse], one on a warehouse no dbt-duckdb."""
    if target.type == "duckdb" and target.plugin is not None:
        from dbt_ai.commands.compare_duckdb import DuckDBAsker

        return DuckDBAsker()
    try:
        from dbt_ai.commands.compare_warehouse import WarehouseAsker
    except ModuleNotFoundError as error:
        if error.name != "sqlglot":
            raise
        raise ConfigurationError(f"compare on {target.type} needs the extra: pip install 'dbt-ai-functions[warehouse]'") from None
    return WarehouseAsker(options)


def _question(options: DbtOptions, wanted: Wanted, target: Path) -> ComparedQuestion:
    """What is compared, with the columns that the project's tests name."""
    parsed = run_dbt("parse", options, selection=False)
    manifest = DbtManifest.from_dbt(parsed.nodes.values())
    views = [view.name for node in manifest.nodes.values() if node.name == wanted.node for view in manifest.views_below(node.parents)]
    selected = (wanted.node, *([wanted.change.model] if wanted.change.model else []), *views)
    compiled = compile_nodes(replace(options, select=selected, exclude=()), manifest=parsed)
    nodes = {node.name: node for node in compiled}
    node = nodes.get(wanted.node)
    if node is None or not node.compiled_code:
        raise ConfigurationError(f"{wanted.node!r} is not a model of the project; {instead(wanted.node, _models(parsed, external=False))}")
    specification = _specification(wanted.change.model, nodes, _models(parsed, external=True)) if wanted.change.model else None
    read = DbtManifest.from_dbt(compiled)
    judged = next((one for one in read_artefacts(target).judged if one.node == wanted.node), None)
    column = wanted.column or (judged.column if judged else None)
    if column is None:
        raise ConfigurationError(f"no test of {wanted.node!r} says which column holds the answers; name it with --column")
    return ComparedQuestion(
        id=node.unique_id,
        sql=node.compiled_code,
        change=wanted.change,
        specification=specification,
        rows=wanted.rows,
        column=column,
        fields=judged.fields if judged and not wanted.column else (),
        label=wanted.label or (judged.label if judged else None),
        shown=wanted.shown,
        tags=node.tags,
        views=[view.relation for view in read.views_below(node.depends_on_nodes) if view.materialized == "view" and read.looks_up(view)],
        ephemeral=[cte.sql for cte in node.extra_ctes],
    )


def _models(manifest: Any, *, external: bool) -> list[str]:
    models = [node for node in manifest.nodes.values() if node.resource_type == "model"]
    return sorted({node.name for node in models if (node.config.materialized == "external_model") == external})


def _specification(model: str, nodes: Mapping[str, Any], known: Collection[str]) -> dict[str, Any]:
    other = nodes.get(model)
    meta = (other.config.meta.get("dbt_ai") if other else None) or {}
    if other is None or other.config.materialized != "external_model":
        raise ConfigurationError(f"--model {model!r} is not an external model of the project; {instead(model, known)}")
    if meta.get("model_type") != "CHAT":
        said = f"--model {other.name!r} is of model_type {meta.get('model_type')}"
        raise ConfigurationError(f"{said}, and compare asks for texts; give a CHAT model")
    return {"name": other.name, **{name: meta[name] for name in SPECIFICATION if meta.get(name) is not None}}


def _side(said: str, answered: Answered) -> Side:
    counts, rows = answered.counts, answered.rows
    cost, saved = counts.get("cost_usd"), counts.get("saved_usd")
    return Side(
        said,
        answered=sum(answer is not None for _, _, answer in rows),
        requests=counts.get("requests", 0),
        tokens=counts.get("input_tokens", 0) + counts.get("output_tokens", 0),
        cost_usd=None if cost is None or saved is None else cost + saved,
        latency_p50=counts.get("latency_p50"),
        latency_p95=counts.get("latency_p95"),
        right=sum(label is not None and label == answer for _, label, answer in rows),
    )
