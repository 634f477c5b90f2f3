"""The tables of a store in a warehouse: made where they are missing, and written without storing a key twice."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from dbt_common.exceptions import DbtBaseException

from dbt_ai.budget import Used
from dbt_ai.engines.warehouse.connection import FETCHED, WarehouseConnection
from dbt_ai.engines.warehouse.dialect import Dialect
from dbt_ai.engines.warehouse.postgres import PostgresConnection, is_conflict
from dbt_ai.errors import StoreError
from dbt_ai.store import usage
from dbt_ai.store.schema import (
    ADDED,
    EXTERNAL_MODELS,
    MOCK_RELATIONS,
    RENAMED,
    RESPONSES,
    STORE_VERSION,
    USAGE,
    VERSION,
    Column,
    Kind,
    arrow_schema,
)

# Why a request has no answer, until it has one.
FAILURES = (
    Column("key", Kind.BYTES),
    Column("message", Kind.TEXT),
    Column("node", Kind.TEXT, required=False),
    Column("failed_at", Kind.MOMENT),
)
# Jobs of batch APIs: see dbt_ai.engines.warehouse.jobs.
JOBS = (Column("name", Kind.TEXT), Column("part", Kind.INTEGER), Column("document", Kind.TEXT))
_TABLES = {
    "responses": RESPONSES,
    "failures": FAILURES,
    "usage": USAGE,
    "jobs": JOBS,
    "external_models": EXTERNAL_MODELS,
    "mock_relations": MOCK_RELATIONS,
    "store_version": STORE_VERSION,
}
# The first version that is brought to this one by new columns and new names of columns.
_ADDABLE = 3
# Rows of one COPY, whose bytes are in memory.
_COPIED = 4_000
# How often rows are brought in that other processes write in the same moment.
_ATTEMPTS = 5
# Characters of one insert, where rows come in by inserts.
_STATEMENT = 500_000
# Bytes of rows for which loading a file takes longer than an insert.
_FEW = 50_000


class WarehouseTables:
    """schema: as the user writes it. The tables are named as the macros name them."""

    def __init__(self, connection: WarehouseConnection, dialect: Dialect, schema: str) -> None:
        self.connection = connection
        self.dialect = dialect
        self.schema = schema

    def name(self, table: str) -> str:
        """One of our tables with its database and schema, quoted as the warehouse does."""
        return str(self._relation(table))

    def _relation(self, table: str | None = None) -> Any:
        """As the macros render it: quoted as the project says."""
        adapter = self.connection.adapter
        place = {"database": adapter.config.credentials.database, "schema": self.schema, "identifier": table}
        return adapter.Relation.create(**place, quote_policy=adapter.config.quoting)

    def prepare(self) -> None:
        """Make what is missing. Raises StoreError, in one sentence, if answers cannot be kept here."""
        with self.errors(f"the role of this target must be allowed to create the schema {self.schema}, or somebody creates it once"):
            if not self._runs(" union all ".join(f"select count(*) from {self.name(table)} where 1 = 0" for table in _TABLES)):
                self._create_schema()
                for table, columns in _TABLES.items():
                    self._create(table, columns)
            [(found,)] = self.connection.rows(f"select max(version) from {self.name('store_version')}")
            if found is None or _ADDABLE <= int(found) < VERSION:
                if found is not None:
                    self._rename_columns()
                    self._add_columns()
                with self.connection.transaction():
                    self.connection.execute(f"insert into {self.name('store_version')} values ({VERSION})")
                found = VERSION
        if int(found) != VERSION:
            raise StoreError(
                f"the answers in schema {self.schema} were written by another version of dbt_ai (store version {found}, this one reads"
                f" {VERSION}); install that version or point `schema` at a new place"
            )

    def check_write(self) -> None:
        """Write nothing, as answers are written. Raises StoreError for a database that is read-only, or a role that may not."""
        answers = self.name("responses")
        with self.errors("the role of this target must be allowed to write there"), self.connection.transaction():
            self.connection.execute(f"insert into {answers} select * from {answers} where 1 = 0")
            if not self.dialect.merges:
                self.connection.execute(f"delete from {answers} where 1 = 0")

    def _create_schema(self) -> None:
        adapter, relation = self.connection.adapter, self._relation()
        try:
            adapter.create_schema(relation)
        except DbtBaseException:
            if not adapter.check_schema_exists(relation.database, relation.schema):  # another process made it in this moment
                raise

    def _has(self, table: str, column: str | None = None) -> bool:
        counted = self.dialect.column(column) if column else "*"
        return self._runs(f"select count({counted}) from {self.name(table)} where 1 = 0")

    def _runs(self, query: str) -> bool:
        try:
            list(self.connection.rows(query))
        except DbtBaseException:
            return False
        return True

    def _create(self, table: str, columns: Sequence[Column]) -> None:
        if self._has(table):
            return
        dialect = self.dialect
        written = [
            f"{dialect.column(column.name)} "
            + (f"{dialect.types[column.kind]} not null" if column.required and not dialect.after else self._optional(column))
            for column in columns
        ]
        if dialect.unique_keys and table in ("responses", "failures"):
            written.append(f"primary key ({dialect.column('key')})")
        try:
            with self.connection.transaction():
                self.connection.execute(f"create table {self.name(table)} ({', '.join(written)}){dialect.after}")
        except DbtBaseException:
            if not self._has(table):  # another process made it in this moment
                raise

    def _rename_columns(self) -> None:
        """Those of `usage` that an earlier version called otherwise."""
        usage = self.name("usage")
        for old, new in RENAMED.items():
            if not self._has("usage", old):
                continue
            with self.errors(f"rename column {old} of {usage} to {new}, or drop the table"), self.connection.transaction():
                if self.dialect.name == "tsql":
                    self.connection.execute(f"exec sp_rename '{usage}.{old}', '{new}', 'COLUMN'")
                else:
                    self.connection.execute(f"alter table {usage} rename column {old} to {new}")

    def _add_columns(self) -> None:
        """Those that an earlier version did not have."""
        add = "add" if self.dialect.name == "tsql" else "add column"
        for table, columns in _TABLES.items():
            for column in columns:
                if column.name in ADDED and not self._has(table, column.name):
                    written = f"{self.dialect.column(column.name)} {self._optional(column)}"
                    with self.connection.transaction():
                        self.connection.execute(f"alter table {self.name(table)} {add} {written}")

    def _optional(self, column: Column) -> str:
        type = self.dialect.types[column.kind]
        return type if column.required or column.kind is Kind.VECTOR else self.dialect.nullable.format(type)

    def insert_answers(self, rows: pa.Table) -> None:
        """Add what is not there. What a local model's other weights answered is replaced."""
        if self.dialect.vectors is None:
            rows = _vectors_as_text(rows)
        with self.errors():
            self._insert("responses", RESPONSES, rows, others="model")

    def answers(self) -> Iterator[pa.Table]:
        """Every answer, some thousands at once."""
        schema, rows = arrow_schema(RESPONSES), []
        with self.errors():
            for row in self.connection.rows(f"select {self._columns(RESPONSES)} from {self.name('responses')}"):
                rows.append(row)
                if len(rows) == FETCHED:
                    yield self._answers(rows, schema)
                    rows = []
        if rows:
            yield self._answers(rows, schema)

    def count(self) -> int:
        """How many answers there are."""
        with self.errors():
            [(count,)] = self.connection.rows(f"select count(*) from {self.name('responses')}")
        return int(count)

    def _answers(self, rows: Sequence[Sequence[Any]], schema: pa.Schema) -> pa.Table:
        columns = dict(zip(schema.names, map(list, zip(*rows, strict=True)), strict=True))
        columns["key"] = list(map(_key, columns["key"]))
        if self.dialect.vectors is None:  # they are JSON in the place of a text
            embeds = [function == "ai_embed" for function in columns["function"]]
            columns["vector"] = [
                json.loads(value) if is_vector else None for value, is_vector in zip(columns["value"], embeds, strict=True)
            ]
            columns["value"] = [None if is_vector else value for value, is_vector in zip(columns["value"], embeds, strict=True)]
        # Where an array cannot be NULL, it is empty.
        columns["vector"] = [json.loads(vector) if isinstance(vector, str) else vector or None for vector in columns["vector"]]
        return pa.table([pa.array(columns[name], schema.field(name).type) for name in schema.names], schema)

    def insert_failures(self, rows: pa.Table) -> None:
        """Replace what is said of these keys."""
        with self.errors():
            self._insert("failures", FAILURES, rows, others="failed_at")

    def forget_failures(self) -> None:
        """Of requests that are answered by now."""
        key = self.dialect.column("key")
        with self.errors(), self.connection.transaction():
            self.connection.execute(f"delete from {self.name('failures')} where {key} in (select {key} from {self.name('responses')})")

    def read(self, table: str) -> list[Sequence[Any]]:
        """All rows of a small table, with its columns in their order."""
        with self.errors():
            return list(self.connection.rows(f"select {self._columns(_TABLES[table])} from {self.name(table)}"))

    def replace(self, table: str, where: str, rows: pa.Table | None = None) -> None:
        """Put these rows in the place of those of which the condition is true."""
        with self.errors(), self.connection.transaction():
            self.connection.execute(f"delete from {self.name(table)} where {where}")
            for values in _statements(self.dialect, _TABLES[table], rows) if rows is not None else ():
                self.connection.execute(f"insert into {self.name(table)} ({self._columns(_TABLES[table])}) {values}")

    def write_usage(self, invocation: str, rows: pa.Table) -> None:
        self.replace("usage", f"{self.dialect.column('invocation_id')} = {self.dialect.literal(invocation, Kind.TEXT)}", rows)

    def used_since(self, since: datetime, but: str) -> list[Used]:
        """What the table `usage` says of this time, but for one invocation."""
        column, literal = self.dialect.column, self.dialect.literal
        columns = ", ".join(map(column, usage.USED))
        when = f"{column('started_at')} >= {literal(since, Kind.MOMENT)} and {column('invocation_id')} <> {literal(but, Kind.TEXT)}"
        with self.errors():
            return [usage.read_used(row) for row in self.connection.rows(f"select {columns} from {self.name('usage')} where {when}")]

    def texts_of(self, keys: Sequence[bytes]) -> dict[bytes, str]:
        """The answers to these requests that are texts."""
        key, value = self.dialect.column("key"), self.dialect.column("value")
        wanted = ", ".join(map(self.dialect.key, keys))
        with self.errors():
            found = self.connection.rows(f"select {key}, {value} from {self.name('responses')} where {key} in ({wanted})")
            return {_key(stored): text for stored, text in found if text is not None}

    def _insert(self, table: str, columns: Sequence[Column], rows: pa.Table, others: str) -> None:
        """others: the column that tells a row with the same key from this one; such a row is replaced."""
        if isinstance(self.connection, PostgresConnection):
            self._copy(self.connection, table, columns, rows, others)
            return
        if rows.nbytes < _FEW:
            self._insert_selects(table, columns, _statements(self.dialect, columns, rows), others)
            return
        with self.connection.loaded(self.name(table), columns, rows) as loaded:
            self._insert_selects(table, columns, [loaded] if loaded else _statements(self.dialect, columns, rows), others)

    def _insert_selects(self, table: str, columns: Sequence[Column], selects: Iterable[str], others: str) -> None:
        for values in selects:
            with self.connection.transaction():
                for statement in self._inserts(table, columns, values, others):
                    self.connection.execute(statement)

    def _inserts(self, table: str, columns: Sequence[Column], values: str, others: str) -> Iterator[str]:
        """values: a select of the new rows."""
        name, key, other = self.name(table), self.dialect.column("key"), self.dialect.column(others)
        names = [self.dialect.column(column.name) for column in columns]
        listed, new = ", ".join(names), ", ".join(f"dbt_ai_new.{column}" for column in names)
        if self.dialect.merges:
            changed = ", ".join(f"{column} = dbt_ai_new.{column}" for column in names)
            yield (
                f"merge into {name} as dbt_ai_old using ({values}) as dbt_ai_new on dbt_ai_old.{key} = dbt_ai_new.{key}"
                f" when matched and dbt_ai_old.{other} <> dbt_ai_new.{other} then update set {changed}"
                f" when not matched then insert ({listed}) values ({new})"
            )
            return
        yield (
            f"delete from {name} where {key} in (select dbt_ai_new.{key} from ({values}) as dbt_ai_new"
            f" inner join {name} as dbt_ai_old on dbt_ai_old.{key} = dbt_ai_new.{key} where dbt_ai_old.{other} <> dbt_ai_new.{other})"
        )
        yield (
            f"insert into {name} ({listed}) select {new} from ({values}) as dbt_ai_new"
            f" where dbt_ai_new.{key} not in (select {key} from {name})"
        )

    def _copy(self, connection: PostgresConnection, table: str, columns: Sequence[Column], rows: pa.Table, others: str) -> None:
        """Straight into the table. Keys alone are compared first: mostly none is there, and no row is written twice."""
        name = self.name(table)
        compared = [column for column in columns if column.name in ("key", others)]
        for attempt in range(_ATTEMPTS):
            try:
                with connection.transaction():
                    connection.execute(f"create temp table dbt_ai_new on commit drop as select key, {others} from {name} where false")
                    connection.copy("dbt_ai_new", compared, rows)
                    connection.execute(
                        f"delete from {name} as old using dbt_ai_new as new where old.key = new.key and old.{others} <> new.{others}"
                    )
                    there = [key for (key,) in connection.fetched(f"select key from {name} join dbt_ai_new using (key)")]
                    new = rows.filter(pc.invert(pc.is_in(rows.column("key"), pa.array(map(bytes, there), pa.binary())))) if there else rows
                    for start in range(0, len(new), _COPIED):
                        connection.copy(name, columns, new.slice(start, _COPIED))
                return
            except DbtBaseException as error:
                if not is_conflict(error) or attempt == _ATTEMPTS - 1:
                    raise  # else another process wrote some of the keys in the same moment

    def _columns(self, columns: Sequence[Column]) -> str:
        return ", ".join(self.dialect.column(column.name) for column in columns)

    @contextmanager
    def errors(self, instead: str = "") -> Iterator[None]:
        """Whatever goes wrong in the warehouse is one sentence."""
        try:
            yield
        except DbtBaseException as error:
            said = " ".join(str(error).split())[:300]
            raise StoreError(f"answers cannot be kept in schema {self.schema} ({said}){f'; {instead}' if instead else ''}") from error


