"""The judge of names: whether an engine has the functions that are called, and takes their arguments.

Parsers read a misspelt function as one of the user's own. A name must be one that sqlglot knows for the dialect (DuckDB: that DuckDB
lists), or stand in VENDOR with its arguments as the vendor's page gives them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from vendor_functions import VENDOR

DIALECTS = {"sqlserver": "tsql"}
# What stands between an argument's name and its value. T-SQL has no conditions among arguments.
ARROWS = {False: ("FARROW", "COLON_EQ"), True: ("EQ",)}
# Words before a bracket that are no function's name although the tokenizer has no keyword for them.
WORDS = {"values", "options", "key"}


@dataclass(frozen=True)
class Signature:
    """arguments: in their order; the first `least` of them are required. variadic: the last one may be repeated."""

    arguments: tuple[str, ...]
    least: int
    variadic: bool

    @classmethod
    def parse(cls, text: str) -> Signature:
        """`(model, prompt, [show_details])`, `(text, class, …)`."""
        names = [name.strip() for name in text.strip("()").split(",") if name.strip()]
        variadic = bool(names) and names[-1] == "…"
        given = names[:-1] if variadic else names
        return cls(tuple(name.strip("[]") for name in given), sum(not name.startswith("[") for name in given), variadic)

    def refusal(self, arguments: list[str | None]) -> str | None:
        """arguments: of each its name, or None where it is given by position."""
        named = [name for name in arguments if name]
        positional = len(arguments) - len(named)
        unknown = [name for name in named if name not in self.arguments]
        if unknown:
            return f"has no argument {', '.join(unknown)}"
        if positional > len(self.arguments) and not self.variadic:
            return f"takes {len(self.arguments)} arguments and is given {positional}"
        given = {*self.arguments[:positional], *named}
        missing = [name for name in self.arguments[: self.least] if name not in given]
        return f"lacks {', '.join(missing)}" if missing else None


@dataclass(frozen=True)
class FunctionCall:
    name: str
    arguments: list[str | None]
    at: tuple[int, int]


def refusals(engine: str, sql: str, own: Collection[str] = ()) -> Iterator[str]:
    """One sentence for each call that the engine cannot answer. own: functions that the project itself makes."""
    for call in calls(engine, sql):
        if call.name in own:
            continue
        entry = VENDOR.get(engine, VENDOR.get(engine.split("-")[0], {})).get(call.name.lower())
        if entry:
            refused = Signature.parse(entry[0]).refusal(call.arguments)
            if refused:
                yield f"{call.name} {refused}; it is {call.name}{entry[0]}, see {entry[1]}"
        elif call.name.lower() not in known(engine):
            yield (
                f"{call.name} is no function that {engine} is known to have: correct its name, or add its arguments and the vendor's page"
                " to tests/golden/vendor_functions.py"
            )


def calls(engine: str, sql: str) -> Iterator[FunctionCall]:
    """Names, also dotted ones, before an opening bracket. What the dialect has as a keyword or a type cannot be misspelt into one."""
    # The body of a function is one string to a tokenizer, unless it begins and ends like a statement.
    tokens = dialect(engine).tokenize(re.sub(r"\$\w*\$", lambda quote: ";".ljust(len(quote.group())), sql))
    kinds = [token.token_type.name for token in tokens]
    for index, kind in enumerate(kinds):
        if kind != "L_PAREN" or index == 0 or kinds[index - 1] not in ("VAR", "IDENTIFIER"):
            continue
        first = index - 1
        while first >= 2 and kinds[first - 1] == "DOT":
            first -= 2
        # What is created, the columns of an alias, and the table of `create index … on`.
        name = "".join(token.text for token in tokens[first:index])
        if first > 2 and tokens[first - 1].text.lower() == "on" and tokens[first - 3].text.lower() in ("index", "exists"):
            continue
        if name.lower() in WORDS or (first and tokens[first - 1].text.lower() in ("function", "exists", "as", "table", "with", "into")):
            continue
        yield FunctionCall(
            name,
            _arguments(tokens, kinds, index, ARROWS[engine.startswith("sqlserver")]),
            (tokens[index - 1].start, tokens[index - 1].end + 1),
        )


def _arguments(tokens: list[Any], kinds: list[str], opening: int, arrows: tuple[str, ...]) -> list[str | None]:
    found: list[str | None] = []
    depth, start = 0, True
    for index in range(opening, len(tokens)):
        kind = kinds[index]
        if kind in ("R_PAREN", "R_BRACKET", "R_BRACE"):
            depth -= 1
            if not depth:
                break
        if depth == 1 and start:
            arrow = index + 1 < len(kinds) and kinds[index + 1] in arrows
            found.append(tokens[index].text if arrow else None)
            start = False
        if kind in ("L_PAREN", "L_BRACKET", "L_BRACE"):
            depth += 1
        if kind == "COMMA" and depth == 1:
            start = True
    return found


def dialect(engine: str) -> Any:
    from sqlglot.dialects.dialect import Dialect

    name = engine.split("-")[0]
    return Dialect.get_or_raise(DIALECTS.get(name, name))


@cache
def known(engine: str) -> frozenset[str]:
    if engine == "duckdb":
        import duckdb

        return frozenset(name for (name,) in duckdb.sql("select distinct lower(function_name) from duckdb_functions()").fetchall())
    parser = dialect(engine).parser_class
    return frozenset(name.lower() for name in [*parser.FUNCTIONS, *parser.FUNCTION_PARSERS, *parser.NO_PAREN_FUNCTION_PARSERS])
