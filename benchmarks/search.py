"""Exact search as a dbt model on DuckDB, beside faiss-cpu's flat index over numpy arrays: `pip install faiss-cpu` to run it.

    python benchmarks/search.py                           # 1,000 queries × 100,000 vectors × 384 dimensions, k = 10, one thread
    OMP_NUM_THREADS=2 python benchmarks/search.py --threads 2

faiss's time is what it takes to add the vectors and to search; the model's is what dbt says its node took, reading the vectors from a
table of the database and writing the result included. Medians of interleaved runs. equal: the share of neighbours that are the same.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import faiss
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests/functional"))

from conftest import Project

MODEL = """{{{{ config(materialized='table') }}}}
select q, i, ai_rank, ai_similarity
from {{{{ dbt_ai.ai_search(corpus='vectors', vector='v', queries='asked', query_columns=['q'], query_vector='v', k={k}) }}}} as found"""


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("queries", 1_000), ("vectors", 100_000), ("dimensions", 384), ("k", 10), ("threads", 1), ("repeats", 5)):
        arguments.add_argument(f"--{name}", type=int, default=default)
    given = arguments.parse_args()
    faiss.omp_set_num_threads(given.threads)
    random = np.random.default_rng(0)
    vectors, asked = (_unit(random.standard_normal((rows, given.dimensions), dtype=np.float32)) for rows in (given.vectors, given.queries))
    with tempfile.TemporaryDirectory() as folder:
        project = Project(Path(folder), output={"threads": 1, "settings": {"threads": given.threads}})
        project.set_up()
        project.write({"models/nearest.sql": MODEL.format(k=given.k)})
        with duckdb.connect(str(project.database)) as database:
            _load(database, "vectors", "i", vectors)
            _load(database, "asked", "q", asked)
        by_faiss, by_model = [], []
        for _ in range(given.repeats):
            began = time.perf_counter()
            index = faiss.IndexFlatIP(given.dimensions)
            index.add(vectors)
            _, expected = index.search(asked, given.k)
            by_faiss.append(time.perf_counter() - began)
            by_model.append(float(project.dbt("run", check=True).results["nearest"]["execution_time"]))
        found = np.array(project.query("select i from nearest order by q, ai_rank")).reshape(expected.shape)
    one, other = statistics.median(by_faiss), statistics.median(by_model)
    print(f"faiss {one:.2f} s   model {other:.2f} s   ratio {other / one:.2f}   equal {(found == expected).mean():.4%}")


def _unit(matrix: NDArray[np.float32]) -> NDArray[np.float32]:
    return matrix / np.linalg.norm(matrix, axis=1, keepdims=True)


def _load(database: duckdb.DuckDBPyConnection, table: str, key: str, matrix: NDArray[np.float32]) -> None:
    rows = pa.table({key: np.arange(len(matrix)), "v": pa.FixedSizeListArray.from_arrays(pa.array(matrix.ravel()), matrix.shape[1])})
    database.register("rows", rows)
    database.execute(f"create table {table} as select {key}, v from rows")


if __name__ == "__main__":
    main()
