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
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from dbt_ai.budget import Used
from dbt_ai.call import Call
from dbt_ai.errors import StoreError
from dbt_ai.external_model import ExternalModel
from dbt_ai.keys import KEY_VERSION
from dbt_ai.ledger import Usage
from dbt_ai.outside_text import whole
from dbt_ai.request import Requests
from dbt_ai.response import Delivery
from dbt_ai.store import answer_rows, jobs, prompts, usage
from dbt_ai.store.answer_store import StoredAnswers
from dbt_ai.store.duckdb_tables import prepare, record_batches
from dbt_ai.store.schema import Tables, literal
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
        self._writing: threading.RLock | None = None
        self._older: dict[str, bool] = {}
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
            for stored in self._find(cursor, requests):
                missing[stored.positions] = False
                yield stored
            if missing.any() and self._has_older(cursor, requests.call.model):
                for stored in self._find_older(cursor, requests, np.flatnonzero(missing)):
                    missing[stored.positions] = False
                    yield stored
            if missing.any() and requests.call.output_limit is not None:
                yield from self._find_within_less(cursor, requests, np.flatnonzero(missing))

    def put(self, deliveries: Sequence[Delivery], node: str | None) -> None:
        """Commit these answers together, but for what is stored already. Failed positions are left out."""
        rows = answer_rows.rows(deliveries, node, self._keep_inputs)
        if rows is None:
            return
        with self._errors("kept"), self._cursor() as cursor, self._writer():
            self._insert(cursor, rows)

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

    def _find(self, cursor: duckdb.DuckDBPyConnection, requests: Requests) -> Iterator[StoredAnswers]:
        wanted = pa.table({"key": pa.array(requests.keys, pa.binary()), "position": pa.array(np.arange(len(requests.keys)))})
        cursor.register("dbt_ai_wanted", wanted)
        column = "vector" if requests.call.embeds else "value"
        # A vector of another length answers nothing: mock ones were shorter before the length of the real ones was known.
        length = f" and len(vector) = {int(requests.call.dimensions)}" if requests.call.embeds and requests.call.dimensions else ""
        # The keys alone first: a join by key reads every stored vector, though most look-ups find a few rows, or none.
        # min: whoever writes the table by hand may write a key twice. The first answer is the one that was used before.
        found = (
            "with found as materialized"
            f" (select position, min(stored.rowid) as place from {self.tables.responses} as stored join dbt_ai_wanted using (key)"
            f"{_of_weights(requests)} group by position)"
            f" select position, {column}, {', '.join(answer_rows.TOKENS)}, used_on < current_date, input is null"
            f" from {self.tables.responses} as stored join found on stored.rowid = found.place where {column} is not null{length}"
        )
        stale = lacks_input = False
        for batch in record_batches(cursor, found):
            stale = stale or bool(pc.any(batch.column(batch.num_columns - 2)).as_py())
            lacks_input = lacks_input or bool(pc.any(batch.column(batch.num_columns - 1)).as_py())
            yield from answer_rows.stored_answers(requests.call, batch)
        if stale:
            self._mark_used(cursor)
        if lacks_input and self._keep_inputs:
            self._add_inputs(cursor, requests)

    def _note_prompt(self, cursor: duckdb.DuckDBPyConnection, function: str) -> None:
        if function in self._noted:
            return
        with self._writer():
            said = prompts.note(cursor, self.tables, function)
        self._noted.add(function)
        if said:
            self._say(said)

    def _has_older(self, cursor: duckdb.DuckDBPyConnection, model: ExternalModel) -> bool:
        """Whether version 1 stored answers that can only be this model's. Says so where they may be another's."""
        called = self._version_1.identity(model)
        with self._lock:
            if called not in self._older:
                theirs = f"{self.tables.responses} where model = ? and key_version is null"
                [(count,)] = cursor.execute(f"select count(*) from {theirs}", [called]).fetchall()
                rivals = self._version_1.rivals(model) if count else []
                self._older[called] = bool(count) and not rivals
                if rivals:
                    self._say(
                        f"dbt_ai: {count:,} answers were stored before a port was part of a model's identity, and may be of"
                        f" {' or '.join([model.key_identity, *rivals])}; they are not used, and what a run needs of them is asked again"
                    )
            return self._older[called]

    def _find_older(self, cursor: duckdb.DuckDBPyConnection, requests: Requests, missing: NDArray[np.int64]) -> Iterator[StoredAnswers]:
        """Give what version 1 stored its key of today, and find it."""
        left = requests.subset(missing.tolist())
        renamed = pa.table({"old": pa.array(self._version_1.keys(left), pa.binary()), "new": pa.array(left.keys, pa.binary())})
        cursor.register("dbt_ai_renamed", renamed)
        with self._writer():
            taken = f"select new from dbt_ai_renamed join {self.tables.responses} on key = new"
            [(count,)] = cursor.execute(
                f"update {self.tables.responses} as stored set key = new, model = ?, key_version = {KEY_VERSION}"
                f" from dbt_ai_renamed where stored.key = old and stored.key_version is null and new not in ({taken})",
                [requests.stored_model],
            ).fetchall()
        if count:
            for stored in self._find(cursor, left):
                yield StoredAnswers(missing[stored.positions], stored.values, stored.tokens)

    def _find_within_less(
        self, cursor: duckdb.DuckDBPyConnection, requests: Requests, missing: NDArray[np.int64]
    ) -> Iterator[StoredAnswers]:
        """Store what was answered within smaller output limits as answers within this one too, and find it.

        Not what took as many tokens as it might: some servers do not say that they cut it off.
        """
        left = requests.subset(missing.tolist())
        copied = 0
        for limit in self._smaller_limits(cursor, requests.call):
            keys = pa.table(
                {"old": pa.array(left.call.within(limit).keys(left.inputs), pa.binary()), "new": pa.array(left.keys, pa.binary())}
            )
            cursor.register("dbt_ai_raised", keys)
            with self._writer():
                taken = f"select new from dbt_ai_raised join {self.tables.responses} on key = new"
                [(count,)] = cursor.execute(
                    f"insert into {self.tables.responses} by name"
                    f" select stored.* replace (new as key, {requests.call.output_limit} as output_limit)"
                    f" from {self.tables.responses} as stored join dbt_ai_raised on stored.key = old"
                    f" where stored.output_tokens < {limit} and new not in ({taken})"
                ).fetchall()
            copied += count
        if copied:
            for stored in self._find(cursor, left):
                yield StoredAnswers(missing[stored.positions], stored.values, stored.tokens)

    def _smaller_limits(self, cursor: duckdb.DuckDBPyConnection, call: Call) -> list[int]:
        """The output limits with which the same was asked that are smaller than the call's, the largest first."""
        found = cursor.execute(
            f"select distinct output_limit from {self.tables.responses} where limitless_call = ? and output_limit < ? order by 1 desc",
            [call.limitless_digest, call.output_limit],
        ).fetchall()
        return [limit for (limit,) in found]

    def _insert(self, cursor: duckdb.DuckDBPyConnection, rows: pa.Table) -> None:
        """The caller is the writer. Keys alone are compared first: mostly none is there, and then no other column is read."""
        cursor.register("dbt_ai_new", rows.select(["key"]))
        if cursor.execute(f"select 1 from {self.tables.responses} semi join dbt_ai_new using (key) limit 1").fetchall():
            rows = self._without_known(cursor, rows)
        if len(rows):
            cursor.register("dbt_ai_answered", rows)
            cursor.execute(f"insert into {self.tables.responses} by name select * from dbt_ai_answered")

    def _without_known(self, cursor: duckdb.DuckDBPyConnection, rows: pa.Table) -> pa.Table:
        """Those that are not stored. What a local model's other weights answered, and a vector of another length, makes room for them."""
        lengths = pc.list_value_length(rows.column("vector"))
        cursor.register("dbt_ai_new", rows.select(["key", "model"]).append_column("length", lengths))
        same = "stored.model = new.model and len(stored.vector) is not distinct from new.length"
        there = cursor.execute(
            f"select stored.key, {same} from {self.tables.responses} as stored join dbt_ai_new as new using (key)"
        ).fetchall()
        if not all(kept for _, kept in there):
            others = f"stored.key = new.key and not ({same})"
            cursor.execute(f"delete from {self.tables.responses} as stored using dbt_ai_new as new where {others}").fetchall()
        known = pa.array([key for key, kept in there if kept], pa.binary())
        return rows.filter(pc.invert(pc.is_in(rows.column("key"), known)))

    def _mark_used(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Remember the day, for `dbt-ai store prune --unused`. The first use of a day writes, the others find it written."""
        stale = f"from {self.tables.responses} join dbt_ai_wanted using (key) where used_on < current_date"
        with self._writer():
            cursor.execute(f"update {self.tables.responses} set used_on = current_date where key in (select key {stale})")

    def _add_inputs(self, cursor: duckdb.DuckDBPyConnection, requests: Requests) -> None:
        """Of answers that were stored before inputs were kept."""
        asked = pa.table({"key": pa.array(requests.keys, pa.binary()), "input": pa.array(map(whole, requests.inputs), pa.string())})
        cursor.register("dbt_ai_asked", asked)
        with self._writer():
            cursor.execute(
                f"update {self.tables.responses} as stored set input = dbt_ai_asked.input, prompt = ? from dbt_ai_asked"
                " where stored.key = dbt_ai_asked.key and stored.input is null",
                [answer_rows.prompt_of(requests.call)],
            ).fetchall()

    def _cursor(self) -> duckdb.DuckDBPyConnection:
        cursor = self._connect()
        with self._lock:
            if self._writing is None:
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
        self._older.clear()
        self._noted.clear()
        self._writing = writing

    def _writer(self) -> threading.RLock:
        assert self._writing is not None, "a cursor is opened first"
        return self._writing

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


def _of_weights(requests: Requests) -> str:
    return f" where stored.model = {literal(requests.stored_model)}" if requests.weights else ""
