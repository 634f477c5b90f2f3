"""Answers as rows of the table `responses`, and back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timezone
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from dbt_ai.errors import ConfigurationError
from dbt_ai.request import Call, Delivery, TokenCount
from dbt_ai.store.answer_store import StoredAnswers


def rows(deliveries: Sequence[Delivery], node: str | None) -> pa.Table | None:
    """The answers among these deliveries; None if all of them failed. A failure is never an answer."""
    by_call: dict[Call, list[Delivery]] = {}
    for delivery in deliveries:
        by_call.setdefault(delivery.requests.call, []).append(delivery)
    tables = [_rows(call, parts, node) for call, parts in by_call.items()]
    found = pa.concat_tables(tables) if tables else ()
    return found if len(found) else None


def stored_answers(call: Call, batch: pa.RecordBatch) -> Iterator[StoredAnswers]:
    """What a store found: position, value or vector, input_tokens and output_tokens are the first columns of the batch."""
    positions = batch.column(0).to_numpy(zero_copy_only=False)
    tokens = TokenCount(*(round(pc.sum(batch.column(index)).as_py() or 0) for index in (2, 3)))
    if call.embeds:
        yield from _vectors(call, positions, batch.column(1), tokens)
    else:
        yield StoredAnswers(positions, batch.column(1).to_pylist(), tokens)


def _rows(call: Call, deliveries: Sequence[Delivery], node: str | None) -> pa.Table:
    """The answers to one call. One table for all deliveries: small ones cost more than what they hold."""
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
