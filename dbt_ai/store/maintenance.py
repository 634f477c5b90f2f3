"""Looking after the answers in a DuckDB database: deleting, exporting, importing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dbt_ai.errors import ConfigurationError
from dbt_ai.store.schema import Tables

if TYPE_CHECKING:
    import duckdb


def forget(
    connection: duckdb.DuckDBPyConnection, tables: Tables, *, node: str | None = None, model: str | None = None, where: str | None = None
) -> int:
    """Delete the answers that a node paid for, of a model, or that a SQL condition on `responses` holds for; all that are given."""
    conditions = [
        ("(node = ? or split_part(node, '.', 3) = ?)", [node, node]) if node else None,
        ("(model = ? or model::varchar like '%' || ? || '%')", [model, model]) if model else None,
        (f"({where})", []) if where else None,
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
    connection.execute(f"copy (select * from {tables.responses} order by key) to ? (format parquet, compression zstd)", [str(target)])
    return _count(connection, tables)


def import_(connection: duckdb.DuckDBPyConnection, tables: Tables, source: Path) -> int:
    """Take in the answers of an exported file that are not there. Raises ConfigurationError for another file."""
    import duckdb

    before = _count(connection, tables)
    try:
        connection.execute(
            f"insert into {tables.responses} by name select * from read_parquet(?) as new"
            f" where not exists (from {tables.responses} as old where old.key = new.key)",
            [str(source)],
        )
    except (duckdb.BinderException, duckdb.InvalidInputException, duckdb.ConstraintException) as error:
        raise ConfigurationError(f"{str(source)!r} is no file of dbt-ai store export: {str(error).splitlines()[0]}") from None
    return _count(connection, tables) - before


def _delete(connection: duckdb.DuckDBPyConnection, tables: Tables, conditions: Sequence[tuple[str, list[Any]]]) -> int:
    import duckdb

    if not conditions:
        raise ConfigurationError("this would delete every answer; say which ones (--help lists how)")
    where = " and ".join(condition for condition, _ in conditions)
    try:
        [(count,)] = connection.execute(
            f"delete from {tables.responses} where {where}", [value for _, values in conditions for value in values]
        ).fetchall()
    except (duckdb.ParserException, duckdb.BinderException) as error:
        raise ConfigurationError(f"--where cannot be read: {str(error).splitlines()[0]}") from None
    return int(count)


def _count(connection: duckdb.DuckDBPyConnection, tables: Tables) -> int:
    [(count,)] = connection.execute(f"select count(*) from {tables.responses}").fetchall()
    return int(count)
