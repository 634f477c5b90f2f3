"""Asks only where the row needs the answer: a CASE whose other branch is taken, or an OR that is true already, needs none."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from dbt_ai.engines.warehouse.look_ups import asks_nothing, holds_look_up, path


def guarded(node: exp.Expr, input: exp.Expr, top: exp.Expr, aggregate: exp.Expr | None) -> exp.Expr:
    """The input of the look-up `node`, NULL in rows that do not need its answer.

    top: how far the look-up's surroundings are read. aggregate: what it is an argument of; what is around that is not of rows.
    """
    value = input.copy()
    around = path(node, top)
    for child, parent in zip(around, [*around[1:], top], strict=True) if node is not top else ():
        if child is aggregate:
            break
        value = _within(parent, child, value)
    if aggregate is not None and isinstance(aggregate.parent, exp.Filter):
        value = _case([(aggregate.parent.expression.this, value)])
    return value


def _within(parent: exp.Expr, node: exp.Expr, value: exp.Expr) -> exp.Expr:
    if isinstance(parent, exp.If) and isinstance(parent.parent, exp.Case):
        before = [(branch.this, exp.null()) for branch in parent.parent.args["ifs"][: parent.index]]
        if node.arg_key == "true":
            return _case([*before, (parent.this, value)], operand=parent.parent.this)
        return _case(before, value, parent.parent.this)
    if isinstance(parent, exp.Case) and node.arg_key == "default":
        return _case([(branch.this, exp.null()) for branch in parent.args["ifs"]], value, parent.this)
    if isinstance(parent, exp.If) and node.arg_key in ("true", "false"):
        return _case([(parent.this, value)]) if node.arg_key == "true" else _case([(parent.this, exp.null())], value)
    if isinstance(parent, exp.Coalesce) and node.arg_key == "expressions":
        # What the large model of a call with effort has answered belongs to the rows that its policy sees.
        before_it = [found for found in (parent.this, *parent.expressions[: node.index]) if not asks_nothing(found)]
        return _case([(exp.and_(*(found.copy().is_(exp.null()) for found in before_it)), value)]) if before_it else value
    if isinstance(parent, (exp.And, exp.Or)):
        other = parent.expression if node.arg_key == "this" else parent.this
        if node.arg_key == "this" and holds_look_up(other):
            return value  # it is asked only after this one is answered
        return _case([(other, value)]) if isinstance(parent, exp.And) else _case([(other, exp.null())], value)
    return value


def _case(branches: Sequence[tuple[exp.Expr, exp.Expr]], default: exp.Expr | None = None, operand: exp.Expr | None = None) -> exp.Expr:
    if not branches:
        return default if default is not None else exp.null()
    return exp.Case(
        this=operand.copy() if operand is not None else None,
        ifs=[exp.If(this=condition.copy(), true=value) for condition, value in branches],
        default=default,
    )
