"""How fast `dbt run` asks an endpoint that has limits: dbt as a process, as a user starts it, against tests/loopback.py in another.

    python benchmarks/dbt_run.py                          # every setting, medians of five
    python benchmarks/dbt_run.py "capacity 300" bucket --repeats 1
    python benchmarks/dbt_run.py --retry-after 1          # each 429 says so; --told: the limits stand in `endpoints` of the profile
    python benchmarks/dbt_run.py --again                  # what one repeat learns of the endpoint is remembered by the next, as on any day
    python benchmarks/dbt_run.py --plain                  # beside each run a client that is nothing but asyncio: what the machine can do

ideal: what no client can beat, the requests over the limit. Who was told a rate keeps it: of a larger bucket it uses a second's worth.
node: from when dbt begins to compile the node until it has the table. What dbt itself needs before and after (first and last column of
the parts) is the same without dbt_ai. Both are divided by the ideal: the node, and its part `send` alone, from the first request that
the endpoint saw to its last answer. The endpoint and dbt's log say when each part ended. plain: `send` of benchmarks/plain_client.py.
"""

from __future__ import annotations

import argparse
import itertools
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests/functional"))

from conftest import Project
from loopback import Endpoint, endpoint

SECONDS = 6
MODELS = {
    "models/texts.sql": "select 'prompt number ' || i as body from range({count}) t(i)",
    "models/llm.sql": "{{{{ dbt_ai.create_external_model(location='{chat}', api_format='OpenAI', model_type='CHAT', model='m') }}}}",
    "models/answers.sql": "{{{{ config(materialized='ai_table') }}}}"
    " select body, {{{{ dbt_ai.ai_query(ref('llm'), 'body', fail_on_error=false) }}}} as answer from {{{{ ref('texts') }}}}",
}


@dataclass(frozen=True)
class Setting:
    """An endpoint and as many prompts as it can answer in `ideal` seconds. told: what the configuration would say of it."""

    name: str
    count: int
    behaviour: dict[str, Any]
    told: dict[str, Any] = field(default_factory=dict)
    ideal: float = SECONDS


@dataclass(frozen=True)
class Took:
    """Seconds of each part of one run. start: until dbt begins with the node; end: after it."""

    start: float
    collect: float
    send: float
    store: float
    table: float
    end: float
    failed: int
    refused: int
    requests: int

    @property
    def node(self) -> float:
        return self.collect + self.send + self.store + self.table


