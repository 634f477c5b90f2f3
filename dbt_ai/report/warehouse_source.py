"""A report of a warehouse: its tables `usage` and `responses`, and the tables that were built there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa
from dbt_common.exceptions import DbtBaseException

from dbt_ai.engines.warehouse.catalog import catalog_in_warehouse
from dbt_ai.engines.warehouse.tables import WarehouseTables
from dbt_ai.engines.warehouse.values import as_text, field_of, from_json
from dbt_ai.external_model import ExternalModel
from dbt_ai.outside_text import shown
from dbt_ai.report.artefacts import Drawn, Judged
from dbt_ai.report.source import CHARACTERS, Stored, UnreadableTable
from dbt_ai.store.schema import USAGE, Kind, arrow_schema


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
        column = self._tables.dialect.column
        label = column(judged.label) if judged.label and not judged.several else "null"
        counts: Counter[tuple[str | None, str | None]] = Counter()
        for answer, right in self._read(f"select {column(judged.column)}, {label} from {self._relation(judged)}"):
            for value in _answers(answer, judged):
                counts[_text(value), _text(right)] += 1
        return counts

    def vectors(self, drawn: Drawn, most: int) -> Sequence[tuple[Any, str | None, str | None]]:
        column = self._tables.dialect.column
        columns = [column(name) if name else "null" for name in (drawn.color, drawn.text)]
        found = []
        for vector, color, text in self._read(f"select {column(drawn.vector)}, {', '.join(columns)} from {self._relation(drawn)}"):
            if vector is not None:
                found.append((from_json(vector), _text(color), _text(text)))
                if len(found) == most:
                    break
        return found

    def _relation(self, table: Judged | Drawn) -> str:
        adapter = self._tables.connection.adapter
        place = {"database": table.place[0], "schema": table.place[1], "identifier": table.place[2]}
        return str(adapter.Relation.create(**place, quote_policy=adapter.config.quoting))

    def _read(self, query: str) -> Iterator[Sequence[Any]]:
        try:
            yield from self._tables.connection.rows(query)
        except DbtBaseException as error:
            self._tables.connection.adapter.connections.rollback_if_open()
            raise UnreadableTable(shown(" ".join(str(error).split()))) from None


def _answers(answer: Any, judged: Judged) -> Sequence[Any]:
    """What was answered in one row: of a struct the judged field, of a list each label."""
    found = field_of(answer, judged.fields)
    if not judged.several:
        return [found]
    labels = from_json(found)
    return labels or [] if isinstance(labels, list | None) else [labels]


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
