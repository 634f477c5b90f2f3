"""The SQL of a node whose calls are asked in another way, about its first rows."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlglot
from sqlglot import exp

from dbt_ai.call_constant import parse_call
from dbt_ai.engines.warehouse.grammar import grammar
from dbt_ai.engines.warehouse.look_up_position import is_grouped, position_of
from dbt_ai.engines.warehouse.look_ups import CALL, LookUp, Statement, Unreadable, holds_look_up

_TEXTS = (exp.Literal, exp.National)


def ask_otherwise(
    statement: Statement,
    other: Callable[[dict[str, Any]], Mapping[str, Any]],
    digest: Callable[[str], str],
    ephemeral: Sequence[str] = (),
) -> bool:
    """Change the calls of a statement, and the digests by which their answers are found. Returns whether a call is another now.

    other: a call in the other way. digest: of a call as JSON, in the mode in which it is asked. ephemeral: see ComparedQuestion.
    """
    digests: dict[str, str] = {}
    differs = False
    look_ups = _own(statement, ephemeral)
    for look_up in look_ups:
        if look_up.call is None:
            continue
        call = json.loads(look_up.call)
        changed = dict(other(call)) if call["function"] != "ai_embed" else call
        differs = differs or changed != call
        text = json.dumps(changed, ensure_ascii=False)
        _constant(look_up).set("this", text)
        digests[look_up.digest] = digest(text)
        if call.get("effort"):  # what the model itself has answered is looked up too
            digests[parse_call(_without_effort(call)).digest] = digest(_without_effort(changed))
    for look_up in look_ups:
        for text_in_key in look_up.key.find_all(*_TEXTS):
            if text_in_key.name == look_up.digest and look_up.digest in digests:
                text_in_key.set("this", digests[look_up.digest])
                break
    return differs


def ask_of_first_rows(statement: Statement, rows: int, told_by: str) -> None:
    """Let each select with calls among its columns give so many rows, those with the lowest values of the column told_by.

    A call in a condition, in a group or behind a distinct needs every row.
    """
    for select in {id(look_up.select): look_up.select for look_up in statement.asking()}.values():
        own = [look_up for look_up in statement.asking() if look_up.select is select]
        among_columns = all(position_of(look_up.node, select).clause == "expressions" for look_up in own)
        part_of_union = isinstance(select.parent, exp.SetOperation)
        if not among_columns or part_of_union or is_grouped(select) or select.args.get("distinct"):
            continue
        limit = select.args.get("limit")
        if limit is not None and not (limit.expression.is_int and int(limit.expression.name) > rows):
            continue
        order = _told_by(select, _parsed(told_by, statement))
        if not select.args.get("order") and order is not None:
            select.order_by(order, copy=False)
        select.limit(rows, copy=False)


def reading(statement: Statement, columns: tuple[str, str | None, str], rows: int) -> str:
    """SQL that reads these columns of the first rows of a statement, ordered by the first of them. Raises Unreadable for no SQL."""
    told, label, answer = (_parsed(column, statement) if column else exp.null() for column in columns)
    named = [exp.alias_(one, name) for one, name in ((told, "dbt_ai_told"), (label, "dbt_ai_label"), (answer, "dbt_ai_compared"))]
    select = exp.select(*named).from_(statement.root.subquery("answered")).order_by(told.copy()).limit(rows)
    return select.sql(dialect=grammar(statement.dialect))


def first_column(statement: Statement) -> str | None:
    """What the first column is called; None where only the warehouse knows."""
    names = statement.root.named_selects
    return names[0] if names and names[0] not in ("*", "") else None


def _own(statement: Statement, ephemeral: Sequence[str]) -> Sequence[LookUp]:
    """The look-ups of the node itself; all of them if none that asks is its own."""
    begins = [(statement.sql.find(cte), len(cte)) for cte in ephemeral]
    own = [found for found in statement.look_ups if not any(begin <= found.start < begin + length for begin, length in begins)]
    return own if any(look_up.call is not None for look_up in own) else statement.look_ups


def _parsed(column: str, statement: Statement) -> exp.Expr:
    try:
        parsed: exp.Expr = sqlglot.parse_one(column, read=grammar(statement.dialect))
    except sqlglot.errors.SqlglotError:
        raise Unreadable(f"{column!r} is neither a column nor SQL for one") from None
    return parsed


def _told_by(select: exp.Select, told: exp.Expr) -> exp.Expr | None:
    """The column that tells rows, within a select; where it has another name there, the first one that orders rows without a call."""
    plain = [item for item in select.expressions if not holds_look_up(item) and (item.is_star or item.find(exp.Column))]
    for item in plain:
        if item.is_star:
            return told.copy()
        if item.alias_or_name.lower() == told.name.lower():
            plain = [item]
    first: exp.Expr | None = plain[0].unalias().copy() if plain else None
    return first


def _constant(look_up: LookUp) -> exp.Expr:
    """Where its call stands."""
    source = look_up.node.this.args["from_"].this
    projection: exp.Expr = next(item for item in source.this.expressions if item.alias == CALL)
    return next(projection.find_all(*_TEXTS))


def _without_effort(call: Mapping[str, Any]) -> str:
    return json.dumps({name: value for name, value in call.items() if name != "effort"}, ensure_ascii=False)
