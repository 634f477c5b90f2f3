"""Search as a dbt model, beside faiss-cpu's flat index over numpy arrays: `pip install faiss-cpu` to run it.

    python benchmarks/search.py                           # 1,000 queries × 100,000 vectors × 384 dimensions, k = 10, one thread
    python benchmarks/search.py --queries 10000
    OMP_NUM_THREADS=2 python benchmarks/search.py --threads 2
    python benchmarks/search.py --postgres                # pgvector instead of DuckDB, with the server of tests/requirements-postgres.txt

faiss's time is what it takes to add the vectors and to search; a model's is what dbt says its node took, reading the vectors from a
table of the database and writing the result included. statement: what the statement that builds its table took, as dbt's log says:
the rest is dbt's own work. by hand: DuckDB's own SQL, which compares every pair and ranks them by a window, once and for up to 200
queries; its time is scaled to all. On Postgres every row is compared by the SQL that one writes by hand. Medians of interleaved runs.
recall: the share of the true neighbours that are found. The vectors are in clusters, as embeddings of texts are; `--spread 100` has
none.
"""

from __future__ import annotations

import argparse
import io
import re
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import duckdb
import faiss
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests/functional"))

from conftest import Project

BY_HAND_QUERIES = 200
SEARCH = """{{{{ config(materialized='table') }}}}
select q, i, ai_rank, ai_similarity
from {{{{ dbt_ai.ai_search(corpus={corpus}, vector='v', k={k},
                         queries='{schema}asked', query_columns=['q'], query_vector='v') }}}} as found"""
BY_HAND = """{{{{ config(materialized='table') }}}}
select q, i, ai_rank, ai_similarity from (
  select *, row_number() over (partition by q order by ai_similarity desc) as ai_rank
  from (select q, i, array_cosine_similarity(asked.v, plain.v) as ai_similarity
        from (select * from asked where q < {queries}) as asked cross join {{{{ ref('plain') }}}} as plain)
) where ai_rank <= {k}"""
INDEXED = """{{{{ config(materialized='table', vector_index={index}, post_hook="{{{{ dbt_ai.ai_vector_index() }}}}") }}}}
select i, v from {schema}vectors"""


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("queries", 1_000), ("vectors", 100_000), ("dimensions", 384), ("k", 10), ("threads", 1), ("repeats", 5)):
        arguments.add_argument(f"--{name}", type=int, default=default)
    arguments.add_argument("--spread", type=float, default=0.7, help="distance of a vector from the centre of its cluster")
    arguments.add_argument("--postgres", action="store_true")
    given = arguments.parse_args()
    faiss.omp_set_num_threads(given.threads)
    vectors, asked = _clustered(given)
    if given.postgres:
        return _on_postgres(given, vectors, asked)
    with tempfile.TemporaryDirectory() as folder:
        project = Project(Path(folder), output={"threads": 1, "settings": {"threads": given.threads}})
        project.set_up()
        project.write(
            {
                "models/plain.sql": "{{ config(materialized='table') }} select i, v from vectors",
                "models/indexed.sql": INDEXED.format(schema="", index="{'column': 'v'}"),
                "models/exact.sql": SEARCH.format(schema="", corpus="ref('plain')", k=given.k),
                "models/by_hand.sql": BY_HAND.format(k=given.k, queries=BY_HAND_QUERIES),
                "models/near.sql": SEARCH.format(schema="", corpus="ref('indexed')", k=given.k),
            }
        )
        with duckdb.connect(str(project.database)) as database:
            _load(database, "vectors", "i", vectors)
            _load(database, "asked", "q", asked)
        built = project.dbt("run", "--select", "plain", "indexed", check=True).output
        print(*re.findall("vector_index: .*", built), sep="\n")
        project.dbt("run", "--select", "by_hand", check=True)
        [by_hand] = _statements(project, "by_hand")
        times: dict[str, list[float]] = {"faiss": [], "by hand": [by_hand * max(given.queries / BY_HAND_QUERIES, 1)]}
        for _ in range(given.repeats):
            expected, seconds = _by_faiss(vectors, asked, given.k)
            times["faiss"].append(seconds)
            _time_models(project, times, ["exact", "near"])
        kept = project.dbt("run", "--select", "indexed", check=True).output
        print(*re.findall("vector_index: .*", kept), sep="\n")
        found = {name: project.query(f"select q, i from {name}") for name in ("exact", "near")}
    _show(times, {name: _recall(pairs, expected) for name, pairs in found.items()})


