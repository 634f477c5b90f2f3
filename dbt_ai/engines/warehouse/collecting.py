"""The queries that find what a node asks: for each of its look-ups the inputs that have no answer yet.

A query reads what its look-up's own select reads, and other look-ups in it as they are. So it is certain of what it finds once these are
answered, which `depends_on` says: no input is guessed, and none is asked that depends on an answer that is still missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from sqlglot import exp
from sqlglot.optimizer.scope import build_scope

from dbt_ai.engines.warehouse.askable import is_unsettled, require_askable
from dbt_ai.engines.warehouse.filters_around import filters_around
from dbt_ai.engines.warehouse.grammar import grammar
from dbt_ai.engines.warehouse.guards import guarded
from dbt_ai.engines.warehouse.kept_inputs import INPUT, KEY, KeptInputs, is_cast_once, query_of_inputs
from dbt_ai.engines.warehouse.look_up_position import LookUpPosition, conjuncts, is_grouped, may_be_correlated, position_of
from dbt_ai.engines.warehouse.look_ups import LookUp, Statement, Unreadable, holds_look_up, path, subqueries

_MARK = "dbt_ai_position"
_NEVER = exp.EQ(this=exp.Literal.number(1), expression=exp.Literal.number(0))


@dataclass(frozen=True, slots=True)
class _Names:
    """What a query calls its column of inputs, and its CTEs of the inputs that are asked and of what is stored about them."""

    input: str
    asked: str
    found: str

    @classmethod
    def free_in(cls, sql: str) -> _Names:
        """Names that stand nowhere in a statement: its columns and CTEs may have any."""
        text, names = sql.lower(), []
        for name in ("dbt_ai_input", "dbt_ai_asked", "dbt_ai_found"):
            while name in text:
                name += "_"
            names.append(name)
        return cls(*names)


_OF_TABLE = _Names(INPUT, "dbt_ai_asked", "dbt_ai_found")


@dataclass(frozen=True, slots=True)
class CollectingQuery:
    """call: the JSON of the call. fail_on_error: whether a failed request fails the node.
    sql: a query of four columns: an input that has no answer; in one more row NULL, how many inputs have one, and what tokens they took.
    depends_on: positions, in the list of queries, of the look-ups that must be answered before.
    unsettled: whether it reads what may be another thing each time, such as random(), perhaps without asking it.
    kept: another way to run it, which leaves the inputs to the SQL that is built.
    """

    call: str
    fail_on_error: bool
    sql: str
    depends_on: frozenset[int]
    unsettled: bool
    kept: KeptInputs | None = None


def collecting_queries(
    statement: Statement,
    stored_model: Callable[[str], str | None],
    subtract: bool = True,
    new_table: Callable[[], str] | None = None,
) -> list[CollectingQuery]:
    """One query for each look-up that asks.

    stored_model: the value that `responses.model` must have for a call, None for any; a local model's weights are told so.
    subtract: leave out the inputs whose answers are stored; a cassette wants all.
    new_table: the name of a table that inputs may be kept in; None where nothing is built of them.
    Raises Unreadable where a query cannot be derived.
    """
    for position, look_up in enumerate(statement.asking()):
        look_up.node.meta[_MARK] = position
    names = _Names.free_in(statement.sql)
    return [
        _query(statement, look_up, names, stored_model(look_up.call), subtract, new_table)
        for look_up in statement.asking()
        if look_up.call is not None
    ]


def _query(
    statement: Statement, look_up: LookUp, names: _Names, model: str | None, subtract: bool, new_table: Callable[[], str] | None
) -> CollectingQuery:
    position = position_of(look_up.node, look_up.select)
    rows = _rows(look_up, position, names)
    ctes, recursive = _visible(look_up.select, rows)
    if may_be_correlated(look_up.select):
        _refuse_correlated(rows)
    dependencies = {node.meta[_MARK] for tree in (rows, *ctes) for node in subqueries(tree) if _MARK in node.meta}
    asked = (
        exp.select(exp.column(names.input, "dbt_ai_rows"))
        .distinct()
        .from_(rows.subquery("dbt_ai_rows"))
        .where(exp.column(names.input, "dbt_ai_rows").is_(exp.null()).not_())
    )
    key = look_up.key_of(exp.column(names.input, names.asked))
    found = _found(look_up, names, exp.to_table(names.asked), _is_stored(look_up, key, model) if subtract else _NEVER)
    query = _missing_and_found(names)
    query.set("with_", exp.With(expressions=[*ctes, _cte(names.asked, asked), _cte(names.found, found)], recursive=recursive))
    unsettled = any(is_unsettled(node) for tree in (rows, *ctes) for node in tree.walk())
    kept = None
    if new_table is not None and not recursive and is_cast_once(look_up, statement.dialect):
        kept = _kept(statement, look_up, names, rows, ctes, model, new_table())
    sql = query.sql(dialect=grammar(statement.dialect))
    return CollectingQuery(str(look_up.call), look_up.fail_on_error, sql, frozenset(dependencies), unsettled, kept)


def _kept(
    statement: Statement, look_up: LookUp, names: _Names, rows: exp.Select, ctes: Sequence[exp.CTE], model: str | None, table: str
) -> KeptInputs:
    """rows: with their input as a column. ctes: that they read."""
    dialect = grammar(statement.dialect)
    source = exp.alias_(exp.to_table(table, dialect=dialect), _OF_TABLE.asked, table=True)
    found = _found(look_up, _OF_TABLE, source, _is_stored(look_up, exp.column(KEY, _OF_TABLE.asked), model))
    collecting = _missing_and_found(_OF_TABLE)
    collecting.set("with_", exp.With(expressions=[_cte(_OF_TABLE.found, found)]))
    read = rows.copy()
    if ctes:
        read.set("with_", exp.With(expressions=[cte.copy() for cte in ctes]))
    written = read.sql(dialect=dialect)
    made = query_of_inputs(written, names.input, look_up.key_of(exp.column(INPUT)).sql(dialect=dialect))
    return KeptInputs(table, look_up.start, written, made, collecting.sql(dialect=dialect))


def _rows(look_up: LookUp, position: LookUpPosition, names: _Names) -> exp.Select:
    """The rows that the look-up is computed for, with its input as a column."""
    select = look_up.select
    rows = exp.Select(expressions=[])
    for name in ("from_", "laterals"):
        if select.args.get(name):
            rows.set(name, _copied(select.args[name]))
    rows.set("joins", [_join(join, position) for join in select.args.get("joins") or []])
    # A where that reads what an outer join added would ask for other rows once the join's condition is gone.
    if position.clause != "joins" or not position.holder.args.get("side"):
        _condition(rows, "where", select, position)
    if position.clause != "joins":
        for condition in filters_around(select):
            rows.where(condition, copy=False)
    if not position.of_rows:
        if select.args.get("group"):
            rows.set("group", select.args["group"].copy())
        _condition(rows, "having", select, position)
    if position.clause in ("expressions", "order") and (not position.of_rows or not is_grouped(select)):
        _condition(rows, "qualify", select, position)
    limited = _is_limited(select) and position.clause == "expressions" and not select.args.get("distinct") and position.aggregate is None
    if limited and (not position.of_rows or not is_grouped(select)):
        for name in ("order", "limit", "offset"):
            if select.args.get(name):
                rows.set(name, select.args[name].copy())
    asked = exp.alias_(guarded(look_up.node, look_up.input, position.top, position.aggregate), names.input)
    require_askable(look_up, asked)
    rows.set("expressions", [*(_named_columns(select) if _reads_names(rows, asked, select) else []), asked])
    if select.args.get("windows"):
        rows.set("windows", _copied(select.args["windows"]))
    return rows


def _condition(rows: exp.Select, clause: str, select: exp.Select, position: LookUpPosition) -> None:
    """The conjuncts that decide about a row before the look-up does. One with another look-up decides only where it stands before."""
    holder = select.args.get(clause)
    if holder is None:
        return
    kept = conjuncts(holder.this)
    if position.clause == clause:
        index = next(index for index, conjunct in enumerate(kept) if conjunct is position.top)
        kept = kept[:index] + [conjunct for conjunct in kept[index + 1 :] if not holds_look_up(conjunct)]
    if kept:
        rows.set(clause, type(holder)(this=exp.and_(*(conjunct.copy() for conjunct in kept), wrap=True)))


def _join(join: exp.Join, position: LookUpPosition) -> exp.Join:
    copied: exp.Join = join.copy()
    if position.clause == "joins" and join is position.holder:
        kept = [conjunct.copy() for conjunct in conjuncts(join.args["on"]) if conjunct is not position.top and not holds_look_up(conjunct)]
        copied.set("on", exp.and_(*kept, wrap=True) if kept else exp.EQ(this=exp.Literal.number(1), expression=exp.Literal.number(1)))
    return copied


def _is_limited(select: exp.Select) -> bool:
    return bool(select.args.get("limit") or select.args.get("offset"))


def _reads_names(rows: exp.Select, asked: exp.Expr, select: exp.Select) -> bool:
    """Whether something in the query may mean a column of the select by its place or its alias."""
    aliases = {item.alias.lower() for item in select.expressions if isinstance(item, exp.Alias)}
    readers = [rows.args[name] for name in ("group", "having", "qualify", "order") if rows.args.get(name)]
    by_place = any(item.is_int for name in ("group", "order") if rows.args.get(name) for item in _items(rows.args[name]))
    return by_place or any(
        not column.table and column.name.lower() in aliases for tree in (*readers, asked) for column in tree.find_all(exp.Column)
    )


def _items(clause: exp.Expr) -> list[exp.Expr]:
    return [item.this if isinstance(item, exp.Ordered) else item for item in clause.expressions]


def _named_columns(select: exp.Select) -> list[exp.Expr]:
    """The columns of the select, at their places; one that holds a look-up is NULL."""
    columns = []
    for number, item in enumerate(select.expressions):
        name = item.alias_or_name or f"dbt_ai_column_{number}"
        if holds_look_up(item):
            columns.append(exp.alias_(exp.null(), name, quoted=isinstance(item, exp.Alias) and item.args["alias"].args.get("quoted")))
        else:
            columns.append(item.copy())
    return columns


def _copied(tree: exp.Expr | Sequence[exp.Expr]) -> exp.Expr | list[exp.Expr]:
    return tree.copy() if isinstance(tree, exp.Expression) else [item.copy() for item in tree]


def _visible(select: exp.Select, rows: exp.Select) -> tuple[list[exp.CTE], bool]:
    """The CTEs that the query reads, outermost first, and whether one of them is recursive."""
    ctes: dict[str, exp.CTE] = {}
    recursive = False
    for node in path(select):
        clause = node.args.get("with_")
        if clause is not None:
            inner = next((cte for cte in clause.expressions if any(cte is found for found in path(select))), None)
            if inner is not None and clause.args.get("recursive") and any(table.name == inner.alias for table in inner.find_all(exp.Table)):
                raise Unreadable(
                    f"an AI call stands in the recursive CTE {inner.alias}; call it on what the CTE gives, in a select after it"
                )
            before = clause.expressions[: inner.index] if inner is not None else clause.expressions
            outer, ctes = ctes, {cte.alias.lower(): cte for cte in before}
            shadowed = sorted(set(outer) & set(ctes))
            if shadowed:
                raise Unreadable(f"two CTEs around an AI call are called {shadowed[0]}; give them different names")
            ctes.update(outer)
            recursive = recursive or bool(clause.args.get("recursive"))
    return [cte.copy() for cte in _read_by(rows, ctes)], recursive


def _read_by(rows: exp.Expr, ctes: dict[str, exp.CTE]) -> Iterator[exp.CTE]:
    """Those of the CTEs that the query reads, itself or by way of others, in their order."""
    wanted: set[str] = set()
    trees: list[exp.Expr] = [rows]
    while trees:
        for table in trees.pop().find_all(exp.Table):
            name = table.name.lower()
            if name in ctes and not table.db and name not in wanted:
                wanted.add(name)
                trees.append(ctes[name])
    return (cte for name, cte in ctes.items() if name in wanted)


def _refuse_correlated(rows: exp.Select) -> None:
    scope = build_scope(rows.copy())
    outer = [column.sql() for column in scope.external_columns if column.table] if scope is not None else []
    if outer:
        raise Unreadable(
            f"an AI call in a subquery reads {outer[0]} of the query around it; move the subquery into a CTE with that column, and join it"
        )


def _cte(name: str, query: exp.Query) -> exp.CTE:
    return exp.CTE(this=query, alias=exp.TableAlias(this=exp.to_identifier(name)))


def _is_stored(look_up: LookUp, key: exp.Expr, model: str | None) -> exp.Expr:
    """Whether a row of `responses` is the answer with this key."""
    same: exp.Expr = exp.EQ(this=look_up.stored_column("key", "dbt_ai_stored"), expression=key)
    if model is None:
        return same
    return exp.and_(same, look_up.stored_column("model", "dbt_ai_stored").eq(exp.Literal.string(model)))


def _found(look_up: LookUp, names: _Names, source: exp.Expr, is_stored: exp.Expr) -> exp.Select:
    """The asked inputs beside what is stored about them. source: where they are, under the name `asked`."""
    stored = [exp.alias_(look_up.stored_column(name, "dbt_ai_stored"), name) for name in ("input_tokens", "output_tokens")]
    key = exp.alias_(look_up.stored_column("key", "dbt_ai_stored"), "dbt_ai_key")
    return (
        exp.select(exp.column(names.input, names.asked), key, *stored)
        .from_(source)
        .join(exp.alias_(look_up.table.copy(), "dbt_ai_stored", table=True), on=is_stored.copy(), join_type="left")
    )


def _missing_and_found(names: _Names) -> exp.Query:
    nothing = [
        exp.alias_(exp.cast(exp.Literal.number(0), kind), name)
        for name, kind in (("asked", "bigint"), ("tokens_in", "double"), ("tokens_out", "double"))
    ]
    counted = [
        exp.Count(this=exp.column("dbt_ai_key")),
        *(
            exp.Coalesce(this=exp.Sum(this=exp.column(name)), expressions=[exp.Literal.number(0)])
            for name in ("input_tokens", "output_tokens")
        ),
    ]
    missing = exp.select(exp.column(names.input), *nothing).from_(names.found).where(exp.column("dbt_ai_key").is_(exp.null()))
    found = exp.select(exp.cast(exp.null(), "text"), *counted).from_(names.found).where(exp.column("dbt_ai_key").is_(exp.null()).not_())
    return exp.union(missing, found, distinct=False)
