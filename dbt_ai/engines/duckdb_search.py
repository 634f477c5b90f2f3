"""The SQL function of ai_search on DuckDB: blocks of vectors in, their nearest neighbours out.

dbt_ai_nearest(query_vectors, query_ids, block, vectors, ids, k, min_similarity) -> STRUCT(query, "row", similarity)[]

A row holds a block of queries, its number, and a block of the relation that is searched. The neighbours in all blocks of a call stand in
the first row with these queries, so that SQL has k candidates for each query and not k for each pair of blocks. The function keeps
nothing between calls.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dbt_ai.errors import ConfigurationError
from dbt_ai.nearest import nearest

Column: TypeAlias = Any  # pyarrow.ChunkedArray or Array; pyarrow ships no types
NEAREST = "dbt_ai_nearest"
ARGUMENTS = ["FLOAT[][]", "BIGINT[]", "BIGINT", "FLOAT[][]", "BIGINT[]", "BIGINT", "DOUBLE"]
RETURNS = 'STRUCT(query BIGINT, "row" BIGINT, similarity FLOAT)[]'


def nearest_of_blocks(
    query_vectors: Column, query_ids: Column, block: Column, vectors: Column, ids: Column, k: Column, min_similarity: Column
) -> pa.Array:
    """The function that DuckDB calls: the nearest vectors of each block, for each query."""
    numbers = np.asarray(block)
    starts = np.flatnonzero(np.diff(numbers, prepend=numbers[0] - 1))
    counts = np.zeros(len(numbers), dtype=np.int64)
    parts: list[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]] = []
    for start, end in zip(starts, [*starts[1:], len(numbers)], strict=True):
        queries, rows = _matrix(query_vectors[start : start + 1]), _matrix(vectors[start:end])
        if queries.shape[1] != rows.shape[1]:
            raise ConfigurationError(
                f"ai_search: the vectors of the queries have {queries.shape[1]} dimensions and those that are searched {rows.shape[1]};"
                " give the external model that made these"
            )
        found = nearest(queries, rows, k[0].as_py(), min_similarity[0].as_py())
        counts[start] = len(found.rows)
        parts.append((_values(query_ids[start : start + 1])[found.queries], _values(ids[start:end])[found.rows], found.similarities))
    columns = [np.concatenate(arrays) for arrays in zip(*parts, strict=True)]
    neighbours = pa.StructArray.from_arrays([pa.array(column) for column in columns], names=["query", "row", "similarity"])
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), neighbours)


def _matrix(blocks: Column) -> NDArray[np.float32]:
    """The vectors in some blocks, one after another, without a copy."""
    vectors = _flat(blocks)
    lengths = np.diff(np.asarray(vectors.offsets))
    if (lengths != lengths[0]).any():
        raise ConfigurationError(
            f"ai_search: a vector has {lengths.max()} dimensions and another {lengths.min()}; search vectors of one model"
        )
    matrix: NDArray[np.float32] = np.asarray(vectors.flatten()).reshape(len(vectors), int(lengths[0]))
    return matrix


def _values(blocks: Column) -> NDArray[np.int64]:
    return np.asarray(_flat(blocks))


def _flat(blocks: Column) -> pa.Array:
    return (blocks.combine_chunks() if isinstance(blocks, pa.ChunkedArray) else blocks).flatten()
