"""`dbt-ai compare` on a warehouse, over the connection of dbt's adapter: answers are looked up there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from dbt_common.exceptions import DbtBaseException

from dbt_ai.call_constant import parse_call
from dbt_ai.commands.comparing import UNCHANGED, Answered, ComparedQuestion, Row
from dbt_ai.commands.estimate import NodeEstimate
from dbt_ai.commands.warehouse_runtime import Ask, asker, planned
from dbt_ai.dbt_project import DbtOptions, read_settings
from dbt_ai.engines.warehouse.adapters import adapter_of, connection_to
from dbt_ai.engines.warehouse.dialect import dialect_of
from dbt_ai.engines.warehouse.look_ups import Statement, Unreadable, read
from dbt_ai.engines.warehouse.values import as_text, field_of
from dbt_ai.engines.warehouse.variation import ask_of_first_rows, ask_otherwise, first_column, reading
from dbt_ai.errors import ConfigurationError
from dbt_ai.estimate import Estimate
from dbt_ai.outside_text import in_one_line
from dbt_ai.project_names import short_name
from dbt_ai.settings import Settings
from dbt_ai.store.schema import quoted


class WarehouseAsker:
    """A TwoWayAsker."""

    def __init__(self, options: DbtOptions) -> None:
        self._options = options

    def estimate(self, question: ComparedQuestion, say: Callable[[str], None]) -> Sequence[NodeEstimate]:
        with self._runtime(question) as (adapter, ask, sqls):
            _require_rows_told_apart(_read(adapter, question, sqls[0]))
            expected = []
            for way, sql in zip(question.ways, sqls, strict=True):
                say(f"looking at {short_name(way)}")
                status = _planned(ask, question, way, sql)
                expected.append(NodeEstimate(short_name(way), Estimate.from_json(status["expected"]), refusal=status["refusal"]))
            return expected

    def ask(self, question: ComparedQuestion, say: Callable[[str], None]) -> Sequence[Answered]:
        with self._runtime(question) as (adapter, ask, sqls):
            answered = []
            for way, sql in zip(question.ways, sqls, strict=True):
                say(f"asking {short_name(way)}")
                status = _planned(ask, question, way, sql)
                answered.append(Answered(ask("counts", node=way)["counts"], _read(adapter, question, status["sql"])))
            ask("summary")
            return _of_the_same_rows(*answered)

    @contextmanager
    def _runtime(self, question: ComparedQuestion) -> Iterator[tuple[Any, Ask, Sequence[str]]]:
        """The adapter, the runtime in the mode of this moment, and the SQL of both ways for that mode."""
        settings = read_settings(self._options)
        mocks = Settings.for_warehouse(settings).mode.mocks
        with adapter_of(self._options) as adapter:
            dialect = dialect_of(adapter.type()).name
            try:
                told = question.shown or first_column(read(question.sql, dialect)) or _first_column(adapter, question.sql)
                sqls = [_sql(question, read(question.sql, dialect), told, mocks, way) for way in question.ways]
            except Unreadable as error:
                raise ConfigurationError(f"{question.id}: {error}") from None
            ask = asker(adapter, settings)
            ask("prepare")
            yield adapter, ask, sqls


def _sql(question: ComparedQuestion, statement: Statement, told: str, mocks: bool, way: str) -> str:
    """SQL that reads the answers of one way."""
    if not statement.asking():
        raise ConfigurationError(
            "its SQL looks no answer up; compare asks what the runtime answers, not the functions of a warehouse:"
            " config(meta={'dbt_ai': {'way': 'runtime'}}) of the model"
        )
    is_other = way == question.ways[1]
    differs = ask_otherwise(
        statement,
        lambda call: question.change.applied(call, question.specification) if is_other else call,
        lambda text: parse_call(text, mock=mocks).digest,
        question.ephemeral,
    )
    if is_other and not differs:
        raise ConfigurationError(UNCHANGED)
    ask_of_first_rows(statement, question.rows, told)
    return reading(statement, (told, question.label, question.column), question.rows)


def _planned(ask: Ask, question: ComparedQuestion, way: str, sql: str) -> dict[str, Any]:
    status = planned(ask, "dbt-ai compare", way, sql, question.views, question.tags)
    if status["state"] == "failed":
        raise ConfigurationError(status["message"])
    return status


def _first_column(adapter: Any, sql: str) -> str:
    try:
        with adapter.connection_named("dbt-ai compare"):
            _, table = adapter.execute(f"select * from (\n{sql}\n) as compared where 1 = 0", fetch=True)
    except DbtBaseException as error:
        raise _unreadable(error) from None
    return quoted(table.column_names[0]) if adapter.type() == "postgres" else str(table.column_names[0])


def _read(adapter: Any, question: ComparedQuestion, sql: str) -> list[Row]:
    connection = connection_to(adapter)
    try:
        with connection.opened("dbt-ai compare"):
            rows = list(connection.rows(sql))
    except DbtBaseException as error:
        raise _unreadable(error) from None
    return [(as_text(told) or "NULL", as_text(label), as_text(field_of(answer, question.fields))) for told, label, answer in rows]


def _unreadable(error: DbtBaseException) -> ConfigurationError:
    return ConfigurationError(f"what is compared cannot be read: {in_one_line(error)}; build what it reads first")


def _require_rows_told_apart(rows: Sequence[Row]) -> None:
    """A warehouse gives rows in any order, so that the two answers to a row are found by what tells it."""
    [(again, times)] = Counter(row[0] for row in rows).most_common(1) or [("", 0)]
    if times > 1:
        raise ConfigurationError(f"two of the rows are told by {again!r}; name a column with --show that has another value in each row")


def _of_the_same_rows(a: Answered, b: Answered) -> tuple[Answered, Answered]:
    other = {row[0]: row for row in b.rows}
    if set(other) != {row[0] for row in a.rows}:
        raise ConfigurationError(
            "the first rows are others each time they are read, and what was answered is stored; name a column with --show that orders them"
        )
    return a, Answered(b.counts, [other[row[0]] for row in a.rows])
