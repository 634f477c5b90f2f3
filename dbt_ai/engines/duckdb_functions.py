"""The SQL functions that compiled models call on DuckDB.

dbt_ai_embed[_n](call, text, node) -> FLOAT[] or FLOAT[n]      dbt_ai_query(call, text, node) -> VARCHAR
dbt_ai_try_…(call, text, node) -> STRUCT(response, "errorStatus")

dbt_ai_search_… and dbt_ai_index_…, for ai_search: see duckdb_search.py and duckdb_vector_index.py. dbt_ai_chunks and dbt_ai_reads, for
ai_chunk: see duckdb_chunks.py.

call is the constant JSON that call_constant.parse_call reads; node is the running node, or "collect <node>" and "rehearse <node>" in a pass
of its plan. Declared without side effects, DuckDB folds constants, merges equal calls and prunes unused columns; what is asked
twice all the same is found in the store.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from itertools import compress
from typing import Any, TypeAlias

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dbt_ai.catalog import Catalog
from dbt_ai.conversation.conversation import typed
from dbt_ai.engines import duckdb_chunks
from dbt_ai.engines.arrow import raise_failures, vectors_column, with_errors
from dbt_ai.engines.catalog_actions import CatalogActions
from dbt_ai.engines.duckdb_catalog import CatalogFunction
from dbt_ai.engines.duckdb_search import ExactSearches
from dbt_ai.engines.duckdb_vector_index import VectorIndexes
from dbt_ai.errors import ConfigurationError, DbtAiError
from dbt_ai.known_answers import KnownAnswers
from dbt_ai.outside_text import shown
from dbt_ai.plan import PassKind
from dbt_ai.providers import mock, provider_of
from dbt_ai.response import Responses
from dbt_ai.return_type import parse_return_type
from dbt_ai.runtime import Runtime

# A function returns one type, and DuckDB takes a fixed-size array from Arrow twice as fast as a list that is cast to one:
# one function for each length that models have. Another length is a list and a cast.
LENGTHS = (8, 64, 96, 128, 192, 256, 300, 312, 320, 384, 512, 640, 768, 896, 1024, 1280, 1536, 1792, 2048, 2560, 3072, 4096)

# What functions other than those of text take.
_MODEL_TYPES = {"ai_embed": "EMBEDDINGS", "ai_decide": "DECISIONS or CHAT", "ai_rank": "RERANKING, DECISIONS or CHAT"}

# Starts the plan of a node: node, owner, SQL, options.
StartPlan: TypeAlias = Callable[[str, str, str, Mapping[str, Any]], None]
Column: TypeAlias = Any  # pyarrow.ChunkedArray or Array; pyarrow ships no types


def register(
    connection: duckdb.DuckDBPyConnection,
    runtime: Runtime,
    catalog: Catalog,
    start_plan: StartPlan,
    count_answers: Callable[[], int],
    indexes: VectorIndexes,
) -> None:
    """Register every function that compiled SQL calls, on dbt's connection. count_answers: how many are stored."""
    functions = Functions(runtime, start_plan)
    for prefix, returns in (("", "{}"), ("try_", 'STRUCT(response {}, "errorStatus" VARCHAR)')):
        tries = bool(prefix)
        _create(connection, f"dbt_ai_{prefix}query", functions.texts(tries), 3, returns.format("VARCHAR"))
        _create(connection, f"dbt_ai_{prefix}embed", functions.vectors(tries, None), 3, returns.format("FLOAT[]"))
        for length in LENGTHS:
            _create(connection, f"dbt_ai_{prefix}embed_{length}", functions.vectors(tries, length), 3, returns.format(f"FLOAT[{length}]"))
    actions = CatalogActions(catalog, runtime.credentials, runtime.settings.mode, runtime.named_settings(of_project=False))
    catalogue = CatalogFunction(actions, runtime.settings.mode, count_answers)
    _create(connection, "dbt_ai_catalog", catalogue, 2, "VARCHAR", side_effects=True)
    _create(connection, "dbt_ai_describe", functions.describe, 2, "VARCHAR")
    _create(connection, "dbt_ai_plan", functions.plan, 4, "BOOLEAN", side_effects=True)
    _create(connection, "dbt_ai_wait", functions.wait, 1, "VARCHAR", side_effects=True)
    _create(connection, "dbt_ai_counts", functions.counts, 1, "VARCHAR", side_effects=True)
    _create(connection, "dbt_ai_summary", functions.summary, 1, "VARCHAR", side_effects=True)
    chunking = duckdb_chunks.ChunkFunctions(runtime.call)
    _create(connection, duckdb_chunks.CHUNKS, chunking.chunks, 2, duckdb_chunks.RETURNS)
    _create(connection, "dbt_ai_reads", chunking.reads, 1, "VARCHAR")
    ExactSearches().register(connection, LENGTHS)
    indexes.register(connection)


