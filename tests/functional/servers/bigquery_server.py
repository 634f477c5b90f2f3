"""Crucible, with what it lacks of BigQuery: the statement DELETE, and load jobs of Parquet files. python bigquery_server.py PORT"""

from __future__ import annotations

import io
import sys
from typing import Any

import pyarrow.parquet as pq
import sqlglot
from crucible import cli
from crucible.dialects.bigquery import statements
from crucible.dialects.bigquery.translate import translate_query
from crucible.server.bigquery import load
from sqlglot import exp

plan = statements._plan


def plan_with_delete(tree: exp.Expression, context: Any) -> Any:
    if not isinstance(tree, exp.Delete):
        return plan(tree, context)
    # The rows that go, as a select, which it translates.
    select = exp.select("*").from_(tree.this.copy())
    if tree.args.get("where"):
        select.set("where", tree.args["where"].copy())
    translated = sqlglot.parse_one(translate_query(select, context).sql, read="duckdb")
    delete = exp.Delete(this=translated.args["from_"].this, where=translated.args.get("where"))
    return statements.run_sql(delete.sql("duckdb"), "DELETE", context, returns_rows=False)


def parse_parquet(data: bytes, fields: list[dict[str, Any]], skip_leading_rows: int) -> list[tuple[Any, ...]]:
    return [tuple(row[field["name"]] for field in fields) for row in pq.read_table(io.BytesIO(data)).to_pylist()]


def main(port: str) -> None:
    statements._plan = plan_with_delete
    cli.main(["serve", "--dialect", "bigquery", "--port", port])


if __name__ == "__main__":
    main(sys.argv[1])
