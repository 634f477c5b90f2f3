"""Answers that were paid for, kept in DuckDB: written as they arrive, found again by the content of the request."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from dbt_ai.errors import ConfigurationError
from dbt_ai.ledger import Usage
from dbt_ai.request import Call, Delivery, TokenCount

if TYPE_CHECKING:
    import duckdb

# By default DuckDB compresses what is new into its file after every 16 MB of log, ten thousand vectors, and everybody waits for it.
CHECKPOINT_THRESHOLD = "128MB"
# Raise it with a migration in `_create`: a store of another version is never read as if it were this one.
SCHEMA_VERSION = 1

COLUMNS = """
    key blob not null,
    function varchar not null,
    model varchar not null,
    value varchar,
    vector float[],
    input_tokens double,
    output_tokens double,
    created_at timestamptz not null,
    used_on date not null,
    node varchar
"""


USAGE_COLUMNS = """
    invocation_id varchar not null,
    node varchar not null,
    external_model varchar not null,
    model varchar not null,
    requests bigint not null,
    distinct_requests bigint not null,
    from_store bigint not null,
    executed bigint not null,
    failed bigint not null,
    refused bigint not null,
    broken bigint not null,
    retried bigint not null,
    truncated bigint not null,
    input_tokens bigint not null,
    output_tokens bigint not null,
    cost_usd double,
    saved_usd double,
    started_at timestamptz not null,
    seconds double not null
"""


@dataclass(frozen=True, slots=True)
class StoredAnswers:
    """Answers found in the store: values[i] belongs to keys[positions[i]] of the look-up; tokens is what they took when asked."""

    positions: NDArray[np.int64]
    values: NDArray[np.float32] | Sequence[str]
    tokens: TokenCount


class Store:
    """The table `responses` in one schema of one DuckDB database.

    connect: opens a cursor of its own for each use, since answers must survive a rollback of the model's transaction
    and since dbt-duckdb closes the database between nodes when `keep_open` is false.
    place: the schema, quoted and qualified with its database.
    """

    def __init__(self, connect: Callable[[], duckdb.DuckDBPyConnection], place: str) -> None:
        self._connect = connect
        self._place = place
        self._ready = False
        self._creating = threading.Lock()
        self._writing = threading.Lock()

    @property
    def table(self) -> str:
        return f"{self._place}.responses"

    def lookup(self, call: Call, keys: Sequence[bytes]) -> Iterator[StoredAnswers]:
        """Find the answers to these keys; yields them in pieces, in any order."""
        with self._cursor() as cursor:
            wanted = pa.table({"key": pa.array(keys, pa.binary()), "position": pa.array(np.arange(len(keys)))})
            cursor.register("dbt_ai_wanted", wanted)
            column = "vector" if call.embeds else "value"
            # The keys alone first: a join by key reads every stored vector, though most look-ups find a few rows, or none.
            found = (
                "with found as materialized"
                f" (select position, stored.rowid as place from {self.table} as stored join dbt_ai_wanted using (key))"
                f" select position, {column}, coalesce(input_tokens, 0), coalesce(output_tokens, 0), used_on < current_date"
                f" from {self.table} as stored join found on stored.rowid = found.place where {column} is not null"
            )
            stale = False
            for batch in _batches(cursor, found):
                positions = batch.column(0).to_numpy(zero_copy_only=False)
                tokens = TokenCount(*(round(pc.sum(batch.column(index)).as_py() or 0) for index in (2, 3)))
                stale = stale or bool(pc.any(batch.column(4)).as_py())
                if call.embeds:
                    yield from _vectors(call, positions, batch.column(1), tokens)
                else:
                    yield StoredAnswers(positions, batch.column(1).to_pylist(), tokens)
            if stale:
                self._mark_used(cursor)

    def put(self, deliveries: Sequence[Delivery], node: str | None) -> None:
        """Commit these batches together. Failed positions are left out: a failure is never an answer."""
        by_call: dict[Call, list[Delivery]] = {}
        for part in deliveries:
            by_call.setdefault(part.requests.call, []).append(part)
        rows = pa.concat_tables([_rows(call, parts, node) for call, parts in by_call.items()]) if by_call else ()
        if not len(rows):
            return
        with self._writing, self._cursor() as cursor:
            cursor.register("dbt_ai_answered", rows)
            cursor.execute(f"insert into {self.table} by name select * from dbt_ai_answered")

    def write_usage(self, invocation: str, usages: Sequence[Usage]) -> None:
        """Replace what `usage` says of this invocation."""
        if not usages:
            return
        with self._writing, self._cursor() as cursor:
            cursor.execute("begin")
            cursor.execute(f"delete from {self._place}.usage where invocation_id = ?", [invocation])
            cursor.executemany(
                f"insert into {self._place}.usage values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, to_timestamp(?), ?)",
                [_usage_row(invocation, usage) for usage in usages],
            )
            cursor.execute("commit")

    def _mark_used(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Remember the day, for `dbt-ai store prune --unused`. The first use of a day writes, the others find it written."""
        stale = f"from {self.table} join dbt_ai_wanted using (key) where used_on < current_date"
        with self._writing:
            cursor.execute(f"update {self.table} set used_on = current_date where key in (select key {stale})")

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
                        f"plugin dbt_ai: answers cannot be kept in {self._place} ({error});"
                        " set `store` to a DuckDB file that may be written"
                    ) from error
                self._ready = True
        return cursor

    def _create(self, cursor: duckdb.DuckDBPyConnection) -> None:
        cursor.execute(f"create schema if not exists {self._place}")
        cursor.execute(f"create table if not exists {self.table} ({COLUMNS})")
        cursor.execute(f"create table if not exists {self._place}.usage ({USAGE_COLUMNS})")
        cursor.execute(f"create table if not exists {self._place}.store_version (version integer)")
        cursor.execute(
            f"insert into {self._place}.store_version select {SCHEMA_VERSION} where not exists (from {self._place}.store_version)"
        )
        # fetchall: DuckDB 2.0 refuses further work on a cursor whose result was not read to its end
        [(found,)] = cursor.execute(f"select max(version) from {self._place}.store_version").fetchall()
        if found != SCHEMA_VERSION:
            raise ConfigurationError(
                f"the answers in {self._place} were written by another version of dbt_ai (store version {found},"
                f" this one reads {SCHEMA_VERSION}); install that version or point `schema` at a new place"
            )


