"""The answers in a warehouse on their way to and from a Parquet file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from dbt_ai.dbt_project import DbtOptions, read_settings
from dbt_ai.engines.warehouse.adapters import adapter_of, connection_to
from dbt_ai.engines.warehouse.dialect import dialect_of
from dbt_ai.engines.warehouse.tables import WarehouseTables
from dbt_ai.errors import ConfigurationError
from dbt_ai.settings import Settings
from dbt_ai.store.answer_rows import first_of_each_key
from dbt_ai.store.maintenance import exported_rows, require_file, require_place
from dbt_ai.store.schema import RESPONSES, arrow_schema


def exported(options: DbtOptions, target: Path) -> int:
    """Write the answers in the warehouse to a Parquet file; returns their number."""
    require_place(target)
    file, count = target.absolute(), 0
    # The warehouse may fail half-way: what stands in the file until then stays.
    part = file.with_name(f"{file.name}.part")
    try:
        with tables_of(options) as tables, pq.ParquetWriter(part, arrow_schema(RESPONSES), compression="zstd") as writer:
            tables.prepare()
            for rows in tables.answers():
                writer.write_table(rows)
                count += len(rows)
        part.replace(file)
    except OSError as error:
        raise ConfigurationError(f"{str(target)!r} cannot be written: {error.strerror or error}") from None
    finally:
        part.unlink(missing_ok=True)
    return count


def imported(options: DbtOptions, source: Path) -> int:
    """Take in the answers of an exported file that are not there; returns their number.

    Raises ConfigurationError for a file that is not an export.
    """
    require_file(source)
    pieces = list(exported_rows(source.absolute()))
    with tables_of(options) as tables:
        tables.prepare()
        before = tables.count()
        if pieces:
            tables.insert_answers(first_of_each_key(pa.concat_tables(pieces)))
            tables.forget_failures()
        return tables.count() - before


@contextmanager
def tables_of(options: DbtOptions) -> Iterator[WarehouseTables]:
    """The store of a project's target, which is on a warehouse."""
    settings = Settings.for_warehouse(read_settings(options))
    with adapter_of(options) as adapter:
        connection = connection_to(adapter)
        with connection.opened("dbt-ai store"):
            yield WarehouseTables(connection, dialect_of(adapter.type()), settings.schema)
