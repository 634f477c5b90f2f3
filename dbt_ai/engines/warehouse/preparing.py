"""Makes the tables of a store in a warehouse where they are missing, and brings those of an earlier version up to date."""

from __future__ import annotations

from collections.abc import Sequence

from dbt_common.exceptions import DbtBaseException

from dbt_ai.engines.warehouse.columns import TABLES
from dbt_ai.engines.warehouse.table_place import TablePlace
from dbt_ai.errors import StoreError
from dbt_ai.store.schema import ADDED, RENAMED, VERSION, Column, Kind

# The first version that is brought to this one by new columns and new names of columns.
_ADDABLE = 3


class Preparation:
    """Looks at everything by one query; the rest is done where that one fails."""

    def __init__(self, place: TablePlace) -> None:
        self._place = place
        self._connection = place.connection
        self._dialect = place.dialect

    def run(self) -> None:
        """Make what is missing. Raises StoreError, in one sentence, if answers cannot be kept here."""
        schema = self._place.schema
        complete = self._runs(" union all ".join(self._counts(table, columns) for table, columns in TABLES.items()))
        if not complete:
            with self._place.errors(f"the role of this target must be allowed to create the schema {schema}, or somebody creates it once"):
                self._create_schema()
        with self._place.errors(f"grant usage and create on schema {schema} to the role of this target, which makes its tables once"):
            if not complete:
                for table, columns in TABLES.items():
                    self._create(table, columns)
                self._refuse_others()
            [(found,)] = self._connection.rows(f"select max(version) from {self._place.name('store_version')}")
            if found is None or _ADDABLE <= int(found) < VERSION:
                if found is not None:
                    self._rename_columns()
                    self._add_columns()
                with self._connection.transaction():
                    self._connection.execute(f"insert into {self._place.name('store_version')} values ({VERSION})")
                found = VERSION
        if int(found) != VERSION:
            raise StoreError(
                f"the answers in schema {schema} were written by another version of dbt_ai (store version {found}, this one reads"
                f" {VERSION}); install that version or point `schema` at a new place"
            )

    def _create_schema(self) -> None:
        adapter, relation = self._connection.adapter, self._place.relation()
        try:
            adapter.create_schema(relation)
        except DbtBaseException:
            if not adapter.check_schema_exists(relation.database, relation.schema):  # another process made it in this moment
                raise

    def _counts(self, table: str, columns: Sequence[Column]) -> str:
        """A query that runs where the table has these columns."""
        counted = " + ".join(f"count({self._dialect.column(column.name)})" for column in columns)
        return f"select {counted} from {self._place.name(table)} where 1 = 0"

    def _refuse_others(self) -> None:
        """Raises StoreError where somebody else has a table or a view of one of our names."""
        for table, columns in TABLES.items():
            always = [column for column in columns if column.name not in (*ADDED, *RENAMED.values())]
            if not self._runs(self._counts(table, always)):
                lacking = next((column.name for column in always if not self._has(table, column.name)), "…")
                raise StoreError(
                    f"{self._place.name(table)} is not a table of dbt_ai, since it has no column {lacking}, or it cannot be read by this"
                    " role; grant select on it, rename it, or let `schema` name another place"
                )

    def _has(self, table: str, column: str | None = None) -> bool:
        counted = self._dialect.column(column) if column else "*"
        return self._runs(f"select count({counted}) from {self._place.name(table)} where 1 = 0")

    def _runs(self, query: str) -> bool:
        try:
            list(self._connection.rows(query))
        except DbtBaseException:
            return False
        return True

    def _create(self, table: str, columns: Sequence[Column]) -> None:
        if self._has(table):
            return
        dialect = self._dialect
        written = [
            f"{dialect.column(column.name)} "
            + (f"{dialect.types[column.kind]} not null" if column.required and not dialect.after else self._optional(column))
            for column in columns
        ]
        if dialect.unique_keys and table in ("responses", "failures"):
            written.append(f"primary key ({dialect.column('key')})")
        try:
            with self._connection.transaction():
                self._connection.execute(f"create table {self._place.name(table)} ({', '.join(written)}){dialect.after}")
        except DbtBaseException:
            if not self._has(table):  # another process made it in this moment
                raise

    def _rename_columns(self) -> None:
        """Those of `usage` that an earlier version called otherwise."""
        usage = self._place.name("usage")
        for old, new in RENAMED.items():
            if not self._has("usage", old):
                continue
            with self._place.errors(f"rename column {old} of {usage} to {new}, or drop the table"), self._connection.transaction():
                if self._dialect.name == "tsql":
                    self._connection.execute(f"exec sp_rename '{usage}.{old}', '{new}', 'COLUMN'")
                else:
                    self._connection.execute(f"alter table {usage} rename column {old} to {new}")

    def _add_columns(self) -> None:
        """Those that an earlier version did not have."""
        add = "add" if self._dialect.name == "tsql" else "add column"
        for table, columns in TABLES.items():
            for column in columns:
                if column.name in ADDED and not self._has(table, column.name):
                    written = f"{self._dialect.column(column.name)} {self._optional(column)}"
                    with self._connection.transaction():
                        self._connection.execute(f"alter table {self._place.name(table)} {add} {written}")

    def _optional(self, column: Column) -> str:
        type = self._dialect.types[column.kind]
        return type if column.required or column.kind is Kind.VECTOR else self._dialect.nullable.format(type)
