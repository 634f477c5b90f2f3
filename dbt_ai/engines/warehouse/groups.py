"""A select that groups, as two: the inner one groups, the outer one has its groups as rows, which answers can be joined to."""

from __future__ import annotations

from sqlglot import exp

from dbt_ai.engines.warehouse.look_up_position import conjuncts, names_alias
from dbt_ai.engines.warehouse.look_ups import digest_and_input, holds_look_up, is_look_up

GROUPS = "dbt_ai_groups"


def split(select: exp.Select) -> bool:
    """Split the select in place. False, and nothing changed, where it cannot be written so."""
    if any(select.args.get(name) for name in ("qualify", "windows", "laterals")) or any(item.is_star for item in select.expressions):
        return False
    inner = exp.Select(expressions=[])
    for name in ("from_", "joins", "where", "group"):
        if select.args.get(name):
            inner.set(name, select.args[name])
    _spell_out_groups(inner, select)
    having = conjuncts(select.args["having"].this) if select.args.get("having") else []
    before = [conjunct.copy() for conjunct in having if not holds_look_up(conjunct)]
    after = [conjunct for conjunct in having if holds_look_up(conjunct)]
    if before:
        inner.set("having", exp.Having(this=exp.and_(*before, wrap=True)))
    parts = _Parts()
    names = {item.alias_or_name.lower() for item in select.expressions}
    columns = [
        exp.alias_(parts.outside(item.unalias()), item.alias_or_name or f"dbt_ai_column_{number}", quoted=_is_quoted(item))
        for number, item in enumerate(select.expressions)
    ]
    where = [parts.outside(conjunct) for conjunct in after]
    for ordered in select.args["order"].expressions if select.args.get("order") else ():
        by_name = isinstance(ordered.this, exp.Column) and not ordered.this.table and ordered.this.name.lower() in names
        if not by_name and not ordered.this.is_int:
            ordered.set("this", parts.outside(ordered.this))
    inner.set("expressions", [exp.alias_(part, name) for name, part in parts.columns.items()])
    for name in ("joins", "where", "group", "having"):
        select.set(name, None)
    select.set("expressions", columns)
    select.set("from_", exp.From(this=inner.subquery(GROUPS)))
    if where:
        select.set("where", exp.Where(this=exp.and_(*where, copy=False)))
    return True


class _Parts:
    """The columns of the inner select, by their names."""

    def __init__(self) -> None:
        self.columns: dict[str, exp.Expr] = {}
        self._names: dict[str, str] = {}

    def outside(self, node: exp.Expr) -> exp.Expr:
        """The expression over the groups: what holds no look-up is a column of theirs."""
        if is_look_up(node):
            _, input = digest_and_input(node.this.args["where"].this.expression)
            self._replace(input)
            return node
        if not holds_look_up(node):
            return self._column(node) if _reads_rows(node) else node
        for child in list(node.iter_expressions()):
            if isinstance(child, exp.If) and isinstance(node, exp.Case):
                for branch in list(child.iter_expressions()):
                    self._replace(branch)
            else:
                self._replace(child)
        return node

    def _replace(self, node: exp.Expr) -> None:
        outside = self.outside(node)
        if outside is not node:
            node.replace(outside)

    def _column(self, node: exp.Expr) -> exp.Column:
        written = node.sql()
        if written not in self._names:
            self._names[written] = f"dbt_ai_part_{len(self._names) + 1}"
            self.columns[self._names[written]] = node.copy()
        return exp.column(self._names[written], GROUPS)


def _reads_rows(node: exp.Expr) -> bool:
    return node.find(exp.Column, exp.AggFunc, exp.Subquery) is not None


def _is_quoted(item: exp.Expr) -> bool:
    name = item.args.get("alias") if isinstance(item, exp.Alias) else item.this if isinstance(item, exp.Column) else None
    return isinstance(name, exp.Identifier) and bool(name.args.get("quoted"))


def _spell_out_groups(inner: exp.Select, select: exp.Select) -> None:
    """Groups by place and by alias, as what stands there."""
    group = inner.args.get("group")
    for item in list(group.expressions) if group is not None else ():
        if item.is_int:
            item.replace(select.expressions[int(item.this) - 1].unalias().copy())
        elif named := next((projection for projection in select.expressions if names_alias(item, projection)), None):
            item.replace(named.unalias().copy())
