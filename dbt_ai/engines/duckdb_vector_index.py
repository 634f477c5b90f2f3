"""The SQL functions that make, keep and search the index of a column on DuckDB. macros: adapters/duckdb/ai_vector_index.sql, ai_search.sql.

dbt_ai_index_begin(specification, keys, rows, digest, shortest, longest, threads) -> JSON: {message, number} or {error}
dbt_ai_index_add(number, key, vector) -> 1 for each row
dbt_ai_index_end(number) -> JSON: {message} or {warning}
dbt_ai_index_search(specification, rows, digest, matching, query_vectors, query_ids, k, threads) -> STRUCT(query, key)[]
dbt_ai_index_forget(project, columns) -> BIGINT, how many were forgotten

An index that is up to date is begun and nothing more; `number` is NULL then. A search without an index that can be believed answers
nothing, and says why: SQL then compares every row.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dbt_ai.engines.duckdb_search import Column, one_array, vectors_of
from dbt_ai.errors import ConfigurationError, DbtAiError, StoreError
from dbt_ai.vector_index import Content, Graph, IndexOptions, IndexPlace, Manifest, require_usearch

# Of each neighbour that is wanted, this many candidates are taken: what is found by rounded vectors is ordered by exact ones.
CANDIDATES_FOR_EACH = 2
# With a filter that fewer rows fulfil than one in this many, comparing those is as quick as searching the graph for enough of them.
RAREST_FILTER = 10
LOOK_AT = 40
IN_MEMORY = (":memory:", "")


@dataclass(frozen=True, slots=True)
class Specification:
    """The index of one column, as the macros write it down."""

    relation: str
    column: str
    project: str
    model: str
    options: IndexOptions
    look_at: int

    @classmethod
    def read(cls, text: str) -> Specification:
        """What the macro _duckdb_index_specification has written."""
        known = json.loads(text)
        index = known["index"]
        options = IndexOptions(**{name: index[name] for name in ("m", "ef_construction") if name in index})
        return cls(known["relation"], index["column"], known["project"], known["model"], options, index.get("ef_search", LOOK_AT))

    def __str__(self) -> str:
        return f"{self.relation} ({self.column})"


@dataclass(slots=True)
class _Build:
    """An index that is being made. wanted: the keys that it lacks, in their order; done: which of them it has got."""

    specification: Specification
    place: IndexPlace
    manifest: Manifest
    graph: Graph
    verb: str
    wanted: NDArray[np.uint64]
    done: NDArray[np.bool_]
    threads: int
    lock: threading.Lock = field(default_factory=threading.Lock)
    began: float = field(default_factory=time.monotonic)


class VectorIndexes:
    """The indexes beside one database file."""

    def __init__(self, database: str, say: Callable[[str], None]) -> None:
        """database: path of the file. say: shows a sentence to the user."""
        self._folder = None if database in IN_MEMORY or "://" in database else Path(f"{database}.dbt_ai")
        self._say = say
        self._said: set[str] = set()
        self._lock = threading.Lock()
        self._numbers = count(1)
        self._builds: dict[int, _Build] = {}
        self._viewed: dict[Path, Graph] = {}

    def register(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Make the functions known."""
        create: Any = connection.create_function  # whose stubs differ between versions of duckdb
        how: dict[str, Any] = {"type": "arrow", "null_handling": "special", "side_effects": True}
        begin = ["VARCHAR", "UBIGINT[]", "BIGINT", "VARCHAR", "BIGINT", "BIGINT", "BIGINT"]
        create("dbt_ai_index_begin", self.begin, begin, "VARCHAR", **how)
        create("dbt_ai_index_add", self.add, ["BIGINT", "UBIGINT", "FLOAT[]"], "BIGINT", **how)
        create("dbt_ai_index_end", self.end, ["BIGINT"], "VARCHAR", **how)
        search = ["VARCHAR", "BIGINT", "VARCHAR", "BIGINT", "FLOAT[][]", "BIGINT[]", "BIGINT", "BIGINT"]
        create("dbt_ai_index_search", self.search, search, "STRUCT(query BIGINT, key UBIGINT)[]", **how)
        create("dbt_ai_index_forget", self.forget, ["VARCHAR", "VARCHAR"], "BIGINT", **how)

    def begin(
        self, specification: Column, keys: Column, rows: Column, digest: Column, shortest: Column, longest: Column, threads: Column
    ) -> pa.Array:
        """Find out what has to be done. Every argument is a column of one row."""
        lengths = shortest[0].as_py() or 0, longest[0].as_py() or 0
        content = Content(rows[0].as_py(), digest[0].as_py() or "0")
        try:
            wanted = _keys(one_array(keys).flatten())
            answer = self._begin(Specification.read(specification[0].as_py()), wanted, content, lengths, threads[0].as_py())
        except DbtAiError as error:
            answer = {"error": str(error)}
        return pa.array([json.dumps(answer)])

    def _begin(
        self, specification: Specification, keys: NDArray[np.uint64], content: Content, lengths: tuple[int, int], threads: int
    ) -> dict[str, Any]:
        require_usearch()
        if self._folder is None:
            return {"message": f"vector_index: the database is in memory, and {specification} has no index: every row is compared"}
        if not content.rows:
            return {"message": f"vector_index: {specification} has no vectors yet"}
        if lengths[0] != lengths[1]:
            raise ConfigurationError(
                f"vector_index: {specification} holds vectors of {lengths[0]} and of {lengths[1]} dimensions; an index has one length:"
                " build the model with --full-refresh"
            )
        place = IndexPlace(self._folder, specification.relation, specification.column)
        known, reason = self._usable(place, specification, lengths[0])
        if known and known.content == content:
            return {"message": f"vector_index: {specification} is kept, {known.vectors:,} vectors"}
        graph = Graph.made(lengths[0], specification.options)
        verb, wanted = f"made ({reason})", np.sort(keys)
        if known:
            before = Graph.opened(place.folder / known.file, known)
            new, gone = np.setdiff1d(keys, before.keys()), np.setdiff1d(before.keys(), keys)
            if 2 * (len(new) + len(gone)) <= len(keys):
                before.remove(gone)
                graph, wanted, verb = before, new, f"changed ({len(new):,} vectors added, {len(gone):,} removed)"
            else:
                verb = "made (most rows changed)"
        manifest = Manifest(
            specification.relation, specification.column, specification.project, specification.model, duckdb.__version__,
            specification.options, lengths[0], content, 0, "", 0, 0,
        )  # fmt: skip
        with self._lock:
            number = next(self._numbers)
            self._builds[number] = _Build(
                specification, place, manifest, graph, verb, wanted, np.zeros(len(wanted), dtype=np.bool_), threads
            )
        return {"number": number}

    def add(self, number: Column, keys: Column, vectors: Column) -> pa.Array:
        """Add the vectors of these rows that the index lacks."""
        build = self._builds[number[0].as_py()]
        values = _keys(keys)
        with build.lock:
            slots = np.minimum(np.searchsorted(build.wanted, values), len(build.wanted) - 1)
            lacking = np.flatnonzero((build.wanted[slots] == values) & ~build.done[slots]) if len(build.wanted) else np.empty(0, np.int64)
            _, first = np.unique(slots[lacking], return_index=True)
            chosen = lacking[first]
            if len(chosen):
                matrix = vectors_of(one_array(vectors))[chosen]
                found = _with_direction(matrix)
                build.graph.add(values[chosen][found], matrix[found], build.threads)
                build.done[slots[chosen]] = True
        return pa.array(np.ones(len(values), dtype=np.int64))

    def end(self, number: Column) -> pa.Array:
        """Write an index that has got everything. One that cannot be written is a warning: the rows of its model are right without it."""
        with self._lock:
            build = self._builds.pop(number[0].as_py())
        try:
            written = build.place.write(build.graph, build.manifest)
        except StoreError as error:
            return pa.array(
                [json.dumps({"warning": f"{error}; ai_search compares every row of {build.specification} until a run writes it"})]
            )
        message = (
            f"vector_index: {build.specification} is {build.verb}: {written.vectors:,} vectors of {written.dimensions} dimensions,"
            f" {written.size / 1e6:,.1f} MB, {time.monotonic() - build.began:,.1f} s"
        )
        return pa.array([json.dumps({"message": message})])

    def search(
        self,
        specification: Column,
        rows: Column,
        digest: Column,
        matching: Column,
        vectors: Column,
        ids: Column,
        k: Column,
        threads: Column,
    ) -> pa.Array:
        """Candidates for each query, nothing where the index cannot be believed. Every argument is a column of one row."""
        found: tuple[NDArray[np.int64], NDArray[np.uint64]] = (np.empty(0, np.int64), np.empty(0, np.uint64))
        if vectors[0].is_valid and rows[0].as_py():
            content = Content(rows[0].as_py(), digest[0].as_py())
            queries, wanted = vectors_of(one_array(vectors).flatten()), k[0].as_py() * CANDIDATES_FOR_EACH
            share = content.rows / max(matching[0].as_py(), 1)
            positions, keys = self._search(
                Specification.read(specification[0].as_py()), content, queries, int(wanted * share) + 1, share, threads[0].as_py()
            )
            found = np.asarray(one_array(ids).flatten())[positions], keys
        candidates = pa.StructArray.from_arrays([pa.array(found[0]), pa.array(found[1])], names=["query", "key"])
        return pa.ListArray.from_arrays(pa.array([0, len(candidates)], pa.int32()), candidates)

    def _search(
        self, specification: Specification, content: Content, queries: NDArray[np.float32], wanted: int, share: float, threads: int
    ) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
        graph, reason = self._graph(specification, content, queries.shape[1])
        if graph is not None and share > RAREST_FILTER:
            graph, reason = None, f"fewer than one in {RAREST_FILTER} fulfils `where`"
        if graph is None:
            self._say_once(f"ai_search: every row of {specification} is compared, its index is not used: {reason}")
            return np.empty(0, np.int64), np.empty(0, np.uint64)
        self._say_once(f"ai_search: {specification} is searched by its index")
        asked = _with_direction(queries)
        positions, keys = graph.nearest(queries[asked], wanted, specification.look_at, threads)
        return asked[positions], keys

    def _graph(self, specification: Specification, content: Content, dimensions: int) -> tuple[Graph | None, str]:
        """The graph of an index that is up to date, or why there is none."""
        try:
            require_usearch()
        except ConfigurationError as error:
            return None, str(error)
        if self._folder is None:
            return None, "the database is in memory"
        place = IndexPlace(self._folder, specification.relation, specification.column)
        manifest, reason = place.read(), "there is none yet"
        if manifest is None:
            return None, reason
        if manifest.dimensions != dimensions:
            return None, f"its vectors have {manifest.dimensions} dimensions and those of the queries {dimensions}"
        if manifest.content != content or manifest.engine != duckdb.__version__:
            return None, f"it was made of other rows; run {specification.model}"
        file = place.folder / manifest.file
        with self._lock:
            graph = self._viewed.get(file)
            if graph is None:
                if place.whole(manifest) is None:
                    return None, f"its file is damaged; run {specification.model}"
                graph = Graph.viewed(file)
                if graph is None:
                    return None, f"this version of usearch cannot read its file; run {specification.model}"
                self._viewed[file] = graph
            return graph, ""

    def _usable(self, place: IndexPlace, specification: Specification, dimensions: int) -> tuple[Manifest | None, str]:
        """The manifest of an index that can be kept or added to, or why there is none."""
        manifest = place.read()
        if manifest is None:
            return None, "its manifest was damaged" if os.path.exists(place.manifest) else "there was none"
        if manifest.options != specification.options:
            return None, "its options changed"
        if manifest.dimensions != dimensions:
            return None, f"its vectors had {manifest.dimensions} dimensions"
        if manifest.engine != duckdb.__version__:
            return None, "DuckDB is of another version"
        file = place.whole(manifest)
        if file is None:
            return None, "its file was damaged"
        return (None, "this version of usearch cannot read its file") if Graph.viewed(file) is None else (manifest, "")

    def forget(self, project: Column, columns: Column) -> pa.Array:
        """Remove the indexes of models of a project that ask for none any more. columns: unique_id of a model -> its column, as JSON."""
        kept, forgotten = json.loads(columns[0].as_py()), 0
        for path in sorted(self._folder.glob("*.json")) if self._folder and self._folder.is_dir() else ():
            manifest = Manifest.read(path)
            if manifest and manifest.project == project[0].as_py() and kept.get(manifest.model) != manifest.column:
                try:
                    IndexPlace(path.parent, manifest.relation, manifest.column).forget()
                except StoreError as error:
                    self._say(str(error))
                    continue
                self._say(f"vector_index: {manifest.relation} ({manifest.column}) has no model that asks for it, and is forgotten")
                forgotten += 1
        return pa.array([forgotten], pa.int64())

    def _say_once(self, sentence: str) -> None:
        with self._lock:
            if sentence in self._said:
                return
            self._said.add(sentence)
        self._say(sentence)


def _with_direction(vectors: NDArray[np.float32]) -> NDArray[np.int64]:
    """The positions of vectors that can have a neighbour: not zeros, and all numbers."""
    return np.flatnonzero(np.isfinite(vectors).all(axis=1) & vectors.any(axis=1))


def _keys(column: Column) -> NDArray[np.uint64]:
    keys: NDArray[np.uint64] = np.asarray(one_array(column)).astype(np.uint64, copy=False)
    return keys
