import json

import pytest

from dbt_ai.call import Call
from dbt_ai.errors import ConfigurationError, ProviderError
from dbt_ai.external_model import ExternalModel
from dbt_ai.providers import provider_of
from dbt_ai.providers.base import HttpResponse
from dbt_ai.tokens import TokenCount

SCHEMA = {"type": "object", "properties": {"label": {"type": "string"}}, "required": ["label"]}


def call(parameters=None, location="https://api.anthropic.com/v1/messages", model_type="CHAT", **changes):
    spec = {"name": "m", "location": location, "api_format": "Anthropic", "model_type": model_type, "model": "claude-haiku-4-5"}
    return Call("ai_query", ExternalModel.from_spec(spec), parameters or {}, **changes)


def body(of, text="x"):
    return json.loads(provider_of(of.model).encode(of, [text]).body)


def decoded(of, **document):
    return provider_of(of.model).decode(of, ["x"], HttpResponse(200, {}, json.dumps(document).encode()))


def text(*texts):
    return [{"type": "text", "text": text} for text in texts]


def test_the_url_and_the_model_type_are_checked():
    with pytest.raises(ConfigurationError, match=r"https://\{server\}/v1/messages"):
        provider_of(call(location="https://api.anthropic.com/v1/complete").model)
    with pytest.raises(ConfigurationError, match="'Anthropic' has no model_type 'EMBEDDINGS'; use CHAT"):
        provider_of(call(model_type="EMBEDDINGS").model)


def test_system_messages_travel_beside_the_turns_and_a_limit_always():
    messages = ({"role": "system", "content": "Be brief."}, {"role": "user", "content": "1+1"}, {"role": "assistant", "content": "2"})
    assert body(call(messages=messages), "2+2") == {
        "model": "claude-haiku-4-5",
        "max_tokens": 1024,
        "temperature": 0.0,
        "system": "Be brief.",
        "messages": [*messages[1:], {"role": "user", "content": "2+2"}],
    }


def test_the_version_is_a_header_and_the_key_is_not_the_providers_business():
    of = call()
    assert provider_of(of.model).encode(of, ["x"]).headers == {"Content-Type": "application/json", "anthropic-version": "2023-06-01"}


def test_openais_names_of_parameters_are_understood():
    request = body(call({"max_completion_tokens": 5, "stop": "END", "top_k": 3}))
    assert (request["max_tokens"], request["stop_sequences"], request["top_k"]) == (5, ["END"], 3)


def test_a_schema_travels_as_a_tool_that_must_be_used_and_its_input_is_the_answer():
    of = call(schema=SCHEMA)
    request = body(of)
    assert request["tools"][0]["input_schema"] == SCHEMA and request["tool_choice"] == {"type": "tool", "name": "answer"}
    content = [*text("Sure: "), {"type": "tool_use", "id": "t", "name": "answer", "input": {"label": "é"}}]
    assert decoded(of, content=content, stop_reason="tool_use").values == ['{"label": "é"}']


def test_text_blocks_are_joined_and_thinking_is_left_out():
    content = [{"type": "thinking", "thinking": "hm"}, *text("a", "b")]
    usage = {"input_tokens": 3, "cache_read_input_tokens": 4, "cache_creation_input_tokens": None, "output_tokens": 2}
    answer = decoded(call(), content=content, stop_reason="end_turn", usage=usage)
    assert answer.values == ["ab"] and answer.tokens == TokenCount(7, 2, cached_input=4) and not answer.failures


@pytest.mark.parametrize(
    ("reason", "content", "cause", "message"),
    [
        ("max_tokens", text("a"), "answer was cut off", "answer was cut off at 1024 tokens: raise max_tokens"),
        ("refusal", text("I"), "refused", "the model refused: the safety filter stopped it"),
        ("end_turn", [], "empty answer", "the model answered nothing"),
    ],
)
def test_an_answer_that_is_none_is_a_failure(reason, content, cause, message):
    failure = decoded(call(), content=content, stop_reason=reason).failures[0]
    assert (failure.cause, failure.message) == (cause, message)


def test_another_document_is_an_error():
    with pytest.raises(ProviderError, match="messages endpoint"):
        decoded(call(), choices=[])


def test_the_words_of_an_error_are_anthropics_own():
    answer = HttpResponse(401, {}, b'{"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}}')
    assert provider_of(call().model).refusal(answer) == "invalid x-api-key"
