"""JSON Schema, in both directions: the one an endpoint is sent, and the one a user wrote.

macros/internal/ says the same in Jinja, in _type_schema.sql, _type_of_schema.sql and _type_of_sample.sql; tests/cases/return_types.yml
holds for both.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from dbt_ai.errors import ConfigurationError
from dbt_ai.return_type.types import MAX_DEPTH, STRING, VARIANT, Array, Decimal, Enum, Field, Map, Scalar, Struct, Type

# OpenAI and compatible endpoints want an object at the root. Another type is sent as the one field of an object.
WRAPPER = "answer"

# JSON Schema has no format for a date and time without an offset.
LOCAL_TIMESTAMP = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}$"

# Where definitions stand that references point to.
_SHARED = ("$defs", "definitions")
_UNIONS = ("anyOf", "oneOf")

_SCALARS: Mapping[str, Mapping[str, Any]] = {
    "BOOLEAN": {"type": "boolean"},
    "TINYINT": {"type": "integer"},
    "SMALLINT": {"type": "integer"},
    "INT": {"type": "integer"},
    "BIGINT": {"type": "integer"},
    "FLOAT": {"type": "number"},
    "DOUBLE": {"type": "number"},
    "STRING": {"type": "string"},
    "DATE": {"type": "string", "format": "date"},
    "TIMESTAMP": {"type": "string", "format": "date-time"},
    "TIMESTAMP_NTZ": {"type": "string", "pattern": LOCAL_TIMESTAMP},
    "VARIANT": {},
}


def to_schema(type: Type) -> dict[str, Any]:
    """The JSON Schema of a type. Every field is required and nothing else is allowed, as strict endpoints demand."""
    match type:
        case Scalar(name):
            return dict(_SCALARS[name])
        case Decimal(_, scale):
            return {"type": "number", "multipleOf": float(f"1e-{scale}")} if scale else {"type": "integer"}
        case Enum(values):
            return {"type": "string", "enum": list(values)}
        case Array(element):
            return {"type": "array", "items": to_schema(element)}
        case Map(_, value):
            return {"type": "object", "additionalProperties": to_schema(value)}
        case Struct(fields):
            return {
                "type": "object",
                "properties": {field.name: _of_field(field) for field in fields},
                "required": [field.name for field in fields],
                "additionalProperties": False,
            }


def _of_field(field: Field) -> dict[str, Any]:
    schema = to_schema(field.type)
    if field.nullable and schema:
        schema = _nullable(schema)
    if field.comment:
        schema["description"] = field.comment
    return schema


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    if "enum" in schema:
        return {**schema, "type": ["string", "null"], "enum": [*schema["enum"], None]}
    if schema.keys() <= {"type", "description"}:
        return {**schema, "type": [schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]}


def sent(schema: Mapping[str, Any], type: Type) -> tuple[Mapping[str, Any], bool]:
    """The schema that is sent to an endpoint, with an object at its root, and whether that object only wraps the answer.

    schema: of a type, or as the user wrote it; type: the type that holds its values.
    """
    if not schema:
        return schema, False
    root = _root(schema, type)
    if isinstance(type, (Map, Struct)) or root.get("type") == "object":
        return root, False
    shared = {name: root[name] for name in _SHARED if name in root}
    inner = {name: value for name, value in root.items() if name not in (*_SHARED, "$schema")}
    return {"type": "object", "properties": {WRAPPER: inner}, "required": [WRAPPER], "additionalProperties": False, **shared}, True


def _root(schema: Mapping[str, Any], type: Type) -> Mapping[str, Any]:
    """The schema without null at its root, since an answer is never null, and with a reference at its root resolved."""
    shared = {name: schema[name] for name in _SHARED if name in schema}
    root = schema
    while True:
        branches: Sequence[Any] = next((root[union] for union in _UNIONS if union in root), [])
        real = [branch for branch in branches if not _is_null(branch)]
        if "$ref" in root and isinstance(type, (Map, Struct)):
            root = resolved(str(root["$ref"]), schema)
        elif "$ref" not in root and len(real) == 1 and isinstance(real[0], Mapping):
            root = {**{name: value for name, value in root.items() if name not in _UNIONS}, **real[0]}
        else:
            break
    root = {**root, **shared}
    if isinstance(root.get("type"), list):
        names = [name for name in root["type"] if name != "null"]
        root["type"] = names[0] if len(names) == 1 else names or "null"
    if isinstance(root.get("enum"), list):
        root["enum"] = [value for value in root["enum"] if value is not None]
    return root


def resolved(reference: str, schema: Mapping[str, Any]) -> Any:
    """The part of the schema that a reference points to. Raises ConfigurationError if there is none."""
    target: Any = schema
    for part in reference.removeprefix("#").strip("/").split("/"):
        name = part.replace("~1", "/").replace("~0", "~")
        if not reference.startswith("#") or not isinstance(target, Mapping) or (name and name not in target):
            raise ConfigurationError(f"return_type: {reference!r} leads nowhere in the JSON Schema; define it under $defs")
        target = target[name] if name else target
    return target


def _is_null(schema: Any) -> bool:
    return isinstance(schema, Mapping) and schema.get("type") == "null"


def from_schema(schema: Mapping[str, Any]) -> Type:
    """The type that holds every value of a JSON Schema. It is VARIANT where SQL has no such type.

    Raises ConfigurationError if two fields differ only by case, or a reference points nowhere.
    """
    return _Reading(schema).type(schema)[0]


def unwrap_response_format(value: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema in {"type": "json_schema", "json_schema": {"schema": …}}, or the schema itself."""
    if value.get("type") == "json_schema" and isinstance(value.get("json_schema"), Mapping):
        inner = value["json_schema"].get("schema")
        if not isinstance(inner, Mapping):
            raise ConfigurationError("response_format: json_schema.schema is missing; give the JSON Schema there")
        return inner
    return value


