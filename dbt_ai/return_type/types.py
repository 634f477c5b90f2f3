"""The types an answer can have, and what they are called in DuckDB."""

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
    """name: a key of SCALARS.

    >>> sql_type(Scalar("TIMESTAMP"))
    'TIMESTAMP'
    """

    name: str


@dataclass(frozen=True, slots=True)
class Decimal:
    """A number of `precision` digits, `scale` of them after the point.

    >>> sql_type(Decimal(precision=10, scale=2))
    'DECIMAL(10,2)'
    """

    precision: int
    scale: int


@dataclass(frozen=True, slots=True)
class Enum:
    """One of these texts. A STRING in SQL, so that the column is the same on engines without such a type.

    >>> sql_type(Enum(("billing", "outage")))
    'VARCHAR'
    """

    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Array:
    """A list of elements of one type.

    >>> sql_type(Array(Scalar("INT")))
    'INTEGER[]'
    """

    element: Type


@dataclass(frozen=True, slots=True)
class Map:
    """Values of one type under keys that the answer chooses.

    >>> sql_type(Map(Scalar("STRING"), Scalar("DOUBLE")))
    'MAP(VARCHAR, DOUBLE)'
    """

    key: Scalar | Decimal | Enum
    value: Type


@dataclass(frozen=True, slots=True)
class Field:
    """nullable: the answer may say null. required: the answer must name the field; one that is left out is NULL.

    >>> sql_type(Struct((Field("label", Scalar("STRING"), nullable=False),)))
    'STRUCT("label" VARCHAR)'
    """

    name: str
    type: Type
    nullable: bool = True
    required: bool = True
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Struct:
    """Named fields, in this order.

    >>> Struct((Field("label", Enum(("billing", "other"))), Field("seen", Array(Scalar("DATE"))))).fields[0].name
    'label'
    """

    fields: tuple[Field, ...]


Type = Scalar | Decimal | Enum | Array | Map | Struct

STRING = Scalar("STRING")
VARIANT = Scalar("VARIANT")

# Endpoints take less (OpenAI: 10, Databricks: 7). Python's recursion limit is far away, also in the macros.
MAX_DEPTH = 64


def is_nested(type: Type) -> bool:
    """Whether an answer of this type is JSON text, not the plain text of one value."""
    return isinstance(type, (Array, Map, Struct)) or type == VARIANT


def sql_type(type: Type) -> str:
    """The type's name in DuckDB. The macros have the names of the other engines."""
    match type:
        case Scalar(name):
            return SCALARS[name]
        case Decimal(precision, scale):
            return f"DECIMAL({precision},{scale})"
        case Enum():
            return sql_type(STRING)
        case Array(element):
            return f"{sql_type(element)}[]"
        case Map(key, value):
            return f"MAP({sql_type(key)}, {sql_type(value)})"
        case Struct(fields):
            inner = ", ".join('"{}" {}'.format(field.name.replace('"', '""'), sql_type(field.type)) for field in fields)
            return f"STRUCT({inner})"
