"""The SQL functions of ai_chunk on DuckDB, for chunks that end in certain places or that are counted in tokens.

dbt_ai_chunks(text, cut) -> STRUCT(chunk, chunk_order, chunk_offset, chunk_length)[]      cut: the constant JSON that chunks.read_cut reads
dbt_ai_reads(call) -> VARCHAR      how many tokens the embedder of a call reads of a text, as JSON
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias

import pyarrow as pa

from dbt_ai.call import Call
from dbt_ai.chunks import chunks, read_cut
from dbt_ai.errors import ConfigurationError, DbtAiError
from dbt_ai.providers import provider_of
from dbt_ai.providers.base import Tokens

Column: TypeAlias = Any  # pyarrow.ChunkedArray or Array; pyarrow ships no types
CHUNKS = "dbt_ai_chunks"
RETURNS = "STRUCT(chunk VARCHAR, chunk_order BIGINT, chunk_offset BIGINT, chunk_length BIGINT)[]"


class ChunkFunctions:
    """The Python side. call: reads the JSON of a call, in the mode of this run."""

    def __init__(self, call: Callable[[str], Call]) -> None:
        self._call = call

    def chunks(self, text: Column, cut: Column) -> pa.Array:
        """The chunks of each text: none of a NULL or empty one."""
        how = read_cut(cut[0].as_py())
        texts: list[str] = [value or "" for value in text.to_pylist()]
        begins: Iterable[Sequence[int] | None] = [None] * len(texts)
        if how.call:
            begins = _tokens(self._call(how.call)).starts(texts)
        parts: list[tuple[str, int, int, int]] = []
        offsets = [0]
        for whole, tokens in zip(texts, begins, strict=True):
            for order, (start, end) in enumerate(chunks(whole, how, tokens), 1):
                parts.append((whole[start:end], order, start + 1, end - start))
            offsets.append(len(parts))
        types = {"chunk": pa.string(), "chunk_order": pa.int64(), "chunk_offset": pa.int64(), "chunk_length": pa.int64()}
        columns = [pa.array([part[at] for part in parts], type) for at, type in enumerate(types.values())]
        return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), pa.StructArray.from_arrays(columns, names=list(types)))

    def reads(self, calls: Column) -> pa.Array:
        """How many tokens of a text the model of each call reads, null where there is no limit; or an error."""
        return pa.array([json.dumps(self._reads(text)) for text in calls.to_pylist()])

    def _reads(self, call: str) -> dict[str, Any]:
        try:
            return {"reads": _tokens(self._call(call)).reads}
        except DbtAiError as error:
            return {"error": str(error)}


def _tokens(call: Call) -> Tokens:
    tokens = provider_of(call.model).tokens(call.model)
    if tokens is None:
        raise ConfigurationError(
            f"ai_chunk: external model {call.model.name!r} of api_format {call.model.api_format!r} has no tokenizer in this process; give"
            " chunk_size in characters, without tokens_of, or a local embedder"
        )
    return tokens