class _Reading:
    def __init__(self, root: Mapping[str, Any]) -> None:
        self.root = root
        self.open: list[str] = []

    def type(self, schema: Any, depth: int = 0) -> tuple[Type, bool]:
        """The type, and whether null is allowed."""
        if depth > MAX_DEPTH:
            raise ConfigurationError(f"return_type: the JSON Schema is nested more than {MAX_DEPTH} deep")
        if not isinstance(schema, Mapping):
            return VARIANT, True
        if "$ref" in schema:
            return self._reference(str(schema["$ref"]), depth)
        for union in _UNIONS:
            if isinstance(schema.get(union), Sequence):
                return self._union(schema[union], depth)
        names = schema.get("type")
        names = [names] if isinstance(names, str) else list(names or [])
        nullable = "null" in names
        names = [name for name in names if name != "null"]
        if "const" in schema:
            schema = {**schema, "enum": [schema["const"]]}
        if isinstance(schema.get("enum"), Sequence):
            values = [value for value in schema["enum"] if value is not None]
            if values and all(isinstance(value, str) for value in values):
                return Enum(tuple(dict.fromkeys(values))), nullable or None in schema["enum"]
        if len(names) != 1:
            return VARIANT, nullable
        return self._named(names[0], schema, depth + 1), nullable

    def _named(self, name: str, schema: Mapping[str, Any], depth: int) -> Type:
        if name == "string":
            return {"date": Scalar("DATE"), "date-time": Scalar("TIMESTAMP")}.get(str(schema.get("format")), STRING)
        if name == "array":
            return Array(self.type(schema.get("items"), depth)[0])
        if name == "object":
            return self._object(schema, depth)
        return {"integer": Scalar("BIGINT"), "number": Scalar("DOUBLE"), "boolean": Scalar("BOOLEAN")}.get(name, VARIANT)

    def _object(self, schema: Mapping[str, Any], depth: int) -> Type:
        properties = schema.get("properties")
        if isinstance(properties, Mapping) and properties:
            required = schema.get("required") or ()
            fields: list[Field] = []
            for name, inner in properties.items():
                type, nullable = self.type(inner, depth)
                if any(field.name.lower() == name.lower() for field in fields):
                    raise ConfigurationError(f"return_type: field {name!r} is there twice, and SQL does not tell names apart by case")
                comment = inner.get("description") if isinstance(inner, Mapping) else None
                fields.append(Field(name, type, nullable=nullable or name not in required, required=name in required, comment=comment))
            return Struct(tuple(fields))
        if isinstance(schema.get("additionalProperties"), Mapping):
            return Map(STRING, self.type(schema["additionalProperties"], depth)[0])
        return VARIANT

    def _union(self, branches: Sequence[Any], depth: int) -> tuple[Type, bool]:
        real = [branch for branch in branches if not _is_null(branch)]
        if len(real) != 1:
            return VARIANT, len(real) < len(branches)
        type, nullable = self.type(real[0], depth + 1)
        return type, nullable or len(real) < len(branches)

    def _reference(self, reference: str, depth: int) -> tuple[Type, bool]:
        if reference in self.open:
            return VARIANT, True  # a tree of unknown depth
        target = resolved(reference, self.root)
        self.open.append(reference)
        try:
            return self.type(target, depth + 1)
        finally:
            self.open.pop()


def from_sample(text: str) -> Type:
    """The type of a JSON text, as Spark's schema_of_json finds it. Raises ConfigurationError if it is not JSON."""
    try:
        return _of_value(json.loads(text)) or STRING
    except (ValueError, RecursionError):
        raise ConfigurationError(f"return_type schema_of_json({text!r}): the sample is not JSON; give one example of an answer") from None


def _of_value(value: Any, depth: int = 0) -> Type | None:
    """The type of a value. None for null and an empty list, which tell nothing."""
    if depth > MAX_DEPTH:
        raise ConfigurationError(f"return_type schema_of_json: the sample is nested more than {MAX_DEPTH} deep")
    if isinstance(value, bool):
        return Scalar("BOOLEAN")
    if isinstance(value, int):
        return Scalar("BIGINT") if -(2**63) <= value < 2**63 else Decimal(38, 0)
    if isinstance(value, float):
        return Scalar("DOUBLE")
    if isinstance(value, str):
        return STRING
    if isinstance(value, list):
        element: Type | None = None
        for item in value:
            element = _merged(element, _of_value(item, depth + 1))
        return Array(element or STRING)
    if isinstance(value, dict):
        # Spark sorts the fields that it infers; sorted here too, the column is the same.
        fields = tuple(Field(name, _of_value(value[name], depth + 1) or STRING) for name in sorted(value))
        if len({field.name.lower() for field in fields}) < len(fields):
            raise ConfigurationError("return_type schema_of_json: two fields differ only by case, which SQL does not tell apart")
        return Struct(fields) if fields else VARIANT
    return None


def _merged(one: Type | None, other: Type | None) -> Type | None:
    if one is None or other is None or one == other:
        return one if other is None else other
    if {one, other} == {Scalar("BIGINT"), Scalar("DOUBLE")}:
        return Scalar("DOUBLE")
    if isinstance(one, Struct) and isinstance(other, Struct):
        fields = {field.name: field for field in one.fields}
        for field in other.fields:
            known = fields.get(field.name)
            fields[field.name] = Field(field.name, _merged(known.type if known else None, field.type) or STRING)
        return Struct(tuple(fields[name] for name in sorted(fields)))
    if isinstance(one, Array) and isinstance(other, Array):
        return Array(_merged(one.element, other.element) or STRING)
    return VARIANT
