"""What happens to answers that were paid for while the store takes none."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from dbt_ai.call_constant import parse_call
from dbt_ai.errors import StoreError
from dbt_ai.request import Requests
from dbt_ai.response import Delivery, Failure, Responses
from dbt_ai.store.holding import Holding
from dbt_ai.store.no_store import NoStore

MODEL = {"name": "m", "location": "mock:", "api_format": "Mock", "model_type": "CHAT", "model": "m"}
CALL = parse_call(json.dumps({"function": "ai_query", "model": MODEL}))


class Full(NoStore):
    """A store whose disk is full until it is told otherwise."""

    def __init__(self, error: Exception | None = None) -> None:
        self.full = True
        self.error = error or StoreError("the disk is full")
        self.written: list[str] = []
        self.checks = 0

    def check(self) -> None:
        self.checks += 1

    def put(self, deliveries: Sequence[Delivery], node: str | None) -> None:
        if self.full:
            raise self.error
        self.written += [delivery.requests.inputs[position] for delivery in deliveries for position in delivery.positions]


def delivery(*inputs: str, failed: int = 0, stored: bool = False) -> Delivery:
    failures = {index: Failure("broke", "broke") for index in range(failed)}
    return Delivery(Requests(CALL, inputs, CALL.keys(inputs)), range(len(inputs)), Responses(["answer"] * len(inputs), failures), stored)


@pytest.mark.parametrize(
    ("full", "told"), [(StoreError("the disk is full"), "the disk is full"), (MemoryError(), "the memory of this process is used up")]
)
def test_answers_that_cannot_be_written_are_counted_and_nothing_more_may_be_asked(full: Exception, told: str):
    holding = Holding(Full(full))
    with pytest.raises(StoreError, match=f"^2 answers that were paid for are not stored, and nothing more is asked: {told}$"):
        holding.put([delivery("a", "b", "c", failed=1), delivery("d", stored=True)], "node")
    with pytest.raises(StoreError, match="^3 answers"):
        holding.put([delivery("e")], "other node")
    with pytest.raises(StoreError, match="^3 answers"):
        holding.check()


def test_what_was_held_is_written_first_when_the_store_takes_it_again():
    store = Full()
    holding = Holding(store)
    with pytest.raises(StoreError):
        holding.put([delivery("a")], "node")
    store.full = False
    holding.put([delivery("b")], "node")
    holding.check()
    assert store.written == ["a", "b"]


def test_the_store_is_looked_at_once_an_invocation():
    store = Full()
    holding = Holding(store)
    for _ in range(3):
        holding.check()
    assert store.checks == 1
    holding.check_again()
    holding.check()
    assert store.checks == 2
