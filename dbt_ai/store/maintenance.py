"""Looking after the answers in a DuckDB database: deleting, exporting, importing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dbt_ai.errors import ConfigurationError
from dbt_ai.project_names import NAMED_IN
from dbt_ai.store import answer_rows
from dbt_ai.store.duckdb_tables import transaction
from dbt_ai.store.schema import RESPONSES, Tables

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

# Rows of an imported file that are checked together.
_BATCH = 4096


@dataclass(frozen=True, slots=True)
class Condition:
    """Which answers are meant, as SQL on the columns of `responses`."""

    sql: str
    values: Sequence[Any] = ()


def condition(
    *,
    node: str | None = None,
    key: str | None = None,
    models: Sequence[str] | None = None,
    where: str | None = None,
    older_than: int | None = None,
    unused: int | None = None,
) -> Condition:
    """The answers that a node paid for, whose key begins so, of models by their identities, that a SQL condition holds for, that are older
    than so many days, that were not used for so many days: all that are given. Raises ConfigurationError if none is."""
    given = [
        Condition(f"(node = ? or {NAMED_IN} = ?)", [node, node]) if node else None,
        Condition("starts_with(lower(hex(key)), ?)", [key.lower()]) if key else None,
        Condition("list_contains(?, model)", [list(models)]) if models is not None else None,
        Condition(f"({_expression(where)})") if where else None,
        Condition("created_at < now() - to_days(?)", [older_than]) if older_than is not None else None,
        Condition("used_on < current_date - ?::integer", [unused]) if unused is not None else None,
    ]
    found = [one for one in given if one is not None]
    if not found:
        raise ConfigurationError("this means every answer; say which ones (--help lists how)")
    return Condition(" and ".join(one.sql for one in found), [value for one in found for value in one.values])


def count(connection: duckdb.DuckDBPyConnection, tables: Tables, which: Condition) -> int:
    """How many answers the condition holds for."""
    return _count(connection, f"select count(*) from {tables.responses} where {which.sql}", which)


def delete(connection: duckdb.DuckDBPyConnection, tables: Tables, which: Condition) -> int:
    """How many answers were deleted."""
    return _count(connection, f"delete from {tables.responses} where {which.sql}", which)


def require_place(target: Path) -> None:
    """Raises ConfigurationError for a folder that is not there, and for a file that an export would overwrite and that is none itself: a
    slip, such as the name of a seed."""
    if not target.parent.is_dir():
        raise ConfigurationError(f"{str(target)!r} cannot be written: there is no folder {str(target.parent)!r}")
    if target.exists():
        require_file(target)
        with target.open("rb") as file:
            if file.read(4) not in (b"", b"PAR1"):
                raise ConfigurationError(f"{str(target)!r} is there and no Parquet file, so it is not overwritten; name another one")


def export(connection: duckdb.DuckDBPyConnection, tables: Tables, target: Path) -> int:
    """Write every answer to a Parquet file. Raises ConfigurationError where that cannot be."""
    import duckdb

    require_place(target)
    columns = ", ".join(column.name for column in RESPONSES)
    try:
        [(written,)] = connection.execute(
            f"copy (select {columns} from {tables.responses} order by key) to ? (format parquet, compression zstd)", [str(target)]
        ).fetchall()
    except duckdb.IOException as error:
        raise ConfigurationError(f"{str(target)!r} cannot be written: {str(error).splitlines()[0]}") from None
    return int(written)


def import_(connection: duckdb.DuckDBPyConnection, tables: Tables, source: Path) -> int:
    """Take in the answers of an exported file that are not there, all or none of them.

    Raises ConfigurationError for a file that is not an export: it comes from outside, and is checked row by row.
    """
    require_file(source)
    connection.execute(f"create or replace temp table dbt_ai_incoming as from {tables.responses} limit 0")
    with transaction(connection):
        for batch in exported_rows(source):
            connection.register("dbt_ai_batch", batch)
            connection.execute("insert into dbt_ai_incoming by name select * from dbt_ai_batch")
        [(contradicted,)] = connection.execute(
            "select count(*) from (select key from dbt_ai_incoming group by key having count(distinct hash(value, vector)) > 1)"
        ).fetchall()
        if contradicted:
            raise _no_export(source, f"it has different answers to the same request, {contradicted:,} times")
        [(taken,)] = connection.execute(
            f"insert into {tables.responses} by name from dbt_ai_incoming as new"
            f" where not exists (from {tables.responses} as old where old.key = new.key)"
            " qualify row_number() over (partition by key order by created_at) = 1"
        ).fetchall()
    return int(taken)


def exported_rows(source: Path) -> Iterator[pa.Table]:
    """The rows of the file, each checked. Arrow reads the file that is named: DuckDB would read `*` and `[` as patterns."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    row = 1
    try:
        with pq.ParquetFile(source) as file:
            answer_rows.check_columns(file.schema_arrow)
            for batch in file.iter_batches(_BATCH):
                yield answer_rows.checked(batch, row)
                row += len(batch)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise _no_export(source, str(error).splitlines()[0] if str(error) else type(error).__name__) from None


def _no_export(source: Path, why: str) -> ConfigurationError:
    return ConfigurationError(f"{str(source)!r} was not written by dbt-ai store export: {why}")


def require_file(path: Path) -> None:
    """What is not a regular file, such as a pipe, may keep a reader waiting for ever."""
    if not path.is_file():
        raise ConfigurationError(f"{str(path)!r} is not a file; give the name of a Parquet file")


def _expression(where: str) -> str:
    """One SQL expression as DuckDB reads it. Raises ConfigurationError for more than one, or for another statement."""
    import duckdb

    try:
        return str(duckdb.SQLExpression(where))
    except duckdb.Error as error:
        raise ConfigurationError(f"--where cannot be read: {_first_line(error)}; give one SQL condition, as value like '%x%'") from None


def _count(connection: duckdb.DuckDBPyConnection, sql: str, which: Condition) -> int:
    import duckdb

    try:
        [(found,)] = connection.execute(sql, list(which.values)).fetchall()
    except (duckdb.ProgrammingError, duckdb.DataError, duckdb.NotSupportedError) as error:
        raise ConfigurationError(f"--where cannot be read: {_first_line(error)}") from None
    return int(found)


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]
