"""Answers kept in one schema of a DuckDB database."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dbt_ai.errors import ConfigurationError
from dbt_ai.ledger import Usage
from dbt_ai.request import Delivery, Requests
from dbt_ai.store import responses, usage
from dbt_ai.store.answer_store import StoredAnswers
from dbt_ai.store.schema import RESPONSES, STORE_VERSION, USAGE, VERSION, Kind, Tables, column_list

if TYPE_CHECKING:
    import duckdb

# By default DuckDB compresses what is new into its file after every 16 MB of log, ten thousand vectors, and everybody waits for it.
CHECKPOINT_THRESHOLD = "128MB"

_TYPES = {
    Kind.BYTES: "blob",
    Kind.TEXT: "varchar",
    Kind.VECTOR: "float[]",
    Kind.INTEGER: "bigint",
    Kind.REAL: "double",
    Kind.MOMENT: "timestamptz",
    Kind.DAY: "date",
}


class DuckDBStore:
    """A Store in DuckDB.

    connect: opens a cursor of its own for each use, since answers must survive a rollback of the model's transaction
    and since dbt-duckdb closes the database between nodes when `keep_open` is false.
    """

    def __init__(self, connect: Callable[[], duckdb.DuckDBPyConnection], tables: Tables) -> None:
        self.tables = tables
        self._connect = connect
        self._ready = False
        self._creating = threading.Lock()
        self._writing = threading.Lock()

    def check(self) -> None:
        """Raises ConfigurationError if answers cannot be kept here."""
        self._cursor().close()

    def lookup(self, requests: Requests) -> Iterator[StoredAnswers]:
        """Find the answers to these requests; yields them in pieces, in any order."""
        call, keys = requests.call, requests.keys
        with self._cursor() as cursor:
            wanted = pa.table({"key": pa.array(keys, pa.binary()), "position": pa.array(np.arange(len(keys)))})
            cursor.register("dbt_ai_wanted", wanted)
            column = "vector" if call.embeds else "value"
            # The keys alone first: a join by key reads every stored vector, though most look-ups find a few rows, or none.
            found = (
                "with found as materialized"
                f" (select position, stored.rowid as place from {self.tables.responses} as stored join dbt_ai_wanted using (key))"
                f" select position, {column}, coalesce(input_tokens, 0), coalesce(output_tokens, 0), used_on < current_date"
                f" from {self.tables.responses} as stored join found on stored.rowid = found.place where {column} is not null"
            )
            stale = False
            for batch in _batches(cursor, found):
                stale = stale or bool(pc.any(batch.column(4)).as_py())
                yield from responses.stored_answers(call, batch)
            if stale:
                self._mark_used(cursor)

    def put(self, deliveries: Sequence[Delivery], node: str | None) -> None:
        """Commit these answers together. Failed positions are left out."""
        rows = responses.rows(deliveries, node)
        if rows is None:
            return
        with self._writing, self._cursor() as cursor:
            cursor.register("dbt_ai_answered", rows)
            cursor.execute(f"insert into {self.tables.responses} by name select * from dbt_ai_answered")

    def write_usage(self, invocation: str, usages: Sequence[Usage]) -> None:
        """Replace what `usage` says of this invocation."""
        if not usages:
            return
        with self._writing, self._cursor() as cursor:
            cursor.register("dbt_ai_used", usage.rows(invocation, usages))
            cursor.execute("begin")
            cursor.execute(f"delete from {self.tables.usage} where invocation_id = ?", [invocation])
            cursor.execute(f"insert into {self.tables.usage} by name select * from dbt_ai_used")
            cursor.execute("commit")

    def _mark_used(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Remember the day, for `dbt-ai store prune --unused`. The first use of a day writes, the others find it written."""
        stale = f"from {self.tables.responses} join dbt_ai_wanted using (key) where used_on < current_date"
        with self._writing:
            cursor.execute(f"update {self.tables.responses} set used_on = current_date where key in (select key {stale})")

    def _cursor(self) -> duckdb.DuckDBPyConnection:
        cursor = self._connect()
        # Two threads that create the same schema at once end in a write-write conflict in DuckDB's catalogue.
        with self._creating:
            if not self._ready:
                import duckdb

                try:
                    self._create(cursor)
                except duckdb.Error as error:
                    raise ConfigurationError(
                        f"plugin dbt_ai: answers cannot be kept in {self.tables.place} ({error});"
                        " set `store` to a DuckDB file that may be written"
                    ) from error
                self._ready = True
        return cursor

    def _create(self, cursor: duckdb.DuckDBPyConnection) -> None:
        tables = self.tables
        cursor.execute(f"create schema if not exists {tables.place}")
        for table, columns in ((tables.responses, RESPONSES), (tables.usage, USAGE), (tables.store_version, STORE_VERSION)):
            cursor.execute(f"create table if not exists {table} ({column_list(columns, _TYPES)})")
        cursor.execute(f"insert into {tables.store_version} select {VERSION} where not exists (from {tables.store_version})")
        # fetchall: DuckDB 2.0 refuses further work on a cursor whose result was not read to its end
        [(found,)] = cursor.execute(f"select max(version) from {tables.store_version}").fetchall()
        if found != VERSION:
            raise ConfigurationError(
                f"the answers in {tables.place} were written by another version of dbt_ai (store version {found},"
                f" this one reads {VERSION}); install that version or point `schema` at a new place"
            )


def _batches(cursor: duckdb.DuckDBPyConnection, sql: str) -> Iterator[pa.RecordBatch]:
    relation = cursor.sql(sql)
    # DuckDB renamed the method in 1.5 and dropped the old name in 2.0.
    reader = relation.to_arrow_reader() if hasattr(relation, "to_arrow_reader") else relation.fetch_record_batch()
    yield from reader
