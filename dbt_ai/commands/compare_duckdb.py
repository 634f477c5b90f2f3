"""`dbt-ai compare` on DuckDB, where our functions run in this process."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

from dbt_ai.commands.comparing import UNCHANGED, Answered, ComparedQuestion, Row, Variation
from dbt_ai.commands.estimate import NodeEstimate, estimate_sql, planned
from dbt_ai.errors import ConfigurationError
from dbt_ai.project_names import short_name
from dbt_ai.store.schema import literal, quoted

Found = TypeVar("Found")

# The call as JSON, the first argument of a SQL function of ours.
_CALL = re.compile(r"(\bdbt_ai_(?:try_)?query\()'((?:[^']|'')*)'")
# Where the type of the input decides how the call takes it, SQL stands in the JSON; see adapters/duckdb/_answer.sql.
_BY_TYPE = re.compile(r"\"request_format\": \"(' \|\| case when .*? end \|\| ')\"")
_MARK = "by type of the input"
# Stands for an ephemeral model while the calls beside it are changed.
_PLACE = "/* dbt_ai ephemeral {} */"


class DuckDBAsker:
    """A TwoWayAsker."""

    def estimate(self, question: ComparedQuestion, say: Callable[[str], None]) -> Sequence[NodeEstimate]:
        return _with_both(question, partial(_estimated, question), say)

    def ask(self, question: ComparedQuestion, say: Callable[[str], None]) -> Sequence[Answered]:
        return _with_both(question, partial(_asked, question), say)


def asked_otherwise(question: ComparedQuestion) -> str:
    """The compiled SQL of the other way. Raises ConfigurationError if it has no call that differs."""
    own = question.sql
    for number, cte in enumerate(question.ephemeral):
        own = own.replace(cte, _PLACE.format(number), 1)
    if not _CALL.search(own):
        return changed(question.sql, question.change, question.specification)
    sql = changed(own, question.change, question.specification)
    for number, cte in enumerate(question.ephemeral):
        sql = sql.replace(_PLACE.format(number), cte, 1)
    return sql


def changed(sql: str, change: Variation, specification: Mapping[str, Any] | None) -> str:
    """SQL with its calls asking in the other way. specification: of the other model.

    Raises ConfigurationError if it has no call that this changes.
    """

    def other(found: re.Match[str]) -> str:
        call = json.loads(found[2].replace("''", "'"))
        return found[1] + literal(json.dumps(change.applied(call, specification), ensure_ascii=False))

    by_type = _BY_TYPE.findall(sql)
    plain = _BY_TYPE.sub(f'"request_format": "{_MARK}"', sql)
    written = _CALL.sub(other, plain)
    if written == plain:
        raise ConfigurationError(UNCHANGED)
    for sql_of_type in by_type:
        written = written.replace(_MARK, sql_of_type, 1)
    return written


def _with_both(question: ComparedQuestion, do: Callable[[Any, str, str], Found], say: Callable[[str], None]) -> list[Found]:
    """Do something with each way's SQL, on a connection whose plugin has the mode of this moment."""
    from dbt.adapters.factory import FACTORY

    sqls = [question.sql, asked_otherwise(question)]
    adapter: Any = FACTORY.adapters["duckdb"]
    try:
        with adapter.connection_named("dbt_ai_compare"):
            found = []
            for way, sql in zip(question.ways, sqls, strict=True):
                say(f"looking at {short_name(way)}")
                found.append(do(adapter, way, f"select * from (\n{sql}\n) as compared limit {question.rows}"))
            return found
    finally:
        # dbt-duckdb keeps the plugin, and its mode, as long as the database is open.
        adapter.cleanup_connections()
        adapter.connections.close_all_connections()


def _estimated(question: ComparedQuestion, adapter: Any, way: str, sql: str) -> NodeEstimate:
    found = estimate_sql(adapter, way, sql, question.tags)
    if found.expected is None:
        raise ConfigurationError(f"the SQL of {way} cannot run yet: {found.problem}; build what it reads first")
    # A column that is not there is found before anything is paid.
    _rows(adapter, f"describe {_reading(question, adapter, sql)}")
    return found


def _rows(adapter: Any, statement: str) -> list[tuple[Any, ...]]:
    from dbt_common.exceptions import DbtRuntimeError

    try:
        _, table = adapter.execute(statement, fetch=True)
    except DbtRuntimeError as error:
        raise ConfigurationError(f"what is compared cannot be read: {error.msg.splitlines()[0]}") from None
    return [tuple(row) for row in table.rows]


def _reading(question: ComparedQuestion, adapter: Any, sql: str) -> str:
    """SQL that reads of each row what is shown, its label and its answer. As JSON: what is a number as text must not be read as one."""
    label = f"cast({quoted(question.label)} as varchar)" if question.label else "null"
    first = question.shown or str(_rows(adapter, f"describe {sql}")[0][0])
    shown, answer = f"cast({quoted(first)} as varchar)", ".".join([question.column, *map(quoted, question.fields)])
    return f"select to_json([{shown}, {label}, cast({answer} as varchar)])::varchar || ' ' from ({sql}) as answered"


def _asked(question: ComparedQuestion, adapter: Any, way: str, sql: str) -> Answered:
    """Ask, then read."""
    rows = partial(_rows, adapter)
    ask = lambda function, *texts: rows(f"select {function}({', '.join(map(literal, texts))})")[0][0]  # noqa: E731
    status = planned(ask, way, way, sql, question.tags)
    if status["state"] == "failed":
        raise ConfigurationError(status["message"])
    rows(f"set variable dbt_ai_node = {literal(way)}")
    read: list[Row] = [tuple(json.loads(row)) for (row,) in rows(_reading(question, adapter, sql))]
    counts = json.loads(rows(f"select dbt_ai_counts({literal(way)}) || ' '")[0][0])["counts"]
    return Answered(counts, read)
