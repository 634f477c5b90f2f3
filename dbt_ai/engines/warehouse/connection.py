"""Statements on the warehouse over dbt's adapter, each on a connection of the thread that asks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from dbt.adapters.base.impl import BaseAdapter

# Rows that are taken at once.
FETCHED = 10_000


class Connection:
    """What every adapter can. The methods work within `opened`."""

    def __init__(self, adapter: BaseAdapter) -> None:
        self.adapter: Any = adapter

    @contextmanager
    def opened(self, name: str) -> Iterator[None]:
        """Not the connection of a node: what is done here survives a rollback of its transaction."""
        with self.adapter.connection_named(name):
            yield

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

    def definition_of(self, view: str) -> str:
        """The query for the select of a view. view: its rendered name."""
        parts = [part.strip('"`[]') for part in view.split(".")]
        schema, name = (part.replace("'", "''") for part in parts[-2:])
        return f"select view_definition from information_schema.views where table_schema = '{schema}' and table_name = '{name}'"

    def rows(self, sql: str) -> Iterator[Sequence[Any]]:
        """The rows of a query, a piece at a time: not all of them are in memory at once."""
        _, cursor = self.adapter.connections.add_query(sql, auto_begin=False)
        while rows := cursor.fetchmany(FETCHED):
            yield from rows
