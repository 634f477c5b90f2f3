"""How requests leave, against a loopback endpoint of known latency and capacity (tests/loopback.py).

    python benchmarks/endpoints.py                    # everything, medians of five
    python benchmarks/endpoints.py capacity --repeats 1
    parts: capacity (not told), told, changing, rate, cpu

Ratios are to the ideal time (requests / capacity x latency, or requests / rate); cpu is to httpx's own transport.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import httpx

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from loopback import Endpoint, endpoint

from dbt_ai.call_constant import parse_call
from dbt_ai.execution.quotas import Quotas
from dbt_ai.execution.scheduler import Scheduler
from dbt_ai.execution.transport import KeepAliveTransport
from dbt_ai.ledger import Ledger, Usage
from dbt_ai.request import Requests
from dbt_ai.response import Delivery
from dbt_ai.security.credentials import Credentials
from dbt_ai.store.no_store import NoStore


def main() -> None:
    parts: dict[str, Callable[[Endpoint, int], None]] = {
        "capacity": capacity,
        "told": told,
        "changing": changing,
        "rate": rate,
        "cpu": cpu,
    }
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("parts", nargs="*", choices=[*parts, []], default=[])
    arguments.add_argument("--repeats", type=int, default=5)
    given = arguments.parse_args()
    with endpoint() as server:
        for name in given.parts or parts:
            parts[name](server, given.repeats)


def capacity(server: Endpoint, repeats: int) -> None:
    for size, latency in ((8, 0.2), (64, 0.2), (512, 0.2), (20, 0.1), (150, 0.5)):
        count = round(size * 6 / latency)
        show(
            f"capacity {size} at {latency} s, not told",
            6,
            repeats,
            lambda size=size, latency=latency, count=count: (server.behave(latency=latency, capacity=size), ask(server, count)),
        )


def told(server: Endpoint, repeats: int) -> None:
    for size, latency in ((8, 0.2), (64, 0.2), (512, 0.2), (20, 0.1), (150, 0.5)):
        count, quotas = round(size * 6 / latency), Quotas.from_config([{"url": server.url, "max_in_flight": size}])
        show(
            f"capacity {size} at {latency} s, told",
            6,
            repeats,
            lambda size=size, latency=latency, count=count, quotas=quotas: (
                server.behave(latency=latency, capacity=size),
                ask(server, count, quotas),
            ),
        )


def changing(server: Endpoint, repeats: int) -> None:
    for steps in ([64, 32, 64], [40, 20, 80], [100, 50, 100]):
        schedule = [[2 * index, size] for index, size in enumerate(steps)]
        count = sum(size * 10 for size in steps)
        show(
            f"capacity {steps} for 2 s each",
            6,
            repeats,
            lambda schedule=schedule, count=count: (server.behave(latency=0.2, capacity=schedule), ask(server, count)),
        )


def rate(server: Endpoint, repeats: int) -> None:
    for per_second, burst in ((100, 100), (50, 10), (200, 200)):
        count = per_second * 20
        show(
            f"{per_second} requests/s, burst {burst}, Retry-After 1",
            20,
            repeats,
            lambda per_second=per_second, burst=burst, count=count: (
                server.behave(latency=0.05, rate=per_second, burst=burst, retry_after="1"),
                ask(server, count),
            ),
        )


def cpu(server: Endpoint, repeats: int) -> None:
    """Client CPU for one chat request at 64 in flight: the whole scheduler on our transport, and on httpx's."""
    quotas = Quotas.from_config([{"url": server.url, "max_in_flight": 64}])
    server.behave(latency=0.02)
    taken: dict[str, list[float]] = {"ours": [], "httpx": []}
    for _ in range(repeats):
        for name, found in taken.items():
            unlimited = httpx.Limits(max_connections=None, max_keepalive_connections=None)
            transport = KeepAliveTransport() if name == "ours" else httpx.AsyncHTTPTransport(limits=unlimited)
            before = _cpu()
            ask(server, 2000, quotas, transport)
            found.append((_cpu() - before) / 2000 * 1000)
    ours, theirs = statistics.median(taken["ours"]), statistics.median(taken["httpx"])
    print(
        f"client CPU for one request at 64 in flight: {ours:.2f} ms, with httpx's transport {theirs:.2f} ms: {theirs / ours:.1f} x",
        flush=True,
    )


def show(what: str, ideal: float, repeats: int, run: Callable[[], Any]) -> None:
    runs = [run()[1] for _ in range(repeats)]
    seconds = statistics.median(seconds for seconds, _ in runs)
    usage: Usage = runs[-1][1]
    assert usage.failed == 0
    print(f"{what}: {seconds:.2f} s, {seconds / ideal:.2f} x ideal; {usage.throttled} of {usage.requests} refused", flush=True)


def ask(
    server: Endpoint, count: int, quotas: Quotas | None = None, transport: httpx.AsyncBaseTransport | None = None
) -> tuple[float, Usage]:
    model = {"name": "m", "location": server.chat, "api_format": "OpenAI", "model_type": "CHAT", "model": "m"}
    call = parse_call(json.dumps({"function": "ai_query", "model": model}), False)
    inputs = [f"prompt number {number}" for number in range(count)]
    ledger = Ledger()
    scheduler = Scheduler(Credentials.from_config([]), ledger, NoStore(), quotas=quotas, transport=transport)
    answered = 0

    def deliver(parts: Sequence[Delivery]) -> None:
        nonlocal answered
        answered += sum(len(part.positions) for part in parts)

    started = time.perf_counter()
    scheduler.execute([Requests(call, inputs, call.keys(inputs))], deliver, threading.Event(), "node")
    seconds = time.perf_counter() - started
    assert answered == count
    scheduler.close()
    return seconds, ledger.total()


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