def _key(stored: Any) -> bytes:
    return bytes.fromhex(stored) if isinstance(stored, str) else bytes(stored)


def failure_rows(failed: dict[bytes, str], node: str | None, now: Any) -> pa.Table:
    """Rows for what has no answer.

    failed: key -> why.
    """
    count = len(failed)
    values = [list(failed), list(failed.values()), [node] * count, [now] * count]
    return pa.table(
        [pa.array(column, field.type) for column, field in zip(values, arrow_schema(FAILURES), strict=True)], arrow_schema(FAILURES)
    )


def _statements(dialect: Dialect, columns: Sequence[Column], rows: pa.Table) -> Iterator[str]:
    """The rows as selects, as many in one as a statement may hold."""
    selects: list[str] = []
    size = 0
    for row in rows.to_pylist():
        values = [dialect.literal(row[column.name], column.kind) for column in columns]
        names = [f" as {dialect.column(column.name)}" if not selects else "" for column in columns]
        selects.append("select " + ", ".join(value + name for value, name in zip(values, names, strict=True)))
        size += len(selects[-1])
        if size > _STATEMENT:
            yield " union all ".join(selects)
            selects, size = [], 0
    if selects:
        yield " union all ".join(selects)


def _vectors_as_text(rows: pa.Table) -> pa.Table:
    """Where there are no arrays of numbers, a vector is JSON in the place of a text."""
    vectors = rows.column("vector").to_pylist()
    texts = [
        value if vector is None else "[" + ",".join(map(repr, vector)) + "]"
        for value, vector in zip(rows.column("value").to_pylist(), vectors, strict=True)
    ]
    rows = rows.set_column(rows.schema.get_field_index("value"), "value", pa.array(texts, pa.string()))
    return rows.set_column(rows.schema.get_field_index("vector"), "vector", pa.nulls(len(rows), pa.list_(pa.float32())))
