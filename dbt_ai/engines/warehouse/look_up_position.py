"""Where a look-up stands in its select, and which rows of the select it is computed for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from sqlglot import exp

from dbt_ai.engines.warehouse.look_ups import ANSWER, FAILURE, Unreadable, digest_and_input, is_look_up, path

_AGGREGATES = (exp.AggFunc, exp.Filter, exp.WithinGroup)


@dataclass(frozen=True, slots=True, eq=False)
class LookUpPosition:
    """Where a look-up stands.

    clause: the argument of the select that holds the look-up, such as "expressions", "where" or "joins".
    holder: the node of that clause: the projection, the Where, the Join.
    top: the projection, or the conjunct of a condition, that holds the look-up.
    aggregate: what it is an argument of; None where it is of none. of_rows: whether it is computed before the rows are grouped.
    """

    clause: str
    holder: exp.Expr
    top: exp.Expr
    aggregate: exp.Expr | None
    of_rows: bool


def position_of(node: exp.Expr, select: exp.Select) -> LookUpPosition:
    """Raises Unreadable for a clause that no query can collect the inputs of."""
    around = path(node, select)
    holder = around[-1]
    clause = str(holder.arg_key)
    aggregate = next((found for found in around if isinstance(found, _AGGREGATES) and not isinstance(found.parent, exp.Window)), None)
    if clause in ("where", "having", "qualify", "joins"):
        condition = holder.args.get("on") if clause == "joins" else holder.this
        if not any(condition is found for found in around):
            raise Unreadable("an AI call stands in what is joined, not in a condition or a column; move it into a CTE that is joined")
        assert isinstance(condition, exp.Expression)
        top = next(conjunct for conjunct in conjuncts(condition) if any(conjunct is found for found in around))
    elif clause in ("expressions", "order", "group"):
        top = holder if clause == "expressions" else around[-2]
    else:
        raise Unreadable(f"an AI call stands in the clause {clause.rstrip('_').upper()}; move the select with it into a CTE")
    grouped = is_grouped(select)
    of_rows = clause in ("where", "joins", "group") or aggregate is not None or not grouped or _is_grouped_by(node, holder, select)
    return LookUpPosition(clause, holder, top, aggregate, of_rows)


def conjuncts(condition: exp.Expr) -> list[exp.Expr]:
    """The parts of a condition that all have to hold."""
    unnested = condition.unnest()
    return list(unnested.flatten()) if isinstance(unnested, exp.And) else [unnested]


def is_grouped(select: exp.Select) -> bool:
    """Whether the select gives groups: it has a group by, a having or an aggregate of its own."""
    return bool(select.args.get("group") or select.args.get("having")) or any(
        isinstance(found, exp.AggFunc) for item in select.expressions for found in own_aggregates(item)
    )


def own_aggregates(item: exp.Expr) -> Iterator[exp.Expr]:
    """The aggregates of an expression that are its own select's: not of a subquery in it, and not of a window. What a look-up is asked
    stands in a subquery, but is of the rows around it."""
    if is_look_up(item):
        _, item = digest_and_input(item.this.args["where"].this.unnest().expression)
    if isinstance(item, exp.Query) and not is_look_up(item):
        return
    if isinstance(item, exp.AggFunc) and not isinstance(item.parent, exp.Window):
        yield item
    for child in item.iter_expressions():
        yield from own_aggregates(child)


def _is_grouped_by(node: exp.Expr, holder: exp.Expr, select: exp.Select) -> bool:
    """Whether the look-up is what the rows are grouped by: written there, or named there by place or alias."""
    group = select.args.get("group")
    if group is None:
        return False
    written = node.sql()
    position = next((place for place, item in enumerate(select.expressions, 1) if item is holder), 0)
    for item in group.expressions:
        if isinstance(item, exp.Literal) and not item.is_string and item.this == str(position):
            return True
        if position and names_alias(item, holder):
            return True
        if any(found.sql() == written for found in item.find_all(exp.Subquery)):
            return True
    return False


def may_be_correlated(select: exp.Select) -> bool:
    """Whether the select stands in an expression or a lateral join, where it may read columns of the select around it."""
    around = path(select)
    for node, parent in pairwise(around):
        if isinstance(node, exp.Subquery) and not isinstance(parent, (exp.From, exp.Join, exp.CTE, exp.SetOperation, exp.Subquery)):
            return True
        if isinstance(parent, (exp.Lateral, exp.Exists, exp.In)):
            return True
    return False


def names_alias(item: exp.Expr, projection: exp.Expr) -> bool:
    """Whether what rows are grouped by is this projection, by its alias. Not where a column of the rows has that name: it goes first."""
    if not isinstance(item, exp.Column) or item.table or item.name.lower() != projection.alias.lower():
        return False
    read = projection.walk(prune=lambda node: isinstance(node, exp.Subquery) and node.alias in (ANSWER, FAILURE))
    return not any(isinstance(node, exp.Column) and node.name.lower() == item.name.lower() for node in read)
