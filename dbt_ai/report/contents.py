"""Everything that one report shows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dbt_ai.report import spending
from dbt_ai.report.answers import Answer, sample
from dbt_ai.report.artefacts import Artefacts, Result
from dbt_ai.report.comparisons import Comparison
from dbt_ai.report.labels import Labels, labels_of
from dbt_ai.report.spending import FailureCause, Spending
from dbt_ai.report.vector_map import VectorMap, map_of
from dbt_ai.store.schema import Tables

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True, slots=True)
class NodeSummary:
    """What one node needed in the last command. rows: of the table that it built; None if it built none, or dbt does not say."""

    node: str
    result: Result
    spending: Spending


@dataclass(frozen=True, slots=True)
class Contents:
    """title: the name of the project. made: when the report was made. stored: answers in the store, whoever paid for them.

    keeps_inputs: a stored answer has its input beside it, so that answers can be shown.
    """

    title: str
    made: str
    stored: int
    total: Spending
    models: Sequence[Spending]
    nodes: Sequence[Spending]
    days: Sequence[Spending]
    failures: Sequence[FailureCause]
    plans: Sequence[NodeSummary]
    labels: Sequence[Labels]
    maps: Sequence[VectorMap]
    keeps_inputs: bool
    answers: Sequence[Answer]
    comparisons: Sequence[Comparison] = ()


def gather(
    title: str,
    made: str,
    store: duckdb.DuckDBPyConnection,
    tables: Tables,
    built: duckdb.DuckDBPyConnection,
    artefacts: Artefacts,
    named: Callable[[str], str],
    comparisons: Sequence[Comparison] = (),
) -> Contents:
    """Read it all. store: where answers are kept; built: where the models are; named: what the user calls a stored model."""
    [(stored, keeps_inputs)] = store.execute(f"select count(*), count(input) > 0 from {tables.responses}").fetchall()
    last = spending.of_invocation(store, tables, artefacts.invocation)
    return Contents(
        title=title,
        made=made,
        stored=stored,
        total=spending.total(store, tables),
        models=spending.by_model(store, tables),
        nodes=spending.by_node(store, tables),
        days=spending.by_day(store, tables),
        failures=spending.failures(store, tables),
        plans=[
            NodeSummary(node.split(".", 2)[-1], (artefacts.results or {})[node], used)
            for node, used in last.items()
            if node in (artefacts.results or {})
        ],
        labels=[labels_of(built, judged) for judged in artefacts.judged],
        maps=[map_of(built, drawn) for drawn in artefacts.drawn],
        keeps_inputs=keeps_inputs,
        answers=sample(store, tables, named),
        comparisons=comparisons,
    )
