"""Finds the look-ups of answers in compiled SQL; macros/internal/_look_up.sql writes them."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

try:
    import sqlglot
    from sqlglot import exp
except ImportError as error:  # pragma: no cover
    raise ImportError("the runtime on this warehouse needs the extra: pip install 'dbt-ai-functions[warehouse]'") from error

from dbt_ai.engines.warehouse.grammar import grammar
from dbt_ai.errors import DbtAiError

# The names that the macros give to the derived table in a look-up, and to a column in it.
ANSWER, FAILURE, CALL = "dbt_ai_answer", "dbt_ai_failure", "dbt_ai_call"
_DIGEST = re.compile(r"[0-9a-f]{32}")


class Unreadable(DbtAiError):
    """SQL from which no query can be derived that finds what it asks."""


@dataclass(frozen=True, slots=True, eq=False)
class LookUp:
    """One look-up in a statement.

    node: the whole scalar subquery. select: the select whose rows it is computed for.
    key: the expression that finds the answer in the column key_column. input: the text in it that is asked.
    call: the JSON of the call; None where it asks nothing: of a failure, and of what else may answer a row of a call with effort.
    start: the place in the text of the name of its derived table.
    """

    node: exp.Expr
    select: exp.Select
    key: exp.Expr
    input: exp.Expr
    digest: str
    table: exp.Table
    key_column: exp.Expr
    column: exp.Expr
    aggregate: exp.Expr
    call: str | None
    start: int

    def key_of(self, input: exp.Expr) -> exp.Expr:
        """The key of another input to the same call."""
        position = next(number for number, node in enumerate(self.key.walk()) if node is self.input)
        key = self.key.copy()
        list(key.walk())[position].replace(input)
        return key

    def stored_column(self, name: str, table: str | None = None) -> exp.Column:
        """Another column of `responses`, quoted where its key is."""
        quoted = bool(self.key_column.this.args.get("quoted"))
        return exp.Column(this=exp.to_identifier(name, quoted=quoted), table=exp.to_identifier(table) if table else None)

    @property
    def fail_on_error(self) -> bool:
        """Whether a request without an answer fails the node."""
        return self.call is None or json.loads(self.call).get("fail_on_error") is not False


@dataclass(frozen=True, slots=True)
class Statement:
    """A node's SQL, parsed, with its look-ups in the order in which they stand there.

    >>> read("select 1 as i", "postgres").look_ups
    []
    """

    sql: str
    root: exp.Query
    dialect: str
    look_ups: list[LookUp] = field(default_factory=list)

    def written_again(self) -> str:
        """The text of what was read, which has the same meaning if it was read as the warehouse reads it."""
        return self.root.sql(dialect=grammar(self.dialect))

    def asking(self) -> list[LookUp]:
        """The look-ups whose call is known: those that ask for something."""
        return [look_up for look_up in self.look_ups if look_up.call is not None]


def read(sql: str, dialect: str) -> Statement:
    """Parse one select. Raises Unreadable for what sqlglot does not read as one."""
    logging.getLogger("sqlglot").setLevel(logging.ERROR)
    try:
        statements = [
            found for found in sqlglot.parse(sql, read=grammar(dialect)) if found is not None and not isinstance(found, exp.Semicolon)
        ]
    except sqlglot.errors.SqlglotError as error:
        place = error.errors[0] if isinstance(error, sqlglot.errors.ParseError) and error.errors else {}
        where = f" at line {place['line']}, near {place['highlight']!r}" if place.get("line") else ""
        raise Unreadable(
            f"its SQL cannot be read{where} (sqlglot, dialect {dialect}); move the part with the AI calls into a model of its own"
        ) from None
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        raise Unreadable("its SQL is not one select, which is all that AI calls are found in")
    _drop_unread(statements[0])
    return Statement(sql, statements[0], dialect, list(_look_ups(statements[0])))


def _drop_unread(root: exp.Query) -> None:
    """Take out the CTEs that nothing reads: no engine computes them, so what they ask is not needed."""
    for clause in list(root.find_all(exp.With)):
        for cte in reversed(list(clause.expressions)):
            inside = {id(table) for table in cte.find_all(exp.Table)}
            if not any(table.name.lower() == cte.alias.lower() and id(table) not in inside for table in root.find_all(exp.Table)):
                cte.pop()
        if not clause.expressions:
            clause.pop()


def require_names(statement: Statement) -> None:
    """Raises Unreadable for a column with an AI call and no name: a warehouse names it after the SQL, which joins change."""
    for number, column in enumerate(statement.root.selects, 1):
        if not isinstance(column, exp.Alias) and holds_look_up(column):
            raise Unreadable(f"its column {number} has an AI call and no name; write `as …` after the call")


def is_look_up(node: exp.Expr | None) -> bool:
    """Whether this node of the SQL is a look-up of an answer."""
    return _source(node) is not None


def asks_nothing(node: exp.Expr | None) -> bool:
    """Whether this node is a look-up without a call: of what is stored, if anything is."""
    source = _source(node)
    return source is not None and all(projection.alias != CALL for projection in source.this.expressions)


def subqueries(root: exp.Expr) -> Iterator[exp.Subquery]:
    """The look-ups in a tree, as they stand there."""
    return (node for node in root.find_all(exp.Subquery, bfs=False) if is_look_up(node))


def path(node: exp.Expr, top: exp.Expr | None = None) -> list[exp.Expr]:
    """The node and what is around it, up to what stands directly in `top`, or to the root."""
    found = [node]
    while found[-1].parent is not None and found[-1].parent is not top:
        found.append(found[-1].parent)
    return found


def holds_look_up(root: exp.Expr) -> bool:
    """Whether a look-up stands anywhere below this node."""
    return next(subqueries(root), None) is not None


def _look_ups(root: exp.Expr) -> Iterator[LookUp]:
    for node in subqueries(root):
        source = _source(node)
        assert source is not None
        columns = {projection.alias: projection.this for projection in source.this.expressions if isinstance(projection, exp.Alias)}
        constant = columns.get(CALL)
        key = node.this.args["where"].this.unnest().expression
        digest, input = digest_and_input(key)
        yield LookUp(
            node=node,
            select=enclosing_select(node),
            key=key,
            input=input,
            digest=digest,
            table=source.this.find(exp.Table),
            key_column=columns["dbt_ai_key"],
            column=next(iter(columns[name] for name in columns if name not in ("dbt_ai_key", CALL))),
            aggregate=node.this.expressions[0],
            call=_text(constant) if constant is not None else None,
            start=source.args["alias"].this.meta["start"],
        )


def digest_and_input(key: exp.Expr) -> tuple[str, exp.Expr]:
    """What a key is made of: the macros write a call's digest before its input."""
    digest = next(literal for literal in key.find_all(exp.Literal, exp.National) if _DIGEST.fullmatch(literal.name))
    # A database writes casts and brackets into the definition of a view.
    beside = next(found.parent for found in path(digest, key) if isinstance(found.parent, exp.Binary))
    return digest.name, beside.expression


