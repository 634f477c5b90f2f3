"""Everything that one report shows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dbt_ai.report import spending
from dbt_ai.report.answers import Answer, sample
from dbt_ai.report.artefacts import Artefacts, Result
from dbt_ai.report.comparisons import Comparison
from dbt_ai.report.labels import Labels, labels_of
from dbt_ai.report.source import ReportSource
from dbt_ai.report.spending import FailureCause, Spending
from dbt_ai.report.vector_map import VectorMap, map_of


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
    source: ReportSource,
    artefacts: Artefacts,
    named: Callable[[str], str],
    comparisons: Sequence[Comparison] = (),
) -> Contents:
    """Read it all. named: what the user calls a stored model."""
    stored, results = source.stored(), artefacts.results or {}
    with spending.cleaned(source.usage()) as usage:
        last = spending.of_invocation(usage, artefacts.invocation)
        return Contents(
            title=title,
            made=made,
            stored=stored.count,
            total=spending.total(usage),
            models=spending.by_model(usage),
            nodes=spending.by_node(usage),
            days=spending.by_day(usage),
            failures=spending.failures(usage),
            plans=[NodeSummary(node.split(".", 2)[-1], results[node], used) for node, used in last.items() if node in results],
            labels=[labels_of(source, judged) for judged in artefacts.judged],
            maps=[map_of(source, drawn) for drawn in artefacts.drawn],
            keeps_inputs=stored.with_input > 0,
            answers=sample(source, named),
            comparisons=comparisons,
        )
