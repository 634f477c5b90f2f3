"""What a selection would ask, as a table and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from dbt_ai.commands.estimate import NodeEstimate
from dbt_ai.commands.store import table
from dbt_ai.estimate import Estimate


def shown(estimates: Sequence[NodeEstimate]) -> str:
    """The estimates as a table."""
    rows = [_row(estimate) for estimate in estimates]
    if len(rows) > 1:
        rows.append(_row(NodeEstimate("total", _total(estimates))))
    return table(["node", "new inputs", "requests", "input tokens", "output tokens", "cost", "note"], rows)


def as_json(estimates: Sequence[NodeEstimate]) -> dict[str, Any]:
    """Documented in docs/commands.md: a field may be added, none changes its meaning."""
    nodes = [
        {"node": found.node, **figures(found.expected), "problem": found.problem, "refusal": found.refusal or None} for found in estimates
    ]
    return {"nodes": nodes, "total": figures(_total(estimates))}


def _total(estimates: Sequence[NodeEstimate]) -> Estimate:
    """The sum of what is known. Where the SQL of a node cannot run yet, it is the least, and nothing bounds the output and the cost."""
    known = [estimate.expected for estimate in estimates if estimate.expected is not None]
    total = sum(known, Estimate())
    if len(known) == len(estimates):
        return total
    most = replace(total.most, exact=False, output_tokens=None, cost_usd=None) if total.most else None
    return replace(total, exact=False, output_tokens=None, cost_usd=None, most=most)


def figures(expected: Estimate | None) -> dict[str, Any]:
    """An estimate by the names that every command gives its figures."""
    if expected is not None:
        return expected.figures()
    return {**dict.fromkeys(Estimate().figures()), "exact": False, "unpriced": []}


def _row(estimate: NodeEstimate) -> tuple[str, ...]:
    expected = estimate.expected
    if expected is None:
        return (estimate.node, "?", "?", "?", "?", "?", (estimate.problem or "")[:200])
    unpriced = f"no price for {', '.join(map(repr, expected.unpriced))}" if expected.unpriced else ""
    return (estimate.node, *expected.shown().values(), estimate.refusal or unpriced)