def settings(told: bool) -> list[Setting]:
    found = []
    for size, latency in ((12, 0.2), (64, 0.2), (300, 0.2), (512, 0.2), (150, 0.5)):
        behaviour = {"latency": latency, "capacity": size}
        found.append(Setting(f"capacity {size} at {latency} s", round(size * SECONDS / latency), behaviour, {"max_in_flight": size}))
    for before, after in ((64, 32), (32, 64), (300, 150), (150, 300)):
        behaviour = {"latency": 0.2, "capacity": [[0, before], [SECONDS / 2, after]]}
        count = (before + after) * SECONDS * 5 // 2
        found.append(Setting(f"capacity {before} then {after}", count, behaviour, {"max_in_flight": max(before, after)}))
    for rate, burst in ((20, 2), (20, 40), (100, 10), (100, 200), (1000, 100), (1000, 2000)):
        behaviour = {"latency": 0.05, "rate": rate, "burst": burst}
        count = rate * SECONDS + (min(burst, rate) if told else burst)
        found.append(Setting(f"bucket {rate}/s burst {burst}", count, behaviour, {"requests_per_minute": 60 * rate}))
    for size, rate in ((20, 150), (30, 100)):
        behaviour = {"latency": 0.2, "capacity": size, "rate": rate, "burst": rate // 10}
        limits = {"max_in_flight": size, "requests_per_minute": 60 * rate}
        found.append(Setting(f"both {size} and {rate}/s", min(size * 5, rate) * SECONDS, behaviour, limits))
    return found


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("settings", nargs="*", help="beginnings of names; all without one")
    arguments.add_argument("--repeats", type=int, default=5)
    arguments.add_argument("--retry-after", help="header of every 429")
    arguments.add_argument("--told", action="store_true", help="write the limits into the profile")
    arguments.add_argument("--again", action="store_true", help="remember the endpoint from one repeat to the next")
    arguments.add_argument("--plain", action="store_true", help="ask with nothing but asyncio too")
    given = arguments.parse_args()
    print(
        f"{'setting':24} {'ideal':>6} {'node':>6} {'ratio':>6} {'send':>6} {'plain':>6} {'failed':>6} {'refused':>8}"
        f"   {'start':>5} {'collect':>7} {'send':>6} {'store':>5} {'table':>5} {'end':>5}"
    )
    with endpoint() as server:
        for setting in settings(given.told):
            if not given.settings or any(setting.name.startswith(name) for name in given.settings):
                runs, plain = [], []
                with tempfile.TemporaryDirectory() as cache:
                    if given.again:
                        run(server, setting, given.retry_after, given.told, cache)
                    for _ in range(given.repeats):
                        runs.append(run(server, setting, given.retry_after, given.told, cache if given.again else None))
                        if given.plain:
                            plain.append(ask_plainly(server, setting, given.retry_after))
                show(setting, runs, plain)


def show(setting: Setting, runs: Sequence[Took], plain: Sequence[float] = ()) -> None:
    """The run in the middle; the failed rows of all. plain: seconds of the plain client."""
    took = sorted(runs, key=lambda took: took.node)[len(runs) // 2]
    beside = f"{statistics.median(plain) / setting.ideal:.2f}" if plain else ""
    print(
        f"{setting.name:24} {setting.ideal:6.2f} {took.node:6.2f} {took.node / setting.ideal:6.2f} {took.send / setting.ideal:6.2f}"
        f" {beside:>6} {sum(run.failed for run in runs):6} {took.refused:8,}"
        f"   {took.start:5.2f} {took.collect:7.2f} {took.send:6.2f} {took.store:5.2f} {took.table:5.2f} {took.end:5.2f}",
        flush=True,
    )


def run(server: Endpoint, setting: Setting, retry_after: str | None, told: bool, cache: str | None = None) -> Took:
    """cache: where it is remembered what the endpoint bore; nothing is without it."""
    with tempfile.TemporaryDirectory() as folder:
        project = Project(Path(folder))
        project.env["DBT_AI_CACHE_DIR"] = cache or str(Path(folder) / "cache")
        project.set_up()
        if told:
            project.configure(endpoints=[{"url": server.url, **setting.told}])
        project.write({name: text.format(count=setting.count, chat=server.chat) for name, text in MODELS.items()})
        project.dbt_process("run", "-s", "texts", "llm", check=True)
        server.behave(**setting.behaviour, retry_after=retry_after)
        started = time.time()
        done = project.dbt_process("run", "-s", "answers", "--log-format-file", "json", "--log-path", "measured", check=True)
        ended = time.time()
        counted = server.counters()
        [(rows, answered)] = project.query("select count(*), count(answer.response) from answers")
        timing = done.results["answers"]["timing"]
        moments = [
            started,
            min(moment(part["started_at"]) for part in timing),
            counted["first"],
            counted["last"],
            planned(project.path / "measured/dbt.log"),
            max(moment(part["completed_at"]) for part in timing),
            ended,
        ]
        parts = [after - before for before, after in itertools.pairwise(moments)]
        assert rows == setting.count
        return Took(*parts, failed=rows - answered, refused=counted["refused"], requests=counted["requests"])


def ask_plainly(server: Endpoint, setting: Setting, retry_after: str | None) -> float:
    """Seconds from the first request to the last answer of a client that knows the limits."""
    server.behave(**setting.behaviour, retry_after=retry_after)
    client = Path(__file__).with_name("plain_client.py")
    subprocess.run([sys.executable, client, str(server.port), str(setting.count), json.dumps(setting.behaviour)], check=True)
    counted = server.counters()
    assert counted["accepted"] == setting.count
    return counted["last"] - counted["first"]


def planned(log: Path) -> float:
    """When the last answer was stored: dbt then says to the functions which node reads them."""
    events = [json.loads(line) for line in log.open()]
    return max(moment(event["info"]["ts"]) for event in events if "set variable dbt_ai_node" in event["data"].get("sql", ""))


def moment(text: str) -> float:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


if __name__ == "__main__":
    main()
