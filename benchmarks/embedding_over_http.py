"""Rows embedded over HTTP in DuckDB, against openaivec's DuckDB function, on a loopback endpoint that answers after 20 ms.

    python benchmarks/embedding_over_http.py [--repeats 5] [--rows 20000] [--distinct 20000]

Both sides run in this process, alternating; the median of the repeats is compared. Ours runs the whole plan (collect, look up,
send, store on disk, last pass), theirs a plain `create table as`. Needs: pip install openaivec. Its token counter downloads a
vocabulary; where there is no network a stand-in counts three characters a token.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from types import SimpleNamespace

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import duckdb
from loopback import Endpoint, endpoint

from dbt_ai.catalog import catalog_in_duckdb
from dbt_ai.engines.duckdb_functions import counting, register
from dbt_ai.engines.duckdb_vector_index import VectorIndexes
from dbt_ai.plan import PassKind, Plan
from dbt_ai.runtime import Runtime
from dbt_ai.settings import Settings
from dbt_ai.store.duckdb_store import CHECKPOINT_THRESHOLD, DuckDBStore
from dbt_ai.store.schema import Tables

DIMENSIONS = 384


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--repeats", type=int, default=5)
    arguments.add_argument("--rows", type=int, default=20_000)
    arguments.add_argument("--distinct", type=int, default=20_000)
    given = arguments.parse_args()
    texts = f"select 'a review of product number ' || (i % {given.distinct}) || ' by somebody' as body from range({given.rows}) t(i)"
    with endpoint(latency=0.02, dimensions=DIMENSIONS) as server:
        sides = {"dbt_ai": ours, "openaivec": theirs}
        ours(server, texts)  # the endpoint computes its vectors once
        taken: dict[str, list[float]] = {name: [] for name in sides}
        for _ in range(given.repeats):
            for name, run in sides.items():
                taken[name].append(run(server, texts))
    print({name: [round(seconds, 2) for seconds in found] for name, found in taken.items()})
    medians = {name: statistics.median(found) for name, found in taken.items()}
    for name, seconds in medians.items():
        print(f"{name}: {seconds:.2f} s, {given.rows / seconds:,.0f} rows/s")
    print(f"{given.rows:,} rows, {given.distinct:,} distinct: {medians['openaivec'] / medians['dbt_ai']:.1f} x")


def ours(server: Endpoint, texts: str) -> float:
    with tempfile.TemporaryDirectory() as folder:
        connection = duckdb.connect(f"{folder}/project.duckdb")
        connection.execute(f"set global checkpoint_threshold = '{CHECKPOINT_THRESHOLD}'")  # as the plugin does
        os.environ["DBT_AI_CACHE_DIR"] = folder  # nothing is remembered from one run to the next
        store = DuckDBStore(connection.cursor, Tables("dbt_ai"))
        runtime = Runtime(Settings(), store)
        catalog = catalog_in_duckdb(connection.cursor, Tables("dbt_ai", "project").place)
        register(connection, runtime, catalog, lambda *_: None, store.count, VectorIndexes(f"{folder}/project.duckdb", print))
        model = {"name": "m", "location": server.embeddings, "api_format": "OpenAI", "model_type": "EMBEDDINGS", "model": "m"}
        call = json.dumps({"function": "ai_embed", "model": model, "dimensions": DIMENSIONS}).replace("'", "''")
        sql = f"select dbt_ai_embed_{DIMENSIONS}('{call}', body, getvariable('dbt_ai_node')) as vector from ({texts})"

        def run_pass(kind: PassKind) -> int:
            cursor = connection.cursor()
            cursor.execute(f"set variable dbt_ai_node = '{kind.value} node'")
            [(rows, _)] = cursor.execute(counting(sql)).fetchall()
            return int(rows)

        started = time.perf_counter()
        runtime.start_plan("node", "owner", partial(Plan, "node", run_pass), lambda: None)
        while (progress := runtime.wait("node", 1)).state == "running":
            pass
        assert progress.state == "done", progress
        connection.execute("set variable dbt_ai_node = 'node'")
        connection.execute(f"create table answers as {sql}")
        seconds = time.perf_counter() - started
        assert connection.execute("select count(*) - count(vector) from answers").fetchall() == [(0,)]
        runtime.close()
        connection.close()
    return seconds


def theirs(server: Endpoint, texts: str) -> float:
    os.environ.update(OPENAI_API_KEY="none", OPENAI_BASE_URL=f"{server.url}/v1")
    import tiktoken

    stand_in = SimpleNamespace(encode=lambda text, **_: [0] * (len(text) // 3 + 1), encode_ordinary=lambda text: [0] * (len(text) // 3 + 1))
    tiktoken.get_encoding = tiktoken.encoding_for_model = lambda *_, **__: stand_in
    from openaivec.duckdb_ext import embeddings_udf

    with tempfile.TemporaryDirectory() as folder:
        connection = duckdb.connect(f"{folder}/project.duckdb")
        embeddings_udf(connection, "embed", model_name="text-embedding-3-small")
        started = time.perf_counter()
        connection.execute(f"create table answers as select embed(body) as vector from ({texts})")
        seconds = time.perf_counter() - started
        assert connection.execute("select count(*) - count(vector) from answers").fetchall() == [(0,)]
        connection.close()
    return seconds


if __name__ == "__main__":
    main()
