"""The types an answer can have, and what they are called in SQL."""

from __future__ import annotations

from dataclasses import dataclass

# The name in Databricks SQL -> the name in DuckDB. TIMESTAMP is an instant: it is kept in UTC, see reader.
SCALARS = {
    "BOOLEAN": "BOOLEAN",
    "TINYINT": "TINYINT",
    "SMALLINT": "SMALLINT",
    "INT": "INTEGER",
    "BIGINT": "BIGINT",
    "FLOAT": "FLOAT",
    "DOUBLE": "DOUBLE",
    "STRING": "VARCHAR",
    "DATE": "DATE",
    "TIMESTAMP": "TIMESTAMP",
    "TIMESTAMP_NTZ": "TIMESTAMP",
    "VARIANT": "JSON",
}


@dataclass(frozen=True, slots=True)
class Scalar:
    """name: a key of SCALARS."""

    name: str


@dataclass(frozen=True, slots=True)
class Decimal:
    precision: int
    scale: int


@dataclass(frozen=True, slots=True)
class Enum:
    """One of these texts. A STRING in SQL, so that the column is the same on engines without such a type."""

    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Array:
    element: Type


@dataclass(frozen=True, slots=True)
class Map:
    key: Scalar | Decimal | Enum
    value: Type


@dataclass(frozen=True, slots=True)
class Field:
    """nullable: the answer may say null. required: the answer must name the field; one that is left out is NULL."""

    name: str
    type: Type
    nullable: bool = True
    required: bool = True
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Struct:
    fields: tuple[Field, ...]


Type = Scalar | Decimal | Enum | Array | Map | Struct

STRING = Scalar("STRING")
VARIANT = Scalar("VARIANT")


def is_nested(type: Type) -> bool:
    """Whether an answer of this type is JSON text, not the plain text of one value."""
    return isinstance(type, (Array, Map, Struct)) or type == VARIANT


def sql_type(type: Type, dialect: str = "duckdb") -> str:
    """The type's name in SQL. dialect: "duckdb", or "databricks", which is Spark's too."""
    if dialect not in ("duckdb", "databricks"):
        raise ValueError(f"dialect {dialect!r} is not known; use 'duckdb' or 'databricks'")
    duckdb = dialect == "duckdb"
    match type:
        case Scalar(name):
            return SCALARS[name] if duckdb else name
        case Decimal(precision, scale):
            return f"DECIMAL({precision},{scale})"
        case Enum():
            return sql_type(STRING, dialect)
        case Array(element):
            inner = sql_type(element, dialect)
            return f"{inner}[]" if duckdb else f"ARRAY<{inner}>"
        case Map(key, value):
            inner = f"{sql_type(key, dialect)}, {sql_type(value, dialect)}"
            return f"MAP({inner})" if duckdb else f"MAP<{inner}>"
        case Struct(fields):
            quote = '"' if duckdb else "`"
            inner = ", ".join(f"{quote}{f.name.replace(quote, quote * 2)}{quote} {sql_type(f.type, dialect)}" for f in fields)
            return f"STRUCT({inner})" if duckdb else f"STRUCT<{inner}>"
