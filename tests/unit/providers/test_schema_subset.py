"""Each vendor is told a schema in the words that it documents."""

import json

import pytest

from dbt_ai.call_constant import parse_call
from dbt_ai.external_model import ExternalModel
from dbt_ai.providers import provider_of
from dbt_ai.providers._means import json_schema
from dbt_ai.providers._schema_subset import AZURE, DATABRICKS, told_in_words
from dbt_ai.return_type import parse_return_type

LOCATIONS = {
    "OpenAI": "https://x.test/v1/chat/completions",
    "Azure OpenAI": "https://x.test/openai/deployments/d/chat/completions?api-version=1",
    "Databricks": "https://x.test/serving-endpoints/e/invocations",
}
INVOICE = "STRUCT<total DECIMAL(10,2), due DATE, at TIMESTAMP_NTZ, lines ARRAY<STRUCT<format STRING, price DECIMAL(5,2) NOT NULL>>>"


def sent(api_format: str, return_type: str) -> dict:
    """The schema that the first request carries."""
    spec = {"name": "m", "location": LOCATIONS[api_format], "api_format": api_format, "model_type": "CHAT", "model": "m"}
    call = parse_call(json.dumps({"function": "ai_query", "model": spec, "return_type": return_type}))
    provider = provider_of(ExternalModel.from_spec(spec))
    body = json.loads(provider.encode(provider.means(call)[0](call), ["text"]).body)
    return body["response_format"]["json_schema"]["schema"]


def keywords(schema, names=("format", "pattern", "multipleOf")):
    """Keywords of a schema, which are not the names of its fields."""
    if isinstance(schema, list):
        return {found for part in schema for found in keywords(part)}
    if not isinstance(schema, dict):
        return set()
    inner = [*schema.get("properties", {}).values(), *(value for name, value in schema.items() if name != "properties")]
    return {name for name in names if name in schema} | {found for part in inner for found in keywords(part)}


def test_openai_is_told_formats_patterns_and_multiples():
    assert keywords(sent("OpenAI", INVOICE)) == {"format", "pattern", "multipleOf"}


@pytest.mark.parametrize("api_format", ["Azure OpenAI", "Databricks"])
def test_azure_and_databricks_are_told_them_in_words(api_format: str):
    schema = sent(api_format, INVOICE)
    assert not keywords(schema)
    fields = schema["properties"]
    assert "format: date" in json.dumps(fields["due"]) and "multipleOf: 0.01" in json.dumps(fields["total"])
    assert "format" in fields["lines"].get("items", fields["lines"].get("anyOf", [{}])[0].get("items"))["properties"]


def test_databricks_is_told_null_as_a_type_for_it_takes_no_unions():
    schema = sent("Databricks", INVOICE)
    assert "anyOf" not in json.dumps(schema)
    assert schema["properties"]["total"]["type"] == ["number", "null"] and schema["properties"]["lines"]["type"] == ["array", "null"]


def test_values_of_an_enum_are_no_keywords():
    schema = {"type": "object", "properties": {"pattern": {"enum": ["format", {"pattern": 1}]}}}
    assert told_in_words(schema, AZURE) == told_in_words(schema, DATABRICKS) == schema


@pytest.mark.parametrize(
    ("field", "strict"),
    [
        ({"type": "string", "pattern": "^a"}, True),
        ({"type": "integer", "minimum": 1}, True),
        ({"type": "array", "items": {"type": "string"}, "maxItems": 3}, True),
        ({"type": "string", "minLength": 1}, False),
        ({"type": "array", "items": {"type": "string", "maxLength": 5}}, False),
        ({"anyOf": [{"type": "array", "items": {"type": "string"}, "uniqueItems": True}, {"type": "null"}]}, False),
        ({"allOf": [{"type": "string"}]}, False),
    ],
)
def test_a_schema_is_called_strict_where_openai_would_take_it_so(field: dict, strict: bool):
    schema = {"type": "object", "properties": {"a": field}, "required": ["a"], "additionalProperties": False}
    spec = {"name": "m", "location": LOCATIONS["OpenAI"], "api_format": "OpenAI", "model_type": "CHAT", "model": "m"}
    call = parse_call(json.dumps({"function": "ai_query", "model": spec, "response_format": json.dumps(schema)}))
    sent = json_schema(call).parameters["response_format"]["json_schema"]
    assert (sent["strict"], sent["schema"]["properties"]["a"]) == (strict, field)


def test_answers_are_checked_against_the_whole_schema():
    assert parse_return_type("STRUCT<due DATE>").read('{"due": "2026-05-03"}') == '{"due": "2026-05-03"}'
