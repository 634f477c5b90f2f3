"""One request fills the prompt cache, and the others of its call wait for its answer."""

from __future__ import annotations

from dbt_ai.call import Call
from dbt_ai.execution.bundle import Bundle
from dbt_ai.execution.cache_warmth import LONGEST_WAIT, WARM_SECONDS, CacheWarmth
from dbt_ai.external_model import ExternalModel
from dbt_ai.request import Requests

MODEL = ExternalModel("llm", "https://api.anthropic.com/v1/messages", "Anthropic", "CHAT", "claude-sonnet-4-5")


def bundles(count: int, caching: int | None = 10, function: str = "ai_query") -> list[Bundle]:
    call, inputs = Call(function, MODEL), [f"text {number}" for number in range(count)]
    requests = Requests(call, inputs, call.keys(inputs))
    return [Bundle(requests, [position], 10, caching=caching) for position in range(count)]


def test_the_others_wait_until_the_first_is_answered():
    warmth, (first, second, third) = CacheWarmth(), bundles(3)
    assert warmth.wait(0.0, first) == 0.0
    warmth.leaves(0.0, first)
    assert warmth.wait(1.0, second) == LONGEST_WAIT - 1.0 and warmth.wait(1.0, first) == 0.0
    warmth.returned(2.0, first, answered=True)
    assert warmth.wait(2.0, second) == warmth.wait(2.0, third) == 0.0
    warmth.leaves(2.0, second)
    assert warmth.wait(2.0, third) == 0.0


def test_another_one_goes_first_where_the_first_was_not_answered():
    warmth, (first, second, third) = CacheWarmth(), bundles(3)
    warmth.leaves(0.0, first)
    warmth.returned(1.0, first, answered=False)
    warmth.leaves(1.0, second)
    assert warmth.wait(1.0, third) == LONGEST_WAIT


def test_a_cache_that_was_not_read_for_minutes_is_filled_again():
    warmth, (first, second, third) = CacheWarmth(), bundles(3)
    warmth.leaves(0.0, first)
    warmth.returned(1.0, first, answered=True)
    warmth.leaves(1.0 + WARM_SECONDS, second)
    assert warmth.wait(1.0 + WARM_SECONDS, third) == LONGEST_WAIT


def test_nobody_waits_where_nothing_is_cached_nor_for_another_call():
    warmth, (first, second) = CacheWarmth(), bundles(2, caching=None)
    warmth.leaves(0.0, first)
    assert warmth.wait(0.0, second) == 0.0
    warmth.leaves(0.0, bundles(2)[0])
    [other, _] = bundles(2, function="ai_gen")
    assert warmth.wait(0.0, other) == 0.0
