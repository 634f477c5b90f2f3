"""Vectors as points on a plane: their two principal components."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dbt_ai.outside_text import shown
from dbt_ai.report.artefacts import Drawn
from dbt_ai.report.source import ReportSource, UnreadableTable

# Points that a map shows: more cover each other.
MOST = 2_000
# Colours that people tell apart; what is left has one colour together.
COLORS = 7
OTHERS = "(others)"


@dataclass(frozen=True, slots=True)
class Point:
    """x, y: 0 to 1. color: index in the legend."""

    x: float
    y: float
    color: int
    text: str


@dataclass(frozen=True, slots=True)
class VectorMap:
    """legend: value of the column that colours -> points. kept: share of the variance that the plane shows.
    problem: why there is no map."""

    node: str
    vector: str
    color: str | None = None
    points: Sequence[Point] = ()
    legend: Sequence[tuple[str, int]] = ()
    kept: float = 0.0
    problem: str = ""


def map_of(source: ReportSource, drawn: Drawn) -> VectorMap:
    """Read from the table that was built; of many rows a sample, the same one each time."""
    try:
        rows = source.vectors(drawn, MOST)
    except UnreadableTable as problem:
        return VectorMap(drawn.node, drawn.vector, problem=str(problem))
    lengths = {len(row[0]) if isinstance(row[0], (list, tuple)) else 0 for row in rows}
    if len(rows) < 3 or len(lengths) != 1 or min(lengths) < 2:
        why = f"{drawn.vector} holds {len(rows)} vectors of lengths {sorted(lengths)}; a map needs three of one length"
        return VectorMap(drawn.node, drawn.vector, problem=why)
    vectors = _numbers([row[0] for row in rows])
    if vectors is None:
        why = f"{drawn.vector} holds a row that is not made of finite numbers; a map needs vectors"
        return VectorMap(drawn.node, drawn.vector, problem=why)
    plane, kept = project(vectors)
    names, legend = _legend([row[1] for row in rows])
    points = [Point(float(x), float(y), names[row[1]], shown(row[2] or "", 200)) for (x, y), row in zip(plane.tolist(), rows, strict=True)]
    return VectorMap(drawn.node, drawn.vector, drawn.color, points, legend, kept)


def project(vectors: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    """The points on the plane of the two largest principal components, each from 0 to 1, and the share of the variance that they keep."""
    largest = np.abs(vectors).max()
    # Of numbers near the end of what a float holds, squares are infinite.
    scaled = vectors / largest if largest > 0 else vectors
    centred = scaled - scaled.mean(axis=0)
    _, strengths, directions = np.linalg.svd(centred, full_matrices=False)
    plane = centred @ directions[:2].T
    low, high = plane.min(axis=0), plane.max(axis=0)
    variance = float((strengths**2).sum())
    kept = float((strengths[:2] ** 2).sum()) / variance if variance else 0.0
    return (plane - low) / np.where(high > low, high - low, 1.0), kept


def _numbers(vectors: Sequence[Any]) -> NDArray[np.float64] | None:
    """A matrix; None where something in it is not a finite number: the column is any that the project names."""
    try:
        matrix = np.array(vectors, dtype=np.float64)
    except (TypeError, ValueError):
        return None
    return matrix if matrix.ndim == 2 and np.isfinite(matrix).all() else None


def _legend(values: Sequence[Any]) -> tuple[dict[Any, int], list[tuple[str, int]]]:
    """The place of each value in the legend, and the legend; empty where nothing colours."""
    counts = Counter(values)
    if set(counts) == {None}:
        return {None: 0}, []
    frequent = counts.most_common(COLORS)
    legend = [("NULL" if value is None else shown(str(value), 60), count) for value, count in frequent]
    names = {value: index for index, (value, _) in enumerate(frequent)}
    if others := len(values) - sum(count for _, count in frequent):
        legend.append((OTHERS, others))
    return {value: names.get(value, len(frequent)) for value in counts}, legend
