"""`dbt-ai store`: look into a store, trim it, share it between databases."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dbt_ai.dbt_project import DbtOptions, read_target
from dbt_ai.errors import ConfigurationError, StoreError
from dbt_ai.store import maintenance
from dbt_ai.store.duckdb_tables import prepare
from dbt_ai.store.schema import Tables

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True, slots=True)
class StorePlace:
    """A DuckDB file, and the schema in it that holds the answers."""

    path: Path
    schema: str

    @property
    def tables(self) -> Tables:
        return Tables(self.schema)

    @contextmanager
    def open(self, write: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
        """Raises ConfigurationError where there is no store, and says by whom a file is used that is locked."""
        import duckdb

        if not self.path.is_file():
            missing = "is not a file" if self.path.exists() else "does not exist"
            raise ConfigurationError(f"database {str(self.path)!r} {missing}; run dbt once, or name the file with --database")
        try:
            with duckdb.connect(str(self.path), read_only=not write) as connection:
                self._require_answers(connection)
                if write:
                    prepare(connection, self.tables)
                yield connection
        except duckdb.Error as error:
            raise StoreError(self._problem(str(error))) from None

    def _require_answers(self, connection: duckdb.DuckDBPyConnection) -> None:
        if not connection.execute(
            "select 1 from information_schema.tables where table_schema = ? and table_name = 'responses'", [self.schema]
        ).fetchall():
            raise ConfigurationError(f"database {str(self.path)!r} has no answers in schema {self.schema!r}; give --schema")

    def _problem(self, error: str) -> str:
        if "Could not set lock" not in error:
            return f"database {str(self.path)!r} cannot be used: {error.splitlines()[0]}"
        holder = re.search(r"held in (.+?)\. ", error)
        by = f" by {holder[1]}" if holder else ""
        return f"database {str(self.path)!r} is in use{by}; DuckDB lets one process in, try again when it has ended"


def find_store(options: DbtOptions) -> StorePlace:
    """The store of a dbt project's DuckDB target. Raises ConfigurationError for another target or without the plugin."""
    target = read_target(options)
    if target.database is None or target.plugin is None:
        raise ConfigurationError(
            f"the target of the project in {options.project_folder} is {target.type} without the dbt_ai plugin;"
            " name the file with --database"
        )
    path = target.plugin.get("store") or target.database
    return StorePlace(options.project_folder / path, str(target.plugin.get("schema") or "dbt_ai"))


def stats(store: StorePlace) -> str:
    """A table: one row for each function and model."""
    with store.open() as connection:
        found = connection.execute(
            f"""select function, model, count(*)::bigint as answers,
                round(sum(coalesce(strlen(value), 4 * len(vector), 0)) / 1e6, 1)::varchar as megabytes,
                sum(input_tokens + output_tokens)::bigint as tokens,
                min(created_at)::date::varchar as first, max(created_at)::date::varchar as last, max(used_on)::varchar as used
                from {store.tables.responses} group by all order by answers desc"""
        )
        return table([column[0] for column in found.description or []], found.fetchall())


def forget(store: StorePlace, **conditions: str | None) -> int:
    """Delete the answers that all conditions hold for: node, model, where."""
    with store.open(write=True) as connection:
        return maintenance.forget(connection, store.tables, **conditions)


def prune(store: StorePlace, **conditions: Any) -> int:
    """Delete the answers that all conditions hold for: older_than and unused in days, model."""
    with store.open(write=True) as connection:
        return maintenance.prune(connection, store.tables, **conditions)


def export(store: StorePlace, target: Path) -> int:
    """Write every answer to a Parquet file."""
    with store.open() as connection:
        return maintenance.export(connection, store.tables, target)


def import_(store: StorePlace, source: Path) -> int:
    """Take in the answers of an exported file that are not there."""
    with store.open(write=True) as connection:
        return maintenance.import_(connection, store.tables, source)


def table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Rows as a text table."""
    import agate

    shown = StringIO()
    agate.Table(
        [[None if cell is None else str(cell) for cell in row] for row in rows], list(columns), [agate.Text()] * len(columns)
    ).print_table(output=shown, max_rows=1000, max_columns=30, max_column_width=60)
    return shown.getvalue().rstrip("\n")
