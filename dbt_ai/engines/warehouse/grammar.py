"""sqlglot's dialects, with what they lack for SQL that has vectors in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

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


# What a column of Postgres may be called.
_WORDS_OF_OTHERS = ("GLOB", "LIST", "QUALIFY", "REGEXP", "RLIKE")
# Functions that the passes over a statement know by their class. `now` and the like they know by name.
_KNOWN = ("COALESCE", "RANDOM")
# select distinct proname from pg_proc where prokind = 'a'
_AGGREGATES = (
    "any_value array_agg avg bit_and bit_or bit_xor bool_and bool_or corr count covar_pop covar_samp cume_dist dense_rank every json_agg"
    " json_agg_strict json_object_agg json_object_agg_strict json_object_agg_unique json_object_agg_unique_strict jsonb_agg"
    " jsonb_agg_strict jsonb_object_agg jsonb_object_agg_strict jsonb_object_agg_unique jsonb_object_agg_unique_strict max min mode"
    " percent_rank percentile_cont percentile_disc range_agg range_intersect_agg rank regr_avgx regr_avgy regr_count regr_intercept"
    " regr_r2 regr_slope regr_sxx regr_sxy regr_syy stddev stddev_pop stddev_samp string_agg sum var_pop var_samp variance xmlagg"
).upper()
# Those whose arguments are no list of expressions.
_OF_THEIR_OWN_SYNTAX = ("CAST", "EXTRACT", "NORMALIZE", "OVERLAY", "POSITION", "SUBSTRING", "TRIM", "XMLELEMENT", "XMLTABLE")


def _aggregate(name: str) -> Callable[[list[exp.Expr]], exp.Expr]:
    return lambda arguments: exp.AnonymousAggFunc(this=name, expressions=arguments)


def _typed_constant(parser: Any, value: exp.Expr, type: exp.DataType) -> exp.Expr:
    """date '2026-01-31'::text is the text of a date: sqlglot takes it for the date of a text."""
    literal = value
    while not isinstance(literal, exp.Literal):
        literal = literal.this
    constant = exp.Cast(this=literal.copy(), to=type)
    if literal is value:
        return constant
    literal.replace(constant)
    return value


class PostgresWithVectors(Postgres):
    """Postgres with pgvector. What it reads it writes again with the same meaning and the same type, so that a text made of it has the
    same bytes: its functions stay as they are, where sqlglot writes `to_hex` as `hex` and `date_part` as an `extract` with more digits.
    """

    NORMALIZE_FUNCTIONS = False  # "left"(a, 1), as a view has it, is not "LEFT"(a, 1)

    class Tokenizer(Postgres.Tokenizer):
        KEYWORDS: ClassVar = {
            **{word: token for word, token in Postgres.Tokenizer.KEYWORDS.items() if word not in _WORDS_OF_OTHERS},
            **{operator: token for operator, (token, _) in _OPERATORS.items()},
        }

    class Parser(Postgres.Parser):  # type: ignore[misc, valid-type]
        FACTOR: ClassVar = {**Postgres.Parser.FACTOR, **{token: operation for token, operation in _OPERATORS.values()}}
        FUNCTIONS: ClassVar = {
            **{name: Postgres.Parser.FUNCTIONS[name] for name in _KNOWN},
            **{name: _aggregate(name) for name in _AGGREGATES.split()},
        }
        FUNCTION_PARSERS: ClassVar = {name: Postgres.Parser.FUNCTION_PARSERS[name] for name in _OF_THEIR_OWN_SYNTAX}
        ARRAY_CONSTRUCTORS: ClassVar = {"ARRAY": exp.Array}
        TYPE_LITERAL_PARSERS: ClassVar = dict.fromkeys(exp.DType, _typed_constant)

    class Generator(Postgres.Generator):  # type: ignore[misc, valid-type]
        MULTI_ARG_DISTINCT = True  # string_agg(distinct a, b)
        TRANSFORMS: ClassVar = {
            **Postgres.Generator.TRANSFORMS,
            exp.Sqrt: lambda self, expression: f"|/ {self.sql(expression, 'this')}",
            exp.Cbrt: lambda self, expression: f"||/ {self.sql(expression, 'this')}",
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
