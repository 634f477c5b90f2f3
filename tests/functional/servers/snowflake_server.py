"""fakesnow, with what it lacks of Snowflake: the type VECTOR and its functions, temporary tables with a qualified name, and dbt's MERGE.

dbt writes `begin; merge into … when not matched then insert (I) values (I); commit`. fakesnow makes several statements of it. They read I
from a join of both tables, where it is ambiguous, and write to two databases in one transaction. What follows in that transaction is
answered with status 500, which Snowflake's client repeats for ever.

python snowflake_server.py PORT
"""

from __future__ import annotations

import sys

import sqlglot
from fakesnow import cli, transforms
from sqlglot import exp

float_to_double = transforms.float_to_double
merge = transforms.merge
FUNCTIONS = {
    "VECTOR_COSINE_SIMILARITY": "list_cosine_similarity",
    "VECTOR_L2_DISTANCE": "list_distance",
    "VECTOR_INNER_PRODUCT": "list_inner_product",
}
# As what newer versions of sqlglot read the same: of these one is written for DuckDB as its opposite, and one as nothing that it has.
READ_AS = {
    exp.CosineDistance: "list_cosine_similarity",
    exp.EuclideanDistance: "list_distance",
    exp.DotProduct: "list_inner_product",
}


def with_what_is_missing(expression: exp.Expression) -> exp.Expression:
    if isinstance(expression, exp.DataType) and expression.this == exp.DataType.Type.VECTOR:
        return exp.DataType.build("DOUBLE[]", dialect="duckdb")
    if isinstance(expression, exp.Anonymous) and expression.name.upper() in FUNCTIONS:
        return exp.Anonymous(this=FUNCTIONS[expression.name.upper()], expressions=expression.expressions)
    if type(expression) in READ_AS:
        sides = [side.transform(with_what_is_missing) for side in (expression.this, expression.expression)]
        return exp.Anonymous(this=READ_AS[type(expression)], expressions=sides)
    if isinstance(expression, exp.Create) and expression.args.get("properties"):
        properties = [found for found in expression.args["properties"].expressions if not isinstance(found, exp.TemporaryProperty)]
        expression.set("properties", exp.Properties(expressions=properties) if properties else None)
    return float_to_double(expression)


def merge_of_dbt(expression: exp.Expression) -> list[exp.Expression]:
    """DuckDB's own, and a result in the place of its counts, for fakesnow wants to describe what a statement selects."""
    if isinstance(expression, exp.Merge) and expression.this.alias.upper() == "DBT_INTERNAL_DEST":
        return [expression, sqlglot.parse_one('select 0 as "number of rows inserted"')]
    return merge(expression)


def main(port: str) -> None:
    transforms.float_to_double = with_what_is_missing
    transforms.merge = merge_of_dbt
    sys.exit(cli.main(["--server", "--port", port]))


if __name__ == "__main__":
    main(sys.argv[1])
