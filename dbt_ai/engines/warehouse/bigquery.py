"""BigQuery: statements are jobs. There is no cursor, and dbt opens no transaction."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pyarrow as pa

from dbt_ai.engines.warehouse.connection import WarehouseConnection, plain_rows
from dbt_ai.store.schema import Column, Kind

_TYPES = {
    Kind.BYTES: "STRING",
    Kind.TEXT: "STRING",
    Kind.VECTOR: "FLOAT64",
    Kind.INTEGER: "INT64",
    Kind.REAL: "FLOAT64",
    Kind.MOMENT: "TIMESTAMP",
    Kind.DAY: "DATE",
}


class BigQueryConnection(WarehouseConnection):
    """A WarehouseConnection through dbt-bigquery, whose statements are jobs and whose many rows come in by a load job."""

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

    @contextmanager
    def loaded(self, like: str, columns: Sequence[Column], rows: pa.Table) -> Iterator[str]:
        """By a load job, which costs nothing and has no limit of a statement's size."""
        from google.cloud.bigquery import LoadJobConfig, SchemaField

        client = self.adapter.connections.get_thread_connection().handle
        place, _, _ = like.replace("`", "").rpartition(".")
        table = f"{place}.dbt_ai_new_{uuid.uuid4().hex}"
        schema = [
            SchemaField(column.name, _TYPES[column.kind], mode="REPEATED" if column.kind is Kind.VECTOR else "NULLABLE")
            for column in columns
        ]
        plain = plain_rows(columns, rows).to_pylist()
        for row in plain:
            row.update({column.name: json.loads(row[column.name] or "[]") for column in columns if column.kind is Kind.VECTOR})
        with self.adapter.connections.exception_handler(f"load job of {len(rows)} rows"):
            client.load_table_from_json(plain, table, job_config=LoadJobConfig(schema=schema)).result()
        yield f"select {', '.join(column.name for column in columns)} from `{table}`"
        client.delete_table(table)

    def _run(self, sql: str) -> Any:
        """The rows of the job."""
        _, rows = self.adapter.connections.raw_execute_with_comment(sql)
        return rows
