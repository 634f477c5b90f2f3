"""A sample of the stored answers, beside what was asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dbt_ai.outside_text import lines_shown, shown
from dbt_ai.project_names import named_in
from dbt_ai.report.source import ReportSource

# Answers that one page shows, and characters of each text: what people read, and a browser opens at once.
MOST = 500
_CHARACTERS = 1_200


@dataclass(frozen=True, slots=True)
class Answer:
    """One stored answer, as the report shows it."""

    node: str
    model: str
    input: str
    answer: str


def sample(source: ReportSource, named: Callable[[str], str], most: int = MOST) -> list[Answer]:
    """Of each node equally many where there are enough, chosen by their keys: the same ones each time. named: what the user calls a model.

    Empty where no inputs are kept.
    """
    found = [Answer(node_shown(node), named(model), _cut(asked), _cut(value)) for node, model, asked, value in source.sample(most)]
    return sorted(found, key=lambda answer: answer.node)


def node_shown(node: str) -> str:
    """`labels` for `model.shop.labels`."""
    return shown(named_in(node) or "(ad hoc)")


def _cut(text: str) -> str:
    return lines_shown(text, _CHARACTERS)
