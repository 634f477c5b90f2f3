"""Answers kept in one schema of a DuckDB database."""

from __future__ import annotations

import os
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np

from dbt_ai.budget import Used
from dbt_ai.errors import StoreError
from dbt_ai.ledger import Usage
from dbt_ai.request import Requests
from dbt_ai.response import Delivery
from dbt_ai.store import answer_rows, jobs, prompts, usage
from dbt_ai.store.answer_store import StoredAnswers
from dbt_ai.store.duckdb_answers import DuckDBAnswers
from dbt_ai.store.duckdb_tables import prepare
from dbt_ai.store.other_keys import OtherKeys
from dbt_ai.store.schema import Tables
from dbt_ai.store.version_1 import Version1

if TYPE_CHECKING:
    import duckdb

# By default DuckDB compresses what is new into its file after every 16 MB of log, ten thousand vectors, and everybody waits for it.
CHECKPOINT_THRESHOLD = "128MB"

# One writer for each place, of all the stores of this process: two that look for a key and then write it would both write it.
# Another process cannot: DuckDB lets one in. An index would see to it too, but it doubles what a commit takes and what keys take on disk.
_WRITERS: defaultdict[tuple[str, str], threading.RLock] = defaultdict(threading.RLock)


class DuckDBStore:
    """A Store in DuckDB. A key stands in it once.

    connect: opens a cursor of its own for each use, since answers must survive a rollback of the model's transaction
    and since dbt-duckdb closes the database between nodes when `keep_open` is false.
    version_1: tells whose answers are those that version 1 stored. say: shows a line to the user.
    keep_inputs: keep what was asked beside its answer, also beside those that are found.
    """

    def __init__(
        self,
        connect: Callable[[], duckdb.DuckDBPyConnection],
        tables: Tables,
        *,
        version_1: Version1 | None = None,
        say: Callable[[str], None] = lambda line: None,
        keep_inputs: bool = False,
    ) -> None:
        self.tables = tables
        self._connect = connect
        self._version_1 = version_1 or Version1()
        self._say = say
        self._keep_inputs = keep_inputs
        self._prepared: tuple[DuckDBAnswers, OtherKeys] | None = None
        self._noted: set[str] = set()
        self._lock = threading.Lock()

    def check(self) -> None:
        """Make the store ready, or bring it up to date. Raises StoreError if answers cannot be kept here."""
        with self._lock, self._errors("kept"), self._connect() as cursor:
            self._prepare(cursor)

    def lookup(self, requests: Requests) -> Iterator[StoredAnswers]:
        """Find the answers to these requests; yields them in pieces, in any order."""
        with self._errors("found"), self._cursor() as cursor:
            self._note_prompt(cursor, requests.call.function)
            missing = np.ones(len(requests.keys), dtype=np.bool_)
            answers, other_keys = self._made()
            for stored in answers.find(cursor, requests):
                missing[stored.positions] = False
                yield stored
            if missing.any():
                yield from other_keys.find(cursor, requests, missing)

    def put(self, deliveries: Sequence[Delivery], node: str | None) -> None:
        """Commit these answers together, but for what is stored already. Failed positions are left out."""
        rows = answer_rows.rows(deliveries, node, self._keep_inputs)
        if rows is None:
            return
        with self._errors("kept"), self._cursor() as cursor, self._writer():
            self._made()[0].insert(cursor, rows)

    def write_usage(self, invocation: str, usages: Sequence[Usage]) -> None:
        """Replace what `usage` says of this invocation."""
        if not usages:
            return
        with self._errors("kept"), self._cursor() as cursor, self._writer():
            cursor.register("dbt_ai_used", usage.rows(invocation, usages))
            cursor.execute("begin")
            cursor.execute(f"delete from {self.tables.usage} where invocation_id = ?", [invocation])
            cursor.execute(f"insert into {self.tables.usage} by name select * from dbt_ai_used")
            cursor.execute("commit")

    def used_since(self, since: datetime, but: str) -> list[Used]:
        """What the table `usage` says of this time, but for one invocation. Moments are read as UTC, which needs no other package."""
        columns = ", ".join("timezone('UTC', started_at)" if column == "started_at" else column for column in usage.USED)
        with self._errors("found"), self._cursor() as cursor:
            rows = cursor.execute(
                f"select {columns} from {self.tables.usage} where started_at >= ? and invocation_id <> ?", [since, but]
            ).fetchall()
        return list(map(usage.read_used, rows))

    def count(self) -> int:
        """How many answers there are. Creates nothing."""
        import duckdb

        with self._errors("found"), self._connect() as cursor:
            try:
                [(count,)] = cursor.execute(f"select count(*) from {self.tables.responses}").fetchall()
            except duckdb.CatalogException:
                return 0
        return int(count)

    def save_job(self, job: jobs.Job) -> None:
        with self._errors("kept"), self._cursor() as cursor, self._writer():
            jobs.save(cursor, self.tables, job)

    def forget_job(self, name: str) -> None:
        with self._errors("kept"), self._cursor() as cursor, self._writer():
            jobs.forget(cursor, self.tables, name)

    def open_jobs(self) -> list[jobs.Job]:
        with self._errors("found"), self._cursor() as cursor:
            return jobs.read(cursor, self.tables)

    def is_being_submitted(self, job: jobs.Job) -> bool:
        """Never: DuckDB lets one process in."""
        return False

    def _note_prompt(self, cursor: duckdb.DuckDBPyConnection, function: str) -> None:
        if function in self._noted:
            return
        with self._writer():
            said = prompts.note(cursor, self.tables, function)
        self._noted.add(function)
        if said:
            self._say(said)

    def _cursor(self) -> duckdb.DuckDBPyConnection:
        cursor = self._connect()
        with self._lock:
            if self._prepared is None:
                self._prepare(cursor)
        return cursor

    def _prepare(self, cursor: duckdb.DuckDBPyConnection) -> None:
        [(path,)] = cursor.execute(
            "select path from duckdb_databases() where database_name = coalesce(?, current_database())", [self.tables.database]
        ).fetchall()
        # A database in memory belongs to its connection, and so to this store.
        writing = _WRITERS[os.path.realpath(path) if path else str(id(self)), self.tables.schema]
        with writing:
            said = prepare(cursor, self.tables)
        if said:
            self._say(said)
        self._noted.clear()
        answers = DuckDBAnswers(self.tables, writing, self._keep_inputs)
        self._prepared = (answers, OtherKeys(answers, self._version_1, self._say))

    def _made(self) -> tuple[DuckDBAnswers, OtherKeys]:
        assert self._prepared is not None, "a cursor is opened first"
        return self._prepared

    def _writer(self) -> threading.RLock:
        return self._made()[0].writer

    @contextmanager
    def _errors(self, what: str) -> Iterator[None]:
        """Whatever goes wrong in the database is one sentence."""
        import duckdb

        try:
            yield
        except duckdb.Error as error:
            raise StoreError(
                f"plugin dbt_ai: answers cannot be {what} in {self.tables.place} ({str(error).splitlines()[0]});"
                " set `store` to a DuckDB file that may be written"
            ) from error
