"""sqlglot's dialects, with what they lack for SQL that has vectors in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.dialects.postgres import Postgres
from sqlglot.tokenizer_core import TokenType


class _Plus(exp.Unary):
    """+ a, which sqlglot leaves out."""


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
_WORDS_OF_OTHERS = (
    *("GLOB", "LIST", "QUALIFY", "REGEXP", "RLIKE"),
    *("BLOB", "DATETIME", "FIXED", "LONG", "MAP", "NUMBER", "OBJECT", "STRING", "STRUCT", "TINYINT", "VARIANT"),
)
# Types such as oid, of which sqlglot takes no array unless they are names like any other.
_PLAIN_TYPES = (TokenType.OBJECT_IDENTIFIER, TokenType.PSEUDO_TYPE)
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
# What may follow the text of an interval.
_UNITS = ("YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND")
# Those whose arguments are not a list of expressions.
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


def _whole_number(parser: Any, token: Any, base: int) -> exp.Expr:
    """0x1F and 0b11 are numbers, where x'1F' and b'11' are bits."""
    if parser.sql[token.start] == "0":
        return exp.Literal.number(int(token.text, base))
    return exp.HexString(this=token.text) if base == 16 else exp.BitString(this=token.text)


class PostgresWithVectors(Postgres):
    """Postgres with pgvector. What it reads it writes again with the same meaning and the same type, so that a text made of it has the
    same bytes: its functions stay as they are, where sqlglot writes `to_hex` as `hex` and `date_part` as an `extract` with more digits.
    """

    SUPPORTS_FIXED_SIZE_ARRAYS = True  # a::int[2] is a type, not the second item of a number
    NORMALIZE_FUNCTIONS = False  # "left"(a, 1), as a view has it, is not "LEFT"(a, 1)

    class Tokenizer(Postgres.Tokenizer):
        KEYWORDS: ClassVar = {
            **{
                word: token
                for word, token in Postgres.Tokenizer.KEYWORDS.items()
                if word not in _WORDS_OF_OTHERS and token not in _PLAIN_TYPES
            },
            **{operator: token for operator, (token, _) in _OPERATORS.items()},
        }

    class Parser(Postgres.Parser):  # type: ignore[misc, valid-type]
        FACTOR: ClassVar = {**Postgres.Parser.FACTOR, **{token: operation for token, operation in _OPERATORS.values()}}
        FUNCTIONS: ClassVar = {
            **{name: Postgres.Parser.FUNCTIONS[name] for name in _KNOWN},
            **{name: _aggregate(name) for name in _AGGREGATES.split()},
        }
        FUNCTION_PARSERS: ClassVar = {
            **{name: Postgres.Parser.FUNCTION_PARSERS[name] for name in _OF_THEIR_OWN_SYNTAX},
            "SUBSTRING": lambda self: self._substring(),
        }
        QUOTED_TYPES_TO_PRESERVE: ClassVar = {"bit", "char"}  # of any length, as a view has them
        ARRAY_CONSTRUCTORS: ClassVar = {"ARRAY": exp.Array}
        TYPE_LITERAL_PARSERS: ClassVar = dict.fromkeys(exp.DType, _typed_constant)
        PRIMARY_PARSERS: ClassVar = {
            **Postgres.Parser.PRIMARY_PARSERS,
            TokenType.HEX_STRING: lambda self, token: _whole_number(self, token, 16),
            TokenType.BIT_STRING: lambda self, token: _whole_number(self, token, 2),
        }
        UNARY_PARSERS: ClassVar = {
            **Postgres.Parser.UNARY_PARSERS,
            TokenType.PLUS: lambda self: self.expression(_Plus(this=self._parse_unary())),
        }

        def _parse_interval(self, require_interval: bool = True, parse_function_unit: bool = True) -> exp.Expr | None:
            """As it is written: interval '1' day has another type than interval '1 day', and interval(2) '1 day' another value."""
            start = self._index
            if not self._match(TokenType.INTERVAL) or not self._match(TokenType.STRING, advance=False):
                self._retreat(start)
                return None
            text, unit = self._parse_primary(), self._unit()
            if unit is not None and self._match_text_seq("TO"):
                unit = exp.IntervalSpan(this=unit, expression=self._unit())
            interval: exp.Expr = self.expression(exp.Interval(this=text, unit=unit))
            return interval

        def _unit(self) -> exp.Expr | None:
            found: exp.Expr | None = self._parse_var(any_token=True) if self._curr and self._curr.text.upper() in _UNITS else None
            return found

        def _substring(self) -> exp.Expr:
            """substring(a, 1, 2) is not written as substring(a from 1 for 2), which Postgres tells from it."""
            start = self._index
            arguments = self._parse_csv(self._parse_bitwise)
            if self._curr and self._curr.token_type in (TokenType.FROM, TokenType.FOR):
                self._retreat(start)
                from_and_for: exp.Expr = self._parse_substring()
                return from_and_for
            return exp.Anonymous(this="substring", expressions=arguments)

    class Generator(Postgres.Generator):  # type: ignore[misc, valid-type]
        MULTI_ARG_DISTINCT = True  # string_agg(distinct a, b)
        TRANSFORMS: ClassVar = {
            **Postgres.Generator.TRANSFORMS,
            exp.Array: lambda self, expression: f"ARRAY[{self.expressions(expression, flat=True)}]",  # also of selects
            exp.Concat: lambda self, expression: self.expressions(expression, flat=True, sep="\n"),  # 'a' and, in the next line, 'b'
            exp.Interval: lambda self, expression: " ".join(
                filter(None, ("INTERVAL", self.sql(expression, "this"), self.sql(expression, "unit")))
            ),
            exp.StartsWith: lambda self, expression: self.binary(expression, "^@"),
            _Plus: lambda self, expression: f"+ {self.sql(expression, 'this')}",
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
