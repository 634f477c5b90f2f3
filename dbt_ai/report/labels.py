"""How often each label was given, and how often it was the right one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from dbt_ai.outside_text import shown
from dbt_ai.report.artefacts import Judged
from dbt_ai.report.source import ReportSource, UnreadableTable

# Labels that are shown apart. A matrix of more is nothing that people read.
MOST = 20
OTHERS = "(others)"
NONE = "(no answer)"


@dataclass(frozen=True, slots=True)
class Labels:
    """Of one column. counts: answer -> rows, the most frequent first.

    matrix: rows by what is right, columns by what was answered, both in the order of `names`; empty where nothing says what is right.
    problem: why the table cannot be read.

    >>> Labels("answers", "label", names=["billing", "outage"], matrix=[[8, 2], [0, 5]]).agreeing
    13
    """

    node: str
    column: str
    counts: Sequence[tuple[str, int]] = ()
    names: Sequence[str] = ()
    matrix: Sequence[Sequence[int]] = ()
    problem: str = ""

    @property
    def labelled(self) -> int:
        """Rows that have a label to compare with."""
        return sum(map(sum, self.matrix))

    @property
    def agreeing(self) -> int:
        """Rows whose answer is that label."""
        return sum(row[index] for index, row in enumerate(self.matrix) if self.names[index] != OTHERS)

    @property
    def total(self) -> int:
        """All rows."""
        return sum(count for _, count in self.counts)


def labels_of(source: ReportSource, judged: Judged) -> Labels:
    """Read from the table that was built."""
    try:
        pairs = source.labels(judged)
    except UnreadableTable as problem:
        return Labels(judged.node, judged.column, problem=str(problem))
    counted: Counter[str] = Counter()
    for (answer, _), count in pairs.items():
        counted[_named(answer)] += count
    unread = counted.pop(OTHERS, 0)
    frequent = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
    others = unread + sum(count for _, count in frequent[MOST:])
    names, matrix = _matrix([(answer, label, count) for (answer, label), count in pairs.items() if label is not None])
    return Labels(judged.node, judged.column, [*frequent[:MOST], (OTHERS, others)] if others else frequent, names, matrix)


def _named(answer: str | None) -> str:
    return NONE if answer is None else shown(answer)


def _matrix(compared: Sequence[tuple[str | None, str, int]]) -> tuple[list[str], list[list[int]]]:
    told = [(_named(answer), shown(label), count) for answer, label, count in compared]
    weight: dict[str, int] = {}
    for answer, label, count in told:
        weight[label] = weight.get(label, 0) + count
        weight.setdefault(answer, 0)
    names = sorted(weight, key=lambda name: (-weight[name], name))
    if len(names) > MOST:
        names = [*names[: MOST - 1], OTHERS]
    place = {name: index for index, name in enumerate(names)}
    matrix = [[0] * len(names) for _ in names]
    for answer, label, count in told:
        matrix[place.get(label, len(names) - 1)][place.get(answer, len(names) - 1)] += count
    return names, matrix
