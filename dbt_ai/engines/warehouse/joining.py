"""Answers joined to a node's rows, in the place of a look-up for each of them: two thirds of the time, and often less.

The text of the statement is changed where look-ups stand, and nowhere else: what a parser writes again is not always what it read.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from sqlglot import exp

from dbt_ai.engines.warehouse.grammar import grammar
from dbt_ai.engines.warehouse.groups import split
from dbt_ai.engines.warehouse.kept_inputs import INPUT, KEY, is_cast_once
from dbt_ai.engines.warehouse.look_up_position import position_of
from dbt_ai.engines.warehouse.look_ups import LookUp, Statement, is_look_up, path, read
from dbt_ai.engines.warehouse.spans import Span, Text

Filters = Callable[[str], Mapping[str, str]]
# Where the standard's rule holds that an aggregate of outer columns belongs to the outer select.
_TAKES_AGGREGATES = ("postgres", "redshift")


def with_joins(sql: str, dialect: str, unique_keys: bool, filters: Filters, kept: Mapping[int, str] = MappingProxyType({})) -> str:
    """The same statement with its look-ups as left joins, where that cannot change what it means; the others stay as they are.

    unique_keys: whether the warehouse keeps the keys of `responses` unique; where it does not, each is read once.
    filters: the call's columns of `responses` and their values, which leave other answers out of the join.
    kept: LookUp.start -> the table that its inputs are in.
    Raises Unreadable as `read` does.
    """
    statement = read(sql, dialect)
    if dialect not in _TAKES_AGGREGATES and _split_groups(statement):
        # A look-up of what an aggregate gives is no SQL here until the rows are grouped: this statement is written anew.
        statement = read(statement.root.sql(dialect=grammar(dialect)), dialect)
    return _Joins(statement, unique_keys, filters, kept).text()


def _split_groups(statement: Statement) -> bool:
    of_groups = [look_up.select for look_up in statement.look_ups if not position_of(look_up.node, look_up.select).of_rows]
    selects = {id(select): select for select in of_groups}
    return any([split(select) for select in selects.values()])


class _Joins:
    """The changes to the text of one statement."""

    def __init__(self, statement: Statement, unique_keys: bool, filters: Filters, kept: Mapping[int, str]) -> None:
        self._statement = statement
        self._source = Text(statement.sql, statement.dialect)
        self._spans = {id(look_up): self._source.look_up(look_up.start) for look_up in statement.look_ups}
        self._unique_keys = unique_keys
        self._filters = filters
        self._kept = kept
        self._replaced: dict[Span, str] = {}
        self._inserted: dict[int, list[str]] = {}
        by_select: dict[int, list[LookUp]] = {}
        for look_up in statement.look_ups:
            by_select.setdefault(id(look_up.select), []).append(look_up)
        # A source, or a column of one, may have a name of ours.
        taken = {int(number) for number in re.findall(r"dbt_ai_(\d+)", statement.sql, re.IGNORECASE)}
        self._numbers = (number for number in itertools.count(1) if number not in taken)
        self._joined = False
        for look_ups in by_select.values():
            rows = [look_up for look_up in look_ups if _is_joinable(look_up)]
            if rows and self._expand_stars(rows[0]):
                self._join(rows)

    def text(self) -> str:
        if not self._joined:
            return self._source.sql
        return self._rendered(Span(0, len(self._source.sql)))

    def _join(self, look_ups: list[LookUp]) -> None:
        names: dict[str, str] = {}
        # What is nested within another look-up's input first: its column is then part of that input.
        for look_up in sorted(look_ups, key=lambda look_up: self._spans[id(look_up)].whole.length):
            spans = self._spans[id(look_up)]
            key = self._rendered(spans.key)
            cast = self._source.cast_of(spans) if is_cast_once(look_up, self._statement.dialect) else None
            written = f"{look_up.table.sql()} {look_up.column.sql()} {key} {cast.type if cast else ''}"
            if written not in names:
                names[written] = name = f"dbt_ai_{next(self._numbers)}"
                self._joined = True
                if cast is not None:
                    join = self._join_by_input(look_up, name, cast.type)
                else:
                    join = f"({self._answers(look_up, name)}) as {name} on {name}.{name}_key = {key}"
                self._inserted.setdefault(self._end_of_sources(look_up), []).append(f"\nleft join {join}")
            value = f"{names[written]}.{names[written]}_value"
            if cast is not None and look_up.start in self._kept:
                # Rows may have come since their inputs were kept.
                value = f"case when {names[written]}.{names[written]}_input is null then {self._rendered(cast.whole)} else {value} end"
            self._replaced[cast.whole if cast else spans.whole] = value

    def _join_by_input(self, look_up: LookUp, name: str, type: str) -> str:
        """What follows `left join`. The key of an answer and its cast are computed for each distinct input, not for each row.

        The collation keeps texts apart that differ in any byte. The offset keeps Postgres from moving the cast out to the rows.
        """
        dialect = grammar(self._statement.dialect)
        input = f'({look_up.input.sql(dialect=dialect)}) collate "C"'
        if look_up.start in self._kept:
            asked, asked_input, join = self._kept[look_up.start], INPUT, "left"
            key = f"{name}_asked.{KEY}"
        else:
            rows = self._rendered(self._source.rows(self._select_token(look_up)))
            asked, asked_input, join = f"(select distinct {input} as {name}_input {rows})", f"{name}_input", "inner"
            key = look_up.key_of(exp.column(asked_input, f"{name}_asked")).sql(dialect=dialect)
        return (
            f"(select {name}_asked.{asked_input} as {name}_input, cast({name}_stored.{name}_value as {type}) as {name}_value"
            f" from {asked} as {name}_asked"
            f" {join} join ({self._answers(look_up, name)}) as {name}_stored on {name}_stored.{name}_key = {key} offset 0) as {name}"
            f" on {name}.{name}_input = {input}"
        )

    def _answers(self, look_up: LookUp, name: str) -> str:
        dialect = self._statement.dialect
        value: exp.Expr = look_up.column
        if not self._unique_keys:
            value = look_up.aggregate.transform(lambda node: look_up.column.copy() if isinstance(node, exp.Column) else node)
        key = look_up.key_column
        answers = exp.select(exp.alias_(key.copy(), f"{name}_key"), exp.alias_(value.copy(), f"{name}_value")).from_(look_up.table.copy())
        for column, wanted in self._filters(look_up.call).items() if look_up.call is not None else ():
            answers = answers.where(look_up.stored_column(column).eq(exp.Literal.string(wanted)))
        return (answers if self._unique_keys else answers.group_by(key.copy())).sql(dialect=grammar(dialect))

    def _end_of_sources(self, look_up: LookUp) -> int:
        return self._source.end_of_sources(self._select_token(look_up))

    def _select_token(self, look_up: LookUp) -> int:
        selects = [node for node in path(look_up.node)[1:] if isinstance(node, exp.Select)]
        outwards = next(number for number, select in enumerate(selects) if select is look_up.select)
        return self._source.select_around(self._spans[id(look_up)].opening, outwards)

    def _expand_stars(self, look_up: LookUp) -> bool:
        """Name the sources of a bare star, which would take the columns of the joins in. False where a star cannot be written so."""
        select = look_up.select
        stars = [item for item in select.expressions if isinstance(item, exp.Star)]
        if not stars:
            return True
        joins = select.args.get("joins") or []
        sources = [select.args["from_"].this, *(join.this for join in joins)]
        merges = any(join.args.get("using") or join.args.get("method") for join in joins) or select.args.get("laterals")
        named = all(isinstance(source, (exp.Table, exp.Subquery)) and source.alias_or_name for source in sources)
        spans = list(self._source.stars(self._select_token(look_up)))
        if merges or not named or any(any(star.args.values()) for star in stars) or len(spans) != len(stars):
            return False
        columns = ", ".join(f"{_qualifier(source).sql(dialect=grammar(self._statement.dialect))}.*" for source in sources)
        self._replaced.update(dict.fromkeys(spans, columns))
        return True

    def _rendered(self, piece: Span) -> str:
        """A piece of the text with its changes."""
        sql, parts, place = self._source.sql, [], piece.start
        changes = [
            (span.start, span.end, text) for span, text in self._replaced.items() if piece.start <= span.start and span.end <= piece.end
        ]
        changes += [(where, where, "".join(texts)) for where, texts in self._inserted.items() if piece.start <= where <= piece.end]
        for start, end, text in sorted(changes):
            if start < place:
                continue  # within what is replaced already
            parts += [sql[place:start], text]
            place = end
        return "".join([*parts, sql[place : piece.end]])


def _is_joinable(look_up: LookUp) -> bool:
    """Whether the answer is one of a row of what the select reads, by an input that a join's condition may hold."""
    select = look_up.select
    position = position_of(look_up.node, select)
    if not position.of_rows or position.clause == "joins" or select.args.get("from_") is None or select.args.get("laterals"):
        return False
    if select.args.get("locks"):
        return False  # rows that an outer join adds cannot be locked
    joins = select.args.get("joins") or []
    if any(not any(join.args.get(name) for name in ("kind", "side", "on", "using", "method")) for join in joins):
        return False  # a join binds tighter than the commas of `from a, b`, and would not see a
    aliases = {item.alias.lower() for item in select.expressions if isinstance(item, exp.Alias)}
    if any(not column.table and column.name.lower() in aliases for column in look_up.input.find_all(exp.Column)):
        return False  # it may mean the select's own column, which is not there when sources are joined
    # The look-ups in it are columns by the time that it is joined.
    own = (node for node in look_up.input.walk(prune=is_look_up) if not is_look_up(node))
    return not any(isinstance(node, (exp.Window, exp.AggFunc, exp.Query)) for node in own)


def _qualifier(source: exp.Expr) -> exp.Identifier:
    alias = source.args.get("alias")
    identifier = alias.this if alias is not None else source.this
    assert isinstance(identifier, exp.Identifier)
    return identifier
