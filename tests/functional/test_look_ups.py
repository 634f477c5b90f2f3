"""Every look-up that the macros write is found again, and what is derived from it is SQL of the engine."""

from __future__ import annotations

import golden
import pytest
from test_compiled_sql import refusal

from dbt_ai.call_constant import parse_call
from dbt_ai.engines.warehouse.collecting import collecting_queries
from dbt_ai.engines.warehouse.joining import with_joins
from dbt_ai.engines.warehouse.look_ups import read

DIALECTS = {"sqlserver": "tsql", "fabric": "tsql"}


def looked_up(engine: str) -> list[str]:
    return [sql for _, sql in golden.statements(engine) if "dbt_ai_answer" in sql]


ENGINES = [name for name in golden.ENGINES if looked_up(name)]


@pytest.mark.parametrize("engine", ENGINES)
def test_every_look_up_is_found_with_the_call_that_it_is_of(engine: str) -> None:
    dialect = DIALECTS.get(golden.ENGINES[engine].type, golden.ENGINES[engine].type)
    for sql in looked_up(engine):
        statement = read(sql, dialect)
        assert len(statement.asking()) == sql.count("as dbt_ai_call")
        assert len(statement.look_ups) == sql.count("as dbt_ai_answer where") + sql.count("as dbt_ai_failure where")
        for look_up in statement.asking():
            assert parse_call(str(look_up.call)).digest == look_up.digest


@pytest.mark.parametrize("engine", ENGINES)
def test_what_is_derived_from_a_look_up_is_read_by_a_parser_that_is_not_ours(engine: str) -> None:
    dialect = DIALECTS.get(golden.ENGINES[engine].type, golden.ENGINES[engine].type)
    for sql in looked_up(engine):
        derived = [query.sql for query in collecting_queries(read(sql, dialect), lambda _: "a model")]
        joined = with_joins(sql, dialect, False, lambda _: {"function": "ai_query", "model": "it's"})
        refused = {text: why for text in (*derived, joined) if (why := refusal(engine, text))}
        assert not refused
        assert "dbt_ai_answer" not in joined or "tickets" not in sql
