from typing import Any

import pytest
from executing import call_of, prompts, requests_of

from dbt_ai.execution import outage as module
from dbt_ai.execution.backoff import ATTEMPTS, LONGEST_BACKOFF
from dbt_ai.execution.bundle import Bundle
from dbt_ai.execution.outage import AT_ONCE, Outage


@pytest.fixture(autouse=True)
def full_backoff(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without chance: two seconds more for each break, at least what was asked."""
    monkeypatch.setattr(module, "backoff", lambda attempt, asked: max(asked or 0.0, 2.0 * attempt))


def bundle_of(**parameters: Any) -> Bundle:
    return Bundle(requests_of(call_of("http://127.0.0.1:1/v1/chat/completions", **parameters), prompts(1)), [0], 1)


def broken(times: int, asked: float | None = None) -> Outage:
    """One request after another that left and broke within a second; the last at second `times`."""
    outage = Outage()
    for second in range(times):
        outage.broke(sent=float(second), now=second + 1.0, asked=asked)
    return outage


def test_an_endpoint_that_was_never_asked_is_not_waited_for():
    assert Outage().wait(0.0) == 0.0


def test_what_was_on_its_way_together_counts_once():
    outage = Outage()
    for at in range(10):
        outage.broke(sent=0.0, now=1.0 + at / 10, asked=None)
    assert outage.breaks == 1
    outage.broke(sent=1.5, now=2.0, asked=None)
    assert outage.breaks == 2


@pytest.mark.parametrize(("breaks", "waits"), [(1, 0.0), (AT_ONCE, 0.0), (AT_ONCE + 1, 2.0), (AT_ONCE + 3, 6.0)])
def test_the_first_that_break_may_be_to_blame_and_then_the_endpoint_is_left_alone_for_longer_and_longer(breaks: int, waits: float):
    outage = broken(breaks)
    assert outage.wait(float(breaks)) == waits
    assert outage.wait(breaks + waits) == 0.0


def test_an_endpoint_that_says_how_long_is_left_alone_for_as_long():
    assert broken(AT_ONCE + 1, asked=20.0).wait(AT_ONCE + 1.0) == 20.0


def test_one_request_at_a_time_finds_out_whether_it_is_over():
    outage, probe, other = broken(1), bundle_of(), bundle_of()
    outage.leaves(1.0, probe)
    assert outage.wait(1.0) == LONGEST_BACKOFF
    outage.returned(2.0, other)  # it left before the first broke
    assert outage.wait(2.0) > 0.0
    outage.returned(3.0, probe)
    assert outage.wait(3.0) == 0.0


def test_a_request_that_hangs_is_not_waited_for_without_end():
    outage = broken(1)
    outage.leaves(1.0, bundle_of())
    assert outage.wait(1.0 + LONGEST_BACKOFF) == 0.0


def test_whatever_the_endpoint_does_ends_it():
    outage = broken(AT_ONCE + 2)
    outage.over()
    assert outage.wait(AT_ONCE + 2.0) == 0.0 and not outage.is_hopeless(bundle_of())
    outage.leaves(9.0, bundle_of())
    assert outage.wait(9.0) == 0.0, "they leave side by side again"


def test_an_endpoint_that_nobody_asked_for_long_gets_a_new_chance():
    outage = broken(AT_ONCE + 1)
    outage.leaves(AT_ONCE + 1.0 + 2.0 + LONGEST_BACKOFF + 1.0, bundle_of())
    assert outage.breaks == 0


def test_it_is_hopeless_when_as_many_broke_as_one_request_would_have_been_sent():
    assert not broken(ATTEMPTS + AT_ONCE - 1).is_hopeless(bundle_of())
    assert broken(ATTEMPTS + AT_ONCE).is_hopeless(bundle_of())
    assert broken(1 + AT_ONCE).is_hopeless(bundle_of(sql_rest_options={"retry_count": 0}))
