"""Crucible, with what it lacks of BigQuery: the statement DELETE, load jobs of JSON, and to_json_string of a text.

python bigquery_server.py PORT
"""

from __future__ import annotations

import json
import sys
from typing import Any

import sqlglot
from crucible import cli
from crucible.dialects.bigquery import statements, types
from crucible.dialects.bigquery.dialect import DIALECT
from crucible.dialects.bigquery.transforms import json as json_transform
from crucible.dialects.bigquery.translate import translate_query
from crucible.engine import ExecContext
from crucible.engine.catalog import qualified
from crucible.server.bigquery import encoding, jobs
from sqlglot import exp

plan = statements._plan
load_csv = jobs.Runner._load
encodable = json_transform._encodable


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


def encodable_text(node: exp.JSONFormat) -> None:
    """DuckDB reads a text that may be JSON in the other branch of a CASE as JSON."""
    if node.this.type is not None and node.this.type.this in (exp.DType.TEXT, exp.DType.VARCHAR):
        written = exp.Anonymous(this="to_json", expressions=[node.this.copy()])
        written.type = exp.DataType.build("JSON")
        node.this.replace(written)
    encodable(node)


def load_with_json(self: Any, job: Any, config: dict[str, Any], data: bytes) -> None:
    if config.get("sourceFormat") != "NEWLINE_DELIMITED_JSON":
        return load_csv(self, job, config, data)
    place = config["destinationTable"]
    table = (place["projectId"], place["datasetId"], place["tableId"])
    fields = [(field["name"], types.storage_type(encoding.warehouse_type_from_field(field))) for field in config["schema"]["fields"]]
    shape = json.dumps([{name: type.sql("duckdb") for name, type in fields}])
    session = DIALECT.new_session(*table[:2])
    with self.engine.cursor(session) as cursor:
        context = ExecContext(self.engine, DIALECT, session, cursor, None)
        rows = f"(select unnest(from_json(?, '{shape}')) as loaded)"
        cursor.execute(f"create table {qualified(*table)} as select loaded.* from {rows}", [f"[{','.join(data.decode().splitlines())}]"])
        context.catalog.set_properties(*table, {})


def main(port: str) -> None:
    statements._plan = plan_with_delete
    json_transform._encodable = encodable_text
    jobs.Runner._load = load_with_json
    cli.main(["serve", "--dialect", "bigquery", "--port", port])


if __name__ == "__main__":
    main(sys.argv[1])