def _on_postgres(given: argparse.Namespace, vectors: NDArray[np.float32], asked: NDArray[np.float32]) -> None:
    from warehouse import WarehouseProject, postgres_server

    indexes = {"hnsw": "{'column': 'v', 'maintenance_work_mem': '1GB'}", "ivfflat": "{'column': 'v', 'type': 'ivfflat'}"}
    with tempfile.TemporaryDirectory() as folder, postgres_server() as server:
        project = WarehouseProject(Path(folder), server=server)
        project.set_up()
        for table, key, matrix in (("vectors", "i", vectors), ("asked", "q", asked)):
            _copy(project, table, key, matrix)
        hooks = {"hnsw": "set hnsw.ef_search = 100", "ivfflat": "set ivfflat.probes = 10"}
        for name, index in indexes.items():
            project.write({f"models/by_{name}.sql": INDEXED.format(schema="analytics.", index=index)})
            search = SEARCH.format(schema="analytics.", corpus=f"ref('by_{name}')", k=given.k)
            project.write({f"models/near_{name}.sql": search.replace("'table'", f"'table', pre_hook='{hooks[name]}'")})
        project.write({"models/exact.sql": SEARCH.format(schema="analytics.", corpus="'analytics.vectors'", k=given.k)})
        built = project.dbt("run", "--threads", "1", "--select", "by_hnsw", "by_ivfflat", check=True).results
        expected, _ = _by_faiss(vectors, asked, given.k)
        times: dict[str, list[float]] = {}
        searches = ["exact", *(f"near_{name}" for name in indexes)]
        for _ in range(given.repeats):
            _time_models(project, times, searches)
        for name in indexes:
            [(size,)] = project.query(f"select pg_indexes_size('analytics.by_{name}')")
            print(f"{name}: table and index in {built[f'by_{name}']['execution_time']:.1f} s, index of {int(size) / 1e6:.0f} MB")
        _show(times, {name: _recall(project.query(f"select q, i from analytics.{name}"), expected) for name in searches})


def _time_models(project: Any, times: dict[str, list[float]], models: list[str]) -> None:
    """Run models one after the other, and note the time of each node and of the statement that builds its table."""
    results = project.dbt("run", "--threads", "1", "--select", *models, check=True).results
    for name in models:
        times.setdefault(name, []).append(float(results[name]["execution_time"]))
        times.setdefault(f"{name}, statement", []).append(_statements(project, name)[-1])


def _statements(project: Any, model: str) -> list[float]:
    """Seconds of each statement so far that has built the table of a model."""
    log = (project.path / "logs/dbt.log").read_text()
    created = rf"On model\.project\.{model}: (?:(?!On model\.).)*?create\s+table(?:(?!On model\.).)*?SQL status: .*? in ([0-9.]+) seconds"
    return [float(seconds) for seconds in re.findall(created, log, re.DOTALL)]


def _show(times: dict[str, list[float]], recalls: dict[str, float]) -> None:
    medians = {name: statistics.median(seconds) for name, seconds in times.items()}
    compared = [name for name in ("exact", "by hand") if name in medians]
    for name, seconds in medians.items():
        ratios = "".join(f"   {other} / this {medians[other] / seconds:6.1f}" for other in compared)
        print(f"{name:22} {seconds:7.3f} s{ratios}" + (f"   recall {recalls[name]:.2%}" if name in recalls else ""))
    if "faiss" in medians:
        print(f"exact / faiss {medians['exact'] / medians['faiss']:.2f}")


def _by_faiss(vectors: NDArray[np.float32], asked: NDArray[np.float32], k: int) -> tuple[NDArray[np.int64], float]:
    began = time.perf_counter()
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)
    _, neighbours = index.search(asked, k)
    return neighbours, time.perf_counter() - began


def _recall(pairs: list[tuple[int, int]], expected: NDArray[np.int64]) -> float:
    true = {(query, int(row)) for query, rows in enumerate(expected) for row in rows}
    return len(true & set(pairs)) / len(true)


def _clustered(given: argparse.Namespace) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Vectors of length 1 around 1,000 centres in a space of 48 dimensions, and noise in all dimensions."""
    random = np.random.default_rng(0)
    basis, centres = (random.standard_normal(shape, dtype=np.float32) for shape in ((48, given.dimensions), (1000, 48)))

    def vectors(rows: int) -> NDArray[np.float32]:
        inner = centres[random.integers(1000, size=rows)] + np.float32(given.spread) * random.standard_normal((rows, 48), dtype=np.float32)
        matrix = inner @ basis + random.standard_normal((rows, given.dimensions), dtype=np.float32)
        return np.asarray(matrix / np.linalg.norm(matrix, axis=1, keepdims=True), dtype=np.float32)

    return vectors(given.vectors), vectors(given.queries)


def _load(database: duckdb.DuckDBPyConnection, table: str, key: str, matrix: NDArray[np.float32]) -> None:
    rows = pa.table({key: np.arange(len(matrix)), "v": pa.FixedSizeListArray.from_arrays(pa.array(matrix.ravel()), matrix.shape[1])})
    database.register("rows", rows)
    database.execute(f"create table {table} as select {key}, v from rows")


def _copy(project: Any, table: str, key: str, matrix: NDArray[np.float32]) -> None:
    import psycopg2

    lines = io.StringIO("".join(f"{number}\t[{','.join(map('{:.7g}'.format, vector))}]\n" for number, vector in enumerate(matrix.tolist())))
    with psycopg2.connect(host=project.server.socket, user="postgres", dbname=project.name) as connection, connection.cursor() as cursor:
        cursor.execute(f"create schema if not exists analytics; create table analytics.{table} ({key} int, v vector({matrix.shape[1]}))")
        cursor.copy_expert(f"copy analytics.{table} from stdin", lines)


if __name__ == "__main__":
    main()
