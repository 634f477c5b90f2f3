"""What a user may write as return_type, and what it becomes."""

import json

import jsonschema
import pytest
import shared_cases

from dbt_ai.errors import ConfigurationError
from dbt_ai.return_type import NotReadable, parse_return_type


def named(case):
    return case["type"][:60]


@pytest.mark.parametrize("case", shared_cases.return_types(), ids=named)
def test_a_type_has_one_schema_and_one_name_in_duckdb_however_it_is_written(case):
    for written in [case["type"], *case.get("also", [])]:
        found = parse_return_type(written)
        assert found.schema == case["schema"]
        assert found.sql() == case["duckdb"]


@pytest.mark.parametrize("case", shared_cases.refused_return_types(), ids=named)
def test_what_is_no_type_is_refused_with_its_place(case):
    with pytest.raises(ConfigurationError, match="return_type|response_format") as refused:
        parse_return_type(case["type"])
    assert case["says"] in str(refused.value)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"items": ' * 100_000], ids=["sample", "schema"])
def test_a_text_that_is_nested_deeper_than_python_reads_is_refused_in_one_sentence(text):
    with pytest.raises(ConfigurationError, match="return_type"):
        parse_return_type(text if text.startswith("{") else f"schema_of_json('{text}')")


def test_the_schema_of_a_struct_requires_every_field_and_allows_null_unless_told():
    written = "STRUCT<label ENUM('a','b') NOT NULL COMMENT 'the kind', urgency INT, due DATE>"
    assert parse_return_type(written).schema == {
        "type": "object",
        "properties": {
            "label": {"type": "string", "enum": ["a", "b"], "description": "the kind"},
            "urgency": {"type": ["integer", "null"]},
            "due": {"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]},
        },
        "required": ["label", "urgency", "due"],
        "additionalProperties": False,
    }


def test_a_type_that_is_no_object_travels_as_the_one_field_of_an_object():
    schema = parse_return_type("ARRAY<INT>").schema
    assert schema == {
        "type": "object",
        "properties": {"answer": {"type": "array", "items": {"type": "integer"}}},
        "required": ["answer"],
        "additionalProperties": False,
    }
    assert parse_return_type("STRING").schema is None


LABELLED = "STRUCT<label STRING NOT NULL, n INT>"


@pytest.mark.parametrize(
    ("written", "text", "answer"),
    [
        (LABELLED, '```json\n{"label": "a", "n": 1}\n```', '{"label": "a", "n": 1}'),
        (LABELLED, 'Sure! Here it is:\n```\n{"label": "a", "n": null}\n```\nAnything else?', '{"label": "a", "n": null}'),
        (LABELLED, 'The answer is {"n": 1, "label": "a"}.', '{"label": "a", "n": 1}'),
        (LABELLED, '{"label": "a, }", "n": 1, }', '{"label": "a, }", "n": 1}'),
        (LABELLED, '<think>{"label": "b"?}</think>\n{"label": "a", "n": 1}', '{"label": "a", "n": 1}'),
        (LABELLED, '{"label": "one\nline\tand\r\nanother", "n": 1}', '{"label": "one\\nline\\tand\\r\\nanother", "n": 1}'),
        (LABELLED, 'Here:\n{"label": "one\nline", "n": 1,}', '{"label": "one\\nline", "n": 1}'),
        (LABELLED, '```json\r\n{"label": "a", "n": 1}```', '{"label": "a", "n": 1}'),
        (LABELLED, '\ufeff{"label": "a", "n": 1, "reason": "because"}', '{"label": "a", "n": 1}'),
        (LABELLED, '"{\\"label\\": \\"a\\", \\"n\\": 1}"', '{"label": "a", "n": 1}'),
        (LABELLED, '{"label": "a", "n": 3.0}', '{"label": "a", "n": 3}'),
        (LABELLED, '{"label": "```\\n{}\\n```", "n": 3}', '{"label": "```\\n{}\\n```", "n": 3}'),
        ("INT", "42", "42"),
        ("INT", '{"answer": 42}', "42"),
        ("INT", '"42"', "42"),
        ("DOUBLE", " -1.5e3\n", "-1500.0"),
        ("DECIMAL(38,10)", "12345678901234567890123456.1234567890", "12345678901234567890123456.1234567890"),
        ("BOOLEAN", "True", "true"),
        ("DATE", "2024-02-29", "2024-02-29"),
        ("TIMESTAMP", "2024-03-01T00:30:00+01:00", "2024-02-29T23:30:00"),
        ("TIMESTAMP", "2024-03-01 00:30:00.25", "2024-03-01T00:30:00.250000"),
        ("ENUM('positive','negative')", "Positive.", "positive"),
        ("ENUM('1','2')", "1", "1"),
        ("ENUM('[x]','2')", "[x]", "[x]"),
        ("ARRAY<INT>", '{"answer": [1, null]}', "[1, null]"),
        ("ARRAY<INT>", "[1, 2,]", "[1, 2]"),
        ("MAP<INT,DECIMAL(4,2)>", '{"07": 1.5}', '{"7": "1.50"}'),
        ("VARIANT", '{"answer": 1.10}', '{"answer": 1.10}'),
        ("VARIANT", '"[1]"', '"[1]"'),
        # No text of Postgres has NUL in it: there one such answer would fail the whole table.
        (LABELLED, '{"label": "a\\u0000b", "n": 1}', '{"label": "ab", "n": 1}'),
        ("MAP<STRING, STRING>", '{"k\\u0000": "\\u0000"}', '{"k": ""}'),
        ("VARIANT", '[{"a": "\\u0000"}]', '[{"a": ""}]'),
        ("STRING", '{"kept": "as it is', '{"kept": "as it is'),
        ('{"type":"object","properties":{"a":{"type":"integer"}}}', "{}", '{"a": null}'),
        ('{"type":"array","items":{"type":"integer"},"minItems":1}', '{"answer":[1]}', "[1]"),
    ],
)
def test_what_is_unambiguous_is_read(written, text, answer):
    assert parse_return_type(written).read(text) == answer


@pytest.mark.parametrize(
    ("written", "text", "says"),
    [
        (LABELLED, "", "empty"),
        (LABELLED, "null", "is null"),
        (LABELLED, '{"label": "a"}', "field 'n' of the answer is missing"),
        (LABELLED, '{"label": null, "n": 1}', "field 'label' is null"),
        (LABELLED, '{"label": 1, "n": 1}', "not a string"),
        (LABELLED, '{"label": "a", "n": "1"}', "not a number of type INT"),
        (LABELLED, '{"label": "a", "n": 1.5}', "does not hold"),
        (LABELLED, '{"label": "a", "n": 2147483648}', "does not hold"),
        (LABELLED, '{"label": "a", "n": 1', "not JSON"),
        (LABELLED, '{"x": {"label": "a", "n": 1}', "not JSON"),
        (LABELLED, '{"label": "a", "n": 1} or {"label": "b", "n": 1}', "more than one"),
        (LABELLED, '{"label": "a", "label": "b", "n": 1}', "'label' is there twice"),
        (LABELLED, '[{"label": "a", "n": 1}]', "not an object"),
        (LABELLED, '{"label": "\\ud800", "n": 1}', "surrogate"),
        (LABELLED, "I cannot answer that.", "not JSON"),
        ("DOUBLE", "NaN", "not a number"),
        ("DOUBLE", '{"answer": Infinity}', "not a JSON value"),
        ("DOUBLE", "1e999", "does not hold"),
        ("FLOAT", "3.5e38", "does not hold"),
        ("INT", "1e9999", "does not hold"),
        ("INT", "1e999999999999999999999999", "not a number"),
        ("INT", "3 apples", "not a number"),
        ("INT", '"3" or "4"', "not JSON"),
        ("INT", "9" * 10000, "does not hold"),
        ("INT", "true", "not a number"),
        ("BOOLEAN", "1", "not true or false"),
        ("BOOLEAN", "yes", "not true or false"),
        ("DATE", "2023-02-29", "not in the calendar"),
        ("DATE", "29.02.2024", "not a date"),
        ("TIMESTAMP", "2024-02-29", "not a date and time"),
        ("TIMESTAMP_NTZ", "2024-02-29T10:00:00Z", "without an offset"),
        ("TIMESTAMP", "0001-01-01T00:00:00+05:00", "out of range"),
        ("TIMESTAMP", "2024-02-29T10:00:00.123456789", "finer than a microsecond"),
        ("DECIMAL(4,2)", "1.234", "does not hold"),
        ("DECIMAL(4,2)", "123", "does not hold"),
        ("ENUM('a','b')", "c", "not one of 'a', 'b'"),
        ("ENUM('a','A')", "a.", "not one of"),
        ("ARRAY<INT>", "[,]", "not JSON"),
        ("ARRAY<INT>", "[" * 100000, "too deep"),
        ("MAP<INT,INT>", '{"1": 1, "01": 2}', "same value"),
        ('{"type":"array","items":{"type":"integer"},"minItems":2}', '{"answer":[1]}', "too short"),
        ('{"type":"integer","minimum":5}', "3", "less than the minimum"),
    ],
)
def test_a_value_is_never_guessed(written, text, says):
    with pytest.raises(NotReadable) as refused:
        parse_return_type(written).read(text)
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("written", "text", "says"),
    [
        ("DOUBLE", "1e400", "is '1E+400', which a number of type DOUBLE does not hold"),
        ("ARRAY<DOUBLE>", "[1e400]", "is '1E+400', which a number of type DOUBLE does not hold"),
        ("DOUBLE", "NaN", "is 'NaN', not a number of type DOUBLE"),
        ("ARRAY<DOUBLE>", "[NaN, -Infinity]", "NaN is not a JSON value"),
        ("INT", '{"answer": 1e999999999999999999999}', "is out of range"),
        ("INT", "9" * 100_000, "which a number of type INT does not hold"),
        ("VARIANT", "[" * 100_000 + "]" * 100_000, "the answer is nested too deep"),
        (LABELLED, '{"a":' * 100_000, "the answer is nested too deep"),
    ],
)
def test_a_value_beyond_all_bounds_is_refused_in_a_short_sentence(written, text, says):
    with pytest.raises(NotReadable) as refused:
        parse_return_type(written).read(text)
    assert says in str(refused.value) and len(str(refused.value)) < 120


