"""Postgres: rows leave by a cursor of the server's, and come in by binary COPY."""

from __future__ import annotations

import io
import struct
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import zip_longest
from typing import Any

import numpy as np
import pyarrow as pa
from dbt_common.exceptions import DbtBaseException, DbtDatabaseError

from dbt_ai.engines.warehouse.connection import FETCHED, WarehouseConnection
from dbt_ai.engines.warehouse.kept_inputs import KeptInputs, names_left
from dbt_ai.outside_text import in_one_line
from dbt_ai.store.schema import Column, Kind

# https://www.postgresql.org/docs/current/sql-copy.html: signature, flags, length of the header's extension.
_HEADER = b"PGCOPY\n\xff\r\n\0" + struct.pack("!ii", 0, 0)
# Bytes that the driver hands to the server at once: with its own 8 kB a COPY takes a quarter longer.
_PIECE = 2**18
_NULL = struct.pack("!i", -1)
# https://www.postgresql.org/docs/current/errcodes-appendix.html
_UNIQUE_VIOLATION, _DEADLOCK = "23505", "40P01"
# With fewer rows, making a table takes longer than finding the inputs again.
_MANY_ROWS = 100_000
# For so many inputs to be told apart in memory: with the 4 MB that Postgres starts with they are sorted on disk, a quarter longer.
_MEMORY = "32MB"
_REAL = 700  # the number of the type float4
# Postgres counts from 2000-01-01.
_MICROSECONDS = 946_684_800_000_000
_DAYS = 10_957


class PostgresConnection(WarehouseConnection):
    """PostgreSQL by psycopg: its own transactions, and cursors of the server, so that rows arrive in pieces."""

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """The driver's, not dbt's: dbt ends one by the word COMMIT, after which the driver does not know that it has to begin another."""
        connections = self.adapter.connections
        handle = connections.get_thread_connection().handle
        with connections.exception_handler("begin"):
            handle.rollback()
            autocommit, handle.autocommit = handle.autocommit, False
        try:
            yield
            with connections.exception_handler("commit"):
                handle.commit()
        finally:
            if not handle.closed:  # by the server: then there is nothing to end, and trying it would hide why
                with connections.exception_handler("rollback"):
                    handle.rollback()
                    handle.autocommit = autocommit

    def rows(self, sql: str) -> Iterator[Sequence[Any]]:
        with self.transaction():
            handle = self.adapter.connections.get_thread_connection().handle
            with self.adapter.connections.exception_handler(sql), handle.cursor(name=f"dbt_ai_{uuid.uuid4().hex}") as cursor:
                cursor.itersize = FETCHED
                cursor.execute(sql)
                yield from cursor

    def fetched(self, sql: str) -> list[Sequence[Any]]:
        """The rows of a query within a transaction."""
        handle = self.adapter.connections.get_thread_connection().handle
        with self.adapter.connections.exception_handler(sql), handle.cursor() as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall())

    def check(self, sql: str) -> None:
        with self.transaction():
            self.execute(f"explain {sql}")

    def differently_read(self, sql: str, again: Callable[[], str]) -> tuple[str, str] | None:
        """By their plans, in which Postgres writes every expression in one way."""
        try:
            as_written = self._plan_of(sql)
        except DbtBaseException:
            return None  # what it reads may be made by a hook
        try:
            read = self._plan_of(again())
        except DbtBaseException as error:
            return "", in_one_line(error)
        return next((_around_difference(a, b) for a, b in zip_longest(as_written, read, fillvalue="") if a != b), None)

    def _plan_of(self, sql: str) -> list[str]:
        with self.transaction():
            return [line for (line,) in self.fetched(f"explain (verbose, costs off) {sql}")]

    def keep(self, kept: KeptInputs) -> bool:
        with self.transaction():
            [(plan,)] = self.fetched(f"explain (format json) {kept.rows}")
            if plan[0]["Plan"]["Plan Rows"] < _MANY_ROWS:
                return False
            more = f"pg_size_bytes(current_setting('work_mem')) < pg_size_bytes('{_MEMORY}')"
            self.execute(f"select set_config('work_mem', '{_MEMORY}', true) where {more}")
            self.execute(f"create unlogged table {kept.table} as {kept.made}")
            self.execute(f"analyze {kept.table}")
        self._drop_left(beside=kept.table.replace("'", "''"))
        return True

    def _drop_left(self, beside: str) -> None:
        """The tables of inputs, in the schema of this one, of processes that were killed."""
        first, end = names_left()
        with self.transaction():
            left = self.fetched(
                "select cast(left_over.oid as regclass) from pg_class as left_over join pg_class as made using (relnamespace)"
                f" where made.oid = to_regclass('{beside}') and left_over.relname collate \"C\" between '{first}' and '{end}'"
                " and pg_has_role(left_over.relowner, 'usage')"
            )
            self.drop(table for (table,) in left)

    def definition_of(self, view: str) -> str:
        quoted = view.replace("'", "''")
        return f"select pg_get_viewdef(to_regclass('{quoted}'))"

    def copy(self, table: str, columns: Sequence[Column], rows: pa.Table) -> None:
        """Within a transaction. The columns of the rows are those of the table, in this order."""
        statement = f"copy {table} ({', '.join(column.name for column in columns)}) from stdin (format binary)"
        handle = self.adapter.connections.get_thread_connection().handle
        try:
            with self.adapter.connections.exception_handler(statement), handle.cursor() as cursor:
                cursor.copy_expert(statement, io.BytesIO(binary(columns, rows)), size=_PIECE)
        except DbtBaseException as error:
            if not handle.closed:
                raise
            raise DbtDatabaseError("the server closed the connection") from error  # of which the driver says "invalid socket"


