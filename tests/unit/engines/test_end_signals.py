import signal
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from dbt_ai import node_plan
from dbt_ai.engines import end_signals as module
from dbt_ai.engines.end_signals import EndSignals

COMPLETED: Any = SimpleNamespace(info=SimpleNamespace(name="CommandCompleted"))


@pytest.fixture
def died() -> Iterator[list[int]]:
    """Signals that were left to the process itself; in its place something that does not end it."""
    received: list[int] = []
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    yield received
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def ending(monkeypatch: pytest.MonkeyPatch, died: list[int]) -> EndSignals:
    def of_nobody(number: int, frame: object) -> None:
        died.append(number)

    signal.signal(signal.SIGTERM, of_nobody)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell has what it starts in the background ignore it
    monkeypatch.setattr(module, "_OF_NOBODY", (of_nobody, signal.default_int_handler))
    made = EndSignals()
    made.take_over()
    return made


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_interrupts_and_those_that_follow_are_waited_out(ending: EndSignals, died: list[int], number: int):
    assert ending.interrupts(number)
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(number)
    signal.raise_signal(signal.SIGTERM)
    signal.raise_signal(signal.SIGINT)
    assert not died


def test_a_signal_long_after_the_first_ends_the_process(ending: EndSignals, died: list[int], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "WAITED_OUT", 0.0)
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGTERM)
    signal.raise_signal(signal.SIGTERM)
    assert died == [signal.SIGTERM]


def test_a_signal_after_the_invocation_does_what_it_always_did(ending: EndSignals, died: list[int]):
    ending._hear(COMPLETED)
    signal.raise_signal(signal.SIGTERM)
    assert died == [signal.SIGTERM]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.parametrize("handler", [signal.SIG_IGN, lambda number, frame: None], ids=["nohup", "the caller's own"])
def test_a_signal_that_somebody_handles_stays_theirs(died: list[int], handler: Any):
    signal.signal(signal.SIGHUP, handler)
    made = EndSignals()
    made.take_over()
    assert signal.getsignal(signal.SIGHUP) is handler and not made.interrupts(signal.SIGHUP)


def test_signals_are_waited_out_for_as_long_as_plans_take_to_end():
    assert module.WAITED_OUT == node_plan.ENDING_SECONDS
