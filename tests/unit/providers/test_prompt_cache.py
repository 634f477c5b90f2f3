"""What of a prompt is the same for every row, and how Anthropic and OpenAI are told."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dbt_ai.call import Call, Input
from dbt_ai.external_model import ExternalModel
from dbt_ai.providers import provider_of
from dbt_ai.providers._prompt_cache import shared_by_rows
from dbt_ai.providers.base import EndpointProvider
from dbt_ai.request import Requests

CLAUDE = ExternalModel("llm", "https://api.anthropic.com/v1/messages", "Anthropic", "CHAT", "claude-sonnet-4-5")
GPT = ExternalModel("llm", "https://api.openai.com/v1/chat/completions", "OpenAI", "CHAT", "gpt-5-mini")
LONG = "Follow these rules. " * 300
MARK = {"type": "ephemeral"}


def body(call: Call, inputs: list[str], row: int = 0) -> dict[str, Any]:
    """What is sent for one of the rows."""
    provider = provider_of(call.model)
    assert isinstance(provider, EndpointProvider)
    least = provider.least_cached(call)
    shared = None if least is None else shared_by_rows(Requests(call, inputs, call.keys(inputs)), least)
    sent = Call(
        **{**{name: getattr(call, name) for name in ("function", "model", "parameters", "messages", "input", "schema")}, "caching": shared}
    )
    found: dict[str, Any] = json.loads(provider.encode(sent, [inputs[row]]).body)
    return found


def test_a_long_instruction_before_each_text_is_a_block_of_its_own_that_is_marked():
    texts = [LONG + "Text: " + name for name in ("apple", "apricot", "pear")]
    contents = [body(Call("ai_query", CLAUDE), texts, row)["messages"][0]["content"] for row in range(3)]
    assert [block[0] for block in contents] == 3 * [{"type": "text", "text": LONG + "Text: ", "cache_control": MARK}]
    assert [block[1:] for block in contents] == [[{"type": "text", "text": name}] for name in ("apple", "apricot", "pear")]


def test_a_short_instruction_is_not_marked_nor_one_request_alone():
    assert body(Call("ai_query", CLAUDE), ["Text: a", "Text: b"])["messages"] == [{"role": "user", "content": "Text: a"}]
    assert body(Call("ai_query", CLAUDE), [LONG + "a"])["messages"] == [{"role": "user", "content": LONG + "a"}]


def test_the_system_text_is_marked_where_the_rows_share_nothing():
    call = Call("ai_query", CLAUDE, messages=({"role": "system", "content": LONG},))
    sent = body(call, ["apple", "pear"])
    assert sent["system"] == [{"type": "text", "text": LONG, "cache_control": MARK}]
    assert sent["messages"] == [{"role": "user", "content": "apple"}]


def test_examples_are_marked_up_to_the_last():
    turns = ({"role": "user", "content": LONG}, {"role": "assistant", "content": "yes"})
    messages = body(Call("ai_query", CLAUDE, messages=turns), ["apple", "pear"])["messages"]
    assert [message["content"] for message in messages] == [LONG, [{"type": "text", "text": "yes", "cache_control": MARK}], "apple"]


def test_a_prompt_that_ends_in_what_stands_before_each_text_is_cut_there():
    call = Call("ai_query", CLAUDE, messages=({"role": "user", "content": LONG},))
    [message] = body(call, ["apple", "pear"])["messages"]
    assert message["content"] == [{"type": "text", "text": LONG, "cache_control": MARK}, {"type": "text", "text": "apple"}]


def test_the_first_messages_of_conversations_are_shared():
    def conversation(text: str) -> str:
        return json.dumps({"messages": [{"role": "system", "content": LONG}, {"role": "user", "content": text}]})

    sent = body(Call("ai_query", CLAUDE, input=Input.JSON), [conversation("apple"), conversation("pear")])
    assert sent["system"] == [{"type": "text", "text": LONG, "cache_control": MARK}]
    assert sent["messages"] == [{"role": "user", "content": "apple"}]


def test_a_schema_that_is_long_enough_alone_is_marked_as_the_tool():
    schema = {"type": "object", "properties": {f"field_{number}": {"type": "string", "description": "x" * 40} for number in range(100)}}
    assert body(Call("ai_query", CLAUDE, schema=schema), ["apple", "pear"])["tools"][0]["cache_control"] == MARK


def test_a_mark_of_the_users_own_is_left_alone():
    sent = body(Call("ai_query", CLAUDE, {"cache_control": None}), [LONG + "a", LONG + "b"])
    assert sent["messages"][0]["content"] == LONG + "a" and "cache_control" not in sent


@pytest.mark.parametrize(
    ("model", "least"),
    [
        ("claude-haiku-4-5", 4096), ("claude-opus-4-6", 4096), ("claude-sonnet-4-6", 2048), ("claude-3-haiku-20240307", 2048),
        ("claude-sonnet-4-5-20250929", 1024), ("claude-sonnet-4-20250514", 1024), ("claude-opus-4-1-20250805", 1024),
        ("anthropic.claude-sonnet-4-5-20250929-v1:0", 1024), ("claude-of-the-future", 4096),
    ],
)  # fmt: skip
def test_the_shortest_beginning_that_is_cached_depends_on_the_model(model: str, least: int):
    of = ExternalModel("llm", "https://api.anthropic.com/v1/messages", "Anthropic", "CHAT", model)
    provider = provider_of(of)
    assert isinstance(provider, EndpointProvider) and provider.least_cached(Call("ai_query", of)) == least


def test_openai_itself_gets_a_key_and_who_is_compatible_does_not():
    texts = [LONG + "apple", LONG + "pear"]
    keys = {body(Call("ai_query", GPT), texts, row)["prompt_cache_key"] for row in range(2)}
    assert len(keys) == 1 and len(keys.pop()) == 32
    assert "prompt_cache_key" not in body(Call("ai_query", GPT), ["short a", "short b"])
    other = ExternalModel("llm", "https://vllm.acme.example/v1/chat/completions", "OpenAI", "CHAT", "m")
    assert "prompt_cache_key" not in body(Call("ai_query", other), texts)


def test_what_is_cached_is_no_part_of_a_requests_key():
    plain, cached = Call("ai_query", CLAUDE), Call("ai_query", CLAUDE, caching=5)
    assert plain.keys(["a"]) == cached.keys(["a"])
