"""Statements on the warehouse over dbt's adapter, each on a connection of the thread that asks."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.compute as pc
from dbt.adapters.base.impl import BaseAdapter

from dbt_ai.engines.warehouse.kept_inputs import KeptInputs
from dbt_ai.store.schema import Column, Kind

Result = TypeVar("Result")

# Rows that are taken at once.
FETCHED = 10_000


class WarehouseConnection:
    """What every adapter can. The methods work within `opened`."""

    def __init__(self, adapter: BaseAdapter) -> None:
        self.adapter: Any = adapter

    @contextmanager
    def opened(self, name: str) -> Iterator[None]:
        """Not the connection of a node: what is done here survives a rollback of its transaction."""
        with self.adapter.connection_named(name):
            yield

    def aside(self, work: Callable[[], Result]) -> Result:
        """Do this in a thread of its own, which then has a connection of its own: the caller's may be in a transaction of dbt's.

        Nobody waits for the thread after Ctrl-C: what it asked of the warehouse may wait for a lock. It is cancelled, for dbt closes every
        connection, which would wait for it too.
        """
        done: Future[Result] = Future()

        def run() -> None:
            try:
                done.set_result(work())
            except BaseException as error:
                done.set_exception(error)

        threading.Thread(target=run, name="dbt_ai aside", daemon=True).start()
        try:
            return done.result()
        except KeyboardInterrupt:
            if self.adapter.is_cancelable():
                self.adapter.cancel_open_connections()
            raise

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """What is executed inside is kept as a whole, or not at all."""
        self.adapter.connections.begin()
        try:
            yield
        except BaseException:
            self.adapter.connections.rollback_if_open()
            raise
        self.adapter.connections.commit()

    def execute(self, sql: str) -> None:
        self.adapter.connections.add_query(sql, auto_begin=False, abridge_sql_log=True)

    def check(self, sql: str) -> None:
        """Have the warehouse look at a query that it will run later, where that costs next to nothing."""

    def differently_read(self, sql: str, again: Callable[[], str]) -> tuple[str, str] | None:
        """Where the warehouse reads two texts of one query as different ones, if it can tell: a piece of each. again: writes the second."""
        return None

    def keep(self, kept: KeptInputs) -> bool:
        """Make the table of the inputs, where that is worth its time. False where none was made."""
        return False

    def drop(self, tables: Iterable[str]) -> None:
        """Those of these tables that are there."""
        for table in tables:
            self.execute(f"drop table if exists {table}")

    def definition_of(self, view: str) -> str:
        """The query for the select of a view. view: its rendered name. Snowflake keeps a name without quotes in upper case."""
        schema, name = (
            f"= '{_unquoted(part)}'" if part.strip('"`[]') != part else f"in ('{_unquoted(part)}', upper('{_unquoted(part)}'))"
            for part in view.split(".")[-2:]
        )
        return f"select view_definition from information_schema.views where table_schema {schema} and table_name {name}"

    def rows(self, sql: str) -> Iterator[Sequence[Any]]:
        """The rows of a query, a piece at a time: not all of them are in memory at once."""
        _, cursor = self.adapter.connections.add_query(sql, auto_begin=False)
        while rows := cursor.fetchmany(FETCHED):
            yield from rows

    @contextmanager
    def loaded(self, like: str, columns: Sequence[Column], rows: pa.Table) -> Iterator[str | None]:
        """The select of rows that were brought into the warehouse by a faster way than inserts, where the adapter has one.

        like: the table that the rows are for, whose columns the select has.
        """
        yield None


def _unquoted(part: str) -> str:
    """A part of a name, as text between quotes."""
    return part.strip('"`[]').replace("'", "''")


def plain_rows(columns: Sequence[Column], rows: pa.Table) -> pa.Table:
    """The rows as texts and numbers, which every format of files holds alike: keys hexadecimal, vectors JSON, moments in UTC."""
    plain = []
    for column in columns:
        values = rows.column(column.name)
        if column.kind is Kind.BYTES:
            values = pa.array([None if key is None else key.hex() for key in values.to_pylist()], pa.string())
        elif column.kind is Kind.VECTOR:
            values = pa.array([None if vector is None else json.dumps(vector) for vector in values.to_pylist()], pa.string())
        elif column.kind is Kind.MOMENT:
            values = pc.strftime(values, "%Y-%m-%d %H:%M:%S+00:00")
        elif column.kind is Kind.DAY:
            values = pc.strftime(values, "%Y-%m-%d")
        plain.append(values)
    return pa.table(plain, [column.name for column in columns])
