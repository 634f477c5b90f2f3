"""The type of an answer: from what the user writes to the schema an endpoint is sent, the SQL type and the reading of the answer."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

from dbt_ai.errors import ConfigurationError
from dbt_ai.return_type import reader
from dbt_ai.return_type.ddl import parse_ddl
from dbt_ai.return_type.json_schema import WRAPPER, from_sample, from_schema, sent, to_schema, unwrap_response_format
from dbt_ai.return_type.reader import NotReadable
from dbt_ai.return_type.types import STRING, Type, is_nested, sql_type

__all__ = ["WRAPPER", "NotReadable", "ReturnType", "keeps_to", "parse_return_type"]

_SAMPLE = re.compile(r"\s*schema_of_json\s*\(\s*'((?:[^']|'')*)'\s*\)\s*", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, eq=False)
class ReturnType:
    """type: what the answer is in SQL.
    schema: the JSON Schema that an endpoint is sent, with an object at its root; None where any text will do.
    wrapped: whether that object only wraps the answer, as {"answer": …}.
    written: the JSON Schema as the user wrote it, whose finer rules (pattern, minimum, …) an answer must keep too.

    >>> type = parse_return_type("STRUCT<label STRING, urgency INT>")
    >>> type.read('{"label": "billing", "urgency": 3}')
    '{"label": "billing", "urgency": 3}'
    """

    type: Type
    schema: Mapping[str, Any] | None
    wrapped: bool = False
    written: Mapping[str, Any] | None = None

    def sql(self) -> str:
        """The type's name in DuckDB."""
        return sql_type(self.type)

    @property
    def nested(self) -> bool:
        """Whether `read` gives JSON text, to be cast by way of JSON, instead of the plain text of a scalar."""
        return is_nested(self.type)

    def read(self, text: str, *, wrapped: bool = True) -> str:
        """The answer as text that casts to the SQL type without loss.

        wrapped: whether the endpoint was sent the schema; false for a custom model's prediction, which is the value itself.
        Raises NotReadable.
        """
        if self.schema is None:
            return text
        check = None if self.written is None else partial(_validate, self.written)
        return reader.read(self.type, text, wrapped=wrapped and self.wrapped, check=check)


@lru_cache(maxsize=1024)
def parse_return_type(text: str) -> ReturnType:
    """Read a return type as it stands in a model: DDL, the text of a JSON Schema, or schema_of_json('…').

    Raises ConfigurationError with the text, the place and what would be accepted there.
    """
    sample = _SAMPLE.fullmatch(text)
    if sample:
        type = from_sample(sample[1].replace("''", "'"))
    elif text.lstrip().startswith("{"):
        return _of_schema(text)
    else:
        type = parse_ddl(text)
    if type == STRING:
        return ReturnType(type, None)
    return ReturnType(type, *sent(to_schema(type), type))


def _of_schema(text: str) -> ReturnType:
    import jsonschema  # type: ignore[import-untyped]

    try:
        schema = unwrap_response_format(json.loads(text))
        jsonschema.Draft202012Validator.check_schema(schema)
    except ValueError as error:
        raise ConfigurationError(f"return_type {text[:60]!r}: the JSON Schema is not JSON: {error}") from None
    except RecursionError:
        raise ConfigurationError(f"return_type {text[:60]!r}: the JSON Schema is nested too deep") from None
    except jsonschema.SchemaError as error:
        raise ConfigurationError(f"return_type {text[:60]!r}: not a JSON Schema at {error.json_path}: {error.message}") from None
    type = from_schema(schema)
    return ReturnType(type, *sent(schema, type), written=schema)


def keeps_to(schema: Mapping[str, Any], text: str) -> bool:
    """Whether a model that wrote this was bound to the schema: it is JSON, and nothing but JSON, that satisfies it."""
    try:
        return bool(_validator()(schema).is_valid(json.loads(text)))
    except (ValueError, RecursionError):
        return False


def _validate(schema: Mapping[str, Any], value: Any) -> None:
    import jsonschema

    problem = jsonschema.exceptions.best_match(_validator()(schema).iter_errors(value))
    if problem is not None:
        where = "the answer" if problem.json_path == "$" else f"field {problem.json_path.removeprefix('$.')!r}"
        raise NotReadable(f"{where}: {problem.message[:300]}")


@lru_cache(maxsize=1)
def _validator() -> Any:
    import jsonschema

    def unique_items(validator: Any, unique: bool, items: Any, schema: Any) -> Iterator[Any]:
        # jsonschema's own check compares all pairs of items that cannot be sorted.
        if unique and validator.is_type(items, "array") and len({json.dumps(item, sort_keys=True) for item in items}) < len(items):
            yield jsonschema.ValidationError("one of the items is there twice")

    return jsonschema.validators.extend(jsonschema.Draft202012Validator, {"uniqueItems": unique_items})
