"""The tables `external_models` and `mock_relations` of a DuckDB database."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from dbt_ai.mock_relations import Mark
from dbt_ai.store.schema import EXTERNAL_MODELS, MOCK_RELATIONS, Kind, column_list

if TYPE_CHECKING:
    import duckdb

Connect = Callable[[], "duckdb.DuckDBPyConnection"]

_TYPES = {Kind.TEXT: "varchar", Kind.INTEGER: "integer", Kind.MOMENT: "timestamp", Kind.FLAG: "boolean"}
_JSON = {"parameters": "json", "native": "json", "grants": "json"}


class DuckDBModels:
    """A ModelTable.

    connect: opens a cursor of its own for each use, so that the catalog does not depend on the caller's transaction.
    place: the schema, quoted and qualified with its database.
    """

    def __init__(self, connect: Connect, place: str) -> None:
        self._connect = connect
        self._place = place

    @property
    def name(self) -> str:
        return f"{self._place}.external_models"

    def rows(self) -> list[dict[str, Any]]:
        import duckdb

        with self._connect() as cursor:
            try:
                cursor.execute(f"select * from {self.name}")
            except duckdb.CatalogException:
                return []  # nothing was ever created here
            names = [column[0] for column in cursor.description or []]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def put(self, row: Mapping[str, Any]) -> None:
        with self._connect() as cursor:
            cursor.execute(f"create schema if not exists {self._place}")
            cursor.execute(f"create table if not exists {self.name} ({column_list(EXTERNAL_MODELS, _TYPES, _JSON)})")
            cursor.execute("begin")
            cursor.execute(f"delete from {self.name} where schema_name = ? and name = ?", [row["schema_name"], row["name"]]).fetchall()
            cursor.execute(
                f"insert into {self.name} ({', '.join(row)}) values ({', '.join('?' * len(row))})", [*map(_utc, row.values())]
            ).fetchall()
            cursor.execute("commit")

    def delete(self, schema: str, name: str) -> None:
        with self._connect() as cursor:
            cursor.execute(f"delete from {self.name} where schema_name = ? and name = ?", [schema, name])


class DuckDBMarks:
    """Marks of mock answers. connect, place: as of DuckDBModels."""

    def __init__(self, connect: Connect, place: str) -> None:
        self._connect = connect
        self._place = place
        self._table = f"{place}.mock_relations"

    def read(self) -> list[Mark]:
        import duckdb

        with self._connect() as cursor:
            try:
                return [Mark(*row) for row in cursor.execute(f"select relation, node, marked_in, rebuilt_in from {self._table}").fetchall()]
            except duckdb.CatalogException:
                return []

    def replace(self, relations: Collection[str], marks: Sequence[Mark]) -> None:
        with self._connect() as cursor:
            cursor.execute(f"create schema if not exists {self._place}")
            cursor.execute(f"create table if not exists {self._table} ({column_list(MOCK_RELATIONS, _TYPES)})")
            cursor.execute("begin")
            cursor.execute(f"delete from {self._table} where relation in (select unnest(?::varchar[]))", [list(relations)]).fetchall()
            for mark in marks:
                cursor.execute(
                    f"insert into {self._table} values (?, ?, ?, ?)", [mark.relation, mark.node, mark.marked_in, mark.rebuilt_in]
                ).fetchall()
            cursor.execute("commit")

    def exists(self, relation: tuple[str | None, str, str]) -> bool:
        with self._connect() as cursor:
            return bool(
                cursor.execute(
                    "select 1 from information_schema.tables"
                    " where lower(table_catalog) = lower(?) and lower(table_schema) = lower(?) and lower(table_name) = lower(?)",
                    [*relation],
                ).fetchall()
            )


def _utc(value: Any) -> Any:
    """SQL Server's datetime2 has no time zone; it is UTC here, as on Azure."""
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(timezone.utc).replace(tzinfo=None)
    return value
