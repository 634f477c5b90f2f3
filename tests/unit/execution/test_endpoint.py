"""What an endpoint does where timing, the system or an answer is against it; the wire is replaced."""

from __future__ import annotations

import asyncio
import json
import math
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import httpx
import numpy as np
import pytest
from executing import Run, Wire, ask, call_of, prompts, requests_of, said, scheduler, unless_it_hangs, until

from dbt_ai.call import Input
from dbt_ai.call_constant import parse_call
from dbt_ai.errors import PlanError
from dbt_ai.execution import endpoint as endpoint_module
from dbt_ai.execution import node_execution
from dbt_ai.execution.pacer import Pacer
from dbt_ai.execution.quotas import Quotas
from dbt_ai.execution.scheduler import Scheduler
from dbt_ai.request import Requests
from dbt_ai.response import Delivery
from dbt_ai.store.answer_store import StoredAnswers
from dbt_ai.store.no_store import NoStore
from dbt_ai.tokens import TokenCount

CALL = call_of("http://127.0.0.1:9/v1/chat/completions")


class Kept(NoStore):
    """Keeps single texts in memory."""

    def __init__(self) -> None:
        self.values: dict[bytes, str] = {}

    def lookup(self, requests: Requests) -> Iterator[StoredAnswers]:
        for index, key in enumerate(requests.keys):
            if key in self.values:
                yield StoredAnswers(np.array([index]), [self.values[key]], TokenCount())

    def put(self, deliveries: Sequence[Delivery], node: str | None) -> None:
        self.values.update({part.requests.keys[0]: part.responses.values[0] for part in deliveries})


def test_however_many_are_in_flight_one_thread_sends_them():
    before = threading.active_count()
    most = 0

    def answer(prompt: str) -> tuple[int, dict[str, str], Any]:
        nonlocal most
        most = max(most, threading.active_count())
        return said(prompt)

    made = scheduler(transport=Wire(answer, seconds=0.05), quotas=Quotas.from_config([{"url": "http://", "max_in_flight": 500}]))
    assert len(unless_it_hangs(lambda: Run(made).execute(CALL, prompts(1000)).values)) == 1000
    assert most <= before + 2  # the one that sends, and the one of this test


def test_a_header_that_nobody_foresaw_leaves_nobody_waiting(quick_retries):
    for headers in ({"Retry-After": "Mon, 1 Jan 2026 00:00:00 +99999999999999"}, {"Retry-After-Ms": "nan"}):
        wire = Wire(lambda prompt, headers=headers: (500, headers, {}))
        assert len(unless_it_hangs(lambda wire=wire: ask(CALL, prompts(3), transport=wire).failures)) == 3


def test_what_breaks_while_a_batch_is_settled_reaches_the_node(monkeypatch):
    def breaks(*_: Any) -> float:
        raise ZeroDivisionError

    monkeypatch.setattr(endpoint_module, "backoff", breaks)

    def execute() -> str:
        with pytest.raises(ZeroDivisionError):
            ask(CALL, prompts(3), transport=Wire(lambda prompt: (500, {}, {})))
        return "raised"

    assert unless_it_hangs(execute) == "raised"


def test_two_models_of_one_node_that_share_their_keys_both_end_where_the_endpoint_refuses_all():
    model = {"name": "a", "location": CALL.model.location, "api_format": "OpenAI", "model_type": "CHAT", "model": "x"}
    calls = [parse_call(json.dumps({"function": "ai_query", "model": {**model, "name": name}})) for name in "ab"]
    delivered: list[Delivery] = []

    def execute(made: Scheduler) -> int:
        made.execute([requests_of(call, prompts(30)) for call in calls], delivered.extend, threading.Event(), "node")
        return sum(len(part.positions) for part in delivered)

    assert unless_it_hangs(lambda: execute(scheduler(transport=Wire(lambda prompt: (401, {}, {}))))) == 60


def test_parts_of_an_aggregate_that_break_once_each_do_not_fail_the_whole(quick_retries):
    call = replace(CALL, function="ai_agg", input=Input.TEXT_LIST)
    broken: set[str] = set()

    def answer(prompt: str) -> tuple[int, dict[str, str], Any]:
        if prompt in broken:
            return said("short")
        broken.add(prompt)
        return 500, {}, {}

    group = json.dumps([f"{number:03} " + "x" * 20_000 for number in range(10)])
    made = scheduler(transport=Wire(answer))
    assert Run(made).execute(call, [group]).values == {group: "short"}
    [usage] = made.ledger.usages()
    assert (usage.requests, usage.broken, usage.retried) == (22, 11, 11)


