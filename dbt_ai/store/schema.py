"""The tables of a store: columns, version and names. They are the same wherever answers are kept; only the SQL types differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

import pyarrow as pa

# Raise it with a migration: a store of another version is never read as if it were this one.
# 2: a key stands in `responses` once, and the recipe of each key is known.
# 3: classes of tokens that are priced apart.
# 4: what was asked, where inputs are kept; mode and causes of failure of what was used.
# 5: in `usage`, `throttled` is what was called `refused`; target, tags and latencies of what was used, and who answered.
#    In `responses`, who answered, and the bound that an answer kept.
VERSION = 5


class Kind(Enum):
    """What a column holds. Every engine has its own SQL type for it."""

    BYTES = "bytes"
    TEXT = "text"
    VECTOR = "vector"
    INTEGER = "integer"
    REAL = "real"
    MOMENT = "moment"
    DAY = "day"
    FLAG = "flag"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of our tables. required: never NULL.

    >>> column_list([Column("key", Kind.BYTES)], {Kind.BYTES: "BLOB"})
    'key BLOB not null'
    """

    name: str
    kind: Kind
    required: bool = True


# value: the answer as text. vector: the answer of an embedding model. One of the two is NULL.
# node: who paid. used_on: the last day on which the answer was found again.
# key_version: the recipe of the key; NULL before there was a second one.
# cached_input_tokens, cache_write_tokens: parts of input_tokens; NULL before version 3.
# answered_by: the external model that gave the answer, or the proxy that gave it in its place.
# limitless_call: of a call that bounds its answers, the digest of the same call without that bound, output_limit; see Call.output_limit.
# input, prompt: what was asked, where `keep_inputs` says so. prompt: the messages before the input as JSON, NULL where there are none.
RESPONSES = (
    Column("key", Kind.BYTES),
    Column("function", Kind.TEXT),
    Column("model", Kind.TEXT),
    Column("value", Kind.TEXT, required=False),
    Column("vector", Kind.VECTOR, required=False),
    Column("input_tokens", Kind.REAL, required=False),
    Column("output_tokens", Kind.REAL, required=False),
    Column("cached_input_tokens", Kind.REAL, required=False),
    Column("cache_write_tokens", Kind.REAL, required=False),
    Column("created_at", Kind.MOMENT),
    Column("used_on", Kind.DAY),
    Column("node", Kind.TEXT, required=False),
    Column("key_version", Kind.INTEGER, required=False),
    Column("input", Kind.TEXT, required=False),
    Column("prompt", Kind.TEXT, required=False),
    Column("answered_by", Kind.TEXT, required=False),
    Column("limitless_call", Kind.TEXT, required=False),
    Column("output_limit", Kind.INTEGER, required=False),
)

# What dbt_ai.ledger.Usage says; dbt_ai.store.usage fills them by name. What is not required is NULL in rows of an older version.
USAGE = (
    Column("invocation_id", Kind.TEXT),
    Column("node", Kind.TEXT),
    Column("external_model", Kind.TEXT),
    Column("model", Kind.TEXT),
    Column("requests", Kind.INTEGER),
    Column("distinct_requests", Kind.INTEGER),
    Column("from_store", Kind.INTEGER),
    Column("executed", Kind.INTEGER),
    Column("failed", Kind.INTEGER),
    Column("throttled", Kind.INTEGER),
    Column("broken", Kind.INTEGER),
    Column("retried", Kind.INTEGER),
    Column("truncated", Kind.INTEGER),
    Column("input_tokens", Kind.INTEGER),
    Column("output_tokens", Kind.INTEGER),
    Column("cached_input_tokens", Kind.INTEGER, required=False),
    Column("cache_write_tokens", Kind.INTEGER, required=False),
    Column("reasoning_tokens", Kind.INTEGER, required=False),
    Column("estimated", Kind.INTEGER, required=False),
    Column("cost_usd", Kind.REAL, required=False),
    Column("saved_usd", Kind.REAL, required=False),
    Column("started_at", Kind.MOMENT),
    Column("seconds", Kind.REAL),
    Column("mode", Kind.TEXT, required=False),
    Column("failure_causes", Kind.TEXT, required=False),
    Column("target", Kind.TEXT, required=False),
    Column("tags", Kind.TEXT, required=False),
    Column("latency_p50", Kind.REAL, required=False),
    Column("latency_p95", Kind.REAL, required=False),
    Column("answered_by", Kind.TEXT, required=False),
)

# Of the built-in prompts, see dbt_ai.store.prompts.
PROMPT_VERSIONS = (Column("function", Kind.TEXT), Column("version", Kind.INTEGER))