def _batches(cursor: duckdb.DuckDBPyConnection, sql: str) -> Iterator[pa.RecordBatch]:
    relation = cursor.sql(sql)
    # DuckDB renamed the method in 1.5 and dropped the old name in 2.0.
    reader = relation.to_arrow_reader() if hasattr(relation, "to_arrow_reader") else relation.fetch_record_batch()
    yield from reader


def _usage_row(invocation: str, usage: Usage) -> list[Any]:
    return [
        invocation,
        usage.node,
        usage.external_model,
        usage.model,
        usage.requests,
        usage.distinct,
        usage.from_store,
        usage.executed,
        usage.failed,
        usage.refused,
        usage.broken,
        usage.retried,
        usage.truncated,
        usage.input_tokens,
        usage.output_tokens,
        usage.cost_usd,
        usage.saved_usd,
        usage.started,
        usage.seconds,
    ]


def _rows(call: Call, deliveries: Sequence[Delivery], node: str | None) -> Any:
    """The answers to one call as an Arrow table. One table for all: small ones cost more than what they hold."""
    keys: list[bytes] = []
    values: list[Any] = []
    tokens: list[tuple[float, float]] = []
    for part in deliveries:
        count, responses = len(part.positions), part.responses
        good = [index for index in range(count) if index not in responses.failures]
        keys += [part.requests.keys[part.positions[index]] for index in good]
        tokens += [(responses.tokens.input / count, responses.tokens.output / count)] * len(good)
        if not isinstance(responses.values, np.ndarray):
            values += [responses.values[index] for index in good]
        elif good:
            values.append(responses.values if len(good) == count else responses.values[good])
    count, now = len(keys), datetime.now(timezone.utc)
    texts, vectors = pa.nulls(count, pa.string()), pa.nulls(count, pa.list_(pa.float32()))
    if not call.embeds:
        texts = pa.array(values, pa.string())
    elif count:
        matrix = np.ascontiguousarray(np.concatenate(values), dtype=np.float32)
        offsets = np.arange(count + 1, dtype=np.int32) * matrix.shape[1]
        vectors = pa.ListArray.from_arrays(offsets, pa.array(matrix.ravel()))
    return pa.table(
        {
            "key": pa.array(keys, pa.binary()),
            "function": pa.repeat(call.function, count),
            "model": pa.repeat(call.model.key_identity, count),
            "value": texts,
            "vector": vectors,
            "input_tokens": pa.array([taken for taken, _ in tokens], pa.float64()),
            "output_tokens": pa.array([taken for _, taken in tokens], pa.float64()),
            "created_at": pa.repeat(pa.scalar(now, pa.timestamp("us", "UTC")), count),
            "used_on": pa.repeat(pa.scalar(now.date()), count),
            "node": pa.repeat(pa.scalar(node, pa.string()), count),
        }
    )


def _vectors(call: Call, positions: NDArray[np.int64], column: pa.ListArray, tokens: TokenCount) -> Iterator[StoredAnswers]:
    lengths = np.diff(column.offsets.to_numpy())
    if len(lengths) == 0:
        return
    width = int(lengths[0])
    if (lengths != width).any():
        raise ConfigurationError(
            f"external model {call.model.name!r}: the stored vectors have {sorted(set(lengths.tolist()))} dimensions;"
            " forget the wrong ones with dbt-ai store forget"
        )
    yield StoredAnswers(positions, column.flatten().to_numpy(zero_copy_only=False).reshape(-1, width), tokens)
