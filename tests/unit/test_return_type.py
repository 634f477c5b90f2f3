"""What a user may write as return_type, and what it becomes."""

import json

import pytest

from dbt_ai.errors import ConfigurationError
from dbt_ai.return_type import NotReadable, parse_return_type


@pytest.mark.parametrize(
    ("written", "duckdb", "databricks"),
    [
        ("STRING", "VARCHAR", "STRING"),
        ("boolean", "BOOLEAN", "BOOLEAN"),
        ("FLOAT", "FLOAT", "FLOAT"),
        ("DECIMAL(10, 2)", "DECIMAL(10,2)", "DECIMAL(10,2)"),
        ("decimal", "DECIMAL(10,0)", "DECIMAL(10,0)"),
        ("DATE", "DATE", "DATE"),
        ("TIMESTAMP", "TIMESTAMP", "TIMESTAMP"),
        ("ARRAY<STRING>", "VARCHAR[]", "ARRAY<STRING>"),
        ("MAP<STRING, INT>", "MAP(VARCHAR, INTEGER)", "MAP<STRING, INT>"),
        ("STRUCT<candidates:ARRAY<STRING>>", 'STRUCT("candidates" VARCHAR[])', "STRUCT<`candidates` ARRAY<STRING>>"),
        (
            "STRUCT<label STRING, score DOUBLE, tags ARRAY<STRING>>",
            'STRUCT("label" VARCHAR, "score" DOUBLE, "tags" VARCHAR[])',
            "STRUCT<`label` STRING, `score` DOUBLE, `tags` ARRAY<STRING>>",
        ),
        ('STRUCT<`it\'s a "name" ``x``` INT NOT NULL>', 'STRUCT("it\'s a ""name"" `x`" INTEGER)', 'STRUCT<`it\'s a "name" ``x``` INT>'),
        ("STRUCT<a:STRUCT<b:MAP<DATE,ARRAY<BIGINT>>>>", 'STRUCT("a" STRUCT("b" MAP(DATE, BIGINT[])))', None),
        ("label STRING, score DOUBLE", 'STRUCT("label" VARCHAR, "score" DOUBLE)', None),
        ("ENUM('spam', 'not spam')", "VARCHAR", "STRING"),
        ("VARIANT", "JSON", "VARIANT"),
        ("VARCHAR(20)", "VARCHAR", "STRING"),
        ('schema_of_json(\'{"b": [1.5], "a": "it\'\'s"}\')', 'STRUCT("a" VARCHAR, "b" DOUBLE[])', None),
        ('{"type": "object", "properties": {"n": {"type": ["integer", "null"]}}}', 'STRUCT("n" BIGINT)', None),
        ('{"type": "object", "additionalProperties": {"type": "number"}}', "MAP(VARCHAR, DOUBLE)", None),
        ('{"enum": ["a", "b"]}', "VARCHAR", None),
        ('{"$ref": "#/$defs/T", "$defs": {"T": {"type": "array", "items": {"$ref": "#/$defs/T"}}}}', "JSON[]", None),
        ('{"type": "json_schema", "json_schema": {"name": "n", "schema": {"type": "boolean"}}}', "BOOLEAN", None),
    ],
)
def test_a_type_has_one_name_in_each_dialect(written, duckdb, databricks):
    found = parse_return_type(written)
    assert found.sql() == duckdb
    if databricks:
        assert found.sql("databricks") == databricks


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("STRCT<a INT>", "'STRCT' at position 1 is not a type"),
        ("ARRAY<STRING", "the end stands where '>' is expected"),
        ("STRUCT<a INT, A INT>", "field 'A' is there twice"),
        ("STRUCT<>", "where the name of a field is expected"),
        ("STRUCT<a INT b INT>", "where ',' or '>' is expected"),
        ("INT INT INT", "not expected after the type"),
        ("DECIMAL(39)", "precision from 1 to 38"),
        ("DECIMAL(2, 3)", "scale from 0"),
        ("MAP<ARRAY<INT>, INT>", "key cannot be ARRAY"),
        ("ENUM()", "a value in quotes"),
        ("INT; drop table x", "';' at position 4"),
        ("BINARY", "'BINARY' at position 1 is not a type"),
        ("", "stands where a type"),
        ("ARRAY<" * 100 + "INT" + ">" * 100, "nested more than 64"),
        ("{'type': 'object'}", "not JSON"),
        ('{"type": "objekt"}', "not a JSON Schema"),
        ('{"$ref": "#/$defs/nothing"}', "leads nowhere"),
        ("schema_of_json('{')", "not JSON"),
    ],
)
def test_what_is_no_type_is_refused_with_its_place(written, says):
    with pytest.raises(ConfigurationError, match="return_type") as refused:
        parse_return_type(written)
    assert says in str(refused.value)


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
        (LABELLED, '\ufeff{"label": "a", "n": 1, "reason": "because"}', '{"label": "a", "n": 1}'),
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


def test_a_prediction_is_not_unwrapped():
    assert json.loads(parse_return_type("VARIANT").read('{"answer": 1}', wrapped=False)) == {"answer": 1}
