"""A node of 1,000,000 rows (100,000 distinct texts, 384 dimensions) on DuckDB.

    python benchmarks/million_rows.py [--repeats 5] [--rows 1000000] [--distinct 100000]

collecting: seconds until the first request could leave, when every text is new.
second run: everything is stored; against a plain `create table as` that joins the texts to a table of the vectors.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from functools import partial
from types import SimpleNamespace

import duckdb
import numpy as np
import pyarrow as pa

from dbt_ai.call import Call
from dbt_ai.call_constant import parse_call
from dbt_ai.catalog import catalog_in_duckdb
from dbt_ai.engines.duckdb_functions import counting, register
from dbt_ai.engines.duckdb_vector_index import VectorIndexes
from dbt_ai.known_answers import KnownAnswers
from dbt_ai.node_answers import NodeAnswers
from dbt_ai.plan import PassKind, Plan
from dbt_ai.request import Requests
from dbt_ai.response import Delivery, Responses
from dbt_ai.runtime import Runtime
from dbt_ai.settings import Settings
from dbt_ai.store.duckdb_store import CHECKPOINT_THRESHOLD, DuckDBStore
from dbt_ai.store.schema import Tables

DIMENSIONS = 384
MODEL = {"name": "m", "location": "http://127.0.0.1:9/v1/embeddings", "api_format": "OpenAI", "model_type": "EMBEDDINGS", "model": "m"}
CALL = json.dumps({"function": "ai_embed", "model": MODEL, "dimensions": DIMENSIONS})


class FirstRequest(Exception):
    """Ends a plan at the moment when its first request would leave."""


class StopsThere(NodeAnswers):
    def execute(self, work: Sequence[Requests], answers: Mapping[Call, KnownAnswers], exact: bool, cancelled: threading.Event) -> None:
        raise FirstRequest(sum(len(requests.inputs) for requests in work))


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--repeats", type=int, default=5)
    arguments.add_argument("--rows", type=int, default=1_000_000)
    arguments.add_argument("--distinct", type=int, default=100_000)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        connection = duckdb.connect(f"{folder}/project.duckdb")
        connection.execute(f"set global checkpoint_threshold = '{CHECKPOINT_THRESHOLD}'")  # as the plugin does
        store = DuckDBStore(connection.cursor, Tables("dbt_ai"))
        runtime = Runtime(Settings(), store)
        catalog = catalog_in_duckdb(connection.cursor, Tables("dbt_ai", "project").place)
        register(connection, runtime, catalog, lambda *_: None, store.count, VectorIndexes(f"{folder}/project.duckdb", print))
        connection.execute(
            f"create table texts as select i, 'a review of product number ' || (i % {given.distinct}) || ' by somebody' as body"
            f" from range({given.rows}) t(i)"
        )
        collected = statistics.median(collecting(connection, runtime) for _ in range(given.repeats))
        print(
            f"collecting {given.rows:,} rows, {given.distinct:,} distinct, all new: {collected:.2f} s before the first request", flush=True
        )
        fill(connection, runtime, store)
        pairs = [(second_run(connection, runtime), plain_join(connection)) for _ in range(given.repeats)]
        ours, plain = (statistics.median(side) for side in zip(*pairs, strict=True))
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        print(f"second run: {ours:.2f} s, plain join {plain:.2f} s: {ours / plain:.2f} x; peak {before / 2**20:.2f} GiB in all", flush=True)


def sql() -> str:
    return f"select i, dbt_ai_embed_{DIMENSIONS}('{CALL}', body, getvariable('dbt_ai_node')) as vector from texts"


def passes(connection: duckdb.DuckDBPyConnection):
    def run_pass(kind: PassKind) -> int:
        cursor = connection.cursor()
        cursor.execute(f"set variable dbt_ai_node = '{kind.value} node'")
        [(rows, _)] = cursor.execute(counting(sql())).fetchall()
        return int(rows)

    return run_pass


def collecting(connection: duckdb.DuckDBPyConnection, runtime: Runtime) -> float:
    answers = runtime._answers_of("node")
    answers.__class__ = StopsThere
    plan = Plan("node", passes(connection), answers)
    runtime._plans["node"] = SimpleNamespace(plan=plan, owner="owner")  # type: ignore[assignment]
    started = time.perf_counter()
    try:
        plan.run()
    except FirstRequest:
        return time.perf_counter() - started
    raise AssertionError("nothing was asked")


def fill(connection: duckdb.DuckDBPyConnection, runtime: Runtime, store: DuckDBStore) -> None:
    """Store a vector for every distinct text, as the runtime does, and the same vectors in a plain table."""
    call, answers = parse_call(CALL, False), runtime._answers_of("node")
    texts = [text for (text,) in connection.execute("select distinct body from texts").fetchall()]
    requests = answers.requests(call, texts)
    for start in range(0, len(texts), 8192):
        positions = range(start, min(start + 8192, len(texts)))
        vectors = np.random.default_rng(start).standard_normal((len(positions), DIMENSIONS), dtype=np.float32)
        store.put([Delivery(requests, positions, Responses(vectors))], "node")
    connection.register("keyed", pa.table({"body": texts, "key": pa.array(requests.keys, pa.binary())}))
    connection.execute(
        f"create table vectors as select body, vector::float[{DIMENSIONS}] as vector from keyed join dbt_ai.responses using (key)"
    )


def second_run(connection: duckdb.DuckDBPyConnection, runtime: Runtime) -> float:
    started = time.perf_counter()
    runtime.start_plan("node", "owner", partial(Plan, "node", passes(connection)), lambda: None)
    while (progress := runtime.wait("node", 1)).state == "running":
        pass
    assert progress.state == "done", progress
    connection.execute("set variable dbt_ai_node = 'node'")
    connection.execute(f"create or replace table answers as {sql()}")
    seconds = time.perf_counter() - started
    assert connection.execute("select count(*) - count(vector) from answers").fetchall() == [(0,)]
    return seconds


def plain_join(connection: duckdb.DuckDBPyConnection) -> float:
    started = time.perf_counter()
    connection.execute("create or replace table joined as select i, vector from texts join vectors using (body)")
    return time.perf_counter() - started


if __name__ == "__main__":
    sys.exit(main())
