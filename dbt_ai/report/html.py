"""The page: one HTML file that asks no server for anything.

Its charts are tables with bars, and drawings of our own in SVG: they are read by screen readers, printed and searched without a script,
and weigh some kilobytes. A chart library would weigh a megabyte in every report and draw on a canvas that none of these can read.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from dbt_ai.display.progress import thousands
from dbt_ai.outside_text import shown
from dbt_ai.pricing import dollars
from dbt_ai.report.contents import Contents
from dbt_ai.report.spending import Spending

# Rows of a table: nobody reads more, and a browser opens them at once.
MOST_ROWS = 500
# Days that the chart shows.
MOST_DAYS = 60
# Of the drawing of days, in its own units.
WIDTH, HEIGHT = 960.0, 180.0


@dataclass(frozen=True, slots=True)
class DayBar:
    """One day in the drawing."""

    x: float
    width: float
    y: float
    height: float
    day: str
    value: str


def page(contents: Contents) -> str:
    """The report. Whatever a table or a name holds is text on it: the template escapes everything, and no other script may run."""
    script = files("dbt_ai.report").joinpath("page/script.js").read_text(encoding="utf-8")
    environment = Environment(
        loader=PackageLoader("dbt_ai.report", "page"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters.update(thousands=thousands, dollars=dollars, shown=shown, percent=lambda share: f"{share:.0%}".replace("%", " %"))
    environment.globals.update(share=_share, longest=_longest, most_rows=MOST_ROWS)
    days = list(contents.days)[-MOST_DAYS:]
    priced = any(day.cost for day in days)
    return environment.get_template("report.html").render(
        report=contents,
        days=days,
        columns=columns(days, priced),
        priced=priced,
        script=script,
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        style=files("dbt_ai.report").joinpath("page/style.css").read_text(encoding="utf-8"),
    )


def columns(days: Sequence[Spending], priced: bool) -> list[DayBar]:
    """A column for each day: what it cost, or its tokens where no price is known."""
    values = [(day.cost or 0.0) if priced else float(day.tokens) for day in days]
    highest = max(values, default=0.0) or 1.0
    step = WIDTH / max(len(days), 12)
    return [
        DayBar(
            round(index * step + step * 0.1, 1),
            round(step * 0.8, 1),
            round(HEIGHT * (1 - value / highest), 1),
            round(HEIGHT * value / highest, 1),
            day.name,
            day.cost_shown if priced else f"{thousands(day.tokens)} tokens",
        )
        for index, (day, value) in enumerate(zip(days, values, strict=True))
    ]


def _longest(rows: Sequence[Any], name: str) -> float:
    """The highest value of one column, for the length of its bars."""
    return max((getattr(row, name) or 0 for row in rows), default=0)


def _share(value: float | None, longest: float) -> str:
    """How long a bar is, in percent of the longest."""
    return f"{100 * (value or 0) / longest:.1f}%" if longest else "0%"
