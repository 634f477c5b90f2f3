"""`executor: ray`: a plan that outgrows this machine, embedded by the same code on the workers of a Ray cluster.

The texts become a Ray dataset, each actor loads the model once, and answers come back as blocks finish: they are stored here, as
those of a local run are, so that a run that ends early goes on where it stopped. Ray restarts an actor that dies and gives its block to
another. The workers need this package, the model (a package, or a folder or hub cache at the same place) and the same extras.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import ray
import ray.data

from dbt_ai.call import Call
from dbt_ai.errors import ProviderError
from dbt_ai.providers.base import LocalProvider
from dbt_ai.response import Failure, Responses
from dbt_ai.tokens import TokenCount

# Texts of one block: what a dead worker costs, and what is committed at once.
BLOCK = 512


def embed(call: Call, inputs: Sequence[str]) -> Iterator[tuple[Sequence[int], Responses]]:
    """As LocalProvider.respond, on the cluster of RAY_ADDRESS or else on this machine. Raises ProviderError where Ray gives up."""
    if not ray.is_initialized():
        ray.init(address=os.environ.get("RAY_ADDRESS"), log_to_driver=False)
    resources = ray.cluster_resources()
    gpus, cpus = int(resources.get("GPU", 0)), int(resources.get("CPU", 1))
    # Texts of like length share a block, so that blocks pad as little as a whole plan would.
    order = np.argsort([-len(text) for text in inputs], kind="stable")
    table = pa.table({"position": order, "text": [inputs[position] for position in order]})
    here = replace(call, parameters={name: value for name, value in call.parameters.items() if name != "executor"})
    ray.data.DataContext.get_current().enable_progress_bars = False
    blocks = ray.data.from_arrow([table.slice(start, BLOCK) for start in range(0, len(inputs), BLOCK)]).map_batches(
        _Worker,
        fn_constructor_args=(here,),
        batch_size=None,
        batch_format="pyarrow",
        compute=ray.data.ActorPoolStrategy(size=gpus or max(1, cpus - 1)),
        num_gpus=1 if gpus else None,
        max_restarts=-1,
        max_task_retries=-1,
    )
    try:
        for block in blocks.iter_batches(batch_size=None, batch_format="pyarrow"):
            yield _read(block)
    except ray.exceptions.RayError as error:
        raise ProviderError(f"Ray gave up ({str(error).strip().splitlines()[-1][:200]}); what was answered is stored: run again") from error


class _Worker:
    """Lives on a worker of the cluster with a model of its own."""

    def __init__(self, call: Call) -> None:
        self._call = call

    def __call__(self, block: pa.Table) -> pa.Table:
        from dbt_ai.providers import provider_of

        provider = provider_of(self._call.model)
        assert isinstance(provider, LocalProvider)
        positions = block["position"].to_numpy()
        parts = [
            _written(positions[np.asarray(indexes)], responses)
            for indexes, responses in provider.respond(self._call, block["text"].to_pylist())
        ]
        return pa.concat_tables(parts)


def _written(positions: Any, responses: Responses) -> pa.Table:
    count = len(positions)
    assert isinstance(responses.values, np.ndarray)
    vectors = np.ascontiguousarray(responses.values, dtype=np.float32)
    failures = [responses.failures.get(row) for row in range(count)]
    first = [index == 0 for index in range(count)]  # what is counted for the piece as a whole stands in its first row
    return pa.table(
        {
            "position": pa.array(positions),
            "vector": pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), vectors.shape[1]),
            "cause": pa.array([failure.cause if failure else None for failure in failures], pa.string()),
            "message": pa.array([failure.message if failure else None for failure in failures], pa.string()),
            "tokens": pa.array([responses.tokens.input if here else 0 for here in first]),
            "truncated": pa.array([responses.truncated if here else 0 for here in first]),
        }
    )


def _read(block: pa.Table) -> tuple[Sequence[int], Responses]:
    block = block.combine_chunks()
    vectors = block["vector"].combine_chunks()
    values = np.asarray(vectors.flatten(), dtype=np.float32).reshape(len(block), vectors.type.list_size)
    columns: Mapping[str, list[Any]] = {name: block[name].to_pylist() for name in ("cause", "message", "tokens", "truncated")}
    failures = {row: Failure(cause, columns["message"][row]) for row, cause in enumerate(columns["cause"]) if cause is not None}
    responses = Responses(values, failures, TokenCount(input=sum(columns["tokens"])), sum(columns["truncated"]))
    return block["position"].to_pylist(), responses
