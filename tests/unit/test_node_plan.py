"""How a plan fares while its node waits for it, or does not."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from dbt_ai import node_plan
from dbt_ai.errors import PlanError
from dbt_ai.node_plan import NodePlan


class Answers:
    """What a plan is shown with, in the place of NodeAnswers."""

    class mode:
        estimates = False

    def asking(self) -> threading.Lock:
        return threading.Lock()

    def tell_progress(self) -> None: ...

    def told(self) -> str:
        return "told"


class Plan:
    """Runs until it is cancelled, or told to end."""

    node = "model.project.answers"

    def __init__(self) -> None:
        self.cancelled = threading.Event()
        self.ends = threading.Event()

    def run(self) -> None:
        while not self.ends.wait(0.01):
            if self.cancelled.is_set():
                raise PlanError("interrupted")


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(node_plan, "LOOK_EVERY", 0.05)
    plan: Any = Plan()
    running = NodePlan(plan, "owner", Answers(), lambda: None)  # type: ignore[arg-type]
    running.start()
    yield plan, running
    plan.ends.set()


def test_a_plan_that_nobody_waits_for_any_longer_ends(started: Any):
    plan, running = started
    assert plan.cancelled.wait(60)
    assert running.wait(60).message == "interrupted"


def test_a_node_that_was_kept_from_asking_for_a_while_is_not_given_up(started: Any, monkeypatch: pytest.MonkeyPatch):
    plan, running = started
    monkeypatch.setattr(node_plan, "ABANDONED_AFTER", 10_000)  # looks, which take eight minutes
    now = time.monotonic
    monkeypatch.setattr(time, "monotonic", lambda: now() + 3600)  # the machine was suspended for an hour, and nobody ran
    time.sleep(0.2)
    assert running.wait(0.05).state == "running"
    assert not plan.cancelled.is_set()


def test_memory_that_ran_out_is_one_sentence(capsys: pytest.CaptureFixture[str]):
    plan: Any = Plan()

    def run() -> None:
        raise MemoryError

    plan.run = run
    running = NodePlan(plan, "owner", Answers(), lambda: None)  # type: ignore[arg-type]
    running.start()
    status = running.wait(60)
    told = "model.project.answers: the memory of this process is used up; give it more, or fewer threads, and run it again"
    assert (status.state, status.message) == ("failed", told)
    assert "Traceback" not in capsys.readouterr().err
