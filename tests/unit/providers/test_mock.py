"""Mock answers keep to the schema that a live answer would have to keep to."""

import json
import re

import pytest

from dbt_ai.call_constant import parse_call
from dbt_ai.conversation.conversation import typed
from dbt_ai.providers import provider_named
from dbt_ai.providers.mock import mock_values
from dbt_ai.return_type.pattern import matching


def answers(schema: dict, count: int = 20):
    model = {"name": "m", "location": "mock:", "api_format": "Mock", "model_type": "CHAT", "model": "m"}
    call = parse_call(json.dumps({"function": "ai_query", "model": model, "return_type": json.dumps(schema)}))
    [(_, answer)] = provider_named("Mock").respond(call, [f"input {number}" for number in range(count)])
    return typed(call, answer)


@pytest.mark.parametrize(
    "pattern",
    [
        "^[A-Z]{3}-[0-9]{4}$",
        r"^\d{5}(-\d{4})?$",
        r"^[\w.]+@[\w]+\.(com|org)$",
        "^#(?:[0-9a-f]{3}){1,2}$",
        "colou?r",
        r"^[^aeiou\s]+$",
        r"^(AT|DE)\d{2}(\s\d{4}){4}$",
        ".",
        "^.{10,}$",
    ],
)
def test_a_mock_answer_matches_a_pattern(pattern: str):
    made = answers({"type": "object", "properties": {"code": {"type": "string", "pattern": pattern}}, "required": ["code"]})
    assert not made.failures
    codes = [json.loads(str(value))["code"] for value in made.values]
    assert all(re.search(pattern, code) for code in codes)


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "minLength": 40},
        {"type": "string", "maxLength": 3},
        {"type": "array", "items": {"type": "integer"}, "minItems": 4},
        {"type": "array", "items": {"type": "integer"}, "maxItems": 1},
    ],
)
def test_a_mock_answer_is_as_long_as_it_may_be(schema: dict):
    assert not answers(schema).failures


@pytest.mark.parametrize("pattern", [r"^(a)(?=b)c$", r"^(\w)\1$"])
def test_a_pattern_that_no_text_was_found_for_is_one_sentence(pattern: str):
    assert matching(pattern, 1) is None
    [failure] = answers({"type": "string", "pattern": pattern}, 1).failures.values()
    assert failure.message.startswith("no mock answer was found that keeps to the JSON Schema (")
    assert failure.message.endswith("; give the answer in the unit test, or simplify the schema")


@pytest.mark.parametrize(
    ("function", "question"),
    [
        ("ai_decide", {"type": "yes_no"}),
        ("ai_filter", {"type": "yes_no"}),
        ("ai_score", {"type": "score", "levels": ["low", "high"], "low": 1, "high": 5, "written": ["1", "5"]}),
        ("ai_classify_probabilities", {"type": "choice", "choices": {"a": "", "b": ""}}),
    ],
)
def test_the_stored_form_of_probabilities_is_what_a_run_would_store(function: str, question: dict):
    model = {"name": "m", "location": "mock:", "api_format": "Mock", "model_type": "CHAT", "model": "m"}
    asked = {"name": "answer", "instructions": "It is urgent.", **question}
    call = parse_call(json.dumps({"function": function, "model": model, "return_type": "DOUBLE", "questions": [asked]}))
    [(_, answer)] = provider_named("Mock").respond(call, ["a text"])
    assert mock_values(call, ["a text"]) == typed(call, answer).values
