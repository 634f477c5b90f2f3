"""The report of a store of 100,000 answers in a browser.

    python benchmarks/report.py [--answers 100000] [--repeats 5] [--chromium chromium] [--keep FOLDER]

writing: seconds of `dbt-ai report`. size: of the page. opening: seconds until a headless Chromium has laid the page out, less what it
takes for an empty page. --keep: leave the page and a screenshot there.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

import duckdb

from dbt_ai.commands.report import write_report
from dbt_ai.commands.store import StorePlace
from dbt_ai.store.duckdb_store import DuckDBStore
from dbt_ai.store.schema import Tables

NODES, DAYS = 40, 365
MAPS = 3
MAPPED = {"meta": {"dbt_ai": {"map": {"vector": "embedding", "color": "topic", "text": "body"}}}}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--answers", type=int, default=100_000)
    arguments.add_argument("--repeats", type=int, default=5)
    arguments.add_argument("--chromium", default=shutil.which("chromium") or "chromium")
    arguments.add_argument("--keep", type=Path)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fill(folder, given.answers)
        started = time.perf_counter()
        place = StorePlace(folder / "store.duckdb", "dbt_ai", folder / "store.duckdb")
        size = write_report(place, "shop", folder / "target", folder / "report.html")
        print(f"writing {time.perf_counter() - started:.2f} s, size {size / 1e6:.2f} MB")
        (folder / "empty.html").write_text("<!doctype html><title>empty</title><p>empty")
        pairs = [[opened(given.chromium, folder, page) for page in ("report.html", "empty.html")] for _ in range(given.repeats)]
        print("opening, seconds:", ", ".join(f"{whole - empty:.2f}" for whole, empty in pairs))
        median = statistics.median(whole - empty for whole, empty in pairs)
        print(f"median {median:.2f} s; the empty page {statistics.median(empty for _, empty in pairs):.2f} s")
        if given.keep:
            given.keep.mkdir(parents=True, exist_ok=True)
            shutil.copy(folder / "report.html", given.keep)
            browse(given.chromium, folder, "report.html", "--window-size=1280,6000", f"--screenshot={given.keep.absolute()}/report.png")


def fill(folder: Path, answers: int) -> None:
    """A store, three tables of vectors and a manifest that draws them."""
    with duckdb.connect(str(folder / "store.duckdb")) as connection:
        DuckDBStore(connection.cursor, Tables("dbt_ai")).check()
        connection.execute(
            f"""insert into dbt_ai.responses by name
            select unhex(sha256(i::varchar)) as key, 'ai_query' as function, 'm' as model, now() as created_at, today() as used_on,
                repeat('The answer to ticket ' || i || ' in some words. ', 1 + i % 40) as value, 'model.shop.node_' || i % {NODES} as node,
                repeat('What a customer wrote in ticket ' || i || '. ', 1 + i % 60) as input from range({answers}) t(i)"""
        )
        connection.execute(
            f"""insert into dbt_ai.usage by name
            select 'run ' || day as invocation_id, 'model.shop.node_' || node as node, 'llm_' || node % 5 as external_model, 'm' as model,
                50 as requests, 60 as distinct_requests, 10 as from_store, 49 as executed, 1 as failed, 0 as throttled, 0 as broken,
                0 as retried, 0 as truncated, 9000 as input_tokens, 900 as output_tokens, 0.01 as cost_usd, 0.002 as saved_usd,
                now() - day * interval 1 day as started_at, 12.5 as seconds, to_json(map {{'busy ' || node: 1}}) as failure_causes
            from range({DAYS}) d(day), range({NODES}) n(node)"""
        )
        for number in range(MAPS):
            connection.execute(
                f"""create table map_{number} as select 'topic ' || i % 7 as topic, repeat('text ' || i || ' ', 30) as body,
                [sin(i * x)::float for x in range(64)] as embedding from range(5000) t(i)"""
            )
    (folder / "target").mkdir()
    nodes = {f"model.shop.map_{number}": {"name": f"map_{number}", "schema": "main", "config": MAPPED} for number in range(MAPS)}
    (folder / "target/manifest.json").write_text(json.dumps({"nodes": nodes}))


def opened(chromium: str, folder: Path, page: str) -> float:
    started = time.perf_counter()
    browse(chromium, folder, page, "--window-size=1280,900", f"--screenshot={folder}/shot.png")
    return time.perf_counter() - started


def browse(chromium: str, folder: Path, page: str, *options: str) -> None:
    quiet = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"]
    subprocess.run(
        [chromium, *quiet, f"--user-data-dir={folder}/profile", *options, f"file://{folder}/{page}"],
        check=True,
        capture_output=True,
        timeout=120,
    )


if __name__ == "__main__":
    main()
