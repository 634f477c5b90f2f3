"""What endpoints say when they give no answer: everybody in a shape of their own, and some with status 200."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbt_ai.call import Call
from dbt_ai.errors import ProviderError
from dbt_ai.external_model import ExternalModel
from dbt_ai.providers import provider_of
from dbt_ai.providers._errors import MOST_CHARACTERS, error_in, words_of
from dbt_ai.providers.base import HttpResponse

LLM = {"name": "m", "location": "https://x.test/v1/chat/completions", "api_format": "OpenAI", "model_type": "CHAT", "model": "m"}


def decoded(document):
    call = Call("ai_query", ExternalModel.from_spec(LLM))
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return provider_of(call.model).decode(call, ["x"], HttpResponse(200, {}, body))


@pytest.mark.parametrize(
    ("document", "status", "words"),
    [
        ({"error": {"message": "overloaded", "code": 502}}, 502, "overloaded"),
        ({"error": {"message": "slow down", "code": "429"}}, 429, "slow down"),
        ({"error": {"message": "no", "type": "rate_limit_exceeded"}}, 429, "no"),
        ({"error": {"message": "no", "code": "insufficient_quota"}}, 402, "no"),
        ({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}, 503, "Overloaded"),
        ([{"error": {"code": 400, "message": "API key not valid", "status": "INVALID_ARGUMENT"}}], 400, "API key not valid"),
        ({"object": "error", "message": "System role not supported", "code": 400}, 400, "System role not supported"),
        ({"error": "model 'x' not found"}, 404, "model 'x' not found"),
        ({"error": {"message": "Provider returned error", "code": 502, "metadata": {"raw": "died"}}}, 502, "Provider returned error: died"),
        ({"success": False, "errors": [{"code": 7009, "message": "Upstream service unavailable"}]}, 503, "Upstream service unavailable"),
        ({"choices": None, "base_resp": {"status_code": 1002, "status_msg": "rate limit"}}, 429, "rate limit"),
        ({"error_code": 18, "error_msg": "Open api qps request limit reached"}, 400, "Open api qps request limit reached"),
        ({"error": "rate_limit_exceeded", "error_description": "too fast"}, 429, "too fast"),
        (
            {"error": {"message": '{"error": {"code": 400, "message": "Request contains an invalid argument."}}'}},
            400,
            "Request contains an",
        ),
        ({"error": {"message": "Invalid value", "param": "response_format"}}, 400, "Invalid value (response_format)"),
        ({"errorMessage": "cannot read", "errorCode": "PROXY_READ_ERROR", "statusCode": 400}, 400, "cannot read"),
        ({"choices": [], "message": "Internal server error"}, 502, "Internal server error"),
    ],
)
def test_an_error_inside_a_200_has_the_status_that_its_code_means_and_its_own_words(document, status, words):
    with pytest.raises(ProviderError) as raised:
        decoded(document)
    assert raised.value.status == status and words in str(raised.value)


@pytest.mark.parametrize("nothing", [None, "", {}, {"message": None, "code": None}, [], False, 0])
def test_an_error_that_says_nothing_is_none(nothing):
    good = {"error": nothing, "errors": nothing, "choices": [{"message": {"content": "fine"}, "finish_reason": "stop"}]}
    assert decoded(good).values == ["fine"]


@pytest.mark.parametrize("choices", [None, []])
def test_no_choices_are_worth_another_try(choices):
    with pytest.raises(ProviderError, match="answered no choices") as raised:
        decoded({"choices": choices})
    assert raised.value.retryable


def test_a_choice_that_broke_off_has_the_status_of_its_error_and_what_it_took():
    choice = {"message": {"content": "The"}, "finish_reason": "error", "error": {"code": 502, "message": "upstream died"}}
    with pytest.raises(ProviderError, match="upstream died") as raised:
        decoded({"choices": [choice], "usage": {"prompt_tokens": 9, "completion_tokens": 1}})
    assert raised.value.status == 502 and raised.value.tokens.total == 10


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "the answer is empty"),
        (b"<html><title>Back soon</title></html>", "is not JSON but begins '<html>"),
        (b'{"choices": [{"mess', "the answer breaks off after 19 bytes; it begins"),
        (b'{"choices": [', "the answer breaks off after 13 bytes; it begins"),
        (b'{"choices": 1 2}', "is not JSON but begins"),
        (b"busy", "is not JSON but begins 'busy'"),
    ],
)
def test_a_page_and_a_body_that_broke_off_are_worth_another_try(body, says):
    with pytest.raises(ProviderError, match=says) as raised:
        decoded(body)
    assert raised.value.retryable


@pytest.mark.parametrize("body", [b'data: {"choices": []}\n\n', b": ping\n\ndata: {}\n\n", b'{"done": false}\n{"done": true}\n'])
def test_a_stream_is_no_answer_to_any_request(body):
    with pytest.raises(ProviderError, match="streams although it was not asked to") as raised:
        decoded(body)
    assert raised.value.for_all


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (
            b'{"detail": [{"loc": ["body", "response_format"], "msg": "Extra inputs are not permitted"}]}',
            "body.response_format: Extra inputs",
        ),
        (b'{"message": {"detail": [{"loc": ["body"], "msg": "bad"}]}, "type": "x"}', "body: bad"),
        (b'{"error": ["one", "two"]}', "one; two"),
        (b"<!DOCTYPE html><title>x.test | 524: A timeout occurred</title>", "an HTML page, 'x.test | 524: A timeout occurred'"),
        (b"<html><body>no</body></html>", "an HTML page"),
        (b"  upstream connect error  ", "upstream connect error"),
        (b'"just text"', "just text"),
        (b"", ""),
        (b"\xff\xfe", "\ufffd\ufffd"),
    ],
)
def test_the_words_of_a_refusal_are_found_wherever_they_stand(body, words):
    assert words_of(400, body).words.startswith(words) and bool(words_of(400, body).words) == bool(words)


def test_what_the_model_wrote_comes_with_the_refusal_of_it():
    refused = {"error": {"message": "Failed to generate JSON.", "code": "json_validate_failed", "failed_generation": '{"a": b'}}
    assert words_of(400, json.dumps(refused).encode()).answer == '{"a": b'
    del refused["error"]["failed_generation"]
    assert words_of(400, json.dumps(refused).encode()).answer == ""
    assert words_of(400, b'{"error": {"message": "no"}}').answer is None


documents = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=400),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["error", "message", "code", "errors", "detail", "type"]), inner)
    ),
    max_leaves=8,
)


@given(documents)
def test_whatever_an_endpoint_says_its_words_are_short_and_nothing_is_raised(document):
    found = words_of(400, json.dumps(document).encode())
    assert len(found.words) <= MOST_CHARACTERS and 400 <= found.status < 600
    error_in(document)


def test_brackets_without_end_are_words_too():
    assert words_of(400, b"[" * 100_000).words == "[" * MOST_CHARACTERS
    assert words_of(400, b'{"error": {"message": "' + b"x" * 1_000_000 + b'"}}').words == "x" * MOST_CHARACTERS
