"""The tables `external_models` and `mock_relations` of a warehouse."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import astuple
from typing import Any

import pyarrow as pa

from dbt_ai.catalog import Catalog
from dbt_ai.engines.warehouse.tables import WarehouseTables
from dbt_ai.mock_relations import Mark, MockRelations
from dbt_ai.store.schema import EXTERNAL_MODELS, MOCK_RELATIONS, Kind, arrow_schema


def catalog_in_warehouse(tables: WarehouseTables) -> Catalog:
    """Works where the connection of the tables is open."""
    return Catalog(WarehouseModels(tables), MockRelations(WarehouseMarks(tables)))


class WarehouseModels:
    """A ModelTable."""

    def __init__(self, tables: WarehouseTables) -> None:
        self._tables = tables

    @property
    def name(self) -> str:
        return self._tables.name("external_models")

    def rows(self) -> list[dict[str, Any]]:
        names = [column.name for column in EXTERNAL_MODELS]
        return [dict(zip(names, row, strict=True)) for row in self._tables.read("external_models")]

    def put(self, row: Mapping[str, Any]) -> None:
        written = pa.Table.from_pylist([dict(row)], arrow_schema(EXTERNAL_MODELS))
        self._tables.replace("external_models", self._own(row["schema_name"], row["name"]), written)

    def delete(self, schema: str, name: str) -> None:
        self._tables.replace("external_models", self._own(schema, name))

    def _own(self, schema: str, name: str) -> str:
        dialect = self._tables.dialect
        return " and ".join(
            f"{dialect.column(column)} = {dialect.literal(value, Kind.TEXT)}" for column, value in (("schema_name", schema), ("name", name))
        )


class WarehouseMarks:
    """Marks of mock answers."""

    def __init__(self, tables: WarehouseTables) -> None:
        self._tables = tables

    def read(self) -> list[Mark]:
        return [Mark(*row) for row in self._tables.read("mock_relations")]

    def replace(self, relations: Collection[str], marks: Sequence[Mark]) -> None:
        dialect = self._tables.dialect
        names = ", ".join(dialect.literal(name, Kind.TEXT) for name in relations)
        names_of = [column.name for column in MOCK_RELATIONS]
        rows = [dict(zip(names_of, astuple(mark), strict=True)) for mark in marks]
        written = pa.Table.from_pylist(rows, arrow_schema(MOCK_RELATIONS)) if rows else None
        self._tables.replace("mock_relations", f"{dialect.column('relation')} in ({names})", written)

    def exists(self, relation: tuple[str | None, str, str]) -> bool:
        return self._tables.connection.adapter.get_relation(*relation) is not None
