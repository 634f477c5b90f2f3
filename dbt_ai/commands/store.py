"""`dbt-ai store`: look into a store, trim it, share it between databases."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dbt_ai.errors import ConfigurationError, DbtAiError

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True, slots=True)
class StorePlace:
    """A DuckDB file, and the schema in it that holds the answers."""

    path: Path
    schema: str

    @property
    def responses(self) -> str:
        quoted = self.schema.replace('"', '""')
        return f'"{quoted}".responses'

    @contextmanager
    def open(self, write: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
        """Raises ConfigurationError where there is no store, and says by whom a file is used that is locked."""
        import duckdb

        if not self.path.exists():
            raise ConfigurationError(f"database {str(self.path)!r} does not exist; run dbt once, or name the file with --database")
        try:
            connection = duckdb.connect(str(self.path), read_only=not write)
        except duckdb.IOException as error:
            holder = re.search(r"held in (.+?)\. ", str(error))
            by = f" by {holder[1]}" if holder else ""
            raise DbtAiError(
                f"database {str(self.path)!r} is in use{by}; DuckDB lets one process in, try again when it has ended"
            ) from None
        try:
            if not connection.execute(
                "select 1 from information_schema.tables where table_schema = ? and table_name = 'responses'", [self.schema]
            ).fetchall():
                raise ConfigurationError(f"database {str(self.path)!r} has no answers in schema {self.schema!r}; give --schema")
            yield connection
        finally:
            connection.close()


def find_store(project: Path, profiles: Path | None, target: str | None) -> StorePlace:
    """The store of a dbt project's DuckDB target. Raises ConfigurationError for another target or without the plugin."""
    from dbt_ai.engines.inspected_project import inspect
    from dbt_ai.settings import Settings

    inspected = inspect(project, profiles, target, None)
    if inspected.database is None or inspected.plugin is None:
        raise ConfigurationError(
            f"the target of the project in {project} is {inspected.target_type} without the dbt_ai plugin; name the file with --database"
        )
    settings = Settings.from_config(inspected.plugin)
    return StorePlace(project / (settings.store or inspected.database), settings.schema)


def stats(store: StorePlace) -> str:
    """A table: one row for each function and model."""
    with store.open() as connection:
        found = connection.execute(
            f"""select function, model, count(*)::bigint as answers,
                round(sum(coalesce(strlen(value), 4 * len(vector), 0)) / 1e6, 1)::varchar as megabytes,
                sum(input_tokens + output_tokens)::bigint as tokens,
                min(created_at)::date::varchar as first, max(created_at)::date::varchar as last, max(used_on)::varchar as used
                from {store.responses} group by all order by answers desc"""
        )
        return table([column[0] for column in found.description or []], found.fetchall())


def forget(store: StorePlace, *, node: str | None = None, model: str | None = None, where: str | None = None) -> int:
    """Delete the answers that a node paid for, of a model, or that a SQL condition on `responses` holds for; all that are given."""
    conditions = [
        ("(node = ? or split_part(node, '.', 3) = ?)", [node, node]) if node else None,
        ("(model = ? or model::varchar like '%' || ? || '%')", [model, model]) if model else None,
        (f"({where})", []) if where else None,
    ]
    return _delete(store, [condition for condition in conditions if condition])


def prune(store: StorePlace, *, older_than: int | None = None, unused: int | None = None, model: str | None = None) -> int:
    """Delete answers older than so many days, not used for so many days, of a model; all that are given."""
    conditions: list[tuple[str, list[Any]]] = []
    if older_than is not None:
        conditions.append(("created_at < now() - to_days(?)", [older_than]))
    if unused is not None:
        conditions.append(("used_on < current_date - ?::integer", [unused]))
    if model:
        conditions.append(("(model = ? or model like '%' || ? || '%')", [model, model]))
    return _delete(store, conditions)


def export(store: StorePlace, target: Path) -> int:
    """Write every answer to a Parquet file."""
    with store.open() as connection:
        connection.execute(f"copy (select * from {store.responses} order by key) to ? (format parquet, compression zstd)", [str(target)])
        return _count(connection, f"from {store.responses}")


def import_(store: StorePlace, source: Path) -> int:
    """Take in the answers of an exported file that the store does not have. Raises ConfigurationError for another file."""
    import duckdb

    with store.open(write=True) as connection:
        before = _count(connection, f"from {store.responses}")
        try:
            connection.execute(
                f"insert into {store.responses} by name select * from read_parquet(?) as new"
                f" where not exists (from {store.responses} as old where old.key = new.key)",
                [str(source)],
            )
        except (duckdb.BinderException, duckdb.InvalidInputException, duckdb.ConstraintException) as error:
            raise ConfigurationError(f"{str(source)!r} is no file of dbt-ai store export: {str(error).splitlines()[0]}") from None
        return _count(connection, f"from {store.responses}") - before


def table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Rows as a text table."""
    import agate

    shown = StringIO()
    agate.Table(
        [[None if cell is None else str(cell) for cell in row] for row in rows], list(columns), [agate.Text()] * len(columns)
    ).print_table(output=shown, max_rows=1000, max_columns=30, max_column_width=60)
    return shown.getvalue().rstrip("\n")


def _delete(store: StorePlace, conditions: Sequence[tuple[str, list[Any]]]) -> int:
    import duckdb

    if not conditions:
        raise ConfigurationError("this would delete every answer; say which ones (--help lists how)")
    where = " and ".join(condition for condition, _ in conditions)
    with store.open(write=True) as connection:
        try:
            [(count,)] = connection.execute(
                f"delete from {store.responses} where {where}", [value for _, values in conditions for value in values]
            ).fetchall()
        except (duckdb.ParserException, duckdb.BinderException) as error:
            raise ConfigurationError(f"--where cannot be read: {str(error).splitlines()[0]}") from None
    return int(count)


def _count(connection: duckdb.DuckDBPyConnection, source: str) -> int:
    [(count,)] = connection.execute(f"select count(*) {source}").fetchall()
    return int(count)
