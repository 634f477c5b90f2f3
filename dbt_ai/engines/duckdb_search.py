"""The SQL functions of an exact ai_search on DuckDB: a search is begun with queries, sees every row once, and ends with what was found.

dbt_ai_search_begin(query_vectors, query_ids, k, min_similarity, digest, node) -> BIGINT, the number of the search: NULL
                                              without queries, below 0 where it is remembered and no row has to be seen
dbt_ai_search_see[_n](search, vector, row) -> 1 for each row; n is the length of fixed-size vectors
dbt_ai_search_end(search, rows) -> STRUCT(query, "row", similarity)[]

Rows come as DuckDB scans them, 2,048 at once and from several threads: nothing gathers the vectors of the relation first. The sum of
what `see` answers is the argument of `end`, so that DuckDB ends a search after its last row.

The passes of a node's plan and the node itself search for the same among the same rows. `digest`, of the rows and their numbers, is
given in a plan: what a pass has found is remembered for what comes after it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from itertools import count
from typing import Any, TypeAlias

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dbt_ai.errors import ConfigurationError, PlanError
from dbt_ai.nearest import Nearest, Neighbours
from dbt_ai.plan import PassKind

Column: TypeAlias = Any  # pyarrow.ChunkedArray or Array; pyarrow ships no types
FOUND = 'STRUCT(query BIGINT, "row" BIGINT, similarity FLOAT)[]'


# Neighbours that are remembered at most, of all searches together: 20 bytes each.
REMEMBERED = 5_000_000


@dataclass(frozen=True, slots=True)
class _Search:
    """key: what it is remembered by, None where it is not. found: what was remembered of it."""

    nearest: Nearest
    ids: NDArray[np.int64]
    key: str | None
    found: Neighbours | None = None


class ExactSearches:
    """The searches that statements of one database have begun and not ended."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._numbers = count(1)
        self._searches: dict[int, _Search] = {}
        self._remembered: dict[str, Neighbours] = {}

    def register(self, connection: duckdb.DuckDBPyConnection, lengths: Iterable[int]) -> None:
        """Make the functions known. lengths: of the fixed-size vectors that have a function of their own."""
        create: Any = connection.create_function  # whose stubs differ between versions of duckdb
        how: dict[str, Any] = {"type": "arrow", "null_handling": "special", "side_effects": True}
        begin = ["FLOAT[][]", "BIGINT[]", "BIGINT", "DOUBLE", "VARCHAR", "VARCHAR"]
        create("dbt_ai_search_begin", self.begin, begin, "BIGINT", **how)
        create("dbt_ai_search_see", self.see, ["BIGINT", "FLOAT[]", "BIGINT"], "BIGINT", **how)
        for length in lengths:
            create(f"dbt_ai_search_see_{length}", self.see, ["BIGINT", f"FLOAT[{length}]", "BIGINT"], "BIGINT", **how)
        create("dbt_ai_search_end", self.end, ["BIGINT", "BIGINT"], FOUND, **how)

    def begin(self, vectors: Column, ids: Column, k: Column, min_similarity: Column, digest: Column, node: Column) -> pa.Array:
        """Every argument is a column of one row."""
        if not vectors[0].is_valid:
            return pa.nulls(1, pa.int64())
        queries, least = vectors_of(one_array(vectors).flatten()), min_similarity[0].as_py()
        key = None
        if digest[0].is_valid:
            of_queries = sha256(queries.tobytes()).hexdigest()
            key = f"{digest[0].as_py()} {of_queries} {queries.shape} {k[0].as_py()} {least}"
        nearest = Nearest(queries, k[0].as_py(), least)
        with self._lock:
            found = self._remembered.get(key) if key else None
            if not _in_a_pass(node):  # the last to search
                self._remembered.pop(key or "", None)
                key = None
            number = next(self._numbers) * (1 if found is None else -1)
            self._searches[number] = _Search(nearest, np.asarray(one_array(ids).flatten()), key, found)
        return pa.array([number], pa.int64())

    def see(self, search: Column, vectors: Column, rows: Column) -> pa.Array:
        """Compare some rows with the queries of a search. Raises ConfigurationError for vectors of another length."""
        nearest = self._searches[search[0].as_py()].nearest
        matrix = vectors_of(one_array(vectors))
        if matrix.shape[1] != nearest.width:
            raise ConfigurationError(
                f"ai_search: the vectors of the queries have {nearest.width} dimensions and those that are searched {matrix.shape[1]};"
                " give the external model that made these"
            )
        nearest.see(matrix, np.asarray(rows))
        return pa.array(np.ones(len(matrix), dtype=np.int64))

    def end(self, search: Column, rows: Column) -> pa.Array:
        """rows: how many were seen, NULL for none. Every argument is a column of one row."""
        number, seen = search[0].as_py(), rows[0].as_py() or 0
        if number is None:
            return pa.array([[]], pa.list_(pa.struct([("query", pa.int64()), ("row", pa.int64()), ("similarity", pa.float32())])))
        with self._lock:
            ended = self._searches.pop(number)
        found = ended.found or self._found(ended, seen)
        columns = [pa.array(ended.ids[found.queries]), pa.array(found.rows), pa.array(found.similarities)]
        neighbours = pa.StructArray.from_arrays(columns, names=["query", "row", "similarity"])
        return pa.ListArray.from_arrays(pa.array([0, len(neighbours)], pa.int32()), neighbours)

    def _found(self, ended: _Search, seen: int) -> Neighbours:
        nearest = ended.nearest
        if nearest.rows_seen != seen:
            raise PlanError(f"ai_search: {nearest.rows_seen} rows were compared and DuckDB counted {seen}; report this query")
        found = nearest.found()
        if ended.key and len(found.rows) <= REMEMBERED:
            with self._lock:
                self._remembered[ended.key] = found
                while sum(len(others.rows) for others in self._remembered.values()) > REMEMBERED:
                    del self._remembered[next(iter(self._remembered))]
        return found


def _in_a_pass(node: Column) -> bool:
    """node: "collect <node>" or "rehearse <node>" in a pass of a plan."""
    kind = (node[0].as_py() or "").partition(" ")[0]
    return any(kind == known.value for known in PassKind)


def vectors_of(lists: pa.Array) -> NDArray[np.float32]:
    """A column of vectors as a matrix, without a copy."""
    if pa.types.is_fixed_size_list(lists.type):
        fixed: NDArray[np.float32] = np.asarray(lists.flatten()).reshape(len(lists), lists.type.list_size)
        return fixed
    lengths = np.diff(np.asarray(lists.offsets))
    if len(lengths) and (lengths != lengths[0]).any():
        raise ConfigurationError(
            f"ai_search: a vector has {lengths.max()} dimensions and another {lengths.min()}; search vectors of one model"
        )
    matrix: NDArray[np.float32] = np.asarray(lists.flatten()).reshape(len(lists), int(lengths[0]) if len(lengths) else 0)
    return matrix


def one_array(column: Column) -> pa.Array:
    """A column that may come in chunks, in one piece."""
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
