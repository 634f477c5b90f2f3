"""One bundle finds out how an endpoint wants to be asked; the others wait, but never for long."""

from __future__ import annotations

import asyncio
import json
import threading

import httpx
from executing import Run, call_of, prompts, scheduler, unless_it_hangs, until

from dbt_ai.call_constant import parse_call
from dbt_ai.execution import scout
from dbt_ai.execution.window import FIRST_SIZE

LOCATION = "http://127.0.0.1:9/v1/chat/completions"
MODEL = {"name": "m", "location": LOCATION, "api_format": "OpenAI", "model_type": "CHAT", "model": "x"}
TYPED = parse_call(json.dumps({"function": "ai_query", "model": MODEL, "return_type": "INT"}), False)
REFUSAL = {"error": {"message": "Request contains an invalid argument."}}
ANSWER = {"choices": [{"message": {"content": "1"}, "finish_reason": "stop"}]}


class Wire(httpx.AsyncBaseTransport):
    """An endpoint that takes no response_format, unless it is told to. seconds: how long it takes to refuse and to answer.
    together: it answers nothing before so many have arrived."""

    together = 0

    def __init__(self, seconds: float = 0.0, takes_format: bool = False) -> None:
        self.seconds = seconds
        self.takes_format = takes_format
        self.in_flight = self.most_in_flight = self.refused = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        refuses = b"response_format" in await request.aread() and not self.takes_format
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        while self.most_in_flight < self.together:
            await asyncio.sleep(0.01)
        await asyncio.sleep(self.seconds)
        self.in_flight -= 1
        self.refused += refuses
        return httpx.Response(400 if refuses else 200, content=json.dumps(REFUSAL if refuses else ANSWER).encode())


def heads_start_for(monkeypatch, seconds: float) -> None:
    monkeypatch.setattr(scout, "HEAD_START", dict.fromkeys(scout.HEAD_START, seconds))


def test_a_thousand_rows_find_out_by_one_refusal_that_the_schema_is_told_in_the_prompt(monkeypatch):
    heads_start_for(monkeypatch, 600)
    wire = Wire()
    assert len(Run(scheduler(transport=wire)).execute(TYPED, prompts(1000)).values) == 1000
    assert wire.refused == 1


def test_an_endpoint_that_refuses_slowly_is_found_out_for_what_the_first_window_holds(monkeypatch):
    heads_start_for(monkeypatch, 0.01)
    wire = Wire(seconds=0.2)
    assert len(Run(scheduler(transport=wire)).execute(TYPED, prompts(200)).values) == 200
    assert wire.refused <= 2 * FIRST_SIZE


def test_an_endpoint_that_answers_slowly_is_not_waited_for(monkeypatch):
    heads_start_for(monkeypatch, 0.02)
    wire = Wire(seconds=600, takes_format=True)
    run = Run(scheduler(transport=wire))
    thread = threading.Thread(target=run.execute, args=(TYPED, prompts(8)), daemon=True)
    thread.start()
    until(lambda: wire.in_flight == 8)
    run.cancelled.set()
    thread.join(60)


def test_what_is_proven_is_not_waited_for_again(monkeypatch):
    wire = Wire(takes_format=True)
    made = scheduler(transport=wire)
    for call in (TYPED, call_of(LOCATION)):
        Run(made).execute(call, ["first"])
    heads_start_for(monkeypatch, 600)
    wire.together = 8
    for call in (TYPED, call_of(LOCATION)):
        wire.most_in_flight = 0
        assert len(unless_it_hangs(lambda call=call: Run(made).execute(call, prompts(8)).values)) == 8


def test_a_scout_that_was_cancelled_holds_up_nobody(monkeypatch):
    heads_start_for(monkeypatch, 600)
    wire = Wire(seconds=600, takes_format=True)
    made = scheduler(transport=wire)
    first = Run(made)
    thread = threading.Thread(target=first.execute, args=(TYPED, ["one", "two"]), daemon=True)
    thread.start()
    until(lambda: wire.in_flight == 1)
    wire.seconds = 0.0
    first.cancelled.set()
    thread.join(60)
    assert not thread.is_alive()
    assert len(unless_it_hangs(lambda: Run(made).execute(TYPED, ["three"], "other").values)) == 1


class Ignoring(Wire):
    """Takes a response_format of json_schema and does not keep to it, but reads the prompt."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        asked = await request.aread()
        await asyncio.sleep(self.seconds)
        told = b"JSON Schema" in asked
        self.refused += not told
        answer = {"choices": [{"message": {"content": "1" if told else "Well, one."}, "finish_reason": "stop"}]}
        return httpx.Response(200, content=json.dumps(answer).encode())


def test_a_thousand_rows_find_out_by_one_repair_that_the_schema_is_ignored(monkeypatch):
    heads_start_for(monkeypatch, 600)
    wire = Ignoring(seconds=0.02)
    assert len(Run(scheduler(transport=wire)).execute(TYPED, prompts(1000)).values) == 1000
    assert wire.refused == 1


def test_a_model_that_never_keeps_to_the_schema_holds_nobody_up(monkeypatch):
    heads_start_for(monkeypatch, 2)  # ten minutes, if each of them got it

    class Hopeless(Wire):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            return httpx.Response(200, content=json.dumps({"choices": [{"message": {"content": "?"}, "finish_reason": "stop"}]}).encode())

    assert len(unless_it_hangs(lambda: Run(scheduler(transport=Hopeless())).execute(TYPED, prompts(300)).failures)) == 300