def enclosing_select(node: exp.Expr) -> exp.Select:
    """The select for whose rows a look-up is computed. Not one of another look-up, nor one that gives names to values of a row:
    (select f(v.a) from (select <look-up> as a) as v) is an expression of the select around it."""
    around = [found for found in path(node)[1:] if isinstance(found, (exp.Select, exp.SetOperation, exp.CTE))]
    for select, outer in zip(around, [*around[1:], None], strict=True):
        within_row = isinstance(select, exp.Select) and isinstance(outer, exp.Select) and isinstance(select.parent, exp.Subquery)
        if isinstance(select, exp.Select) and not is_look_up(select.parent) and not (within_row and _has_one_row(select)):
            return select
    raise AssertionError("a look-up stands in a select")


def _has_one_row(select: exp.Expr) -> bool:
    source = select.args.get("from_")
    if source is None:
        return True
    named = isinstance(source.this, exp.Subquery) and isinstance(source.this.this, exp.Select) and _has_one_row(source.this.this)
    return named and not select.args.get("joins") and not select.args.get("laterals")


def _source(node: exp.Expr | None) -> exp.Subquery | None:
    """The derived table of a look-up, or None where the node is not a look-up."""
    if not isinstance(node, exp.Subquery) or not isinstance(node.this, exp.Select):
        return None
    source = node.this.args.get("from_")
    if source is None or not isinstance(source.this, exp.Subquery) or source.this.alias not in (ANSWER, FAILURE):
        return None
    return source.this


def _text(constant: exp.Expr) -> str:
    while not isinstance(constant, (exp.Literal, exp.National)):  # a cast, as a database writes it into the definition of a view
        constant = constant.this
    return str(constant.name)
