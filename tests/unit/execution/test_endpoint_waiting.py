"""How long a node waits for an endpoint that is busy, and an endpoint for answers to be stored; the wire is replaced."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Sequence
from typing import Any

import httpx
import pytest
from executing import Run, Wire, ask, call_of, prompts, said, scheduler, unless_it_hangs, until

from dbt_ai.execution import bundle as bundle_module
from dbt_ai.execution.quotas import Quotas
from dbt_ai.response import Delivery

CALL = call_of("http://127.0.0.1:9/v1/chat/completions")


@pytest.mark.parametrize("status", [429, 503, 500])
@pytest.mark.parametrize(
    "asked", ["1000000000", "3600", f"{time.time() + 1_000_000:.0f}"], ids=["a billion seconds", "an hour", "a moment"]
)
def test_a_wait_that_nobody_has_patience_for_ends_the_node_at_once(status: int, asked: str):
    wire = Wire(lambda prompt: (status, {"Retry-After": asked}, {"error": {"message": "later"}}))
    failures = unless_it_hangs(lambda: ask(CALL, prompts(50), transport=wire).failures)
    assert len(failures) == 50
    if status != 500:
        assert "later; nothing is answered, and the next try would be in " in next(iter(failures.values())).message


def test_a_wait_that_nobody_has_patience_for_is_not_believed_while_others_are_answered():
    refused: set[str] = set()

    class Refusing(Wire):
        """Refuses one in ten, once, where others have been answered and another one is in flight, which is answered after it."""

        answered = 0

        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            prompt = json.loads(await request.aread())["messages"][-1]["content"]
            if "5 of" in prompt and prompt not in refused and self.answered and self.in_flight:
                refused.add(prompt)
                return httpx.Response(429, headers={"Retry-After": "1000000000"}, content=b"{}")
            self.in_flight += 1
            await asyncio.sleep(0.01)
            self.in_flight -= 1
            self.answered += 1
            return httpx.Response(200, content=json.dumps(said(prompt)[-1]).encode())

    assert len(unless_it_hangs(lambda: ask(CALL, prompts(100), transport=Refusing(said)).values)) == 100
    assert refused


def sent_while_storing_stands_still(seconds: float, in_flight: int) -> int:
    """Requests that an endpoint has got when no more come, though the node is still storing its first answer."""
    wire = Wire(said, seconds)
    sent = 0

    def answer(prompt: str) -> tuple[int, dict[str, str], Any]:
        nonlocal sent
        sent += 1
        return said(prompt)

    wire.answer = answer
    found: list[int] = []

    class Slow(Run):
        def deliver(self, answered: Sequence[Delivery]) -> None:
            while not found:
                before = sent
                time.sleep(0.5)
                if sent == before:
                    found.append(sent)
            super().deliver(answered)

    made = scheduler(transport=wire, quotas=Quotas.from_config([{"url": "http://", "max_in_flight": in_flight}]))
    assert len(unless_it_hangs(lambda: Slow(made).execute(CALL, prompts(300)).values)) == 300
    return found[0]


def test_no_more_answers_than_a_bound_wait_to_be_stored():
    assert sent_while_storing_stands_still(seconds=0.0, in_flight=50) <= bundle_module.MOST_UNSTORED + 50


def test_nothing_is_asked_while_an_answer_waits_long_to_be_stored(monkeypatch):
    monkeypatch.setattr(bundle_module, "LONGEST_UNSTORED", 0.1)
    assert sent_while_storing_stands_still(seconds=0.05, in_flight=2) < bundle_module.MOST_UNSTORED / 2


def test_a_node_that_waits_for_a_busy_endpoint_knows_until_when():
    made = scheduler(transport=Wire(lambda prompt: (429, {"Retry-After": "200"}, {})))
    waiting = Run(made)
    threading.Thread(target=waiting.execute, args=(CALL, prompts(3)), daemon=True).start()
    until(lambda: made.next_try() > 0)
    assert 100 < made.next_try() <= 200
    waiting.cancelled.set()
    made.close()
