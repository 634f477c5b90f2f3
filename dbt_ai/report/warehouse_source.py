"""A report of a warehouse: its tables `usage` and `responses`, and the tables that were built there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

import pyarrow as pa
from dbt_common.exceptions import DbtBaseException

from dbt_ai.engines.warehouse.catalog import catalog_in_warehouse
from dbt_ai.engines.warehouse.tables import WarehouseTables
from dbt_ai.engines.warehouse.values import as_text, from_json
from dbt_ai.external_model import ExternalModel
from dbt_ai.outside_text import in_one_line, shown
from dbt_ai.report.artefacts import Drawn, Judged
from dbt_ai.report.labels import OTHERS
from dbt_ai.report.source import CHARACTERS, Stored, UnreadableTable
from dbt_ai.store.schema import USAGE, Kind, arrow_schema

# Pairs of an answer and a label that are read; the rows of the others are counted together.
MOST_GROUPS = 10_000
# A list as JSON; where the dialect is not named here, it is JSON already.
_AS_JSON = {
    "postgres": "to_jsonb({})",
    "snowflake": "to_json({})",
    "bigquery": "to_json_string({})",
    "databricks": "to_json({})",
    "spark": "to_json({})",
    "duckdb": "to_json({})",
    "trino": "json_format(cast({} as json))",
    "athena": "json_format(cast({} as json))",
}
# What a window of row_number has to say where no order is meant.
_IN_NO_ORDER = {"snowflake": "order by 1", "tsql": "order by (select null)"}


class WarehouseSource:
    """A ReportSource. Works where the connection of the tables is open."""

    def __init__(self, tables: WarehouseTables) -> None:
        self._tables = tables

    def usage(self) -> pa.Table:
        rows = [list(map(_value, (column.kind for column in USAGE), row)) for row in self._tables.read("usage")]
        return pa.Table.from_pylist([dict(zip(arrow_schema(USAGE).names, row, strict=True)) for row in rows], arrow_schema(USAGE))

    def stored(self) -> Stored:
        model, kept = map(self._tables.dialect.column, ("model", "input"))
        with self._tables.errors():
            query = f"select {model}, count(*), count({kept}) from {self._tables.name('responses')} group by {model}"
            counted = list(self._tables.connection.rows(query))
        return Stored(sum(int(row[1]) for row in counted), sum(int(row[2]) for row in counted), frozenset(str(row[0]) for row in counted))

    def sample(self, most: int) -> list[tuple[str, str, str, str]]:
        node, key, model, asked, value = map(self._tables.dialect.column, ("node", "key", "model", "input", "value"))
        kept = f"from {self._tables.name('responses')} where {asked} is not null and {value} is not null"
        with self._tables.errors():
            rows = list(
                self._tables.connection.rows(
                    f"select {node}, {model}, {asked}, {value}, place from (select {node}, {model}, {asked}, {value},"
                    f" row_number() over (partition by {node} order by {key}) as place {kept}) as numbered where place <= {int(most)}"
                )
            )
        rows.sort(key=lambda row: (row[4], row[0] or ""))
        return [(str(row[0] or ""), str(row[1]), str(row[2])[:CHARACTERS], str(row[3])[:CHARACTERS]) for row in rows[:most]]

    def external_models(self) -> list[ExternalModel]:
        return catalog_in_warehouse(self._tables).external_models()

    def labels(self, judged: Judged) -> Counter[tuple[str | None, str | None]]:
        label = self._text(self._column(judged.label)) if judged.label and not judged.several else "null"
        # The sum over all groups is what the rows have that are not read.
        query = (
            f"select answer, label, count(*) as n, sum(count(*)) over () as total from (select {self._answer(judged)} as answer,"
            f" {label} as label from {self._relation(judged)}) as judged group by answer, label order by n desc"
        )
        counts: Counter[tuple[str | None, str | None]] = Counter()
        left = 0
        for answer, right, count, total in islice(self._read(query), MOST_GROUPS):
            left = (left or int(total)) - int(count)
            for value in _labels(answer) if judged.several else [answer]:
                counts[_text(value), _text(right)] += int(count)
        if left:
            counts[OTHERS, None] += left
        return counts

    def vectors(self, drawn: Drawn, most: int) -> Sequence[tuple[Any, str | None, str | None]]:
        vector, relation = self._column(drawn.vector), self._relation(drawn)
        [(count,)] = self._read(f"select count({vector}) from {relation}")
        step = max(1, -(-int(count) // most))
        color, text = (self._column(name) if name else "null" for name in (drawn.color, drawn.text))
        numbered = f"row_number() over ({_IN_NO_ORDER.get(self._tables.dialect.name, '')})"
        chosen = f"dbt_ai_place % {step} = 0" if self._tables.dialect.name == "tsql" else f"mod(dbt_ai_place, {step}) = 0"
        query = (
            f"select vector, color, body from (select {vector} as vector, {color} as color, {text} as body, {numbered} as dbt_ai_place"
            f" from {relation} where {vector} is not null) as numbered where {chosen}"
        )
        return [(from_json(vector), _text(color), _text(text)) for vector, color, text in islice(self._read(query), most)]

    def _answer(self, judged: Judged) -> str:
        """SQL of the text of an answer, as macros/functions/ai_field.sql and its engines read a field; of a list as JSON."""
        name, value = self._tables.dialect.name, self._column(judged.column)
        if judged.fields and name == "postgres":
            value = f"({value} #> '{{{','.join(judged.fields)}}}')" if judged.several else f"({value} #>> '{{{','.join(judged.fields)}}}')"
        elif judged.fields and name in ("snowflake", "databend"):
            value = ":".join([value, *judged.fields])
        elif judged.fields and name in ("tsql", "fabric"):
            value = f"json_{'query' if judged.several else 'value'}({value}, '$.{'.'.join(judged.fields)}')"
        elif judged.fields:
            value = ".".join([f"({value})", *judged.fields])
        return self._text(_AS_JSON.get(name, "{}").format(value) if judged.several else value)

    def _column(self, name: str) -> str:
        return self._tables.dialect.column(name)

    def _text(self, expression: str) -> str:
        return f"cast({expression} as {self._tables.dialect.types[Kind.TEXT]})"

    def _relation(self, table: Judged | Drawn) -> str:
        adapter = self._tables.connection.adapter
        place = {"database": table.place[0], "schema": table.place[1], "identifier": table.place[2]}
        return str(adapter.Relation.create(**place, quote_policy=adapter.config.quoting))

    def _read(self, query: str) -> Iterator[Sequence[Any]]:
        try:
            yield from self._tables.connection.rows(query)
        except DbtBaseException as error:
            self._tables.connection.adapter.connections.rollback_if_open()
            raise UnreadableTable(shown(in_one_line(error))) from None


def _labels(answer: str | None) -> Sequence[Any]:
    """The labels of one row."""
    found = from_json(answer)
    return found if isinstance(found, list) else []


def _text(value: Any) -> str | None:
    text = as_text(value)
    return text and text[:CHARACTERS]


def _value(kind: Kind, value: Any) -> Any:
    """A value of `usage`, as its column has it. The table may have been written by hand."""
    if value is None:
        return None
    if kind is Kind.MOMENT:
        return datetime.fromisoformat(value) if isinstance(value, str) else value
    return {Kind.INTEGER: int, Kind.REAL: float}.get(kind, str)(value)
