"""What tokens cost, by hand."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest

from dbt_ai.call import Call, Input
from dbt_ai.errors import ConfigurationError
from dbt_ai.estimate import estimate
from dbt_ai.external_model import ExternalModel
from dbt_ai.pricing import FREE, Price, Prices
from dbt_ai.request import Requests
from dbt_ai.tokens import TokenCount, estimated_tokens


def priced(**entry: float) -> Price | None:
    return Prices.from_config([{"model": "m", **entry}]).of(model("m"))


def model(name: str, location: str = "https://api.example.com/v1/chat/completions") -> ExternalModel:
    return ExternalModel("llm", location, "OpenAI", "CHAT", name)


def test_every_class_of_token_has_its_price():
    price = priced(input_per_million=10, output_per_million=100, cached_input_per_million=1, cache_write_per_million=12.5)
    tokens = TokenCount(input=1000, output=50, cached_input=600, cache_write=100, reasoning=40)
    assert price is not None
    assert price.cost(tokens) == pytest.approx((300 * 10 + 600 * 1 + 100 * 12.5 + 50 * 100) / 1e6)


def test_what_a_cache_keeps_for_an_hour_costs_twice_the_input_to_write_unless_a_price_says_otherwise():
    tokens = TokenCount(input=1000, cache_write=700, cache_write_1h=400)
    price = Price(10, cache_write_per_million=12.5)
    assert price.cost(tokens) == pytest.approx((300 * 10 + 300 * 12.5 + 400 * 20) / 1e6)
    assert replace(price, cache_write_1h_per_million=15.0).cost(tokens) == pytest.approx((300 * 10 + 300 * 12.5 + 400 * 15) / 1e6)
    assert price.at_most(TokenCount(1000)) == pytest.approx(0.0125)
    assert price.at_most(TokenCount(1000), cached_for_an_hour=True) == pytest.approx(0.02)


def test_a_class_without_a_price_costs_what_input_costs_and_a_price_of_zero_is_a_price():
    tokens = TokenCount(input=1000, cached_input=600, cache_write=100)
    assert Price(10).cost(tokens) == pytest.approx(0.01)
    assert Price(10, cached_input_per_million=0.0).cost(tokens) == pytest.approx(0.004)


def test_all_tokens_of_a_long_request_cost_more_where_the_price_says_so():
    price = Price(1, 2, above=((200, Price(10, 20)), (1000, Price(100, 200))))
    assert [price.cost(TokenCount(tokens, 1)) * 1e6 for tokens in (200, 201, 1001)] == pytest.approx([202, 2030, 100300])
    assert price.cost(TokenCount(400), requests=2) * 1e6 == pytest.approx(400)  # neither of the two is long


def test_a_price_that_nobody_knows_is_not_a_price_of_zero():
    assert Prices().of(model("nobody-knows-this-one")) is None
    assert Prices().of(model("local", "hf://someone/something")) == FREE
    assert priced(input_per_million=0) == FREE


def test_an_unknown_class_is_refused_with_those_that_are_known():
    with pytest.raises(ConfigurationError, match="reasoning_per_million is not known; .*cached_input_per_million, cache_write_per_million"):
        priced(input_per_million=1, reasoning_per_million=3)


@pytest.mark.skipif(sys.version_info < (3, 11), reason="genai-prices needs Python 3.11")
def test_the_catalogue_knows_the_classes_and_what_long_requests_cost():
    price = Prices().of(model("claude-sonnet-4-5", "https://api.anthropic.com/v1/messages"))
    assert price is not None
    assert (price.input_per_million, price.output_per_million) == (3, 15)
    assert (price.cached_input_per_million, price.cache_write_per_million) == pytest.approx((0.3, 3.75))
    [(start, long)] = price.above
    assert start == 200_000 and long == Price(6, 22.5, pytest.approx(0.6), pytest.approx(7.5), pytest.approx(12))


def test_an_estimate_bounds_the_cost_where_writing_to_a_cache_costs_more():
    price = Price(3, 15, cached_input_per_million=0.3, cache_write_per_million=3.75)
    assert price.at_most(TokenCount(1_000_000)) == pytest.approx(3.75)
    assert Price(3, 15, cached_input_per_million=0.3).at_most(TokenCount(1_000_000)) == pytest.approx(3)
    assert Price(3, cache_write_per_million=1).at_most(TokenCount(1_000_000)) == pytest.approx(3)


@pytest.mark.skipif(sys.version_info < (3, 11), reason="genai-prices is for Python 3.11 and later")
def test_the_catalogue_knows_gemini_at_both_of_its_hosts():
    for host in ("generativelanguage.googleapis.com/v1beta", "europe-west1-aiplatform.googleapis.com/v1/projects/p/publishers/google"):
        location = f"https://{host}/models/gemini-2.5-flash:generateContent"
        price = Prices().of(ExternalModel("m", location, "Gemini", "CHAT", "gemini-2.5-flash"))
        assert price is not None and price.cached_input_per_million is not None and price.output_per_million > price.input_per_million


@pytest.mark.parametrize(("input", "share"), [(Input.TEXT, 0.5), (Input.TEXT_LIST, 1.0)])
def test_an_aggregate_is_sent_at_once_and_costs_the_full_price_also_with_execution_batch(input: Input, share: float):
    llm = ExternalModel("m", "https://api.example.com/v1/chat/completions", "OpenAI", "CHAT", "m", execution="batch")
    call, texts = Call("ai_agg", llm, {"max_tokens": 8}, input=input), ["some text"] * 3
    full = Price(10.0, 0.0).cost(TokenCount(sum(map(estimated_tokens, texts))))
    found = estimate([Requests(call, texts, call.keys(texts))], Prices({"m": Price(10.0, 0.0)}))
    assert found.cost_usd == pytest.approx(share * full)