# See dbt_ai.store.jobs.Job. call: as JSON. keys: of all lines, one after the other. sizes: a JSON list. failures: as JSON.
JOBS = (
    Column("name", Kind.TEXT),
    Column("call", Kind.TEXT),
    Column("keys", Kind.BYTES),
    Column("sizes", Kind.TEXT),
    Column("node", Kind.TEXT),
    Column("upload", Kind.TEXT),
    Column("remote", Kind.TEXT),
    Column("guessed", Kind.INTEGER),
    Column("reserved_usd", Kind.REAL, required=False),
    Column("created_at", Kind.MOMENT),
    Column("failures", Kind.TEXT, required=False),
)

# See dbt_ai.catalog. The first twelve are those of SQL Server's sys.external_models.
EXTERNAL_MODELS = (
    Column("external_model_id", Kind.INTEGER),
    Column("name", Kind.TEXT),
    Column("principal_id", Kind.INTEGER, required=False),
    Column("location", Kind.TEXT),
    Column("api_format", Kind.TEXT),
    Column("model_type_id", Kind.INTEGER),
    Column("model_type_desc", Kind.TEXT),
    Column("model", Kind.TEXT),
    Column("credential_id", Kind.INTEGER, required=False),
    Column("parameters", Kind.TEXT, required=False),
    Column("create_time", Kind.MOMENT),
    Column("modify_time", Kind.MOMENT),
    Column("schema_name", Kind.TEXT),
    Column("owner", Kind.TEXT, required=False),
    Column("credential", Kind.TEXT, required=False),
    Column("identity", Kind.TEXT, required=False),
    Column("local_runtime_path", Kind.TEXT, required=False),
    Column("native", Kind.TEXT, required=False),
    Column("grants", Kind.TEXT),
    Column("privileges_enforced", Kind.FLAG),
    Column("project", Kind.TEXT, required=False),
    Column("target_schema", Kind.TEXT, required=False),
    Column("node", Kind.TEXT, required=False),
)

# See dbt_ai.mock_relations.Mark.
MOCK_RELATIONS = (
    Column("relation", Kind.TEXT),
    Column("node", Kind.TEXT),
    Column("marked_in", Kind.TEXT),
    Column("rebuilt_in", Kind.TEXT, required=False),
)

# What versions after the first have added.
ADDED = frozenset(
    {
        "key_version",
        "cached_input_tokens",
        "cache_write_tokens",
        "reasoning_tokens",
        "estimated",
        "input",
        "prompt",
        "mode",
        "failure_causes",
        "target",
        "tags",
        "latency_p50",
        "latency_p95",
        "answered_by",
        "limitless_call",
        "output_limit",
    }
)

# Columns of `usage` that had another name in an earlier version.
RENAMED = {"refused": "throttled"}

STORE_VERSION = (Column("version", Kind.INTEGER, required=False),)

_ARROW = {
    Kind.BYTES: pa.binary(),
    Kind.TEXT: pa.string(),
    Kind.VECTOR: pa.list_(pa.float32()),
    Kind.INTEGER: pa.int64(),
    Kind.REAL: pa.float64(),
    Kind.MOMENT: pa.timestamp("us", "UTC"),
    Kind.DAY: pa.date32(),
    Kind.FLAG: pa.bool_(),
}


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables of one store, as they are named in SQL.

    schema, database: as the user writes them, not quoted. Without a database: that of the connection.

    >>> Tables("dbt_ai", database="shop").responses
    '"shop"."dbt_ai".responses'
    """

    schema: str
    database: str | None = None

    @property
    def place(self) -> str:
        """The schema, qualified with its database."""
        return quoted(self.schema) if self.database is None else f"{quoted(self.database)}.{quoted(self.schema)}"

    @property
    def responses(self) -> str:
        """The table of answers, with its schema."""
        return f"{self.place}.responses"

    @property
    def usage(self) -> str:
        """The table of what was asked, with its schema."""
        return f"{self.place}.usage"

    @property
    def jobs(self) -> str:
        """The table of jobs that were handed to batch APIs."""
        return f"{self.place}.jobs"

    @property
    def prompt_versions(self) -> str:
        """The table of the built-in prompts' versions, with its schema."""
        return f"{self.place}.prompt_versions"

    @property
    def store_version(self) -> str:
        """The table that says which version the tables have, with its schema."""
        return f"{self.place}.store_version"


def quoted(name: str) -> str:
    """An identifier as standard SQL quotes it."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as standard SQL writes it."""
    return "'" + text.replace("'", "''") + "'"


def column_list(columns: Sequence[Column], types: Mapping[Kind, str], others: Mapping[str, str] = MappingProxyType({})) -> str:
    """What stands between the brackets of `create table`. others: the types of columns that have another one than their kind, by name."""
    return ", ".join(
        f"{column.name} {others.get(column.name, types[column.kind])}{' not null' if column.required else ''}" for column in columns
    )


def arrow_schema(columns: Sequence[Column]) -> pa.Schema:
    """The types that Arrow has for these columns."""
    return pa.schema([(column.name, _ARROW[column.kind]) for column in columns])
