"""Where things stand in the text of a statement, so that it is changed there and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from dbt_ai.engines.warehouse.grammar import grammar

# What follows the sources of a select, by the names of sqlglot's tokens.
_AFTER_SOURCES = frozenset(
    {"WHERE", "PREWHERE", "GROUP_BY", "HAVING", "QUALIFY", "WINDOW", "ORDER_BY", "SORT_BY", "CLUSTER_BY", "DISTRIBUTE_BY", "LIMIT"}
    | {"OFFSET", "FETCH", "FOR", "OPTION", "UNION", "EXCEPT", "INTERSECT", "R_PAREN", "SEMICOLON"}
)
_SET_OPERATIONS = frozenset(("UNION", "EXCEPT", "INTERSECT"))
_OPENING, _CLOSING = frozenset(("L_PAREN", "L_BRACKET", "L_BRACE")), frozenset(("R_PAREN", "R_BRACKET", "R_BRACE"))


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of the text, from start up to but not including end."""

    start: int
    end: int

    @property
    def length(self) -> int:
        """Characters."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class LookUpSpans:
    """whole: with its brackets. key: what its answer is found by. opening, closing: the tokens of its brackets."""

    whole: Span
    key: Span
    opening: int
    closing: int


@dataclass(frozen=True, slots=True)
class CastSpan:
    """A cast. type: as it is written."""

    whole: Span
    type: str


class Text:
    """A statement and its tokens. Comments are not tokens.

    >>> text = Text("select upper('a') from t", "postgres")
    >>> text.sql[text.rows(0).start :]
    'from t'
    """

    def __init__(self, sql: str, dialect: str) -> None:
        self.sql = sql
        self._tokens: Sequence[Any] = grammar(dialect).tokenize(sql)
        self._kinds = [token.token_type.name for token in self._tokens]

    def look_up(self, start: int) -> LookUpSpans:
        """The look-up whose derived table has its name at this place."""
        name = next(number for number, token in enumerate(self._tokens) if token.start == start)
        opening, closing = self.brackets_around(name)
        where = self._first(opening, "WHERE")
        equals = self._first(where, "EQ")
        return LookUpSpans(self.span(opening, closing), self.span(equals + 1, closing - 1), opening, closing)

    def cast_of(self, spans: LookUpSpans) -> CastSpan | None:
        """The cast of nothing but this look-up, or None."""
        first, last = spans.opening - 2, spans.closing + 1
        if first < 0 or self._tokens[first].text.lower() != "cast" or self._kinds[last] != "ALIAS":
            return None
        _, closing = self.brackets_around(last)
        type = self.span(last + 1, closing - 1)
        return CastSpan(self.span(first, closing), self.sql[type.start : type.end])

    def end_of(self, token: int) -> int:
        """Where a token ends: the position after its last character."""
        return int(self._tokens[token].end) + 1

    def brackets_around(self, token: int) -> tuple[int, int]:
        """The tokens of the innermost brackets around a token."""
        opening, depth = token, 1
        while depth:
            opening -= 1
            depth += (self._kinds[opening] in _CLOSING) - (self._kinds[opening] in _OPENING)
        closing, depth = opening, 1
        while depth:
            closing += 1
            depth += (self._kinds[closing] in _OPENING) - (self._kinds[closing] in _CLOSING)
        return opening, closing

    def span(self, first: int, last: int) -> Span:
        """From the first of these tokens to the last."""
        return Span(int(self._tokens[first].start), self.end_of(last))

    def _first(self, after: int, kind: str) -> int:
        """The first token of this kind after another one, in the same brackets."""
        depth = 0
        for number in range(after + 1, len(self._tokens)):
            if depth == 0 and self._kinds[number] == kind:
                return number
            depth += (self._kinds[number] in _OPENING) - (self._kinds[number] in _CLOSING)
        raise ValueError(f"there is no {kind} after token {after}")

    def select_around(self, token: int, outwards: int) -> int:
        """The SELECT of the select that is so many selects around a token; 0 is the innermost."""
        levels: list[int | None] = [None]
        for number in range(token):
            kind = self._kinds[number]
            if kind in _OPENING:
                levels.append(None)
            elif kind in _CLOSING:
                levels.pop()
            elif kind == "SELECT":
                levels[-1] = number
            elif kind in _SET_OPERATIONS:
                levels[-1] = None
        return [select for select in reversed(levels) if select is not None][outwards]

    def end_of_sources(self, select: int) -> int:
        """The place in the text after everything that the select reads from."""
        return self.end_of(self._last_before(select, _AFTER_SOURCES))

    def rows(self, select: int) -> Span:
        """From the FROM of a select to the end of its WHERE, or of what it reads from where there is none."""
        return self.span(self._first(select, "FROM"), self._last_before(select, _AFTER_SOURCES - {"WHERE"}))

    def _last_before(self, token: int, kinds: frozenset[str]) -> int:
        """The last token before one of these kinds that follows a token in the same brackets, or before the end of these."""
        depth = 0
        for number in range(token + 1, len(self._tokens)):
            if depth == 0 and self._kinds[number] in kinds:
                return number - 1
            depth += (self._kinds[number] in _OPENING) - (self._kinds[number] in _CLOSING)
        return len(self._tokens) - 1

    def stars(self, select: int) -> Iterator[Span]:
        """The bare stars among the columns of a select."""
        depth = 0
        for number in range(select + 1, len(self._tokens)):
            kind = self._kinds[number]
            if depth == 0 and kind == "FROM":
                return
            if depth == 0 and kind == "STAR" and self._kinds[number - 1] in ("SELECT", "COMMA", "DISTINCT", "ALL"):
                yield self.span(number, number)
            depth += (kind in _OPENING) - (kind in _CLOSING)
