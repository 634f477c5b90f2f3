"""Any type, any value of it, any answer: the value comes back as it was, or an error does."""

import datetime
import json
from decimal import Decimal

import duckdb
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from written_types import TEXT, TYPES, ddl

from dbt_ai.return_type import NotReadable, parse_return_type
from dbt_ai.return_type.types import VARIANT, Array, Enum, Map, Scalar, Struct, is_nested
from dbt_ai.return_type.types import Decimal as DecimalType


def values(type):
    """Pairs of the value in Python, as DuckDB gives it back, and the same in JSON, as a model writes it."""
    match type:
        case Scalar("BOOLEAN"):
            return st.booleans().map(lambda v: (v, v))
        case Scalar("TINYINT" | "SMALLINT" | "INT" | "BIGINT" as name):
            bound = 2 ** {"TINYINT": 7, "SMALLINT": 15, "INT": 31, "BIGINT": 63}[name]
            return st.integers(-bound, bound - 1).map(lambda v: (v, v))
        case Scalar("FLOAT"):
            return st.floats(allow_nan=False, allow_infinity=False, width=32).map(lambda v: (v, v))
        case Scalar("DOUBLE"):
            return st.floats(allow_nan=False, allow_infinity=False).map(lambda v: (v, v))
        case Scalar("STRING"):
            return TEXT.map(lambda v: (v, v))
        case Scalar("DATE"):
            return st.dates().map(lambda v: (v, v.isoformat()))
        case Scalar("TIMESTAMP"):
            moments = st.datetimes(datetime.datetime(2, 1, 1), datetime.datetime(9998, 1, 1)).map(lambda v: v.replace(fold=0))
            offsets = st.integers(-14 * 60, 14 * 60).map(lambda minutes: datetime.timezone(datetime.timedelta(minutes=minutes)))
            return st.tuples(moments, offsets).map(
                lambda v: (v[0], v[0].replace(tzinfo=datetime.timezone.utc).astimezone(v[1]).isoformat())
            )
        case Scalar("TIMESTAMP_NTZ"):
            return st.datetimes().map(lambda v: (v.replace(fold=0), v.isoformat()))
        case DecimalType(precision, scale):
            return st.integers(-(10**precision) + 1, 10**precision - 1).map(
                lambda v: (Decimal(v).scaleb(-scale, None) if precision < 28 else Decimal(f"{v}E-{scale}"),) * 2
            )
        case Enum(labels):
            return st.sampled_from(labels).map(lambda v: (v, v))
        case Array(element):
            return st.lists(values(element), max_size=3).map(lambda pairs: ([p[0] for p in pairs], [p[1] for p in pairs]))
        case Map(key, value):
            pairs = st.tuples(values(key), values(value))
            return st.lists(pairs, max_size=3, unique_by=lambda pair: pair[0][0]).map(
                lambda found: ({k[0]: v[0] for k, v in found}, {as_key(k[1]): v[1] for k, v in found})
            )
        case Struct(fields):
            parts = [st.one_of(st.just((None, None)), values(f.type)) if f.nullable else values(f.type) for f in fields]
            return st.tuples(*parts).map(
                lambda found: (
                    {f.name: v[0] for f, v in zip(fields, found, strict=True)},
                    {f.name: v[1] for f, v in zip(fields, found, strict=True)},
                )
            )


def as_key(value):
    return value if isinstance(value, str) else dump(value)


