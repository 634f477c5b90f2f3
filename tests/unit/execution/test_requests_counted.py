"""A request that leaves once more with another secret is counted before it does, and does not leave beyond the budget."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from executing import Run, call_of, prompts, scheduler

from dbt_ai.budget import Budget
from dbt_ai.errors import BudgetExceeded
from dbt_ai.execution.scheduler import Scheduler

URL = "http://127.0.0.1:9"
CALL = call_of(f"{URL}/v1/chat/completions")
CALL = replace(CALL, model=replace(CALL.model, credential=URL))
ANSWER = {"choices": [{"finish_reason": "stop", "message": {"content": "yes"}}], "usage": {"prompt_tokens": 1, "completion_tokens": 1}}


class Renewing(httpx.AsyncBaseTransport):
    """Wants another secret for every second request, and puts it into the file that the secret is read from."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.secret = "secret-number-0"
        self.received = self.answered = 0
        file.write_text(self.secret)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.received += 1
        if self.received % 2:
            self.secret = f"secret-number-{self.received}"
            self.file.write_text(self.secret)
        if request.headers["authorization"] != f"Bearer {self.secret}":
            return httpx.Response(401, json={"error": {"message": "expired"}})
        self.answered += 1
        return httpx.Response(200, json=ANSWER)


def renewing(tmp_path: Path, budget: Budget) -> tuple[Renewing, Scheduler]:
    wire = Renewing(tmp_path / "secret")
    credential = {"name": URL, "identity": "Bearer", "secret_file": str(wire.file)}
    return wire, scheduler(budget, transport=wire, credentials=[credential])


def test_a_request_that_leaves_with_another_secret_is_counted(tmp_path: Path):
    wire, made = renewing(tmp_path, Budget())
    for prompt in prompts(5):
        Run(made).execute(CALL, [prompt])
    used = made.ledger.total()
    assert (wire.received, wire.answered) == (10, 5)
    assert (used.requests, used.retried, used.broken) == (10, 5, 5)


def test_a_request_does_not_leave_with_another_secret_beyond_the_budget(tmp_path: Path):
    wire, made = renewing(tmp_path, Budget(requests=3))
    Run(made).execute(CALL, prompts(1))
    with pytest.raises(BudgetExceeded, match="max_requests of 3 is reached"):
        Run(made).execute(CALL, prompts(2)[1:])
    assert wire.received == made.ledger.total().requests == 3
