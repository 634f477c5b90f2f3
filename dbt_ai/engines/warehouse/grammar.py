"""sqlglot's dialects, with what they lack for SQL that has vectors in it."""

from __future__ import annotations

from typing import ClassVar

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.dialects.postgres import Postgres
from sqlglot.tokenizer_core import TokenType


class _CosineDistance(exp.Expression, exp.Binary):
    """a <=> b, which sqlglot takes for MySQL's comparison of NULLs."""


class _InnerProduct(exp.Expression, exp.Binary):
    """a <#> b"""


class _TaxicabDistance(exp.Expression, exp.Binary):
    """a <+> b"""


class _HammingDistance(exp.Expression, exp.Binary):
    """a <~> b"""


class _JaccardDistance(exp.Expression, exp.Binary):
    """a <%> b"""


# The operators of pgvector, each on a token of another dialect that Postgres does not know.
_OPERATORS: dict[str, tuple[TokenType, type[exp.Expr]]] = {
    "<=>": (TokenType.DCOLONDOLLAR, _CosineDistance),
    "<#>": (TokenType.DCOLONPERCENT, _InnerProduct),
    "<+>": (TokenType.DCOLONQMARK, _TaxicabDistance),
    "<~>": (TokenType.QDCOLON, _HammingDistance),
    "<%>": (TokenType.LLRR_ARROW, _JaccardDistance),
}


class PostgresWithVectors(Postgres):
    """Postgres with pgvector."""

    class Tokenizer(Postgres.Tokenizer):
        KEYWORDS: ClassVar = {**Postgres.Tokenizer.KEYWORDS, **{operator: token for operator, (token, _) in _OPERATORS.items()}}

    class Parser(Postgres.Parser):  # type: ignore[misc, valid-type]
        FACTOR: ClassVar = {**Postgres.Parser.FACTOR, **{token: operation for token, operation in _OPERATORS.values()}}

    class Generator(Postgres.Generator):  # type: ignore[misc, valid-type]
        TRANSFORMS: ClassVar = {
            **Postgres.Generator.TRANSFORMS,
            **{
                operation: (lambda self, expression, operator=operator: self.binary(expression, operator))
                for operator, (_, operation) in _OPERATORS.items()
            },
        }


# sqlglot has no Databend, which took its syntax from Snowflake.
_ALIKE = {"databend": "snowflake"}


def grammar(dialect: str) -> Dialect:
    """How sqlglot reads and writes this dialect."""
    return PostgresWithVectors() if dialect == "postgres" else Dialect.get_or_raise(_ALIKE.get(dialect, dialect))
