"""What differs between warehouses when answers are kept there: names of types, and how a value is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from dbt_ai.engines.warehouse.grammar import grammar
from dbt_ai.store.schema import Kind


@dataclass(frozen=True, slots=True)
class Dialect:
    """name: sqlglot's. types: of the columns of a store; adapters/*/_look_up.sql reads them.
    unique_keys: whether the warehouse holds a primary key to be one. byte_keys: keys are bytes, else hexadecimal text.
    vectors: how a vector is written, with its numbers at {}; None where vectors are JSON text in the column `value`.
    nullable: the type of a column that may be NULL. after: what follows the columns in `create table`. quotes: whether names need quotes.
    merges: whether one MERGE may insert and replace rows, which lets two processes write at once where no key is held to be unique.

    >>> DIALECTS["postgres"].literal("it's", Kind.TEXT), DIALECTS["bigquery"].vector([0.5, 1.0])
    ("'it''s'", '[0.5, 1.0]')
    """

    name: str
    types: Mapping[Kind, str]
    unique_keys: bool = False
    byte_keys: bool = False
    vectors: str | None = None
    nullable: str = "{}"
    after: str = ""
    quotes: bool = False
    merges: bool = False

    def column(self, name: str) -> str:
        """A column of our tables, by name."""
        return f'"{name}"' if self.quotes else name

    def key(self, key: bytes) -> str:
        """A key, 32 bytes, as a literal."""
        if not self.byte_keys:
            return f"'{key.hex()}'"
        return f"unhex('{key.hex()}')" if self.name == "duckdb" else f"decode('{key.hex()}', 'hex')"

    def literal(self, value: Any, kind: Kind) -> str:
        """A value of a row as SQL."""
        if value is None:
            return f"cast(null as {self.types[kind]})"
        if kind is Kind.BYTES:
            return self.key(value)
        if kind is Kind.VECTOR:
            return self.vector(value)
        if kind is Kind.FLAG:
            return f"cast('{str(value).lower()}' as {self.types[kind]})"
        text = exp.Literal.string(value if isinstance(value, str) else value.isoformat(sep=" ") if hasattr(value, "hour") else str(value))
        if kind is Kind.TEXT:
            return text.sql(dialect=grammar(self.name))
        return f"cast({text.sql(dialect=grammar(self.name))} as {self.types[kind]})"

    def vector(self, numbers: Sequence[float]) -> str:
        """A vector as a literal."""
        return str(self.vectors).format(", ".join(map(repr, numbers)))


def _types(key: str, text: str, vector: str, integer: str, real: str, moment: str, day: str, flag: str = "boolean") -> Mapping[Kind, str]:
    kinds = (Kind.BYTES, Kind.TEXT, Kind.VECTOR, Kind.INTEGER, Kind.REAL, Kind.MOMENT, Kind.DAY, Kind.FLAG)
    return dict(zip(kinds, (key, text, vector, integer, real, moment, day, flag), strict=True))


_POSTGRES = _types("bytea", "text", "real[]", "bigint", "double precision", "timestamptz", "date")
_REDSHIFT = _types("varchar(64)", "varchar(max)", "varchar(max)", "bigint", "double precision", "timestamptz", "date")
_SNOWFLAKE = _types("varchar(64)", "varchar", "array", "bigint", "float", "timestamp_tz", "date")
_BIGQUERY = _types("string", "string", "array<float64>", "int64", "float64", "timestamp", "date", "bool")
_SPARK = _types("string", "string", "array<float>", "bigint", "double", "timestamp", "date")
_TSQL = _types("varchar(64)", "nvarchar(max)", "nvarchar(max)", "bigint", "float", "datetime2(6)", "date", "bit")
_FABRIC = _types("varchar(64)", "varchar(max)", "varchar(max)", "bigint", "float", "datetime2(6)", "date", "bit")
_TRINO = _types("varchar", "varchar", "array(real)", "bigint", "double", "timestamp(6) with time zone", "date")
_CLICKHOUSE = _types("String", "String", "Array(Float32)", "Int64", "Float64", "DateTime64(6, 'UTC')", "Date", "Bool")
_DUCKDB = _types("blob", "varchar", "float[]", "bigint", "double", "timestamptz", "date")
# The distance functions of Databend take vectors without NULL alone.
_DATABEND = _types("varchar", "varchar", "array(float not null)", "bigint", "double", "timestamp", "date")
_OTHER = _types("varchar(64)", "varchar", "varchar", "bigint", "double precision", "timestamp", "date")

DIALECTS: Mapping[str, Dialect] = {
    "postgres": Dialect("postgres", _POSTGRES, unique_keys=True, byte_keys=True, vectors="cast('{{{}}}' as real[])"),
    "redshift": Dialect("redshift", _REDSHIFT),
    "snowflake": Dialect("snowflake", _SNOWFLAKE, vectors="array_construct({})", merges=True),
    "bigquery": Dialect("bigquery", _BIGQUERY, vectors="[{}]", merges=True),
    "databricks": Dialect("databricks", _SPARK, vectors="cast(array({}) as array<float>)", merges=True),
    "spark": Dialect("spark", _SPARK, vectors="cast(array({}) as array<float>)"),
    "sqlserver": Dialect("tsql", _TSQL, unique_keys=True, quotes=True),
    "fabric": Dialect("tsql", _FABRIC, quotes=True),
    "trino": Dialect("trino", _TRINO, vectors="cast(array[{}] as array(real))"),
    "athena": Dialect("athena", _TRINO, vectors="cast(array[{}] as array(real))"),
    "clickhouse": Dialect("clickhouse", _CLICKHOUSE, vectors="[{}]", nullable="Nullable({})", after=" engine = MergeTree order by tuple()"),
    "duckdb": Dialect("duckdb", _DUCKDB, byte_keys=True, vectors="cast([{}] as float[])"),
    "databend": Dialect("databend", _DATABEND, vectors="[{}]", merges=True, quotes=True),
}


def dialect_of(adapter_type: str) -> Dialect:
    """An adapter that is not known speaks the words of standard SQL, and the dialect of its name if sqlglot has it."""
    from sqlglot.dialects.dialect import Dialect as Grammar

    return DIALECTS.get(adapter_type) or Dialect(adapter_type if adapter_type in Grammar.classes else "", _OTHER)
