"""Answers joined to a node's rows, in the place of a look-up for each of them: two thirds of the time, and often less."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from dbt_ai.engines.warehouse.groups import split
from dbt_ai.engines.warehouse.look_up_position import position_of
from dbt_ai.engines.warehouse.look_ups import LookUp, is_look_up, read


def with_joins(sql: str, dialect: str, unique_keys: bool, filters: Callable[[str], dict[str, str]]) -> str:
    """The same statement with its look-ups as left joins, where that cannot change what it means; the others stay as they are.

    unique_keys: whether the warehouse keeps the keys of `responses` unique; where it does not, each is read once.
    filters: the call's columns of `responses` and their values, which leave other answers out of the join.
    Raises Unreadable as `read` does.
    """
    statement = read(sql, dialect)
    by_select: dict[int, list[LookUp]] = {}
    for look_up in statement.look_ups:
        by_select.setdefault(id(look_up.select), []).append(look_up)
    joined = 0
    for look_ups in by_select.values():
        joined += _join(look_ups, joined, unique_keys, filters)
    return statement.root.sql(dialect=dialect) if joined else sql


def _join(look_ups: list[LookUp], first: int, unique_keys: bool, filters: Callable[[str], dict[str, str]]) -> int:
    """Join the answers of one select's look-ups; returns the number of joins."""
    select = look_ups[0].select
    of_groups = [look_up for look_up in look_ups if not position_of(look_up.node, select).of_rows]
    rows = [look_up for look_up in look_ups if not any(look_up is other for other in of_groups) and _is_joinable(look_up)]
    joined = _join_rows(select, rows, first, unique_keys, filters) if rows and _expand_stars(select) else 0
    if of_groups and split(select):
        joined += _join_rows(select, of_groups, first + joined, unique_keys, filters)
    return joined


def _join_rows(select: exp.Select, rows: list[LookUp], first: int, unique_keys: bool, filters: Callable[[str], dict[str, str]]) -> int:
    names: dict[str, str] = {}
    # What is nested within another look-up's input first: its column is then part of that input.
    for look_up in reversed(rows):
        written = look_up.node.sql()
        if written not in names:
            names[written] = name = f"dbt_ai_{first + len(names) + 1}"
            answers = _answers(look_up, name, unique_keys, filters)
            # Not look_up.key, which a select that groups has changed.
            on = exp.EQ(this=exp.column(f"{name}_key", name), expression=look_up.node.this.args["where"].this.expression.copy())
            select.append("joins", exp.Join(this=answers, side="LEFT", on=on))
        look_up.node.replace(exp.column(f"{names[written]}_value", names[written]))
    return len(names)


def _answers(look_up: LookUp, name: str, unique_keys: bool, filters: Callable[[str], dict[str, str]]) -> exp.Subquery:
    value: exp.Expr = look_up.column.copy()
    if not unique_keys:
        value = look_up.aggregate.transform(lambda node: look_up.column.copy() if isinstance(node, exp.Column) else node)
    answers = exp.select(exp.alias_(look_up.key_column.copy(), f"{name}_key"), exp.alias_(value, f"{name}_value")).from_(
        look_up.table.copy()
    )
    for column, wanted in filters(look_up.call).items() if look_up.call is not None else ():
        answers = answers.where(look_up.stored_column(column).eq(exp.Literal.string(wanted)))
    return (answers if unique_keys else answers.group_by(look_up.key_column.copy())).subquery(name)


def _is_joinable(look_up: LookUp) -> bool:
    """Whether the answer is one of a row of what the select reads, by an input that a join's condition may hold."""
    position = position_of(look_up.node, look_up.select)
    if not position.of_rows or position.clause == "joins" or look_up.select.args.get("from_") is None:
        return False
    aliases = {item.alias.lower() for item in look_up.select.expressions if isinstance(item, exp.Alias)}
    if any(not column.table and column.name.lower() in aliases for column in look_up.input.find_all(exp.Column)):
        return False  # it may mean the select's own column, which is not there when sources are joined
    # The look-ups in it are columns by the time that it is joined.
    own = (node for node in look_up.input.walk(prune=is_look_up) if not is_look_up(node))
    return not any(isinstance(node, (exp.Window, exp.AggFunc, exp.Query)) for node in own)


def _expand_stars(select: exp.Select) -> bool:
    """Name the sources of a bare star, which would take the columns of the joins in. False where a star cannot be written so."""
    if not any(isinstance(item, exp.Star) for item in select.expressions):
        return True
    sources = [select.args["from_"].this, *(join.this for join in select.args.get("joins") or [])]
    merges = any(join.args.get("using") or join.args.get("method") for join in select.args.get("joins") or [])
    named = all(isinstance(source, (exp.Table, exp.Subquery)) and source.alias_or_name for source in sources)
    plain = not any(any(item.args.values()) for item in select.expressions if isinstance(item, exp.Star))
    if merges or not named or not plain or select.args.get("laterals"):
        return False
    expanded = []
    for item in select.expressions:
        if isinstance(item, exp.Star):
            expanded += [exp.Column(this=exp.Star(), table=_qualifier(source)) for source in sources]
        else:
            expanded.append(item)
    select.set("expressions", expanded)
    return True


def _qualifier(source: exp.Expr) -> exp.Identifier:
    alias = source.args.get("alias")
    identifier = alias.this if alias is not None else source.this
    assert isinstance(identifier, exp.Identifier)
    return identifier.copy()
