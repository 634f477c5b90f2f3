"""The tables of a store in a warehouse: read, and written without storing a key twice."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from dbt_common.exceptions import DbtBaseException

from dbt_ai.budget import Used
from dbt_ai.call import Call
from dbt_ai.engines.warehouse.columns import FAILURES, TABLES
from dbt_ai.engines.warehouse.connection import FETCHED, WarehouseConnection
from dbt_ai.engines.warehouse.dialect import Dialect
from dbt_ai.engines.warehouse.postgres import PostgresConnection, is_conflict
from dbt_ai.engines.warehouse.preparing import Preparation
from dbt_ai.engines.warehouse.table_place import TablePlace
from dbt_ai.store import usage
from dbt_ai.store.schema import RESPONSES, Column, Kind, arrow_schema

# Rows of one COPY, whose bytes are in memory.
_COPIED = 4_000
# How often rows are brought in that other processes write in the same moment.
_ATTEMPTS = 5
# Characters of one insert, where rows come in by inserts.
_STATEMENT = 500_000
# Keys that one query names.
_NAMED = 500
# Bytes of rows for which loading a file takes longer than an insert.
_FEW = 50_000


class WarehouseTables(TablePlace):
    """The rows of the tables in one schema."""

    def __init__(self, connection: WarehouseConnection, dialect: Dialect, schema: str) -> None:
        super().__init__(connection, dialect, schema)
        # Nodes of a run may end in the same moment, and some warehouses abort one of two transactions that change a table at once:
        # https://cloud.google.com/bigquery/docs/transactions and https://docs.databricks.com/aws/en/optimizations/isolation-level
        self._changing_failures = threading.Lock()

    def prepare(self) -> None:
        """Make what is missing. Raises StoreError, in one sentence, if answers cannot be kept here."""
        Preparation(self).run()

    def check_writable(self) -> None:
        """Raises StoreError where answers may not be added, by adding none. On Postgres: elsewhere each statement takes a second."""
        if not isinstance(self.connection, PostgresConnection):
            return
        nothing = arrow_schema(RESPONSES).empty_table()
        grants = f"insert and delete on the tables in {self.schema}, and temporary on the database,"
        with self.errors(f"grant {grants} to the role of this target"):
            self._copy(self.connection, "responses", RESPONSES, nothing, others="model")
            with self.connection.transaction():
                self.connection.copy(self.name("responses"), RESPONSES, nothing)

    def insert_answers(self, rows: pa.Table) -> None:
        """Add what is not there. What a local model's other weights answered is replaced."""
        if self.dialect.vectors is None:
            rows = _vectors_as_text(rows)
        with self.errors():
            self._insert("responses", RESPONSES, rows, others="model")

    def answers(self) -> Iterator[pa.Table]:
        """Every answer, some thousands at once."""
        schema, rows = arrow_schema(RESPONSES), []
        with self.errors():
            for row in self.connection.rows(f"select {self._columns(RESPONSES)} from {self.name('responses')}"):
                rows.append(row)
                if len(rows) == FETCHED:
                    yield self._answers(rows, schema)
                    rows = []
        if rows:
            yield self._answers(rows, schema)

    def count(self) -> int:
        """How many answers there are."""
        with self.errors():
            [(count,)] = self.connection.rows(f"select count(*) from {self.name('responses')}")
        return int(count)

    def _answers(self, rows: Sequence[Sequence[Any]], schema: pa.Schema) -> pa.Table:
        columns = dict(zip(schema.names, map(list, zip(*rows, strict=True)), strict=True))
        columns["key"] = list(map(_key, columns["key"]))
        if self.dialect.vectors is None:  # they are JSON in the place of a text
            embeds = [function == "ai_embed" for function in columns["function"]]
            columns["vector"] = [
                json.loads(value) if is_vector else None for value, is_vector in zip(columns["value"], embeds, strict=True)
            ]
            columns["value"] = [None if is_vector else value for value, is_vector in zip(columns["value"], embeds, strict=True)]
        # Where an array cannot be NULL, it is empty.
        columns["vector"] = [json.loads(vector) if isinstance(vector, str) else vector or None for vector in columns["vector"]]
        return pa.table([pa.array(columns[name], schema.field(name).type) for name in schema.names], schema)

    def insert_failures(self, rows: pa.Table) -> None:
        """Replace what is said of these keys."""
        with self._changing_failures, self.errors():
            self._insert("failures", FAILURES, rows, others="failed_at")

    def forget_failures(self) -> None:
        """Of requests that are answered by now."""
        key = self.dialect.column("key")
        with self._changing_failures, self.errors(), self.connection.transaction():
            self.connection.execute(f"delete from {self.name('failures')} where {key} in (select {key} from {self.name('responses')})")

    def read(self, table: str) -> list[Sequence[Any]]:
        """All rows of a small table, with its columns in their order."""
        with self.errors():
            return list(self.connection.rows(f"select {self._columns(TABLES[table])} from {self.name(table)}"))

    def replace(self, table: str, where: str, rows: pa.Table | None = None) -> None:
        """Put these rows in the place of those of which the condition is true."""
        with self.errors(), self.connection.transaction():
            self.connection.execute(f"delete from {self.name(table)} where {where}")
            for values in _statements(self.dialect, TABLES[table], rows) if rows is not None else ():
                self.connection.execute(f"insert into {self.name(table)} ({self._columns(TABLES[table])}) {values}")

    def write_usage(self, invocation: str, rows: pa.Table) -> None:
        self.replace("usage", f"{self.dialect.column('invocation_id')} = {self.dialect.literal(invocation, Kind.TEXT)}", rows)

    def used_since(self, since: datetime, but: str) -> list[Used]:
        """What the table `usage` says of this time, but for one invocation."""
        column, literal = self.dialect.column, self.dialect.literal
        columns = ", ".join(map(column, usage.USED))
        when = f"{column('started_at')} >= {literal(since, Kind.MOMENT)} and {column('invocation_id')} <> {literal(but, Kind.TEXT)}"
        with self.errors():
            return [usage.read_used(row) for row in self.connection.rows(f"select {columns} from {self.name('usage')} where {when}")]

    def smaller_limits(self, call: Call) -> list[int]:
        """The output limits with which the same was asked that are smaller than the call's, the largest first."""
        asked, limit = map(self.dialect.column, ("limitless_call", "output_limit"))
        digest = self.dialect.literal(call.limitless_digest, Kind.TEXT)
        with self.errors():
            found = self.connection.rows(
                f"select distinct {limit} from {self.name('responses')} where {asked} = {digest} and {limit} < {call.output_limit}"
            )
            return sorted((int(limit) for (limit,) in found), reverse=True)

    def answers_to(self, keys: Sequence[bytes]) -> Iterator[pa.Table]:
        """The answers to these requests, some hundreds at once."""
        schema, columns, key = arrow_schema(RESPONSES), self._columns(RESPONSES), self.dialect.column("key")
        for start in range(0, len(keys), _NAMED):
            wanted = ", ".join(map(self.dialect.key, keys[start : start + _NAMED]))
            with self.errors():
                rows = list(self.connection.rows(f"select {columns} from {self.name('responses')} where {key} in ({wanted})"))
            if rows:
                yield self._answers(rows, schema)

    def _insert(self, table: str, columns: Sequence[Column], rows: pa.Table, others: str) -> None:
        """others: the column that tells a row with the same key from this one; such a row is replaced."""
        if isinstance(self.connection, PostgresConnection):
            self._copy(self.connection, table, columns, rows, others)
            return
        if rows.nbytes < _FEW:
            self._insert_selects(table, columns, _statements(self.dialect, columns, rows), others)
            return
        with self.connection.loaded(self.name(table), columns, rows) as loaded:
            self._insert_selects(table, columns, [loaded] if loaded else _statements(self.dialect, columns, rows), others)

    def _insert_selects(self, table: str, columns: Sequence[Column], selects: Iterable[str], others: str) -> None:
        for values in selects:
            with self.connection.transaction():
                for statement in self._inserts(table, columns, values, others):
                    self.connection.execute(statement)

    def _inserts(self, table: str, columns: Sequence[Column], values: str, others: str) -> Iterator[str]:
        """values: a select of the new rows."""
        name, key, other = self.name(table), self.dialect.column("key"), self.dialect.column(others)
        names = [self.dialect.column(column.name) for column in columns]
        listed, new = ", ".join(names), ", ".join(f"dbt_ai_new.{column}" for column in names)
        if self.dialect.merges:
            changed = ", ".join(f"{column} = dbt_ai_new.{column}" for column in names)
            yield (
                f"merge into {name} as dbt_ai_old using ({values}) as dbt_ai_new on dbt_ai_old.{key} = dbt_ai_new.{key}"
                f" when matched and dbt_ai_old.{other} <> dbt_ai_new.{other} then update set {changed}"
                f" when not matched then insert ({listed}) values ({new})"
            )
            return
        yield (
            f"delete from {name} where {key} in (select dbt_ai_new.{key} from ({values}) as dbt_ai_new"
            f" inner join {name} as dbt_ai_old on dbt_ai_old.{key} = dbt_ai_new.{key} where dbt_ai_old.{other} <> dbt_ai_new.{other})"
        )
        yield (
            f"insert into {name} ({listed}) select {new} from ({values}) as dbt_ai_new"
            f" where dbt_ai_new.{key} not in (select {key} from {name})"
        )

    def _copy(self, connection: PostgresConnection, table: str, columns: Sequence[Column], rows: pa.Table, others: str) -> None:
        """Straight into the table. Keys alone are compared first: mostly none is there, and no row is written twice."""
        name = self.name(table)
        compared = [column for column in columns if column.name in ("key", others)]
        for attempt in range(_ATTEMPTS):
            try:
                with connection.transaction():
                    connection.execute(f"create temp table dbt_ai_new on commit drop as select key, {others} from {name} where false")
                    connection.copy("dbt_ai_new", compared, rows)
                    connection.execute(
                        f"delete from {name} as old using dbt_ai_new as new where old.key = new.key and old.{others} <> new.{others}"
                    )
                    there = [key for (key,) in connection.fetched(f"select key from {name} join dbt_ai_new using (key)")]
                    new = rows.filter(pc.invert(pc.is_in(rows.column("key"), pa.array(map(bytes, there), pa.binary())))) if there else rows
                    for start in range(0, len(new), _COPIED):
                        connection.copy(name, columns, new.slice(start, _COPIED))
                return
            except DbtBaseException as error:
                if not is_conflict(error) or attempt == _ATTEMPTS - 1:
                    raise  # else another process wrote some of the keys in the same moment

    def _columns(self, columns: Sequence[Column]) -> str:
        return ", ".join(self.dialect.column(column.name) for column in columns)


