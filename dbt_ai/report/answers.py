"""A sample of the stored answers, beside what was asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dbt_ai.outside_text import lines_shown
from dbt_ai.store.schema import Tables

if TYPE_CHECKING:
    import duckdb

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


def sample(connection: duckdb.DuckDBPyConnection, tables: Tables, named: Callable[[str], str], most: int = MOST) -> list[Answer]:
    """Of each node equally many where there are enough, chosen by their keys: the same ones each time. named: what the user calls a model.

    Empty where no inputs are kept.
    """
    rows = connection.execute(
        f"""select node, model, input, value from (
            select coalesce(nullif(split_part(node, '.', 3), ''), '(ad hoc)') as node, model,
                left(input, {_CHARACTERS * 2}) as input, left(value, {_CHARACTERS * 2}) as value,
                row_number() over (partition by node order by key) as place
            from {tables.responses} where input is not null and value is not null
        ) order by place, node limit {int(most)}"""
    ).fetchall()
    found = [Answer(node, named(model), _cut(asked), _cut(value)) for node, model, asked, value in rows]
    return sorted(found, key=lambda answer: answer.node)


def _cut(text: str) -> str:
    return lines_shown(text, _CHARACTERS)