def test_an_aggregate_whose_parts_come_to_nothing_fails_alone_and_takes_no_answer_of_a_part():
    call = replace(CALL, function="ai_agg", input=Input.TEXT_LIST)
    group, other = json.dumps([f"{number:03} " + "x" * 9_000 for number in range(9)]), json.dumps(["short"])
    kept = Kept()

    for _ in range(2):  # when its parts are answered, and when all of them are stored
        made = scheduler(transport=Wire(lambda prompt: said("long" * 9_000)), store=kept)
        run = Run(made).execute(call, [group, other])
        assert list(run.values) == [other]
        assert "no shorter" in run.failures[group].message


def test_a_wait_of_moments_is_not_slept_through_because_another_batch_is_due_later(monkeypatch):
    monkeypatch.setattr(endpoint_module, "backoff", lambda *_: 600.0)
    failed = threading.Event()

    def answer(prompt: str) -> tuple[int, dict[str, str], Any]:
        if prompt == "broken":
            failed.set()
            return 500, {}, {}
        return said(prompt)

    made = scheduler(transport=Wire(answer, seconds=0.02), quotas=Quotas.from_config([{"url": "http://", "requests_per_minute": 600}]))
    Run(made).execute(CALL, prompts(10))  # all that may leave at once
    late = Run(made)
    threading.Thread(target=late.execute, args=(CALL, ["broken"]), daemon=True).start()
    assert failed.wait(60)
    time.sleep(0.005)
    assert len(unless_it_hangs(lambda: Run(made).execute(CALL, ["next"]).values)) == 1
    late.cancelled.set()


@pytest.mark.parametrize(
    "document",
    [
        b"[" * 200_000,
        b'{"choices": [{"message": {"content": 1}}]}',
    ],
)
@pytest.mark.parametrize("status", [200, 400])
def test_an_answer_that_cannot_be_read_is_one_failure(document: bytes, status: int):
    wire = Wire(lambda prompt: (status, {}, document) if prompt == "bad" else said(prompt))
    run = ask(CALL, ["good", "bad", "fine"], transport=wire)
    assert sorted(run.values) == ["fine", "good"]
    assert list(run.failures) == ["bad"]


def test_half_a_surrogate_pair_is_replaced_since_no_database_takes_it():
    answers = {"text": "so \ud83d! \ud83d\ude00", "refusal": "no \ud83d"}
    wire = Wire(lambda prompt: said(answers[prompt]) if prompt == "text" else (400, {}, {"error": {"message": answers[prompt]}}))
    run = ask(CALL, list(answers), transport=wire)
    assert run.values["text"] == "so \ufffd! \U0001f600"
    assert run.failures["refusal"].message.endswith("no \ufffd")


def test_nul_is_left_out_since_postgres_has_no_text_with_it():
    assert ask(CALL, ["asked"], transport=Wire(lambda prompt: said("a\0b"))).values == {"asked": "ab"}


def test_an_answer_in_parts_is_its_text():
    parts = [{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}, {"type": "text", "text": "yes"}]
    assert ask(CALL, ["asked"], transport=Wire(lambda prompt: said(parts))).values == {"asked": "yes"}


@pytest.mark.parametrize("quotas", [None, Quotas.from_config([{"url": "http://", "max_in_flight": 500}])])
def test_a_quarter_of_the_files_that_may_be_open_is_left_to_the_database(monkeypatch, quotas):
    resource = pytest.importorskip("resource")  # Windows has no such limit
    monkeypatch.setattr(resource, "getrlimit", lambda _: (64, 256))
    wire = Wire(said, seconds=0.3)  # so slow that no machine is busy with it
    assert len(ask(CALL, prompts(300), transport=wire, quotas=quotas).values) == 300
    assert wire.most_in_flight == 48


def test_closing_ends_every_node_that_waits_and_the_engine_may_be_asked_again():
    wire = Wire(said, seconds=600)
    made = scheduler(transport=wire)
    ended: list[BaseException] = []

    def execute() -> None:
        try:
            Run(made).execute(CALL, prompts(20))
        except BaseException as error:
            ended.append(error)

    node = threading.Thread(target=execute, daemon=True)
    node.start()
    until(lambda: wire.in_flight > 0)
    closing = [threading.Thread(target=made.close, daemon=True) for _ in range(2)]
    for thread in closing:
        thread.start()
    for thread in [*closing, node]:
        thread.join(60)
        assert not thread.is_alive()
    assert [type(error) for error in ended] == [PlanError]
    wire.seconds = 0
    assert len(unless_it_hangs(lambda: Run(made).execute(CALL, prompts(3)).values)) == 3