def dump(value):
    """JSON with every digit of a decimal."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(k)}:{dump(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(dump, value)) + "]"
    return str(value) if isinstance(value, Decimal) else json.dumps(value)


WAYS = st.sampled_from(
    [
        lambda text: text,
        lambda text: f"```json\n{text}\n```",
        lambda text: f"Here is the answer:\n```\n{text}\n```\nAnything else?",
        lambda text: f"<think>1 or 2?</think>\n\n{text}",
    ]
)


@st.composite
def typed_values(draw):
    type = draw(TYPES)
    value, in_json = draw(values(type))
    return type, draw(ddl(type)), value, in_json


def cast(connection, found, answer):
    expression = "cast(? as json)" if found.nested else "?"
    return connection.execute(f"select cast({expression} as {found.sql()})", [answer]).fetchone()[0]


@pytest.fixture(scope="module")
def connection():
    with duckdb.connect() as connection:
        yield connection


MANY = settings(max_examples=2000, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


@MANY
@given(typed_values(), WAYS, st.booleans())
def test_any_value_of_any_type_comes_back_from_the_answer_that_says_it(connection, case, way, wrap):
    type, written, value, in_json = case
    found = parse_return_type(written)
    assert found.type == type
    if type == Scalar("STRING"):
        assert found.read(value) == value
        return
    if not is_nested(type) and isinstance(in_json, str) and not wrap:
        text = json.dumps(in_json)
    else:
        text = dump({"answer": in_json} if wrap and not isinstance(type, (Map, Struct)) else in_json)
    answer = found.read(way(text))
    got = cast(connection, found, answer)
    assert (got == value and repr(got) == repr(value)) or np.array_equal(got, value)


def wrong(type):
    """JSON that is no value of the type, whatever a lenient reader does."""
    match type:
        case Scalar("BOOLEAN"):
            return st.sampled_from([0, 1, "yes", [], {}])
        case Scalar("STRING") | Enum():
            return st.sampled_from([0, 1.5, True, [], {}])
        case Struct() | Map():
            return st.sampled_from([0, "x", True, ["x"]])
        case Array():
            return st.sampled_from([0, "x", True, {"x": 1}])
        case _:
            return st.sampled_from(["x", "", True, [], {}, "1,5", "12 or 13"])


@st.composite
def spoiled(draw, type, value):
    """The JSON value with one place in it that does not fit the type."""
    if isinstance(type, Struct) and draw(st.integers(0, 3)):
        field = draw(st.sampled_from(type.fields))
        if draw(st.integers(0, 3)) == 0:
            return {name: item for name, item in value.items() if name != field.name}
        if value[field.name] is not None:
            return {**value, field.name: draw(spoiled(field.type, value[field.name]))}
        return {**value, field.name: draw(wrong(field.type))}
    if isinstance(type, Array) and value and draw(st.booleans()):
        return [*value[:-1], draw(spoiled(type.element, value[-1]))]
    return draw(wrong(type))


@st.composite
def malformed(draw):
    type = draw(TYPES.filter(lambda type: type != Scalar("STRING")))
    _, value = draw(values(type))
    text = dump(value if isinstance(type, (Map, Struct)) else {"answer": value})
    kind = draw(st.sampled_from(["spoiled", "cut", "twice", "python", "constant", "null", "prose", "half a pair"]))
    if kind == "spoiled":
        bad = draw(spoiled(type, value))
        text = dump(bad if isinstance(type, (Map, Struct)) else {"answer": bad})
    elif kind == "cut":
        text = text[: draw(st.integers(0, len(text) - 1))]
    elif kind == "twice":
        text = draw(st.sampled_from([f"{text} {text}", f"{text}, or {text}", f"[{text}, {text}]", f"{text}}}"]))
    elif kind == "python":
        text = "{'a': None, 'b': " + repr(draw(TEXT)) + "}"
    elif kind == "constant":
        text = '{"answer": ' + draw(st.sampled_from(["NaN", "Infinity", "-Infinity", "undefined", "01"])) + "}"
    elif kind == "null":
        text = draw(st.sampled_from(["null", '{"answer": null}', "None", ""]))
        text = "null" if isinstance(type, (Map, Struct)) else text
    elif kind == "prose":
        text = "I am sorry, but I cannot answer that" + draw(TEXT.filter(lambda text: not set(text) & set("{}[]")))
    else:
        text = text[:-1] + ', "\ud800": "\ud800"}'
        type = Map(Scalar("STRING"), Scalar("STRING")) if not isinstance(type, Struct) else type
        if isinstance(type, Struct):
            text = '{"' + "\ud83d" + text[2:]
            text = "\ud83d" + text.replace("{", "", 1)
    return type, draw(WAYS)(text)


@MANY
@given(malformed(), st.data())
def test_a_malformed_answer_is_an_error(case, data):
    type, text = case
    found = parse_return_type(data.draw(ddl(type)))
    with pytest.raises(NotReadable):
        found.read(text)


JUNK = st.lists(
    st.sampled_from([*"{}[],:\"'`\\ \n", "```", "answer", "null", "true", "1", "-", "e9", "2024-01-01", "\ud800", "\0", "é"]), max_size=15
)


@MANY
@given(TYPES, JUNK.map("".join), st.data())
def test_any_text_is_an_error_or_a_value_that_casts(connection, type, text, data):
    found = parse_return_type(data.draw(ddl(type)))
    try:
        answer = found.read(text)
    except NotReadable:
        return
    if type != Scalar("STRING"):
        cast(connection, found, answer)


def test_a_variant_keeps_every_digit(connection):
    found = parse_return_type("VARIANT")
    assert found.type == VARIANT
    assert found.read('{"a": [1.10, 12345678901234567890123]}') == '{"a": [1.10, 12345678901234567890123]}'
