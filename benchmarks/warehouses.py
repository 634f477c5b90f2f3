"""The runtime on a warehouse, Postgres 16 with pgvector: dbt as a process, as a user starts it.

    .envs/postgres/bin/python benchmarks/warehouses.py new      # embeddings over HTTP at 20 ms, against the same node on DuckDB
    .envs/postgres/bin/python benchmarks/warehouses.py million  # collecting all new, and the second run, against a plain join

Seconds are those in which dbt executes the node, without its start. Memory is the peak of the dbt process, above one that builds a
plain table. Both sides run alternating; the medians are compared.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests/functional"))

from conftest import Project
from loopback import Endpoint, endpoint
from warehouse import PostgresServer, WarehouseProject, postgres_server

DIMENSIONS = 384
EMBEDDER = """{{ dbt_ai.create_external_model(location='URL', api_format='OpenAI', model_type='EMBEDDINGS', model='e',
    parameters={'dimensions': 384}) }}"""
VECTORS = "{{ config(materialized='ai_table') }} select i, {{ dbt_ai.ai_embed(ref('embedder'), 'body') }} as vector from {{ ref('texts') }}"
TEXTS = "select i, 'a review of product number ' || (i % {distinct}) || ' by somebody' as body from {source} as t(i)"
PLAIN = "select i, vector from {{ ref('texts') }} join analytics.by_text using (body)"


@dataclass(frozen=True)
class Took:
    """One run of one node. started: when dbt began to execute it. peak: MB of the process."""

    seconds: float
    started: float
    peak: float
    message: str


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("work", choices=("new", "million"))
    arguments.add_argument("--repeats", type=int, default=3)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder, postgres_server() as server, endpoint(dimensions=DIMENSIONS) as answering:
        (new if given.work == "new" else million)(Path(folder), server, answering, given.repeats)


def new(folder: Path, server: PostgresServer, answering: Endpoint, repeats: int) -> None:
    answering.behave(latency=0.02, dimensions=DIMENSIONS)
    taken: dict[str, list[float]] = {"Postgres": [], "DuckDB": []}
    for number in range(repeats + 1):
        for name, source in (("Postgres", "generate_series(0, 19999)"), ("DuckDB", "range(20000)")):
            path = folder / f"{name}{number}"
            path.mkdir()
            project = WarehouseProject(path, server=server) if name == "Postgres" else Project(path)
            write(project, answering, TEXTS.format(distinct=20_000, source=source))
            run(project, "texts", "embedder")
            took = run(project, "vectors")["vectors"]
            assert took.message.startswith("SELECT 20000"), took.message
            if number:  # the endpoint computes its vectors once
                taken[name].append(took.seconds)
    medians = {name: statistics.median(seconds) for name, seconds in taken.items()}
    print({name: [round(seconds, 2) for seconds in found] for name, found in taken.items()})
    print(f"20,000 new embeddings: {medians['Postgres']:.2f} s, on DuckDB {medians['DuckDB']:.2f} s:"
          f" {medians['Postgres'] / medians['DuckDB']:.2f} x")  # fmt: skip


def million(folder: Path, server: PostgresServer, answering: Endpoint, repeats: int) -> None:
    project = WarehouseProject(folder, server=server)
    write(project, answering, TEXTS.format(distinct=100_000, source="generate_series(0, 999999)"))
    project.write({"models/plain.sql": PLAIN})
    run(project, "texts", "embedder")
    project.query("create table analytics.by_text (body text, vector vector)")
    bare = run(project, "plain")["plain"].peak
    answering.behave(dimensions=DIMENSIONS)
    first = run(project, "vectors")["vectors"]
    print(f"collecting 1,000,000 rows, 100,000 distinct, all new: {answering.counters()['first'] - first.started:.2f} s before the"
          f" first request; {first.message}; {first.peak - bare:+.0f} MB", flush=True)  # fmt: skip
    for statement in (
        "drop table analytics.by_text",
        f"create table analytics.by_text as select distinct on (body) body, vector::vector({DIMENSIONS}) as vector"
        " from analytics.texts join analytics.vectors using (i)",
        "vacuum analyze analytics.by_text",
        "vacuum analyze dbt_ai.responses",
    ):
        project.query(statement)
    answering.behave(dimensions=DIMENSIONS)
    ours, plain = [], []
    for _ in range(repeats):
        ours.append(run(project, "vectors")["vectors"])
        plain.append(run(project, "plain")["plain"])
    assert all("0 requests · 100.0k from store" in took.message for took in ours), ours[0].message
    assert not answering.counters().get("requests")
    seconds, joined = (statistics.median(took.seconds for took in side) for side in (ours, plain))
    print({"ours": [round(took.seconds, 2) for took in ours], "plain join": [round(took.seconds, 2) for took in plain]})
    print(f"second run: {seconds:.2f} s, plain join {joined:.2f} s: {seconds / joined:.2f} x;"
          f" {max(took.peak for took in ours) - bare:+.0f} MB")  # fmt: skip


def write(project: Project, answering: Endpoint, texts: str) -> None:
    project.set_up()
    project.write({"models/embedder.sql": EMBEDDER.replace("URL", answering.embeddings),
                   "models/texts.sql": texts, "models/vectors.sql": VECTORS})  # fmt: skip


def run(project: Project, *nodes: str) -> dict[str, Took]:
    process = subprocess.Popen(project.command("run", "-s", *nodes), cwd=project.path, env=project.environment(), stdout=subprocess.PIPE)
    assert process.stdout is not None
    said = process.stdout.read().decode()
    _, status, used = os.wait4(process.pid, 0)
    assert os.waitstatus_to_exitcode(status) == 0, said
    results: list[dict[str, Any]] = json.loads((project.path / "target/run_results.json").read_text())["results"]
    found = {}
    for result in results:
        executed = next((part for part in result["timing"] if part["name"] == "execute"), None)
        if executed is not None:
            started, ended = (
                datetime.fromisoformat(executed[name].replace("Z", "+00:00")).timestamp() for name in ("started_at", "completed_at")
            )
            found[result["unique_id"].split(".")[-1]] = Took(ended - started, started, used.ru_maxrss / 1024, str(result["message"]))
    return found


if __name__ == "__main__":
    main()