def test_a_node_that_is_ending_takes_over_nothing(monkeypatch):
    asked: list[str] = []
    answers = threading.Event()

    class Hanging(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            asked.append(json.loads(await request.aread())["messages"][-1]["content"])
            while not answers.is_set():
                await asyncio.sleep(0.01)
            return httpx.Response(500)

    made = scheduler(transport=Hanging())
    first, second = Run(made), Run(made)
    threads = [threading.Thread(target=run.execute, args=(CALL, inputs)) for run, inputs in ((first, ["both"]), (second, ["both", "own"]))]
    for number, thread in enumerate(threads, start=1):
        thread.start()
        until(lambda number=number: len(asked) == number)
    # The second one is in its last moments when the first one gives up.
    for run, moments in ((second, 600.0), (first, 0.0)):
        monkeypatch.setattr(node_execution, "LAST_CALL", moments)
        run.cancelled.set()
        time.sleep(0.3)
    threads[0].join(60)
    answers.set()
    threads[1].join(60)
    assert sorted(asked) == ["both", "own"]
    made.close()


def test_what_is_on_its_way_when_a_node_is_cancelled_is_kept_although_the_machine_then_stands_still(monkeypatch):
    stands_still = threading.Event()
    monotonic = time.monotonic
    clock = SimpleNamespace(monotonic=lambda: monotonic() + 3600 * stands_still.is_set())
    monkeypatch.setattr(node_execution, "time", clock)
    wire = Wire(said, seconds=1)
    run = Run(scheduler(transport=wire))
    node = threading.Thread(target=run.execute, args=(CALL, prompts(3)), daemon=True)
    node.start()
    until(lambda: wire.in_flight == 3)
    run.cancelled.set()
    time.sleep(0.3)  # it is in its last moments
    stands_still.set()
    node.join(60)
    assert len(run.values) == 3


def test_a_limit_of_open_files_uses_up_no_attempt():
    class Narrow(Wire):
        """No more than three at once."""

        places = 3

        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            if not self.places:
                raise httpx.PoolTimeout("as many connections as this process may open")
            self.places -= 1
            try:
                return await super().handle_async_request(request)
            finally:
                self.places += 1

    call = call_of(CALL.model.location, sql_rest_options={"retry_count": 0})
    assert len(ask(call, prompts(60), transport=Narrow(said, seconds=0.005)).values) == 60


def test_memory_that_ran_out_for_one_answer_loses_no_other_that_was_asked():
    class Short(Wire):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            response = await super().handle_async_request(request)
            if b"number 105 of" in await request.aread():
                raise MemoryError
            await asyncio.sleep(0.8)
            return response

    wire = Short(said)
    run = Run(scheduler(transport=wire, quotas=Quotas.from_config([{"url": "http://", "max_in_flight": 20}])))

    def execute() -> str:
        with pytest.raises(MemoryError):
            run.execute(CALL, prompts(1000))
        return "ended"

    sent: list[str] = []
    wire.answer = lambda prompt: sent.append(prompt) or said(prompt)
    assert unless_it_hangs(execute) == "ended"
    assert len(run.values) == len(sent) - 1 < 1000


def test_only_a_few_new_requests_leave_before_the_loop_hears_of_what_came_back(monkeypatch):
    class Opening(Wire):
        """Answers the first twenty in one round of the loop, and the pacer then lets all others leave."""

        rounds = 0

        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            if not self.rounds:
                self.left: Counter[int] = Counter()
                self.opened = asyncio.Event()
                asyncio.get_running_loop().call_later(0.3, self.opened.set)
                self.count_rounds()
            self.left[self.rounds] += 1
            await self.opened.wait()
            return await super().handle_async_request(request)

        def count_rounds(self) -> None:
            self.rounds += 1
            asyncio.get_running_loop().call_soon(self.count_rounds)

    wire = Opening(lambda prompt: said("yes"))
    window = lambda: 200 if wire.rounds and wire.opened.is_set() else 20  # noqa: E731
    monkeypatch.setattr(Pacer, "wait", lambda pacer, *_: 0.0 if pacer.window.in_flight < window() else math.inf)
    assert len(ask(CALL, prompts(200), transport=wire).values) == 200
    assert max(wire.left.values()) <= 60
