"""What every macro compiles to on every engine: as the golden files say, and readable to a parser that is not ours."""

from __future__ import annotations

import golden
import parsers
import pytest

JUDGED_HERE = [name for name in golden.ENGINES if name != "databend"]


@pytest.mark.parametrize("engine", golden.ENGINES)
def test_every_macro_compiles_as_its_golden_file_says(engine: str) -> None:
    compiled = golden.golden_files([golden.ENGINES[engine]])
    written = {path: path.read_text() for path in (golden.GOLDEN / engine).glob("*.sql")}
    assert {path.stem: text for path, text in compiled.items()} == {path.stem: text for path, text in written.items()}, (
        "read the difference; if it is meant, run python tests/golden/golden.py"
    )


def refusal(engine: str, sql: str) -> str | None:
    if engine == "duckdb":
        return parsers.duckdb_refusal(sql)
    if engine in parsers.TSQL_VERSIONS:
        return parsers.tsql_refusal(parsers.TSQL_VERSIONS[engine], sql)
    return parsers.sqlglot_refusal(golden.ENGINES[engine].type, sql)


@pytest.mark.parametrize("engine", JUDGED_HERE)
def test_a_parser_that_is_not_ours_reads_every_statement(engine: str) -> None:
    refused = {where: why for where, sql in golden.statements(engine) if (why := refusal(engine, sql))}
    assert not refused


@pytest.mark.parametrize("engine", JUDGED_HERE)
def test_the_parser_refuses_a_statement_with_a_bracket_too_many(engine: str) -> None:
    broken = {where: parsers.with_a_bracket_too_many(sql) for where, sql in golden.statements(engine)}
    assert not [where for where, sql in broken.items() if sql and not refusal(engine, sql)]
