"""The macros read return types as Python does: the same cases, and any other type that can be written."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import golden
import jsonschema
import pytest
import shared_cases
from dbt_common.exceptions import CompilationError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from written_types import TYPES, ddl

from dbt_ai.call import Call
from dbt_ai.errors import ConfigurationError
from dbt_ai.external_model import ExternalModel
from dbt_ai.providers._means import json_schema
from dbt_ai.return_type import parse_return_type

# What an engine calls a type.
NAMES = {
    "databricks": "_type_ddl",
    "snowflake": "_snowflake_type",
    "bigquery": "_bigquery_type",
    "postgres": "_postgres_type",
    "databend": "_databend_type",
}
MODEL = "claude-sonnet-4-6"
MANY = settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


@pytest.fixture(scope="module")
def macros(request: pytest.FixtureRequest) -> Iterator[Any]:
    """The macros as functions; those of an engine where a test names one as its parameter."""
    with golden.compiler().macros(golden.ENGINES[getattr(request, "param", "snowflake")]) as macros:
        yield macros


def in_python(text: str) -> dict[str, Any] | None:
    """What the type is; None where it is refused."""
    try:
        found = parse_return_type(text)
    except ConfigurationError:
        return None
    return {
        "type": shared_cases.tree(found.type),
        "schema": found.schema,
        "wrapped": found.wrapped,
        "written": found.written is not None,
    }


def in_jinja(macros: Any, text: str) -> dict[str, Any] | None:
    try:
        return macros._return_type(text)
    except CompilationError:
        return None


def or_code(macro: Any, *arguments: Any) -> Any:
    """What the macro answers, or the code of the error that it raises."""
    try:
        return macro(*arguments)
    except CompilationError as error:
        return str(error.msg).partition(":")[0]


@pytest.mark.parametrize("case", shared_cases.return_types(), ids=lambda case: case["type"][:60])
def test_a_type_has_the_schema_that_python_gives_it_however_it_is_written(macros: Any, case: dict[str, Any]) -> None:
    for written in [case["type"], *case.get("also", [])]:
        found = macros._return_type(written)
        assert found == in_python(written)
        assert found["schema"] == case["schema"]


@pytest.mark.parametrize(("macros", "engine"), [(engine, engine) for engine in NAMES], indirect=["macros"])
def test_a_type_has_one_name_in_each_engine(macros: Any, engine: str) -> None:
    name = getattr(macros, NAMES[engine])
    named = {case["type"]: or_code(name, macros._parse_type(case["type"])) for case in shared_cases.return_types()}
    assert named == {case["type"]: case[engine] for case in shared_cases.return_types()}


@pytest.mark.parametrize("case", shared_cases.refused_return_types(), ids=lambda case: case["type"][:60])
def test_what_python_refuses_the_macros_refuse_in_the_same_words(macros: Any, case: dict[str, Any]) -> None:
    with pytest.raises(CompilationError, match="return_type|response_format") as refused:
        macros._return_type(case["type"])
    assert case["says"] in str(refused.value.msg)


TOLD = shared_cases.cases("return_types")["told"]


@pytest.mark.parametrize("case", TOLD, ids=lambda case: case["type"][:60])
def test_a_vendor_is_told_the_schema_in_words_that_it_knows(macros: Any, case: dict[str, Any]) -> None:
    told = macros._told_and_read(case["type"], None)["told"]
    openai = macros._openai_response_format(told)["json_schema"] if told else {"schema": None, "strict": None}
    assert (openai["schema"], openai["strict"]) == (case["openai"], case["strict"])
    assert (told and or_code(macros._snowflake_schema, openai["schema"], MODEL)) == case["snowflake"]


@pytest.mark.parametrize("macros", ["bigquery"], indirect=True)
def test_bigquery_is_told_labels_and_nulls_in_descriptions(macros: Any) -> None:
    told = {case["type"]: or_code(macros._bigquery_output_schema, macros._return_type(case["type"])) for case in TOLD}
    assert told == {case["type"]: case["bigquery"] for case in TOLD}


@pytest.mark.parametrize("model", ["openai-gpt-5", 'SNOWFLAKE.MODELS."OPENAI-GPT-4.1"'])
def test_openais_models_on_snowflake_are_not_told_that_a_field_may_be_null(macros: Any, model: str) -> None:
    schema = macros._plain_schema(macros._return_type("STRUCT<a INT NOT NULL, b STRING>")["schema"], False)
    with pytest.raises(CompilationError, match="AI028: field 'b' may be NULL, and OpenAI's models .* write NOT NULL"):
        macros._snowflake_schema(schema, model)


@MANY
@given(TYPES.flatmap(ddl))
def test_any_type_is_the_same_in_python_and_in_the_macros(macros: Any, written: str) -> None:
    found = in_python(written)
    assert found is not None
    assert in_jinja(macros, written) == found


@st.composite
def misspelt(draw: Any) -> str:
    """A type of which something is left out, repeated or replaced: nearly a type, and sometimes still one."""
    parts = re.findall(r"\s+|\w+|[^\w\s]", draw(TYPES.flatmap(ddl)))
    more = st.sampled_from([*"<>(),:'\"`\\ é", "NOT", "NULL", "COMMENT", "INT", "VARCHAR(5)", "DECIMAL(3,4)", "``", "''", "99"])
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(parts)))
        parts[at : at + draw(st.integers(0, 2))] = draw(st.lists(more, max_size=2))
    return "".join(parts)


@MANY
@given(misspelt())
def test_a_misspelt_type_is_refused_by_both_or_the_same_to_both(macros: Any, written: str) -> None:
    assert in_jinja(macros, written) == in_python(written)


SAMPLES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(allow_nan=False), st.text(max_size=3)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(["a", "b", "B", "é", "x y"]), inner, max_size=3)),
    max_leaves=8,
)


@MANY
@given(SAMPLES)
def test_any_sample_has_the_type_that_python_finds(macros: Any, sample: Any) -> None:
    written = "schema_of_json('" + json.dumps(sample, ensure_ascii=False).replace("'", "''") + "')"
    assert in_jinja(macros, written) == in_python(written)


FIELDS = st.sampled_from(["a", "b", "A", "n m", "$ref", "type", "é"])
LEAVES: list[Any] = [
    True,
    {},
    {"type": "string"},
    {"type": "null"},
    {"type": "integer", "minimum": 1},
    {"type": ["number", "null"]},
    {"type": ["string", "integer"]},
    {"type": "string", "format": "date"},
    {"type": ["string", "null"], "format": "date-time"},
    {"type": "string", "format": "email", "pattern": "x"},
    {"enum": ["a", "b", None]},
    {"enum": [1, "a"]},
    {"type": ["string", "null"], "enum": ["a", None]},
    {"const": "x"},
    {"const": None},
    {"type": "object"},
    {"type": "object", "additionalProperties": False},
    {"type": "array"},
    {"$ref": "#/$defs/T"},
    {"$ref": "#/$defs/U"},
    {"$ref": "#"},
    {"$ref": "#/nowhere"},
    {"type": []},
    {"type": "objekt"},
]


def schemas(inner: Any) -> Any:
    described = st.one_of(st.just({}), st.fixed_dictionaries({"description": st.text(max_size=4)}))
    object_types = st.sampled_from(["object", ["object", "null"]])
    objects = st.fixed_dictionaries(
        {
            "type": object_types,
            "properties": st.dictionaries(FIELDS, inner, max_size=3),
            "required": st.lists(FIELDS, max_size=3, unique=True),
        }
    )
    maps = st.fixed_dictionaries({"type": object_types, "additionalProperties": inner})
    arrays = st.fixed_dictionaries({"type": st.sampled_from(["array", ["null", "array"]]), "items": inner})
    unions = st.builds(
        lambda union, branches: {union: branches}, st.sampled_from(["anyOf", "oneOf"]), st.lists(inner, min_size=1, max_size=3)
    )
    or_null = st.builds(lambda union, branch: {union: [branch, {"type": "null"}]}, st.sampled_from(["anyOf", "oneOf"]), inner)
    return st.builds(lambda schema, more: {**schema, **more}, st.one_of(objects, maps, arrays, unions, or_null), described)


SCHEMAS = st.recursive(st.sampled_from(LEAVES), schemas, max_leaves=6)


@st.composite
def written_schemas(draw: Any) -> str:
    schema = draw(SCHEMAS.filter(lambda schema: schema is not True))
    if draw(st.booleans()):
        schema = {**schema, "$defs": {"T": draw(SCHEMAS), "U": draw(SCHEMAS)}}
    return json.dumps({"type": "json_schema", "json_schema": {"schema": schema}} if draw(st.booleans()) else schema)


@MANY
@given(written_schemas())
def test_any_json_schema_is_the_same_in_python_and_in_the_macros(macros: Any, written: str) -> None:
    assert in_jinja(macros, written) == in_python(written)


@MANY
@given(SCHEMAS.filter(lambda schema: schema is not True))
def test_a_schema_is_strict_where_the_runtime_says_so(macros: Any, schema: Any) -> None:
    call = Call("ai_query", ExternalModel("m", "https://h/v1/chat/completions", "OpenAI", "CHAT", "m"), schema=schema)
    told = json_schema(call).parameters["response_format"]["json_schema"]
    assert macros._is_strict_schema(schema) == told["strict"]


def nodes(schema: Any) -> Iterator[dict[str, Any]]:
    """The schema and every schema in it."""
    if isinstance(schema, dict):
        yield schema
        for inner in [*schema.get("properties", {}).values(), schema.get("items"), schema.get("additionalProperties")]:
            yield from nodes(inner)


PLAIN = {"type", "enum", "properties", "required", "items", "additionalProperties", "description"}


@MANY
@given(TYPES.flatmap(ddl))
def test_what_vendors_are_told_of_any_type_has_no_word_that_they_refuse(macros: Any, written: str) -> None:
    found = macros._return_type(written)
    plain = macros._plain_schema(found["schema"] or {}, False)
    jsonschema.Draft202012Validator.check_schema(plain)
    assert all(node.keys() <= PLAIN for node in nodes(plain))
    try:
        schema = macros._snowflake_schema(plain, MODEL)
    except CompilationError as error:
        assert "Snowflake takes names of letters" in str(error.msg)
        return
    assert all(isinstance(node.get("type", ""), str) for node in nodes(schema))


@MANY
@given(st.data(), TYPES)
def test_a_schema_in_plain_words_allows_null_where_the_other_does(macros: Any, data: Any, type: Any) -> None:
    found = macros._return_type(data.draw(ddl(type)))
    schema = found["schema"] or {}
    plain = macros._plain_schema(schema, False)
    for name, field in schema.get("properties", {}).items():
        allows = jsonschema.Draft202012Validator(field).is_valid(None)
        assert jsonschema.Draft202012Validator(plain["properties"][name]).is_valid(None) == allows
