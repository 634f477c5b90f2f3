"""The cases of tests/cases, which Python and the macros must both keep to."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from dbt_ai.return_type.types import Array, Decimal, Enum, Map, Scalar, Struct, Type

DEPTH = 64

# Too deep to be read in a file.
TOO_DEEP = [
    {"type": "ARRAY<" * (DEPTH + 1) + "INT" + ">" * (DEPTH + 1), "says": "types are nested more than 64 deep"},
    {"type": "STRUCT<a " * (DEPTH + 1) + "INT" + ">" * (DEPTH + 1), "says": "types are nested more than 64 deep"},
    {"type": "schema_of_json('" + "[" * (DEPTH + 2) + "]" * (DEPTH + 2) + "')", "says": "the sample is nested more than 64 deep"},
    {
        "type": '{"type": "array", "items": ' * (DEPTH + 1) + '{"type": "string"}' + "}" * (DEPTH + 1),
        "says": "the JSON Schema is nested more than 64 deep",
    },
]


@cache
def cases(name: str) -> dict[str, list[dict[str, Any]]]:
    return yaml.safe_load((Path(__file__).parent / "cases" / f"{name}.yml").read_text(encoding="utf-8"))


def return_types() -> list[dict[str, Any]]:
    return cases("return_types")["accepted"]


def refused_return_types() -> list[dict[str, Any]]:
    return cases("return_types")["refused"] + TOO_DEEP


def tree(type: Type) -> dict[str, Any]:
    """The type as the macros have it."""
    match type:
        case Scalar(name):
            return {"kind": "scalar", "name": name}
        case Decimal(precision, scale):
            return {"kind": "decimal", "precision": precision, "scale": scale}
        case Enum(values):
            return {"kind": "enum", "values": list(values)}
        case Array(element):
            return {"kind": "array", "element": tree(element)}
        case Map(key, value):
            return {"kind": "map", "key": tree(key), "value": tree(value)}
        case Struct(fields):
            return {
                "kind": "struct",
                "fields": [
                    {
                        "name": field.name,
                        "type": tree(field.type),
                        "nullable": field.nullable,
                        "required": field.required,
                        "comment": field.comment,
                    }
                    for field in fields
                ],
            }