def counting(sql: str) -> str:
    """The query that runs a node's SQL for a pass of its plan: its first column is the number of rows.

    any_value makes DuckDB compute every column of every row, since the row is its argument, and looks at the first only: a hash of
    the rows read each number of each vector. count(sought) will not do: from DuckDB 2.0 it computes nothing. The line break
    ends a comment that ends the model.
    """
    return f"select count(*), any_value(sought) from (\n{sql}\n) as sought"


def _create(
    connection: duckdb.DuckDBPyConnection, name: str, function: Any, arguments: int, returns: str, side_effects: bool = False
) -> None:
    """arguments: how many texts it takes."""
    # The stubs of duckdb 1.4 to 2.0 disagree on these arguments; all of them take the names of types.
    create: Any = connection.create_function
    create(name, function, ["VARCHAR"] * arguments, returns, type="arrow", null_handling="special", side_effects=side_effects)


@dataclass(frozen=True, slots=True)
class Resolved:
    """One vector of rows with their answers: slots in `answers`, -1 for a row without one."""

    answers: KnownAnswers
    texts: list[str | None]
    slots: NDArray[np.int64]
    rehearsing: bool


class Functions:
    """The Python side of each function, for one database."""

    def __init__(self, runtime: Runtime, start_plan: StartPlan) -> None:
        self._runtime = runtime
        self._start_plan = start_plan

    def texts(self, tries: bool) -> Any:
        """The function that answers texts. tries: give a failure as a value instead of raising it."""

        def respond(call: Column, text: Column, node: Column) -> pa.Array:
            resolved = self._resolve(call, text, node, tries)
            values = _texts(resolved)
            return with_errors(values, resolved.answers, resolved.texts) if tries else values

        return respond

    def vectors(self, tries: bool, length: int | None) -> Any:
        """The function that answers vectors. length: of each vector, None where it is not fixed."""

        def respond(call: Column, text: Column, node: Column) -> pa.Array:
            resolved = self._resolve(call, text, node, tries)
            values = _vectors(resolved, length)
            return with_errors(values, resolved.answers, resolved.texts) if tries else values

        return respond

    def describe(self, calls: Column, inputs: Column) -> pa.Array:
        """What a macro has to know of a call to compile it, as JSON: dimensions and the suffix of its function, the SQL type
        of its answer and whether that is read from JSON; or an error. inputs: what is asked, as SQL."""
        return pa.array([json.dumps(self._describe(*described)) for described in zip(calls.to_pylist(), inputs.to_pylist(), strict=True)])

    def plan(self, node: Column, owner: Column, sql: Column, options: Column) -> pa.Array:
        """Begin the plan of a node; every argument is a column of one row."""
        self._start_plan(node[0].as_py(), owner[0].as_py(), sql[0].as_py(), json.loads(options[0].as_py()))
        return pa.array([True])

    def wait(self, node: Column) -> pa.Array:
        """How the plan of a node is doing, as JSON, after a second at most."""
        progress = self._runtime.wait(node[0].as_py(), seconds=0.9)
        return pa.array([json.dumps(asdict(progress))])

    def counts(self, node: Column) -> pa.Array:
        """What a node has asked, in words and as figures, as JSON."""
        return pa.array([json.dumps(self._runtime.counts(node[0].as_py()))])

    def summary(self, invocation: Column) -> pa.Array:
        """The table of what this invocation asked; empty if it asked nothing."""
        return pa.array([self._runtime.summary()])

    def _resolve(self, call_column: Column, text_column: Column, node_column: Column, tries: bool) -> Resolved:
        texts: list[str | None] = text_column.to_pylist()
        runtime = self._runtime
        call = runtime.call(call_column[0].as_py())
        first, _, rest = (node_column[0].as_py() or "").partition(" ")
        kind, node = (PassKind(first), rest) if rest else (None, first)
        plan = runtime.plan_of(node)
        answers = plan.answers_to(call) if plan else KnownAnswers(call)
        slots = answers.find(texts)
        if (slots < 0).any():
            # A NULL asks nothing. It is removed afterwards: NULLs are few, and a test of each row costs more.
            asked: dict[Any, None] = dict.fromkeys(compress(texts, (slots < 0).tolist()))
            asked.pop(None, None)
            unknown: dict[str, None] = asked
            if unknown and kind:
                if plan:  # none yet while the contract of the node is checked
                    plan.note(call, unknown, strict=not tries)
            elif unknown:
                runtime.answer_now(call, unknown, answers, node or None)
                slots = answers.find(texts)
                if not tries:
                    raise_failures(answers, unknown, node or "this query")
        return Resolved(answers, texts, slots, rehearsing=kind is PassKind.REHEARSE)

    def _describe(self, text: str, asked: str) -> dict[str, Any]:
        try:
            call = self._runtime.call(text)
            _require_sql(call.function, asked)
            if (call.function == "ai_embed") != call.embeds:
                wanted = _MODEL_TYPES.get(call.function, "CHAT")
                raise ConfigurationError(
                    f"{call.function} needs an external model of model_type {wanted}; {call.model.name!r} is {call.model.model_type}"
                )
            model = replace(call.model, parameters=call.parameters)
            dimensions = call.dimensions or provider_of(model).dimensions(model) if call.embeds else None
        except DbtAiError as error:
            return {"error": str(error)}
        type = parse_return_type(call.return_type or "STRING")
        return {
            "dimensions": dimensions,
            "suffix": f"_{dimensions}" if dimensions in LENGTHS else "",
            "type": type.sql(),
            "nested": type.nested,
        }


