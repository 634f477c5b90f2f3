"""fakesnow, with what it lacks of Snowflake: the type VECTOR and its functions, and temporary tables with a qualified name.

python snowflake_server.py PORT
"""

from __future__ import annotations

import sys

from fakesnow import cli, transforms
from sqlglot import exp

float_to_double = transforms.float_to_double
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


def main(port: str) -> None:
    transforms.float_to_double = with_what_is_missing
    sys.exit(cli.main(["--server", "--port", port]))


if __name__ == "__main__":
    main(sys.argv[1])
