"""What the user sees of a run: how far its nodes are, a line and figures for each node, a table at the end."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dbt_ai.counted import counted, most_frequent
from dbt_ai.display.terminal import Figure
from dbt_ai.latency import Latencies
from dbt_ai.ledger import Usage, cost_of, total
from dbt_ai.pricing import dollars
from dbt_ai.project_names import short_name

EVERY = 5.0
# The same where nothing is new of the jobs that a node waits for: they take hours.
EVERY_OF_JOBS = 600.0


@dataclass(slots=True)
class NodeProgress:
    """How many of one node's requests are done. said: when the last line was shown. jobs: what it said of jobs.

    >>> progress = NodeProgress(expected=200, done=50, started=0.0)
    >>> progress.told(next_try=0.0, usages=[], now=10.0)
    '50/200 · 0 in flight · 5 rows/s · 0 tokens · $0.00 · 00:30 left'
    """

    expected: int = 0
    done: int = 0
    started: float = field(default_factory=time.monotonic)
    said: float = field(default_factory=time.monotonic)
    jobs: str = ""

    def is_due(self, usages: Sequence[Usage], now: float) -> bool:
        """Whether it is time for another line."""
        jobs = _jobs(usages)
        return self.done < self.expected and now - self.said >= (EVERY_OF_JOBS if jobs and jobs == self.jobs else EVERY)

    def has_told(self, usages: Sequence[Usage], now: float) -> None:
        """A line was shown."""
        self.said, self.jobs = now, _jobs(usages)

    def told(self, next_try: float, usages: Sequence[Usage], now: float) -> str:
        """`1,200/5,000 · 64 in flight · 310 rows/s · 48k tokens · $0.02 · 00:12 left`

        next_try: seconds until a request leaves, where all are refused as busy. usages: of the node.
        """
        return " · ".join(figure.text for figure in self.figures(next_try, usages, now))

    def figures(self, next_try: float, usages: Sequence[Usage], now: float) -> list[Figure]:
        """The same figures one by one, for a place that may not have room for all."""
        in_flight = sum(usage.in_flight for usage in usages)
        waits = bool(next_try) and not in_flight
        jobs = _jobs(usages)
        if any(usage.is_loading for usage in usages) and not jobs and not any(usage.requests for usage in usages):
            return [Figure(f"{self.done:,}/{self.expected:,}", rank=1), Figure("loading the model", rank=2)]
        requests = f"refused as busy, next try in {next_try:,.0f} s" if waits else f"{in_flight:,} in flight"
        rate = self.done / max(now - self.started, 1e-3)
        # A model whose price is unknown may not have been asked yet: what the others cost is not what this will have cost.
        cost = None if any(usage.price is None for usage in usages) else cost_of(usages)
        left = f"{clock((self.expected - self.done) / rate)} left" if rate > 0 else "no answer yet"
        return [
            Figure(f"{self.done:,}/{self.expected:,}", rank=5),
            Figure(jobs or requests, rank=6 if waits or jobs else 2),
            Figure(_pace(rate), rank=1),
            Figure(f"{_tokens(total(usages))} tokens", rank=0),
            Figure(dollars(cost, _estimated(usages)), rank=3),
            Figure(left, rank=4),
        ]


def _jobs(usages: Sequence[Usage]) -> str:
    """How far the jobs are that a node waits for."""
    return "; ".join(usage.jobs for usage in usages if usage.jobs)


def clock(seconds: float) -> str:
    """`02:05`, `1:02:05`"""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes:02}:{rest:02}"


def _pace(rate: float) -> str:
    """rate: rows a second."""
    return f"{60 * rate:,.0f} rows/min" if 0 < rate < 1 else f"{rate:,.0f} rows/s"


def node_line(usages: Sequence[Usage]) -> str:
    """`312 requests · 19.7k from store · $0.04`, for the node's result; empty for a node that asked nothing."""
    summed = total(usages)
    if not summed.distinct:
        return ""
    computed = sum(usage.executed for usage in usages if not usage.requests)  # by a model in this process, or by the mock
    parts = [counted(summed.requests, "request")] if summed.requests or not computed else []
    if computed:
        parts.append(f"{thousands(computed)} computed")
    parts.append(f"{thousands(summed.from_store)} from store")
    if summed.failed:
        parts.append(f"{summed.failed:,} failed")
    return " · ".join([*parts, dollars(cost_of(usages), _estimated(usages))])


