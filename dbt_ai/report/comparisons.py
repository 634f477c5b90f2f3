"""Comparisons of two ways to ask the same: what `dbt-ai compare` found, kept as files for the report."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from dbt_ai.errors import ConfigurationError

# The folder in dbt's target folder that holds one file for each node.
FOLDER = "dbt_ai_compare"
# Rows with different answers that are kept of one comparison.
MOST = 200


@dataclass(frozen=True, slots=True)
class Side:
    """One way to ask. said: what it is, in words. cost_usd: of all its answers, stored ones included; None where no price is known.

    tokens, requests and seconds are of what was asked now. latency_p50, latency_p95: seconds of a request, None where none was sent.
    right: labelled rows whose answer is the label.
    """

    said: str
    answered: int
    requests: int
    tokens: int
    cost_usd: float | None
    latency_p50: float | None
    latency_p95: float | None
    right: int


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that was answered differently. shown: what tells the row. label: what is right, where that is known."""

    shown: str
    label: str | None
    a: str | None
    b: str | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """rows: that were compared; agreeing: with the same answer; labelled: with a label. differences: the first of them."""

    node: str
    column: str
    made: str
    rows: int
    agreeing: int
    labelled: int
    a: Side
    b: Side
    differences: Sequence[Difference]

    @property
    def sides(self) -> Sequence[Side]:
        """Both."""
        return self.a, self.b


def compared(
    node: str,
    column: str,
    made: str,
    sides: tuple[Side, Side],
    rows: Sequence[tuple[str, str | None, str | None, str | None]],
) -> Comparison:
    """rows: what is shown of a row, its label, and its answers."""
    different = [Difference(*row) for row in rows if row[2] != row[3]]
    labelled = sum(label is not None for _, label, _, _ in rows)
    return Comparison(node, column, made, len(rows), len(rows) - len(different), labelled, *sides, different[:MOST])


def save(comparison: Comparison, target: Path) -> Path:
    """Keep it for the report, in the place of an earlier one of this node."""
    path = target / FOLDER / f"{comparison.node}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(asdict(comparison), ensure_ascii=False, indent=1), encoding="utf-8")
    return path


def saved(target: Path) -> list[Comparison]:
    """Those that were kept. Raises ConfigurationError for a file that `save` has not written."""
    return [_read(path) for path in sorted((target / FOLDER).glob("*.json"))]


def _read(path: Path) -> Comparison:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        sides = {name: Side(**_of(Side, found[name])) for name in ("a", "b")}
        differences = [Difference(**_of(Difference, one)) for one in found["differences"]]
        return Comparison(**{**_of(Comparison, found), **sides, "differences": differences})
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise ConfigurationError(f"{path} was not written by dbt-ai compare; delete it, or compare again") from None


def _of(kind: type[Any], found: Mapping[str, Any]) -> dict[str, Any]:
    """Every field of a class, with its type as far as the report needs it: numbers are reckoned with, texts are shown."""
    read = {field.name: found[field.name] for field in fields(kind)}
    for field in fields(kind):
        value, wanted = read[field.name], str(field.type)
        kinds: tuple[type[Any], ...] = (int,) if wanted == "int" else (int, float) if wanted.startswith("float") else (str,)
        optional = wanted.endswith("| None") and value is None
        if wanted.split(" ")[0] in ("int", "float", "str") and not optional and not isinstance(value, kinds):
            raise ValueError(field.name)
    return read
