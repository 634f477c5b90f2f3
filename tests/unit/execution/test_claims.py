import contextlib
import json

from dbt_ai.call_constant import parse_call
from dbt_ai.execution.claims import Claims
from dbt_ai.request import Requests
from dbt_ai.response import Failure

CALL = parse_call(
    json.dumps(
        {"function": "ai_query", "model": {"name": "m", "location": "mock:", "api_format": "Mock", "model_type": "CHAT", "model": "m"}}
    ),
    False,
)


def requests(*names: str) -> Requests:
    return Requests(CALL, names, [name.encode() for name in names])


def test_a_request_under_way_is_left_to_who_sends_it():
    table: Claims[str] = Claims()
    assert table.claim("a", requests("x", "y")).mine == [0, 1]
    claimed = table.claim("b", requests("y", "z"))
    assert (claimed.mine, claimed.answered, claimed.failed) == ([1], [], {})
    [waiter] = table.settle([b"y"], {})[0]
    assert (waiter.owner, waiter.position) == ("b", 0)


def test_who_waits_takes_over_what_is_abandoned():
    table: Claims[str] = Claims()
    table.claim("a", requests("x"))
    table.claim("b", requests("x"))
    table.claim("c", requests("x"))
    [heir] = table.abandon("a", [b"x"])
    assert heir.owner == "b"
    assert [waiter.owner for waiter in table.settle([b"x"], {})[0]] == ["c"]


def test_an_abandoned_request_nobody_waits_for_can_be_claimed_again():
    table: Claims[str] = Claims()
    table.claim("a", requests("x"))
    assert table.abandon("a", [b"x"]) == []
    assert table.claim("b", requests("x")).mine == [0]


def test_a_failed_request_is_not_claimed_again_in_its_invocation():
    table: Claims[str] = Claims()
    table.claim("a", requests("x"))
    failure = Failure("c", "m")
    table.settle([b"x"], {0: failure})
    assert table.claim("b", requests("x")).failed == {0: failure}
    table.forget_failures()
    assert table.claim("b", requests("x")).mine == [0]


def test_an_answered_request_is_found_in_the_store_instead():
    table: Claims[str] = Claims()
    table.claim("a", requests("x"))
    table.settle([b"x"], {})
    assert table.claim("b", requests("x")).answered == [0]


def test_an_answer_is_remembered_for_who_looked_before_it_and_then_forgotten():
    table: Claims[str] = Claims()
    with table.asking():
        for key in map(str, range(100)):
            with table.asking():
                table.claim("a", requests(key))
                table.settle([key.encode()], {})
        assert table.claim("b", requests("0", "99")).answered == [0, 1]
    for _ in range(2):
        with table.asking():
            pass
    assert table.claim("c", requests("0", "99")).mine == [0, 1]


def test_a_table_that_is_never_idle_forgets_all_the_same():
    table: Claims[str] = Claims()
    before = contextlib.nullcontext()
    for key in map(str, range(100)):
        asking = table.asking()
        with asking:
            before.__exit__(None, None, None)
            table.claim("a", requests(key))
            table.settle([key.encode()], {})
            before = table.asking()
            before.__enter__()
    assert len(table.claim("b", requests(*map(str, range(100)))).answered) < 5


def test_who_asks_the_same_in_two_jobs_takes_over_from_itself():
    table: Claims[str] = Claims()
    table.claim("a", requests("x"))
    table.claim("a", requests("x"))
    [heir] = table.abandon("a", [b"x"])
    assert heir.owner == "a"


def test_who_has_left_takes_nothing_over():
    table: Claims[str] = Claims()
    table.claim("a", requests("x"))
    table.claim("a", requests("x"))
    table.leave("a")
    assert table.abandon("a", [b"x"]) == []
    assert table.claim("b", requests("x")).mine == [0]