def node_counts(usages: Sequence[Usage], rows: int | None) -> dict[str, Any]:
    """The same as figures, for run_results.json; empty for a node that asked nothing. rows: that its SQL gave, where that is known."""
    summed = total(usages)
    if not summed.distinct:
        return {}
    saved = [usage.saved_usd for usage in usages]
    latencies = Latencies(sum((usage.latencies.counts for usage in usages), Counter()))
    return {
        "rows": rows,
        "distinct": summed.distinct,
        "stored": summed.from_store,
        "asked": summed.executed + summed.failed,
        "failed": summed.failed,
        "requests": summed.requests,
        "input_tokens": summed.input_tokens,
        "output_tokens": summed.output_tokens,
        "cost_usd": cost_of(usages),
        "saved_usd": None if None in saved else sum(amount or 0.0 for amount in saved),
        "latency_p50": latencies.percentile(50),
        "latency_p95": latencies.percentile(95),
    }


def summary(usages: Sequence[Usage]) -> str:
    """A table of the invocation, one row for each node and model; empty if nothing was asked."""
    asked = [usage for usage in usages if usage.distinct or usage.requests]
    if not asked:
        return ""
    called: dict[str, set[str]] = {}
    for usage in asked:
        called.setdefault(usage.external_model, set()).add(usage.model)
    rows = [
        _row(short_name(usage.node) or "(ad hoc)", _answered_by(usage, called), usage, usage.cost_usd, usage.saved_usd) for usage in asked
    ]
    if len(asked) > 1:
        saved = [usage.saved_usd for usage in asked]
        rows.append(_row("total", "", total(asked), cost_of(asked), None if None in saved else sum(amount or 0 for amount in saved)))
    # Eighty columns hold the table of a run in which nothing went wrong.
    columns = [name for name in rows[0] if name not in _SELDOM or any(row[name] != "0" for row in rows)]
    widths = {name: max(len(name), *(len(row[name]) for row in rows)) for name in columns}
    lines = ["dbt_ai usage", _line({name: name for name in columns}, widths), *(_line(row, widths) for row in rows)]
    return "\n".join([*lines, *(_failures(usage) for usage in asked if usage.causes)])


def _answered_by(usage: Usage, called: Mapping[str, Collection[str]]) -> str:
    """With what it calls behind it, where packages have models of one name. called: what models of each name call."""
    if usage.answered_by not in ("", usage.external_model) or len(called[usage.external_model]) == 1:
        return usage.answered_by or usage.external_model
    return f"{usage.external_model} ({usage.model})"


def _failures(usage: Usage) -> str:
    """`labels: 3 of 20 requests to llm failed: 2 × 400 no; 1 × answer was cut off`. Where errors are data nothing else tells of them."""
    who = f"{short_name(usage.node) or '(ad hoc)'}: {usage.failed:,} of {counted(usage.distinct, 'request')} to {usage.external_model}"
    return f"{who} failed: {most_frequent(usage.causes)}"


# Columns that are left out where they hold nothing but zeros.
_SELDOM = ("stored", "failed", "retried")


def _row(node: str, model: str, usage: Usage, cost: float | None, saved: float | None) -> dict[str, str]:
    return {
        "node": node,
        "model": model,
        "distinct": f"{usage.distinct:,}",
        "stored": f"{usage.from_store:,}",
        "executed": f"{usage.executed:,}",
        "failed": f"{usage.failed:,}",
        "requests": f"{usage.requests:,}",
        "retried": f"{usage.retried:,}",
        "tokens": _tokens(usage),
        "cost": _amount(cost, usage.estimated > 0),
        "saved": _amount(saved),
    }


def _amount(amount: float | None, estimated: bool = False) -> str:
    return "unknown" if amount is None else dollars(amount, estimated)


def _tokens(usage: Usage) -> str:
    """`48.1k`, and `~48.1k` if some of them are estimated."""
    return f"~{thousands(usage.tokens)}" if usage.estimated else thousands(usage.tokens)


def _estimated(usages: Sequence[Usage]) -> bool:
    return any(usage.estimated for usage in usages)


def _line(row: Mapping[str, str], widths: Mapping[str, int]) -> str:
    """One line of the table: names left-aligned, numbers right-aligned."""
    cells = [row[name].ljust(width) if name in ("node", "model") else row[name].rjust(width) for name, width in widths.items()]
    return "  ".join(cells).rstrip()


def thousands(count: float) -> str:
    """`950`, `19.7k`, `3.2M`"""
    for unit, size in (("M", 1_000_000), ("k", 1_000)):
        if count >= size:
            return f"{count / size:.1f}{unit}"
    return f"{count:,.0f}"
