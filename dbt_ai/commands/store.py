"""`dbt-ai store`: look into a store, trim it, share it between databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dbt_ai.catalog import catalog_in_duckdb
from dbt_ai.commands.model_names import ModelNames
from dbt_ai.dbt_project import DbtOptions, read_target
from dbt_ai.errors import ConfigurationError, DbtAiError, StoreError
from dbt_ai.external_model import ExternalModel
from dbt_ai.outside_text import shown
from dbt_ai.project_names import NAMED_IN, named_in
from dbt_ai.store import maintenance
from dbt_ai.store.duckdb_file import open_file, problem
from dbt_ai.store.duckdb_tables import prepare
from dbt_ai.store.schema import Tables
from dbt_ai.yaml_values import instead

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True, slots=True)
class StorePlace:
    """A DuckDB file, and the schema in it that holds the answers. catalog: the file whose external models asked for them."""

    path: Path
    schema: str
    catalog: Path

    @property
    def tables(self) -> Tables:
        """The names of its tables."""
        return Tables(self.schema)

    @contextmanager
    def open(self, write: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
        """Raises ConfigurationError where there is no store, and StoreError for a file that is locked or damaged."""
        import duckdb

        if not self.path.is_file():
            missing = "is not a file" if self.path.exists() else "does not exist"
            raise ConfigurationError(f"database {str(self.path)!r} {missing}; run dbt once, or name the file with --database")
        try:
            with open_file(self.path, read_only=not write) as connection:
                self._require_answers(connection)
                if write:
                    prepare(connection, self.tables)
                yield connection
        except duckdb.Error as error:
            raise problem(self.path, error) from None

    @contextmanager
    def making(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Open it to write; what is not there yet is made, and is gone again if that was for nothing. Raises as `open` does."""
        import duckdb

        new = not self.path.exists()
        opened = open_file(self.path)  # else somebody else has it, who may just have made it
        try:
            with opened as connection:
                prepare(connection, self.tables)
                yield connection
        except (duckdb.Error, DbtAiError) as error:
            if new:
                self.path.unlink(missing_ok=True)
            raise (problem(self.path, error) if isinstance(error, duckdb.Error) else error) from None

    @contextmanager
    def open_current(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Open it to read what this version writes. Raises ConfigurationError too for a store of an earlier one."""
        with self.open() as connection:
            found = connection.execute(
                "select 1 from information_schema.columns where table_schema = ? and table_name = 'usage' and column_name = 'latency_p50'",
                [self.schema],
            ).fetchall()
            if not found:
                raise ConfigurationError(
                    f"the answers in {str(self.path)!r} were stored by an earlier version; run dbt once, which brings them up to date"
                )
            yield connection

    def external_models(self, connection: duckdb.DuckDBPyConnection) -> list[ExternalModel]:
        """The external models of the last runs. None if their database cannot be opened."""
        if self.catalog == self.path:
            return catalog_in_duckdb(connection.cursor, self.tables.place).external_models()
        try:
            with open_file(self.catalog, read_only=True) as other:
                return catalog_in_duckdb(other.cursor, self.tables.place).external_models()
        except StoreError:
            return []

    def _require_answers(self, connection: duckdb.DuckDBPyConnection) -> None:
        if not connection.execute(
            "select 1 from information_schema.tables where table_schema = ? and table_name = 'responses'", [self.schema]
        ).fetchall():
            raise ConfigurationError(
                f"database {str(self.path)!r} has no answers in schema {self.schema!r}: no run has asked anything, or it is another schema"
            )


@dataclass(frozen=True, slots=True)
class WarehousePlace:
    """The target of a project on a warehouse, which keeps the answers in tables of its own."""

    options: DbtOptions
    type: str

    def open(self, write: bool = False) -> Any:
        """Raises ConfigurationError: SQL reads and deletes what is kept there."""
        raise ConfigurationError(
            f"the target of the project in {self.options.project_folder} is {self.type}, which keeps answers in tables of its own:"
            " read and delete them there with SQL, or name a DuckDB file with --database"
        )

    def open_current(self) -> Any:
        """As `open`: a warehouse has no file."""
        return self.open()

    def export(self, target: Path) -> int:
        """Write every answer to a Parquet file. Returns how many."""
        from dbt_ai.engines.warehouse.transfer import exported

        return exported(self.options, target)

    def import_(self, source: Path) -> int:
        """Add the answers of a Parquet file. Returns how many are new."""
        from dbt_ai.engines.warehouse.transfer import imported

        return imported(self.options, source)


def find_store(options: DbtOptions) -> StorePlace | WarehousePlace:
    """The store of a dbt project's target. Raises ConfigurationError for a DuckDB that keeps none."""
    target = read_target(options)
    if target.type not in ("duckdb", "databend", "spark"):
        return WarehousePlace(options, target.type)
    if target.database is None or target.plugin is None:
        raise ConfigurationError(
            f"the target of the project in {options.project_folder} is {target.type} without the dbt_ai plugin;"
            " name the file with --database"
        )
    path = target.plugin.get("store") or target.database
    if path == ":memory:":
        raise ConfigurationError("the answers of this target are kept in memory and end with dbt; set `store` to a DuckDB file")
    folder = options.project_folder
    return StorePlace(folder / path, str(target.plugin.get("schema") or "dbt_ai"), catalog=folder / target.database)


def stats(store: StorePlace) -> str:
    """A table: one row for each node, model and function, with the names that `forget` and `prune` take."""
    with store.open() as connection:
        found = connection.execute(
            f"""select {NAMED_IN} as node, model, function, count(*)::bigint as answers,
                round(sum(coalesce(strlen(value), 4 * len(vector), 0)) / 1e6, 1)::varchar as megabytes,
                sum(input_tokens + output_tokens)::bigint as tokens,
                min(created_at)::date::varchar as first, max(created_at)::date::varchar as last, max(used_on)::varchar as used
                from {store.tables.responses} group by all order by answers desc, node, model, function"""
        )
        columns, rows = [column[0] for column in found.description or []], found.fetchall()
        names = ModelNames.of({row[1] for row in rows}, store.external_models(connection))
    return table(columns, [(node, names.shown(model), *rest) for node, model, *rest in rows])


def forget(
    store: StorePlace, agreed: Callable[[int], bool], *, node: str | None = None, model: str | None = None, where: str | None = None
) -> int:
    """Delete the answers for which all conditions hold, if the user agrees to their number."""
    with store.open(write=True) as connection:
        require_node(store, connection, node)
        which = maintenance.condition(node=node, models=_identities(store, connection, model), where=where)
        count = maintenance.count(connection, store.tables, which)
        return maintenance.delete(connection, store.tables, which) if count and agreed(count) else 0


def prune(store: StorePlace, *, older_than: int | None = None, unused: int | None = None, model: str | None = None) -> int:
    """Delete the answers for which all conditions hold. older_than, unused: days."""
    with store.open(write=True) as connection:
        which = maintenance.condition(models=_identities(store, connection, model), older_than=older_than, unused=unused)
        return maintenance.delete(connection, store.tables, which)


def export(store: StorePlace | WarehousePlace, target: Path) -> int:
    """Write every answer to a Parquet file."""
    if isinstance(store, WarehousePlace):
        return store.export(target)
    with store.open() as connection:
        return maintenance.export(connection, store.tables, target)


def import_(store: StorePlace | WarehousePlace, source: Path) -> int:
    """Take in the answers of an exported file that are not there. A database that is not there yet is made: the next run finds them."""
    if isinstance(store, WarehousePlace):
        return store.import_(source)
    with store.making() as connection:
        return maintenance.import_(connection, store.tables, source)


def require_node(store: StorePlace, connection: duckdb.DuckDBPyConnection, node: str | None) -> None:
    """Raises ConfigurationError with the nearest name if this node has paid for no answer that is stored."""
    if node is None:
        return
    stored = [id for (id,) in connection.execute(f"select distinct node from {store.tables.responses} where node is not null").fetchall()]
    names = sorted({named_in(id) for id in stored})
    if node not in (*stored, *names):
        raise ConfigurationError(f"no stored answer is of node {shown(repr(node))}; {shown(instead(node, names))}")


def table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Rows as a text table."""
    import agate

    printed = StringIO()
    # Names come from whoever filled the store, as by an import.
    agate.Table(
        [[None if cell is None else shown(str(cell)) for cell in row] for row in rows], list(columns), [agate.Text()] * len(columns)
    ).print_table(output=printed, max_rows=1000, max_columns=30, max_column_width=None)
    return printed.getvalue().rstrip("\n")


def _identities(store: StorePlace, connection: duckdb.DuckDBPyConnection, name: str | None) -> Sequence[str] | None:
    if name is None:
        return None
    stored = {model for (model,) in connection.execute(f"select distinct model from {store.tables.responses}").fetchall()}
    return ModelNames.of(stored, store.external_models(connection)).identities(name)
