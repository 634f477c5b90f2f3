"""Looking after the answers in a DuckDB database: deleting, exporting, importing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dbt_ai.errors import ConfigurationError
from dbt_ai.store import responses
from dbt_ai.store.schema import RESPONSES, Tables

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

# Rows of an imported file that are checked together.
_BATCH = 4096


def forget(
    connection: duckdb.DuckDBPyConnection, tables: Tables, *, node: str | None = None, model: str | None = None, where: str | None = None
) -> int:
    """Delete the answers that a node paid for, of a model, or that a SQL condition on `responses` holds for; all that are given."""
    conditions = [
        ("(node = ? or split_part(node, '.', 3) = ?)", [node, node]) if node else None,
        ("(model = ? or model::varchar like '%' || ? || '%')", [model, model]) if model else None,
        (f"({_expression(where)})", []) if where else None,
    ]
    return _delete(connection, tables, [condition for condition in conditions if condition])


def prune(
    connection: duckdb.DuckDBPyConnection,
    tables: Tables,
    *,
    older_than: int | None = None,
    unused: int | None = None,
    model: str | None = None,
) -> int:
    """Delete answers older than so many days, not used for so many days, of a model; all that are given."""
    conditions: list[tuple[str, list[Any]]] = []
    if older_than is not None:
        conditions.append(("created_at < now() - to_days(?)", [older_than]))
    if unused is not None:
        conditions.append(("used_on < current_date - ?::integer", [unused]))
    if model:
        conditions.append(("(model = ? or model like '%' || ? || '%')", [model, model]))
    return _delete(connection, tables, conditions)


def export(connection: duckdb.DuckDBPyConnection, tables: Tables, target: Path) -> int:
    """Write every answer to a Parquet file."""
    if target.exists():
        _require_file(target)
    columns = ", ".join(column.name for column in RESPONSES)
    [(count,)] = connection.execute(
        f"copy (select {columns} from {tables.responses} order by key) to ? (format parquet, compression zstd)", [str(target)]
    ).fetchall()
    return int(count)


def import_(connection: duckdb.DuckDBPyConnection, tables: Tables, source: Path) -> int:
    """Take in the answers of an exported file that are not there, all or none of them.

    Raises ConfigurationError for a file that is no export: it comes from outside, and is checked row by row.
    """
    _require_file(source)
    connection.execute(f"create or replace temp table dbt_ai_incoming as from {tables.responses} limit 0")
    with _transaction(connection):
        for batch in _batches(source):
            connection.register("dbt_ai_batch", batch)
            connection.execute("insert into dbt_ai_incoming by name select * from dbt_ai_batch")
        [(contradicted,)] = connection.execute(
            "select count(*) from (select key from dbt_ai_incoming group by key having count(distinct hash(value, vector)) > 1)"
        ).fetchall()
        if contradicted:
            raise _no_export(source, f"it has different answers to the same request, {contradicted:,} times")
        [(count,)] = connection.execute(
            f"insert into {tables.responses} by name from dbt_ai_incoming as new"
            f" where not exists (from {tables.responses} as old where old.key = new.key)"
            " qualify row_number() over (partition by key order by created_at) = 1"
        ).fetchall()
    return int(count)


def _batches(source: Path) -> Iterator[pa.Table]:
    """The rows of the file, each checked. Arrow reads the file that is named: DuckDB would read `*` and `[` as patterns."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    row = 1
    try:
        with pq.ParquetFile(source) as file:
            responses.check_columns(file.schema_arrow)
            for batch in file.iter_batches(_BATCH):
                yield responses.checked(batch, row)
                row += len(batch)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise _no_export(source, str(error).splitlines()[0] if str(error) else type(error).__name__) from None


def _no_export(source: Path, why: str) -> ConfigurationError:
    return ConfigurationError(f"{str(source)!r} is no file of dbt-ai store export: {why}")


def _require_file(path: Path) -> None:
    """What is no regular file, such as a pipe, may keep a reader waiting for ever."""
    if not path.is_file():
        raise ConfigurationError(f"{str(path)!r} is not a file; give the name of a Parquet file")


def _expression(where: str) -> str:
    """One SQL expression as DuckDB reads it. Raises ConfigurationError for more than one, or for another statement."""
    import duckdb

    try:
        return str(duckdb.SQLExpression(where))
    except duckdb.Error as error:
        raise ConfigurationError(f"--where cannot be read: {_first_line(error)}; give one SQL condition, as value like '%x%'") from None


def _delete(connection: duckdb.DuckDBPyConnection, tables: Tables, conditions: Sequence[tuple[str, list[Any]]]) -> int:
    import duckdb

    if not conditions:
        raise ConfigurationError("this would delete every answer; say which ones (--help lists how)")
    where = " and ".join(condition for condition, _ in conditions)
    try:
        [(count,)] = connection.execute(
            f"delete from {tables.responses} where {where}", [value for _, values in conditions for value in values]
        ).fetchall()
    except (duckdb.ProgrammingError, duckdb.DataError, duckdb.NotSupportedError) as error:
        raise ConfigurationError(f"--where cannot be read: {_first_line(error)}") from None
    return int(count)


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]


@contextmanager
def _transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    connection.execute("begin")
    try:
        yield
    except BaseException:
        connection.execute("rollback")
        raise
    connection.execute("commit")