def _around_difference(first: str, second: str) -> tuple[str, str]:
    same = next((place for place, (a, b) in enumerate(zip(first, second, strict=False)) if a != b), min(len(first), len(second)))
    start = max(same - 20, 0)
    return first[start : start + 80], second[start : start + 80]


def is_conflict(error: DbtBaseException) -> bool:
    """Whether another transaction wrote the same keys."""
    return getattr(error.__cause__, "pgcode", None) in (_UNIQUE_VIOLATION, _DEADLOCK)


def binary(columns: Sequence[Column], rows: pa.Table) -> bytes:
    """The rows as COPY reads them."""
    fields = [_fields(column.kind, rows.column(column.name)) for column in columns]
    count = struct.pack("!h", len(columns))
    return b"".join([_HEADER, *(part for row in zip(*fields, strict=True) for part in (count, *row)), struct.pack("!h", -1)])


def _fields(kind: Kind, column: pa.ChunkedArray) -> Iterator[bytes]:
    if kind is Kind.VECTOR:
        yield from _vectors(column)
    elif kind in (Kind.BYTES, Kind.TEXT):
        for value in column.to_pylist():
            raw = value.encode("utf-8", "replace").replace(b"\0", b"") if isinstance(value, str) else value
            yield _NULL if raw is None else struct.pack("!i", len(raw)) + raw
    else:
        pack = {Kind.REAL: "!id", Kind.INTEGER: "!iq", Kind.MOMENT: "!iq", Kind.DAY: "!ii"}[kind]
        since = {Kind.MOMENT: _MICROSECONDS, Kind.DAY: _DAYS}.get(kind, 0)
        stored = {Kind.MOMENT: pa.int64(), Kind.DAY: pa.int32()}.get(kind)
        for value in (column.cast(stored) if stored else column).to_pylist():
            yield _NULL if value is None else struct.pack(pack, struct.calcsize(pack) - 4, value - since)


def _vectors(column: pa.ChunkedArray) -> Iterator[bytes]:
    for chunk in column.chunks:
        # A chunk may be a slice of longer arrays.
        offsets = chunk.offsets.to_numpy()
        first, count = offsets[0], offsets[-1] - offsets[0]
        offsets = offsets - first
        numbers = np.empty(count, dtype=[("length", ">i4"), ("value", ">f4")])
        numbers["length"] = 4
        numbers["value"] = chunk.values.slice(first, count).to_numpy(zero_copy_only=False)
        for index, valid in enumerate(chunk.is_valid().to_pylist()):
            if not valid:
                yield _NULL
                continue
            body = numbers[offsets[index] : offsets[index + 1]]
            # One dimension, no NULL in it, of float4, so many, counted from 1.
            yield struct.pack("!iiiiii", 20 + body.nbytes, 1, 0, _REAL, len(body), 1) + body.tobytes()