def test_unique_items_are_compared_as_json_compares():
    unique = parse_return_type('{"type": "array", "items": {}, "uniqueItems": true}')
    assert json.loads(unique.read('[{"a": 1}, {"a": 2}, 1, true, "1"]')) == [{"a": 1}, {"a": 2}, 1, True, "1"]
    for twice in ('[{"a": 1, "b": 2}, {"b": 2, "a": 1}]', "[1, 1.0]"):
        with pytest.raises(NotReadable, match="one of the items is there twice"):
            unique.read(twice)


def test_a_prediction_is_not_unwrapped():
    assert json.loads(parse_return_type("VARIANT").read('{"answer": 1}', wrapped=False)) == {"answer": 1}


@pytest.mark.parametrize(
    ("written", "text", "answer"),
    [
        ('{"type": ["object", "null"], "properties": {"a": {"type": "string"}}, "required": ["a"]}', '{"a": "x"}', '{"a": "x"}'),
        ('{"$ref": "#/$defs/T", "$defs": {"T": {"type": "object", "properties": {"a": {"type": "integer"}}}}}', '{"a": 1}', '{"a": 1}'),
        ('{"anyOf": [{"type": "integer"}, {"type": "null"}]}', '{"answer": 5}', "5"),
        ('{"anyOf": [{"type": "integer"}, {"type": "string"}]}', '{"answer": 5}', "5"),
        ('{"type": ["number", "boolean"]}', '{"answer": true}', "true"),
        ('{"enum": [1, 2]}', '{"answer": 2}', "2"),
    ],
)
def test_what_a_schema_asks_for_at_its_root_can_be_read(written, text, answer):
    jsonschema.validate(json.loads(text), parse_return_type(written).schema)
    assert parse_return_type(written).read(text) == answer
