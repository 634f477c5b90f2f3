"""Everything that one report shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from dbt_ai.project_names import short_name
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
    """What one node needed in the last command. spending: of zeros, where it ended before it asked for anything."""

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


def _plans(results: Mapping[str, Result], last: Mapping[str, Spending], asking: frozenset[str]) -> list[NodeSummary]:
    """What went wrong first, then what cost most. A node that a budget refused has asked nothing, and is what one looks for."""
    nodes = [*(node for node in last if node in results), *(node for node in results if node in asking and node not in last)]
    plans = [NodeSummary(short_name(node), results[node], last.get(node) or Spending(node)) for node in nodes]
    return sorted(plans, key=lambda plan: plan.result.status == "success")


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
            plans=_plans(results, last, artefacts.asking),
            labels=[labels_of(source, judged) for judged in artefacts.judged],
            maps=[map_of(source, drawn) for drawn in artefacts.drawn],
            keeps_inputs=stored.with_input > 0,
            answers=sample(source, named),
            comparisons=comparisons,
        )
