"""A comparison as text."""

from __future__ import annotations

from dbt_ai.commands.store import table
from dbt_ai.outside_text import shown
from dbt_ai.pricing import dollars
from dbt_ai.report.comparisons import Comparison

# Differences that the terminal shows.
MOST = 10


def lines(found: Comparison) -> str:
    """The two ways beside each other, and some rows that they answered differently."""
    sides = [
        (
            side.said,
            f"{side.answered:,} of {found.rows:,}",
            f"{side.right / found.labelled:.0%}" if found.labelled else "–",
            dollars(side.cost_usd),
            f"{side.requests:,}",
            f"{side.tokens:,}",
            *(f"{seconds:,.2f}" if seconds is not None else "–" for seconds in (side.latency_p50, side.latency_p95)),
        )
        for side in found.sides
    ]
    parts = [
        f"{found.node}: {found.column} of {found.rows:,} rows; {found.agreeing / max(found.rows, 1):.0%} have the same answer",
        table(["asked", "answered", "right", "cost of all", "requests now", "tokens now", "median seconds", "95 %"], sides),
    ]
    if found.differences:
        rows = [(shown(one.shown)[:60], one.label, one.a, one.b) for one in found.differences[:MOST]]
        parts.append(table(["row", "label", "current", "changed"], rows))
    return "\n\n".join(parts)