def _require_sql(function: str, expression: str) -> None:
    """Raises ConfigurationError for a text that somebody wrote where SQL is wanted: within the SQL of a model nobody finds that."""
    try:
        duckdb.SQLExpression(f"coalesce(\n{expression}\n)")  # an argument, so that neither an alias nor a statement is one
    except duckdb.ParserException as error:
        where = str(error).splitlines()[0].partition(": ")[2]
        raise ConfigurationError(
            f"{function}: {shown(expression.strip(), 80)!r} is not a SQL expression ({where}); a text stands in quotes of its own, as in"
            " \"'Summarize: ' || body\""
        ) from None


def _texts(resolved: Resolved) -> pa.Array:
    known, call = resolved.answers.texts, resolved.answers.call
    values = [known[slot] if slot >= 0 else None for slot in resolved.slots]
    if resolved.rehearsing:
        for row in _rehearsed(resolved):
            values[row] = typed(call, Responses([mock.answer_text(call, resolved.texts[row] or "")])).values[0]
    return pa.array(values, pa.string())


def _vectors(resolved: Resolved, length: int | None) -> pa.Array:
    absent = resolved.slots < 0
    rehearsed = _rehearsed(resolved) if resolved.rehearsing else []
    if len(rehearsed) == len(absent):
        return _rehearsal(len(absent), resolved.answers.width or mock.DIMENSIONS, length)
    if absent.all() and not rehearsed:
        return _no_vectors(len(absent), length)
    matrix = resolved.answers.vectors(resolved.slots)
    if rehearsed:
        width = resolved.answers.width or mock.DIMENSIONS
        if matrix.shape[1] != width:
            matrix = np.zeros((len(absent), width), dtype=np.float32)
        matrix[rehearsed] = _rehearsed_vector(width)
        absent[rehearsed] = False
    return vectors_column(matrix, absent, length)


# The arrays of whole vectors of rows without an answer are made once: DuckDB calls with the same number of rows again and again.
@lru_cache(maxsize=8)
def _no_vectors(rows: int, length: int | None) -> pa.Array:
    return pa.nulls(rows, pa.list_(pa.float32(), -1 if length is None else length))


@lru_cache(maxsize=8)
def _rehearsal(rows: int, width: int, length: int | None) -> pa.Array:
    return vectors_column(np.tile(_rehearsed_vector(width), (rows, 1)), np.zeros(rows, dtype=bool), length)


def _rehearsed_vector(width: int) -> NDArray[np.float32]:
    """One mock vector for all rows: a rehearsal only finds out which requests depend on an answer."""
    return mock.vectors(["rehearsal"], width).reshape(width)


def _rehearsed(resolved: Resolved) -> list[int]:
    """The rows whose text is not NULL and has neither an answer nor a failure."""
    failures = resolved.answers.failures
    return [row for row, text in enumerate(resolved.texts) if text is not None and resolved.slots[row] < 0 and text not in failures]
