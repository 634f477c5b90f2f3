"""One execution of one job, and what was delivered of it."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from dbt_ai.budget import Budget, Budgets
from dbt_ai.call import Call
from dbt_ai.call_constant import parse_call
from dbt_ai.execution.scheduler import Scheduler
from dbt_ai.ledger import Ledger
from dbt_ai.request import Requests
from dbt_ai.response import Delivery, Failure
from dbt_ai.security.credentials import Credentials
from dbt_ai.store.no_store import NoStore

# Seconds. A machine that is busy with something else takes a hundred times longer than usual.
HANGS_AFTER = 300


def call_of(location: str, kind: str = "CHAT", **parameters: Any) -> Call:
    api_format = "Databricks" if kind == "CUSTOM" else "OpenAI"
    model = {"name": "model", "location": location, "api_format": api_format, "model_type": kind, "model": "x"}
    function = "ai_embed" if kind == "EMBEDDINGS" else "ai_query"
    return parse_call(json.dumps({"function": function, "model": model, "parameters": parameters}), False)


def requests_of(call: Call, inputs: Sequence[str]) -> Requests:
    return Requests(call, inputs, call.keys(inputs))


@dataclass
class Run:
    """One execution of one job: values and failures by input."""

    scheduler: Scheduler
    values: dict[str, Any] = field(default_factory=dict)
    failures: dict[str, Failure] = field(default_factory=dict)
    stored: set[str] = field(default_factory=set)
    cancelled: threading.Event = field(default_factory=threading.Event)

    def deliver(self, answered: Sequence[Delivery]) -> None:
        for part in answered:
            for index, position in enumerate(part.positions):
                text = part.requests.inputs[position]
                assert text not in self.values and text not in self.failures, f"{text!r} was delivered twice"
                if index in part.responses.failures:
                    self.failures[text] = part.responses.failures[index]
                else:
                    self.values[text] = part.responses.values[index]
                    if part.stored:
                        self.stored.add(text)

    def execute(self, call: Call, inputs: Sequence[str], node: str = "node") -> Run:
        self.scheduler.execute([requests_of(call, inputs)], self.deliver, self.cancelled, node)
        return self


def scheduler(budget: Budget | None = None, **options: Any) -> Scheduler:
    credentials = Credentials.from_config(options.pop("credentials", []))
    return Scheduler(credentials, Ledger(budgets=Budgets([budget or Budget()])), options.pop("store", NoStore()), **options)


def ask(call: Call, inputs: Sequence[str], **options: Any) -> Run:
    return Run(scheduler(**options)).execute(call, inputs)


def prompts(count: int) -> list[str]:
    return [f"prompt number {number} of many" for number in range(count)]


class Wire(httpx.AsyncBaseTransport):
    """answer: (status, headers, JSON or bytes) for a prompt. seconds: how long it takes."""

    def __init__(self, answer: Callable[[str], tuple[int, dict[str, str], Any]], seconds: float = 0.0) -> None:
        self.answer = answer
        self.seconds = seconds
        self.in_flight = self.most_in_flight = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        prompt = json.loads(await request.aread())["messages"][-1]["content"]
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        await asyncio.sleep(self.seconds)
        self.in_flight -= 1
        status, headers, document = self.answer(prompt)
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        return httpx.Response(status, headers=headers, content=body)


def said(content: Any) -> tuple[int, dict[str, str], Any]:
    return 200, {}, {"choices": [{"message": {"content": content}}]}


def unless_it_hangs(work: Callable[[], Any]) -> Any:
    """What `work` returns; a failure of the test if it does not return."""
    results: list[Any] = []
    thread = threading.Thread(target=lambda: results.append(work()), daemon=True)
    thread.start()
    thread.join(HANGS_AFTER)
    assert results, "it hangs or broke"
    return results[0]


def until(happened: Callable[[], bool]) -> None:
    """Wait for what another thread or a server does; a failure of the test if it does not happen."""
    deadline = time.monotonic() + HANGS_AFTER
    while not happened():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)
