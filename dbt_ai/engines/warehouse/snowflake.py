"""Snowflake: many rows come in as one Parquet file, by way of the stage of a temporary table."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from dbt_ai.engines.warehouse.connection import WarehouseConnection, plain_rows
from dbt_ai.store.schema import Column, Kind

# How a column of the file, which holds texts and numbers, becomes one of the table.
_READ = {Kind.MOMENT: "cast({} as timestamp_tz)", Kind.DAY: "cast({} as date)", Kind.VECTOR: "cast(parse_json({}) as array)"}
_NUMBERS = {Kind.INTEGER: "bigint", Kind.REAL: "float"}


class SnowflakeConnection(WarehouseConnection):
    """A WarehouseConnection through dbt-snowflake, whose many rows come in by a staged Parquet file."""

    @contextmanager
    def loaded(self, like: str, columns: Sequence[Column], rows: pa.Table) -> Iterator[str]:
        place, _, _ = like.rpartition(".")
        name = f"dbt_ai_new_{uuid.uuid4().hex}"
        types = ", ".join(f"{column.name} {_NUMBERS.get(column.kind, 'varchar')}" for column in columns)
        self.execute(f"create temporary table {place}.{name} ({types})")
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "rows.parquet")
            pq.write_table(plain_rows(columns, rows), file)
            self.execute(f"put 'file://{file.as_posix()}' @{place}.%{name}")
        self.execute(
            f"copy into {place}.{name} from @{place}.%{name} file_format = (type = parquet) match_by_column_name = case_insensitive"
        )
        read = ", ".join(f"{_READ.get(column.kind, '{}').format(column.name)} as {column.name}" for column in columns)
        yield f"select {read} from {place}.{name}"
        self.execute(f"drop table {place}.{name}")
