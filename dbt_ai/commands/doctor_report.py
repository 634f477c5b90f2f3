"""The doctor's report, as lines of text and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from dbt_ai.commands.doctor import Check, Examination, Report

_COLUMNS = ("external model", "api format", "reachable", "authorised", "model found", "dimensions", "latency", "price")


def lines(report: Report) -> Iterator[str]:
    """The report as a user reads it."""
    for check in report.checks:
        yield f"{_mark(check)} {check.subject}: {check.finding}"
    if report.examinations:
        yield ""
        rows = [_COLUMNS, *(_row(examination) for examination in report.examinations)]
        widths = [max(len(row[column]) for row in rows) for column in range(len(_COLUMNS))]
        yield from ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)
    problems = [f"{found.model}: {found.problem}" for found in report.examinations if found.problem]
    if problems:
        yield ""
        yield from problems


def as_json(report: Report) -> dict[str, Any]:
    """Documented in docs/commands.md: a field may be added, none changes its meaning."""
    return {
        "healthy": report.healthy,
        "checks": [{"subject": check.subject, "ok": check.ok, "finding": check.finding} for check in report.checks],
        "external_models": [
            {
                "name": found.model,
                "api_format": found.api_format,
                "reachable": found.reachable,
                "authorised": found.authorised,
                "found": found.found,
                "dimensions": found.dimensions,
                "latency_seconds": found.latency,
                "price": found.price,
                "problem": found.problem,
                "status": found.status,
                "field": found.field,
                "value": found.value,
                "accepted": list(found.accepted),
            }
            for found in report.examinations
        ],
    }


def _mark(check: Check) -> str:
    return {True: "ok", False: "FAIL", None: "--"}[check.ok]


def _row(found: Examination) -> Sequence[str]:
    return (
        found.model,
        found.api_format,
        _yes_or_no(found.reachable),
        _yes_or_no(found.authorised),
        _yes_or_no(found.found),
        str(found.dimensions or "-"),
        f"{found.latency * 1000:,.0f} ms" if found.latency is not None else "-",
        found.price or "unknown",
    )


def _yes_or_no(value: bool | None) -> str:
    return "-" if value is None else "yes" if value else "NO"