def _key(stored: Any) -> bytes:
    return bytes.fromhex(stored) if isinstance(stored, str) else bytes(stored)


def failure_rows(failed: dict[bytes, str], node: str | None, now: Any) -> pa.Table:
    """Rows for what has no answer.

    failed: key -> why.
    """
    count = len(failed)
    values = [list(failed), list(failed.values()), [node] * count, [now] * count]
    return pa.table(
        [pa.array(column, field.type) for column, field in zip(values, arrow_schema(FAILURES), strict=True)], arrow_schema(FAILURES)
    )


def _statements(dialect: Dialect, columns: Sequence[Column], rows: pa.Table) -> Iterator[str]:
    """The rows as selects, as many in one as a statement may hold."""
    selects: list[str] = []
    size = 0
    for row in rows.to_pylist():
        values = [dialect.literal(row[column.name], column.kind) for column in columns]
        names = [f" as {dialect.column(column.name)}" if not selects else "" for column in columns]
        selects.append("select " + ", ".join(value + name for value, name in zip(values, names, strict=True)))
        size += len(selects[-1])
        if size > _STATEMENT:
            yield " union all ".join(selects)
            selects, size = [], 0
    if selects:
        yield " union all ".join(selects)


def _vectors_as_text(rows: pa.Table) -> pa.Table:
    """Where there are no arrays of numbers, a vector is JSON in the place of a text."""
    vectors = rows.column("vector").to_pylist()
    texts = [
        value if vector is None else "[" + ",".join(map(repr, vector)) + "]"
        for value, vector in zip(rows.column("value").to_pylist(), vectors, strict=True)
    ]
    rows = rows.set_column(rows.schema.get_field_index("value"), "value", pa.array(texts, pa.string()))
    return rows.set_column(rows.schema.get_field_index("vector"), "vector", pa.nulls(len(rows), pa.list_(pa.float32())))
