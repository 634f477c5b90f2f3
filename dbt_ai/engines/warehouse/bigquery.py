"""BigQuery: statements are jobs. There is no cursor, and dbt opens no transaction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from dbt_ai.engines.warehouse.connection import Connection


class BigQueryConnection(Connection):
    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Each statement is one."""
        yield

    def execute(self, sql: str) -> None:
        self._run(sql)

    def rows(self, sql: str) -> Iterator[Sequence[Any]]:
        for row in self._run(sql):
            yield row.values()

    def definition_of(self, view: str) -> str:
        database, schema, name = (part.strip("`") for part in view.split("."))
        return f"select view_definition from `{database}`.`{schema}`.INFORMATION_SCHEMA.VIEWS where table_name = '{name}'"

    def _run(self, sql: str) -> Any:
        """The rows of the job."""
        connections = self.adapter.connections
        _, rows = connections.raw_execute(connections._add_query_comment(sql))
        return rows
