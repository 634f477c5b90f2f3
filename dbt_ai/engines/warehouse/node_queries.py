"""A node's collecting queries, each run once, as soon as what it depends on is answered."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timezone

from dbt_common.exceptions import DbtBaseException

from dbt_ai.call import Call
from dbt_ai.engines.warehouse.collecting import CollectingQuery
from dbt_ai.engines.warehouse.outbox import Outbox
from dbt_ai.engines.warehouse.tables import WarehouseTables, failure_rows
from dbt_ai.errors import PlanError
from dbt_ai.known_answers import KnownAnswers
from dbt_ai.outside_text import in_one_line
from dbt_ai.plan import Plan
from dbt_ai.tokens import TokenCount

# What helps, by what the warehouse says.
_INSTEAD = (
    (
        "time-?out|timed out",
        "let a statement take longer (statement_timeout on Postgres), or materialize the rows that it reads as a table",
    ),
    ("too many (connections|clients)|connection slots", "lower `threads` of the target"),
    (
        "(relation|table|object|dataset|schema) .*(does not exist|not found)|not found: (table|dataset)",
        "it has a connection of its own, without what hooks of the model make or set: build what it reads before, and name its schema",
    ),
    ("", "move the select with the call into a CTE that has the columns it reads"),
)


class NodeQueries:
    """unanswered: the same queries without what is stored, which have nothing to find in the end.
    found: told of answers that are stored: their call, how many, and what they took.
    built: the SQL that is built of the answers, to be looked at before anything is paid; None where more than these tables may be needed.
    read: texts that the queries were derived from, each with a function that writes what sqlglot has read in it.
    kept: LookUp.start -> the table that its inputs were kept in.
    """

    def __init__(
        self,
        node: str,
        queries: Sequence[CollectingQuery],
        unanswered: Sequence[CollectingQuery],
        tables: WarehouseTables,
        outbox: Outbox,
        call: Callable[[str], Call],
        found: Callable[[Call, int, TokenCount], None],
        built: str | None,
        read: Sequence[tuple[str, Callable[[], str]]],
    ) -> None:
        self.node = node
        self.queries = queries
        self._unanswered = unanswered
        self._tables = tables
        self._outbox = outbox
        self._call = call
        self._found = found
        self._built = built
        self._read = read
        self.kept: dict[int, str] = {}
        self._done: set[int] = set()
        self._asking: set[int] = set()
        self._asked: set[int] = set()
        self._counted: set[str] = set()
        self._inputs: dict[Call, dict[str, None]] = {}

    @property
    def left(self) -> bool:
        """Whether queries wait for answers."""
        return len(self._done | self._asking) < len(self.queries)

    def run(self, plan: Plan) -> None:
        """Note what is asked next. Nothing is noted when everything is answered."""
        with self._tables.connection.opened(f"dbt_ai {self.node}"):
            self._outbox.flush()
            self._done |= self._asking
            self._asked |= self._asking
            self._asking = set()
            while not self._asking and not plan.cancelled.is_set() and (ready := self._ready()):
                for position in ready:
                    query = self.queries[position]
                    call, missing = self._collect(query, keep=True)
                    if missing and query.unsettled and set(missing) != set(self._collect(query, count=False)[1]):
                        raise self._asks_differently("; nothing was asked for it")
                    known = plan.answers_to(call).slots  # another look-up may ask for the same
                    missing = [text for text in missing if text not in known] if known else missing
                    if missing:
                        self._check_what_is_built()
                        self._check_what_is_read()
                    self._inputs.setdefault(call, {}).update(dict.fromkeys(missing))
                    plan.note(call, missing, strict=query.fail_on_error)
                    (self._asking if missing else self._done).add(position)

    def finish(self, answers: Mapping[Call, KnownAnswers]) -> None:
        """Deliver what is left, and keep what has no answer and why, for SQL to read."""
        with self._tables.connection.opened(f"dbt_ai {self.node}"):
            self._outbox.flush()
            self._keep_failures(answers)

    def check_settled(self, answers: Mapping[Call, KnownAnswers]) -> None:
        """Raises PlanError if the same queries ask for something else now: SQL would not find the answers."""
        with self._tables.connection.opened(f"dbt_ai {self.node}"):
            for position in self._asked | self._asking:
                call, missing = self._collect(self._unanswered[position], count=False)
                # What the large model of a call with effort has answered is found under another key.
                settled = answers[call].knows if call.effort is not None else answers[call].failures.__contains__
                if not all(map(settled, missing)):
                    raise self._asks_differently()

    def _asks_differently(self, paid: str = "") -> PlanError:
        return PlanError(
            f"{self.node}: the query asks for different inputs each time it runs (a sample, random(), the current time, or a limit without"
            f" a total order?){paid}; materialize those rows in a model of their own first"
        )

    def _keep_failures(self, answers: Mapping[Call, KnownAnswers]) -> None:
        failed: dict[bytes, str] = {}
        for call, inputs in self._inputs.items():
            texts = [text for text in inputs if text in answers[call].failures]
            failed.update(zip(call.keys(texts), (answers[call].failures[text].message for text in texts), strict=True))
        if failed:
            self._tables.insert_failures(failure_rows(failed, self.node, datetime.now(timezone.utc)))
        if any(self._inputs.values()):  # else nothing was answered, and a role that may only read needs no more
            self._tables.forget_failures()

    def _check_what_is_built(self) -> None:
        """Once. Raises PlanError for SQL that the warehouse would refuse after all of it was paid."""
        built, self._built = self._built, None
        if built is None:
            return
        try:
            self._tables.connection.check(built)
        except DbtBaseException as error:
            said = in_one_line(error)
            instead = "; create extension vector, or name its schema in search_path of the target" if '"vector"' in said else ""
            raise PlanError(f"{self.node}: nothing was asked, for its SQL would fail ({said}){instead}") from error

    def _check_what_is_read(self) -> None:
        """Once. Raises PlanError for SQL that means something else to sqlglot, so that answers to what it asks might not be found."""
        texts, self._read = self._read, ()
        for sql, again in texts:
            difference = self._tables.connection.differently_read(sql, again)
            if difference is not None:
                raise PlanError(
                    f"{self.node}: nothing was asked, for sqlglot reads its SQL otherwise than the warehouse ({difference[0]!r} became"
                    f" {difference[1]!r}); move that expression into a model of its own"
                )

    def _ready(self) -> list[int]:
        return [position for position, query in enumerate(self.queries) if position not in self._done and query.depends_on <= self._done]

    def _collect(self, query: CollectingQuery, count: bool = True, keep: bool = False) -> tuple[Call, list[str]]:
        """The call, and the inputs that have no answer. count: tell of those that have one. keep: leave the inputs to what is built."""
        call = self._call(query.call)
        missing: list[str] = []
        sql = query.sql
        try:
            if keep and query.kept is not None and self._tables.connection.keep(query.kept):
                sql = query.kept.sql
                self.kept[query.kept.start] = query.kept.table
            for text, answered, read, wrote in self._tables.connection.rows(sql):
                if text is not None:
                    missing.append(text)
                elif answered and count and query.sql not in self._counted:
                    self._counted.add(query.sql)  # another look-up may ask the same of the same rows
                    self._found(call, int(answered), TokenCount(round(float(read)), round(float(wrote))))
        except DbtBaseException as error:
            said = in_one_line(error)
            instead = next(words for pattern, words in _INSTEAD if re.search(pattern, said, re.IGNORECASE))
            raise PlanError(f"{self.node}: the query that finds what {call.function} is asked failed ({said}); {instead}") from error
        return call, missing
