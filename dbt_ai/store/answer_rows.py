"""Answers as rows of the table `responses`, and back."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from datetime import datetime, timezone
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from dbt_ai.call import Call
from dbt_ai.errors import ConfigurationError
from dbt_ai.keys import KEY_LENGTH, KEY_VERSION
from dbt_ai.outside_text import whole
from dbt_ai.response import Delivery
from dbt_ai.store.answer_store import StoredAnswers
from dbt_ai.store.schema import ADDED, RESPONSES, arrow_schema
from dbt_ai.tokens import TokenCount

# What an answer took, as TokenCount has it.
TOKENS = ("input_tokens", "output_tokens", "cached_input_tokens", "cache_write_tokens")


def rows(deliveries: Sequence[Delivery], node: str | None, keep_inputs: bool = False) -> pa.Table | None:
    """The new answers among these deliveries, each key once; None if there are none. A failure is never an answer.

    keep_inputs: with what was asked.
    """
    by_call: dict[Call, list[Delivery]] = {}
    for delivery in deliveries:
        if not delivery.stored:
            by_call.setdefault(delivery.requests.call, []).append(delivery)
    tables = [_rows(call, parts, node, keep_inputs) for call, parts in by_call.items()]
    found = pa.concat_tables(tables) if tables else ()
    return first_of_each_key(found) if len(found) else None


def check_columns(schema: pa.Schema) -> None:
    """Raises ValueError if rows from outside do not have the columns of `responses`."""
    expected = [column.name for column in RESPONSES]
    missing = [name for name in expected if name not in schema.names and name not in ADDED]
    unknown = [name for name in schema.names if name not in expected]
    if missing or len(set(schema.names)) < len(schema.names):
        raise ValueError(f"it has no column {missing[0]!r}" if missing else "it has two columns of one name")
    if unknown:
        raise ValueError(f"it has a column {unknown[0]!r}, which is not one of {', '.join(expected)}")


def checked(batch: pa.RecordBatch, first_row: int) -> pa.Table:
    """Rows from outside. Raises ValueError, naming the row, for what no store would have written."""
    table = pa.Table.from_batches([batch])
    for field in arrow_schema(RESPONSES):
        if field.name in ADDED and field.name not in table.schema.names:  # an older version wrote it
            table = table.append_column(field, pa.nulls(len(table), field.type))
    table = table.select([column.name for column in RESPONSES]).cast(arrow_schema(RESPONSES))
    value, vector = table.column("value"), table.column("vector")
    refuse = partial(_refuse, first_row)
    for column in RESPONSES:
        if column.required:
            refuse(pc.is_null(table.column(column.name)), f"{column.name} is missing")
    refuse(pc.not_equal(pc.binary_length(table.column("key")), KEY_LENGTH), f"its key has not {KEY_LENGTH} bytes")
    refuse(pc.equal(pc.is_valid(value), pc.is_valid(vector)), "it has no answer, or two")
    refuse(pc.equal(pc.list_value_length(vector), 0), "its vector is empty")
    for index, numbers in enumerate(vector.to_pylist() if not _all_finite(vector) else ()):
        if numbers is not None and not all(number is not None and math.isfinite(number) for number in numbers):
            raise ValueError(f"row {first_row + index}: its vector holds NULL, NaN or infinity")
    for name in TOKENS:
        # What it took is a note beside an answer, and no reason to lose it.
        taken = table.column(name)
        sound = pc.and_(pc.is_finite(taken), pc.greater_equal(taken, 0.0))
        table = table.set_column(table.schema.get_field_index(name), name, pc.if_else(sound, taken, pa.scalar(None, pa.float64())))
    return table


def stored_answers(call: Call, batch: pa.RecordBatch) -> Iterator[StoredAnswers]:
    """What a store found: position, value or vector, and TOKENS are the first columns of the batch."""
    positions = batch.column(0).to_numpy(zero_copy_only=False)
    read, wrote, cached, written = (round(pc.sum(batch.column(2 + index)).as_py() or 0) for index in range(len(TOKENS)))
    tokens = TokenCount(read, wrote, cached, written)
    if call.embeds:
        yield from _vectors(call, positions, batch.column(1), tokens)
    else:
        yield StoredAnswers(positions, batch.column(1).to_pylist(), tokens)


def prompt_of(call: Call) -> str | None:
    """The messages before the input as JSON; None if there are none."""
    return json.dumps(list(call.messages), ensure_ascii=False) if call.messages else None


def _rows(call: Call, deliveries: Sequence[Delivery], node: str | None, keep_inputs: bool) -> pa.Table:
    """The answers to one call. One table for all deliveries: small ones cost more than what they hold."""
    keys: list[bytes] = []
    inputs: list[str] = []
    values: list[Any] = []
    tokens: list[tuple[float, ...]] = []
    answered_by: list[str] = []
    for part in deliveries:
        count, responses = len(part.positions), part.responses
        good = [index for index in range(count) if index not in responses.failures and responses.values[index] is not None]
        keys += [part.requests.keys[part.positions[index]] for index in good]
        if keep_inputs:
            inputs += [whole(part.requests.inputs[part.positions[index]]) for index in good]
        answered_by += [part.answered_by or call.model.name] * len(good)
        taken = responses.tokens
        tokens += [(taken.input / count, taken.output / count, taken.cached_input / count, taken.cache_write / count)] * len(good)
        if not isinstance(responses.values, np.ndarray):
            values += [responses.values[index] for index in good]
        elif good:
            values.append(responses.values if len(good) == count else responses.values[good])
    count, now = len(keys), datetime.now(timezone.utc)
    return pa.table(
        {
            "key": pa.array(keys, pa.binary()),
            "function": pa.repeat(call.function, count),
            "model": pa.repeat(deliveries[0].requests.stored_model, count),
            "value": pa.nulls(count, pa.string()) if call.embeds else pa.array(values, pa.string()),
            "vector": _vector_column(values) if call.embeds and count else pa.nulls(count, pa.list_(pa.float32())),
            **{name: pa.array([taken[index] for taken in tokens], pa.float64()) for index, name in enumerate(TOKENS)},
            "created_at": pa.repeat(pa.scalar(now, pa.timestamp("us", "UTC")), count),
            "used_on": pa.repeat(pa.scalar(now.date()), count),
            "node": pa.repeat(pa.scalar(node, pa.string()), count),
            "key_version": pa.repeat(pa.scalar(KEY_VERSION, pa.int64()), count),
            "input": pa.array(inputs, pa.string()) if keep_inputs else pa.nulls(count, pa.string()),
            "prompt": pa.repeat(pa.scalar(prompt_of(call) if keep_inputs else None, pa.string()), count),
            "answered_by": pa.array(answered_by, pa.string()),
            "limitless_call": pa.repeat(pa.scalar(call.limitless_digest, pa.string()), count),
            "output_limit": pa.repeat(pa.scalar(call.output_limit, pa.int64()), count),
        }
    )


def _vector_column(matrices: Sequence[NDArray[np.float32]]) -> pa.ListArray:
    lengths = np.concatenate([np.full(len(matrix), matrix.shape[1], dtype=np.int32) for matrix in matrices])
    offsets = np.concatenate([np.zeros(1, dtype=np.int32), np.cumsum(lengths, dtype=np.int32)])
    numbers = np.concatenate([np.ascontiguousarray(matrix, dtype=np.float32).ravel() for matrix in matrices])
    return pa.ListArray.from_arrays(offsets, pa.array(numbers))


def first_of_each_key(rows: pa.Table) -> pa.Table:
    """Each key once."""
    keys = rows.column("key").to_pylist()
    if len(set(keys)) == len(keys):
        return rows
    first: dict[bytes, int] = {}
    for index, key in enumerate(keys):
        first.setdefault(key, index)
    return rows.take(list(first.values()))


def _refuse(first_row: int, wrong: pa.ChunkedArray, why: str) -> None:
    index = pc.index(wrong.combine_chunks(), True).as_py()
    if index >= 0:
        raise ValueError(f"row {first_row + index}: {why}")


def _all_finite(vector: pa.ChunkedArray) -> bool:
    numbers = pc.list_flatten(vector)
    return bool(numbers.null_count == 0 and pc.all(pc.is_finite(numbers), min_count=0).as_py())


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
