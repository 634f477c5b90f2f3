"""What endpoints say that a request took, and everything that makes no sense."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbt_ai.call import Call
from dbt_ai.external_model import ExternalModel
from dbt_ai.providers import anthropic, ollama, openai, provider_of
from dbt_ai.providers._usage import MOST_TOKENS, read_usage
from dbt_ai.providers.base import HttpResponse
from dbt_ai.tokens import TokenCount


def call(kind="CHAT"):
    operation = {"CHAT": "chat/completions", "EMBEDDINGS": "embeddings"}[kind]
    spec = {"name": "m", "location": f"https://x.test/v1/{operation}", "api_format": "OpenAI", "model_type": kind, "model": "m"}
    return Call("ai_query", ExternalModel.from_spec(spec), {})


def read(usage, names=openai.USAGE, answer="Paris", kind="CHAT"):
    return read_usage(usage, names, call(kind), ["Capital of France?"], answer if kind == "CHAT" else None)


def test_openai_counts_cached_and_written_input_and_thoughts_as_parts():
    usage = {
        "prompt_tokens": 2000,
        "completion_tokens": 300,
        "total_tokens": 2300,
        "prompt_tokens_details": {"cached_tokens": 1500, "cache_write_tokens": 400},
        "completion_tokens_details": {"reasoning_tokens": 250},
    }
    assert read(usage) == TokenCount(2000, 300, cached_input=1500, cache_write=400, reasoning=250)


def test_anthropic_counts_the_prompt_cache_beside_the_input():
    usage = {"input_tokens": 3, "cache_read_input_tokens": 40, "cache_creation_input_tokens": 5, "output_tokens": 2}
    assert read(usage, anthropic.USAGE) == TokenCount(48, 2, cached_input=40, cache_write=5)


def test_anthropic_tells_what_its_cache_keeps_for_an_hour():
    kept = {"ephemeral_5m_input_tokens": 1, "ephemeral_1h_input_tokens": 4}
    usage = {"input_tokens": 3, "cache_creation_input_tokens": 5, "cache_creation": kept, "output_tokens": 2}
    assert read(usage, anthropic.USAGE) == TokenCount(8, 2, cache_write=5, cache_write_1h=4)
    for odd in (9, -1, float("nan"), "4", [], None):  # more than was written, or no number
        hour = read({**usage, "cache_creation": {"ephemeral_1h_input_tokens": odd}}, anthropic.USAGE).cache_write_1h
        assert hour == (5 if odd == 9 else 0)


def test_deepseek_and_litellm_say_it_in_places_of_their_own():
    assert read({"prompt_tokens": 9, "completion_tokens": 1, "prompt_cache_hit_tokens": 8}).cached_input == 8
    assert read({"prompt_tokens": 9, "completion_tokens": 1, "cache_creation_input_tokens": 7}).cache_write == 7


def test_thoughts_that_only_the_total_counts_are_output():
    assert read({"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 115}) == TokenCount(10, 105, reasoning=100)


def test_a_total_alone_is_the_input_of_an_embedding():
    assert read({"total_tokens": 7}, kind="EMBEDDINGS") == TokenCount(7)


def test_a_total_alone_is_split_by_the_length_of_the_answer():
    assert read({"total_tokens": 7}) == TokenCount(5, 2, estimated=True)


@pytest.mark.parametrize("usage", [None, {}, [], "5 tokens", {"prompt_tokens": None}])
def test_what_is_not_said_is_estimated(usage):
    assert read(usage) == TokenCount(7, 2, estimated=True)
    assert read(usage, kind="EMBEDDINGS") == TokenCount(7, 0, estimated=True)
    assert read(usage, ollama.USAGE) == TokenCount(7, 2, estimated=True)


@pytest.mark.parametrize("bad", [math.nan, math.inf, "5", "5 tokens", [5], {"n": 5}, 10**30, -1, -(10**30), 1.5, True])
@pytest.mark.parametrize("name", ["prompt_tokens", "completion_tokens", "total_tokens"])
def test_what_makes_no_sense_counts_as_not_said(name, bad):
    usage = {"prompt_tokens": 7, "completion_tokens": 2, "total_tokens": 9, name: bad}
    tokens = read(usage)
    assert (tokens.input, tokens.output) == (7, 2)


@pytest.mark.parametrize("cached", [8, -3, "many", 10**30])
def test_more_cached_than_read_makes_no_sense(cached):
    usage = {"prompt_tokens": 7, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": cached}}
    assert read(usage) == TokenCount(7, 2)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["cached_tokens", "reasoning_tokens"]), inner),
    max_leaves=4,
)
names = ["prompt_tokens", "completion_tokens", "total_tokens", "prompt_tokens_details", "completion_tokens_details", "input_tokens"]


@given(st.dictionaries(st.sampled_from(names), values) | values, st.sampled_from(["CHAT", "EMBEDDINGS"]))
def test_whatever_stands_there_the_count_is_bounded_and_its_parts_are_parts(usage, kind):
    for format in (openai, anthropic, ollama):
        tokens = read(usage, format.USAGE, kind=kind)
        assert 0 <= tokens.input <= 3 * MOST_TOKENS and 0 <= tokens.output <= MOST_TOKENS
        assert tokens.cached_input + tokens.cache_write <= tokens.input and tokens.reasoning <= tokens.output
        assert min(tokens.cached_input, tokens.cache_write, tokens.reasoning) >= 0


HUGE = '{"prompt_tokens": 1' + "0" * 30 + "}"


@pytest.mark.parametrize("usage", ["NaN", '"5 tokens"', "[1]", '{"prompt_tokens": NaN}', '{"prompt_tokens": 1e400}', HUGE])
def test_a_good_answer_is_never_lost_to_its_usage(usage):
    body = '{"choices": [{"message": {"content": "Paris"}, "finish_reason": "stop"}], "usage": ' + usage + "}"
    responses = provider_of(call().model).decode(call(), ["Capital of France?"], HttpResponse(200, {}, body.encode()))
    assert responses.values == ["Paris"] and not responses.failures and responses.tokens.estimated


def test_a_good_vector_is_never_lost_to_its_usage():
    body = json.dumps({"data": [{"embedding": [1.0]}], "usage": "free"})
    responses = provider_of(call("EMBEDDINGS").model).decode(call("EMBEDDINGS"), ["x"], HttpResponse(200, {}, body.encode()))
    assert responses.values.tolist() == [[1.0]] and responses.tokens == TokenCount(1, estimated=True)
