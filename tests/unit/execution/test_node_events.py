"""How long answers gather before the node's thread stores them."""

import time

import pytest
from executing import Run, ask, call_of, prompts, scheduler, unless_it_hangs
from loopback import Endpoint

from dbt_ai.execution import bundle, node_events


@pytest.mark.parametrize("took,gathers", [(0.0, 0.005), (0.005, 0.02), (0.01, 0.04), (1.0, 0.05)])
def test_storing_takes_a_fifth_of_the_time_and_keeps_nobody_waiting_for_long(took: float, gathers: float):
    assert node_events.gathering(took) == pytest.approx(gathers)


def test_the_last_answers_are_stored_as_soon_as_they_are_there(server: Endpoint, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(node_events, "gathering", lambda took: 600.0)
    server.behave(latency=0.05)
    run = unless_it_hangs(lambda: ask(call_of(server.chat), prompts(60)))  # more than one window, so that some come back later
    assert len(run.values) == 60


def test_answers_gather_no_longer_when_nothing_leaves_until_they_are_stored(server: Endpoint, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(node_events, "gathering", lambda took: 600.0)
    monkeypatch.setattr(bundle, "LONGEST_UNSTORED", 0.0)  # as where the process stood still since the first of them came back
    server.behave(latency=0.01)
    run = unless_it_hangs(lambda: ask(call_of(server.chat), prompts(60)))
    assert len(run.values) == 60


def test_answers_that_gathered_while_others_were_stored_wait_no_longer(server: Endpoint, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(node_events, "gathering", lambda took: 600.0)
    monkeypatch.setattr(node_events, "MOST_DELIVERED", 10)
    made = scheduler()
    run = Run(made)

    def deliver(parts) -> None:
        while server.counters()["accepted"] < 60:  # one commit takes longer than all that is left to be answered
            time.sleep(0.01)
        Run.deliver(run, parts)

    run.deliver = deliver  # type: ignore[method-assign]
    unless_it_hangs(lambda: run.execute(call_of(server.chat), prompts(60)))
    assert len(run.values) == 60
