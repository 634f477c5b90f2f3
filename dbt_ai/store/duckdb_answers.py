"""The table `responses` in DuckDB: answers that are found by their keys, and added."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dbt_ai.outside_text import whole
from dbt_ai.request import Requests
from dbt_ai.store import answer_rows
from dbt_ai.store.answer_store import StoredAnswers
from dbt_ai.store.duckdb_tables import record_batches
from dbt_ai.store.schema import Tables, literal

if TYPE_CHECKING:
    import duckdb


class DuckDBAnswers:
    """writer: held by whoever writes to this place. keep_inputs: keep what was asked, also beside answers that are found."""

    def __init__(self, tables: Tables, writer: threading.RLock, keep_inputs: bool) -> None:
        self.tables = tables
        self.writer = writer
        self._keep_inputs = keep_inputs

    def find(self, cursor: duckdb.DuckDBPyConnection, requests: Requests) -> Iterator[StoredAnswers]:
        """The answers under the keys of these requests, in pieces."""
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

    def insert(self, cursor: duckdb.DuckDBPyConnection, rows: pa.Table) -> None:
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
        with self.writer:
            cursor.execute(f"update {self.tables.responses} set used_on = current_date where key in (select key {stale})")

    def _add_inputs(self, cursor: duckdb.DuckDBPyConnection, requests: Requests) -> None:
        """Of answers that were stored before inputs were kept."""
        asked = pa.table({"key": pa.array(requests.keys, pa.binary()), "input": pa.array(map(whole, requests.inputs), pa.string())})
        cursor.register("dbt_ai_asked", asked)
        with self.writer:
            cursor.execute(
                f"update {self.tables.responses} as stored set input = dbt_ai_asked.input, prompt = ? from dbt_ai_asked"
                " where stored.key = dbt_ai_asked.key and stored.input is null",
                [answer_rows.prompt_of(requests.call)],
            ).fetchall()


def _of_weights(requests: Requests) -> str:
    return f" where stored.model = {literal(requests.stored_model)}" if requests.weights else ""
