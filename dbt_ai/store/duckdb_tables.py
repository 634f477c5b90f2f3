"""The tables of a store in DuckDB: made, brought to this version, and checked before anything is paid for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from dbt_ai.errors import StoreError
from dbt_ai.store.schema import (
    ADDED,
    JOBS,
    PROMPT_VERSIONS,
    RENAMED,
    RESPONSES,
    STORE_VERSION,
    USAGE,
    VERSION,
    Column,
    Kind,
    Tables,
    column_list,
)

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

_TYPES = {
    Kind.BYTES: "BLOB",
    Kind.TEXT: "VARCHAR",
    Kind.VECTOR: "FLOAT[]",
    Kind.INTEGER: "BIGINT",
    Kind.REAL: "DOUBLE",
    Kind.MOMENT: "TIMESTAMP WITH TIME ZONE",
    Kind.DAY: "DATE",
    Kind.FLAG: "BOOLEAN",
}


def prepare(cursor: duckdb.DuckDBPyConnection, tables: Tables) -> str:
    """Make what is missing, bring an older store to this version, check the shape and do a write.

    Returns what a user should know of it, mostly nothing. Raises StoreError if answers cannot be kept here.
    """
    cursor.execute(f"create schema if not exists {tables.place}")
    made = {
        tables.responses: RESPONSES,
        tables.usage: USAGE,
        tables.prompt_versions: PROMPT_VERSIONS,
        tables.jobs: JOBS,
        tables.store_version: STORE_VERSION,
    }
    for table, columns in made.items():
        cursor.execute(f"create table if not exists {table} ({column_list(columns, _TYPES)})")
    with transaction(cursor):  # a store that is refused stays as it was: the version that wrote it reads it
        # fetchall: DuckDB 2.0 refuses further work on a cursor whose result was not read to its end
        [(found,)] = cursor.execute(f"select max(version) from {tables.store_version}").fetchall()
        if found is not None and found > VERSION:
            raise StoreError(
                f"the answers in {tables.place} were written by another version of dbt_ai (store version {found},"
                f" this one reads {VERSION}); install that version or point `schema` at a new place"
            )
        doubles = _migrate(cursor, tables, found)
        _check_columns(cursor, tables, "responses", RESPONSES)
        _check_columns(cursor, tables, "usage", USAGE)
        _check_columns(cursor, tables, "jobs", JOBS)
        # Written each time: a file that cannot be written is found out now, not when the first answer arrives.
        cursor.execute(f"delete from {tables.store_version}")
        cursor.execute(f"insert into {tables.store_version} values ({VERSION})")
    return f"dbt_ai: {doubles:,} answers in {tables.place} that were stored twice are stored once" if doubles else ""


@contextmanager
def transaction(cursor: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """All of it or nothing."""
    cursor.execute("begin")
    try:
        yield
    except BaseException:
        cursor.execute("rollback")
        raise
    cursor.execute("commit")


def record_batches(cursor: duckdb.DuckDBPyConnection, sql: str) -> Iterator[pa.RecordBatch]:
    """What a query finds, a piece at a time."""
    relation = cursor.sql(sql)
    # DuckDB renamed the method in 1.5 and dropped the old name in 2.0.
    reader = relation.to_arrow_reader() if hasattr(relation, "to_arrow_reader") else relation.fetch_record_batch()
    yield from reader


def _columns(cursor: duckdb.DuckDBPyConnection, tables: Tables, table: str) -> dict[str, tuple[str, bool]]:
    """Name of a column -> its type, and whether an insert may leave it out."""
    named = "schema_name = ? and table_name = ? and database_name = coalesce(?, current_database())"
    rows = cursor.execute(
        f"select column_name, data_type, is_nullable, column_default from duckdb_columns() where {named}",
        [tables.schema, table, tables.database],
    ).fetchall()
    return {name: (type, nullable or default is not None) for name, type, nullable, default in rows}


def _check_columns(cursor: duckdb.DuckDBPyConnection, tables: Tables, table: str, columns: Sequence[Column]) -> None:
    there = _columns(cursor, tables, table)
    wrong = [
        f"{column.name} is {there[column.name][0] if column.name in there else 'missing'} and should be {_TYPES[column.kind]}"
        for column in columns
        if there.get(column.name, ("",))[0] != _TYPES[column.kind]
    ]
    known = {column.name for column in columns}
    wrong += [f"{name} is not known and may not be left out" for name, (_, optional) in there.items() if name not in known and not optional]
    if wrong:
        raise StoreError(
            f"answers cannot be kept in {tables.place}: of the columns of its table {table!r} {', '.join(wrong)};"
            " rename the table, and a new one is made, or point `schema` at a new place"
        )


def _migrate(cursor: duckdb.DuckDBPyConnection, tables: Tables, found: int | None) -> int:
    """Add what an older version did not have. The first did not see to it that a key stands there once: returns how many answers stood
    there again. A column is added whatever the version: it may have come between two releases."""
    for old in RENAMED.keys() & _columns(cursor, tables, "usage").keys():
        cursor.execute(f"alter table {tables.usage} rename column {old} to {RENAMED[old]}")
    for table, columns in (("responses", RESPONSES), ("usage", USAGE)):
        there = _columns(cursor, tables, table)
        for column in columns:
            if column.name in ADDED and column.name not in there:
                cursor.execute(f"alter table {tables.place}.{table} add column {column.name} {_TYPES[column.kind]}")
    return _remove_doubles(cursor, tables) if found == 1 else 0


def _remove_doubles(cursor: duckdb.DuckDBPyConnection, tables: Tables) -> int:
    """The first answer stays: it was the one that was used."""
    [(doubles,)] = cursor.execute(f"select count(*) - count(distinct key) from {tables.responses}").fetchall()
    if doubles:
        first = f"select min(rowid) from {tables.responses} group by key"
        cursor.execute(f"delete from {tables.responses} where rowid not in ({first})").fetchall()
    return int(doubles)
