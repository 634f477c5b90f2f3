"""The conditions of the selects around a look-up's own that drop its rows: what is dropped needs no answer.

A select reads the derived table or the CTE by `where`, and nothing else reads it: then what a row that fails the condition holds reaches
nobody. Where that is not certain there is no condition, and more is asked.
"""

from __future__ import annotations

from sqlglot import exp

from dbt_ai.engines.warehouse.askable import is_unsettled
from dbt_ai.engines.warehouse.look_up_position import conjuncts, is_grouped, may_be_correlated
from dbt_ai.engines.warehouse.look_ups import holds_look_up

# What makes a row depend on other rows.
_OF_MANY_ROWS = ("limit", "offset", "qualify", "windows", "sample")
_OF_A_SOURCE = ("limit", "offset", "order", "sample", "pivots")


def filters_around(select: exp.Select) -> list[exp.Expr]:
    """The conditions, in the columns that the select reads."""
    reader = _reader(select) if _keeps_rows_apart(select) else None
    if reader is None:
        return []
    name, outer = reader
    where = outer.args.get("where")
    conditions = [*(conjuncts(where.this) if where is not None else ()), *filters_around(outer)]
    alone = not outer.args.get("joins") and not outer.args.get("laterals")
    return [within for condition in conditions if (within := _within(condition, select, name, alone)) is not None]


def _keeps_rows_apart(select: exp.Select) -> bool:
    distinct = select.args.get("distinct")
    return (
        not is_grouped(select)
        and not any(select.args.get(name) for name in _OF_MANY_ROWS)
        and not (distinct is not None and distinct.args.get("on"))
        and not any(item.find(exp.Window) for item in (*select.expressions, select.args.get("order")) if item is not None)
    )


def _reader(select: exp.Select) -> tuple[str, exp.Select] | None:
    """The only select that reads the rows of this one, and the name by which it does."""
    source = _only_table_of(select.parent) if isinstance(select.parent, exp.CTE) else select.parent
    if not isinstance(source, (exp.Subquery, exp.Table)) or any(source.args.get(name) for name in _OF_A_SOURCE):
        return None
    alias, clause = source.args.get("alias"), source.parent
    outer = clause.parent if isinstance(clause, (exp.From, exp.Join)) else None
    if not isinstance(outer, exp.Select) or may_be_correlated(outer) or (alias is not None and alias.args.get("columns")):
        return None
    # A row that an outer join adds is there for want of another one.
    sides = ("", "LEFT") if isinstance(clause, exp.From) else ("",)
    joins = outer.args.get("joins") or []
    if any(join.args.get("method") or join.side not in sides or join.kind not in ("", "INNER", "OUTER", "CROSS") for join in joins):
        return None
    return source.alias_or_name.lower(), outer


def _only_table_of(cte: exp.CTE) -> exp.Table | None:
    clause = cte.parent
    if cte.args["alias"].args.get("columns") or clause is None or clause.args.get("recursive"):
        return None
    tables = [table for table in cte.root().find_all(exp.Table) if table.name.lower() == cte.alias.lower()]
    return tables[0] if len(tables) == 1 and not tables[0].db else None


def _within(condition: exp.Expr, select: exp.Select, name: str, alone: bool) -> exp.Expr | None:
    """A condition on what a select gives, as one on what it reads. None where it cannot be written so.

    name: of what the select gives. alone: whether the condition can mean no other columns.
    """
    if holds_look_up(condition) or any(map(is_unsettled, condition.walk())):
        return None
    ctes = {cte.alias.lower() for cte in select.root().find_all(exp.CTE)}
    written = exp.Paren(this=condition.copy())
    own = {source.alias_or_name.lower() for source in written.find_all(exp.Table, exp.Subquery)}
    if own & {name, *ctes} or any(table.name.lower() in ctes for table in written.find_all(exp.Table)):
        return None  # a CTE may come after the select
    for column in list(written.find_all(exp.Column)):
        table = column.table.lower()
        if column.find_ancestor(exp.Query) is not None:
            if table not in own and (table or not alone or not _passes_on(select, column.name)):
                return None
            continue
        read = _read_as(column, select) if table == name or (alone and not table) else None
        if read is None:
            return None
        column.replace(read)
    return written


def _read_as(column: exp.Column, select: exp.Select) -> exp.Column | None:
    """The column that a select reads, and gives as this one."""
    if column.args.get("db"):
        return None
    given = _given_as(select, column.name)
    stars = [item for item in select.expressions if item.is_star]
    if stars:
        one_source = not select.args.get("joins") and not select.args.get("laterals")
        is_plain = len(stars) == 1 and isinstance(stars[0], exp.Star) and not any(stars[0].args.values())
        return exp.Column(this=column.this.copy()) if one_source and is_plain and not given else None
    read = given[0].unalias() if len(given) == 1 else None
    if not isinstance(read, exp.Column) or (not read.table and not _passes_on(select, read.name)):
        return None
    return read.copy()


def _passes_on(select: exp.Select, name: str) -> bool:
    """Whether what a select gives by this name, if anything, is the column that it reads by this name."""
    read = [item.unalias() for item in _given_as(select, name)]
    return all(isinstance(item, exp.Column) and item.name.lower() == name.lower() for item in read)


def _given_as(select: exp.Select, name: str) -> list[exp.Expr]:
    return [item for item in select.expressions if not item.is_star and item.alias_or_name.lower() == name.lower()]
