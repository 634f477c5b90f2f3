"""Answers that are looked up on Spark, by Spark itself: what is compiled is plain SQL over a table that anybody may write."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import golden
import parsers
import pytest

from dbt_ai.call_constant import parse_call
from dbt_ai.engines.warehouse.columns import FAILURES
from dbt_ai.engines.warehouse.dialect import dialect_of
from dbt_ai.engines.warehouse.joining import with_joins
from dbt_ai.engines.warehouse.look_ups import read
from dbt_ai.store.schema import RESPONSES, Kind, column_list

pytestmark = pytest.mark.env("spark")

SPARK = dialect_of("spark")
TYPES = {
    "text": (None, "an answer", "an answer"),
    "struct": ("STRUCT<label STRING NOT NULL, n INT>", '{"label": "it\'s", "n": null}', ("it's", None)),
    "nested": ("STRUCT<a STRUCT<b DATE>, c ARRAY<STRING>>", '{"a": {"b": "2026-11-27"}, "c": ["x"]}', ((date(2026, 11, 27),), ["x"])),
    "list": ("ARRAY<INT>", "[1, 2]", [1, 2]),
    "money": ("DECIMAL(6, 2)", "1.50", Decimal("1.50")),
    "flag": ("BOOLEAN", "true", True),
}
VECTOR = [0.5, -1.25, 3.0]


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    session = parsers.spark()
    folder = tmp_path_factory.mktemp("spark")
    for schema in ("analytics", "dbt_ai"):
        session.sql(f"create database {schema} location '{folder / schema}'")
    session.sql("create table analytics.tickets using parquet as select 1 as ticket_id, 'a text' as body union all select 2, null")
    for name, columns in (("responses", RESPONSES), ("failures", FAILURES)):
        session.sql(f"create table dbt_ai.{name} ({column_list(columns, SPARK.types)}) using parquet")
    yield session
    for schema in ("analytics", "dbt_ai"):
        session.sql(f"drop database {schema} cascade")


def keep(spark: Any, sql: str, answers: dict[str, Any]) -> None:
    """Store the answers to 'a text', by the return type of the call."""
    for look_up in read(sql, "spark").asking():
        call = parse_call(str(look_up.call))
        answer = answers["vector" if call.embeds else call.return_type or "text"]
        row: dict[str, Any] = {"key": call.keys(["a text"])[0], "function": call.function, "model": call.model.stored_identity("")}
        row |= {"vector": answer} if call.embeds else {"value": answer}
        values = [
            f"current_timestamp() as {column.name}" if column.kind is Kind.MOMENT
            else f"current_date() as {column.name}" if column.kind is Kind.DAY
            else f"{SPARK.literal(row.get(column.name), column.kind)} as {column.name}"
            for column in RESPONSES
        ]  # fmt: skip
        spark.sql(f"insert into dbt_ai.responses select {', '.join(values)}")


def test_every_type_is_read_from_the_stored_answers_and_what_is_not_answered_is_null(spark: Any, tmp_path: Path) -> None:
    columns = [f"{{{{ dbt_ai.ai_query(ref('llm'), 'body', return_type={type!r}) }}}} as {name}" for name, (type, _, _) in TYPES.items()]
    columns += [
        "{{ dbt_ai.ai_embed(ref('embedder'), 'body') }} as vector",
        "{{ dbt_ai.ai_query(ref('llm'), 'body', return_type='STRUCT<label STRING NOT NULL, n INT>', fail_on_error=false) }} as safe",
    ]
    compiled = golden.compiler().render(
        golden.ENGINES["spark-runtime"], f"select ticket_id, {', '.join(columns)} from {{{{ ref('tickets') }}}}"
    )
    assert compiled.sql, compiled.error
    before = {row.ticket_id: row.asDict() for row in spark.sql(compiled.sql).collect()}
    assert [value for name, value in before[1].items() if name not in ("ticket_id", "safe")] == [None] * (len(TYPES) + 1)
    keep(spark, compiled.sql, {"vector": VECTOR} | {type or "text": answer for type, answer, _ in TYPES.values()})
    joined = with_joins(compiled.sql, "spark", False, lambda text: {"function": parse_call(text).function})
    assert "left join" in joined
    for sql in (compiled.sql, joined):
        found = {row.ticket_id: row for row in spark.sql(sql).collect()}
        for name, (_, _, expected) in TYPES.items():
            assert plain(found[1][name]) == plain(expected), name
        assert [float(number) for number in found[1].vector] == VECTOR
        assert plain(found[1].safe.response) == ["it's", None] and found[1].safe.errorStatus is None
        assert [value for name, value in found[2].asDict().items() if name != "ticket_id"] == [None] * (len(TYPES) + 2)


def plain(value: Any) -> Any:
    """Rows as lists."""
    return json.loads(json.dumps(value, default=str))
