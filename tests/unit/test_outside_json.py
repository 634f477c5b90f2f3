"""JSON that somebody else wrote: what cannot be read costs nothing but itself."""

import json
import math

import pytest

from dbt_ai.call import Call
from dbt_ai.errors import ProviderError
from dbt_ai.external_model import ExternalModel
from dbt_ai.outside_json import parse
from dbt_ai.providers import HttpResponse, provider_named

DIGITS = "9" * 5000
CHAT = ExternalModel("llm", "https://ai.acme.example/v1/chat/completions", "OpenAI", "CHAT", "m")


def read(body: bytes):
    return provider_named("OpenAI").decode(Call("ai_query", CHAT), ["hello"], HttpResponse(200, {}, body))


def test_a_number_beyond_what_python_reads_is_infinity():
    assert parse(f"[{DIGITS}, -{DIGITS}, 7]") == [math.inf, -math.inf, 7]


DEEP = {"lists": "[" * 100_000, "objects": '{"a":' * 100_000, "numbers and lists": f"[{DIGITS}, {'[' * 100_000}"}


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP)
def test_what_is_nested_too_deep_is_a_value_error(text):
    with pytest.raises(ValueError, match="nested too deep"):
        parse(text)


def test_a_counter_of_thousands_of_digits_does_not_cost_the_answer_beside_it():
    answer = json.dumps({"choices": [{"message": {"content": "fine"}, "finish_reason": "stop"}], "usage": {"prompt_tokens": "N"}})
    responses = read(answer.replace('"N"', DIGITS).encode())
    assert responses.values == ["fine"] and responses.tokens.estimated


@pytest.mark.parametrize(
    ("body", "sentence", "again"),
    [
        (b"[" * 100_000, "the answer cannot be read: it is nested too deep", False),
        ('{"choices": "caf\xe9"}'.encode("latin-1"), "the answer cannot be read: it is not UTF-8", False),
        (b"<html>", "the answer is not JSON but begins '<html>'; is there a login page or a proxy in between?", True),
    ],
)
def test_an_answer_that_cannot_be_read_says_why_in_one_sentence(body, sentence, again):
    with pytest.raises(ProviderError) as raised:
        read(body)
    assert str(raised.value) == sentence and raised.value.retryable is again
