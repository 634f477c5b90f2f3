"""What every macro compiles to on every engine: as the golden files say, and readable to a parser that is not ours."""

from __future__ import annotations

import functions
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
    type = golden.ENGINES[engine].type
    if type in parsers.TSQL_VERSIONS:
        return parsers.tsql_refusal(parsers.TSQL_VERSIONS[type], sql)
    return parsers.sqlglot_refusal(type, sql)


@pytest.mark.parametrize("engine", JUDGED_HERE)
def test_a_parser_that_is_not_ours_reads_every_statement(engine: str) -> None:
    refused = {where: why for where, sql in golden.statements(engine) if (why := refusal(engine, sql))}
    assert not refused


@pytest.mark.parametrize("engine", JUDGED_HERE)
def test_the_parser_refuses_a_statement_with_a_bracket_too_many(engine: str) -> None:
    broken = {where: parsers.with_a_bracket_too_many(sql) for where, sql in golden.statements(engine)}
    assert not [where for where, sql in broken.items() if sql and not refusal(engine, sql)]


# An external model is a function on Redshift.
OWN = {path.stem for path in (golden.PROJECT / "models/create_external_model").glob("*.sql")}


@pytest.mark.parametrize("engine", JUDGED_HERE)
def test_every_function_that_is_called_is_one_the_engine_has_with_arguments_it_takes(engine: str) -> None:
    refused = {where: why for where, sql in golden.statements(engine, unread=True) if (why := list(functions.refusals(engine, sql, OWN)))}
    assert not refused


@pytest.mark.parametrize("engine", JUDGED_HERE)
def test_a_misspelt_function_is_found_wherever_it_stands(engine: str) -> None:
    for where, sql in golden.statements(engine, unread=True):
        for start, end in [call.at for call in functions.calls(engine, sql) if call.name not in OWN]:
            misspelt = sql[start:end].strip('"`') + "s"
            assert [why for why in functions.refusals(engine, sql[:start] + misspelt + sql[end:], OWN) if misspelt in why], (
                where,
                misspelt,
            )


@pytest.mark.parametrize(
    ("engine", "sql", "why"),
    [
        (
            "snowflake",
            "select AI_COMPLETE(model => 'm', promt => body) from t",
            "AI_COMPLETE has no argument promt; it is AI_COMPLETE(model,",
        ),
        ("snowflake", "select AI_EMBED('m') from t", "AI_EMBED lacks input"),
        ("databricks", "select ai_query('e', request => body, failOnErrors => false) from t", "ai_query has no argument failOnErrors"),
        ("bigquery", "select AI.EMBED(body, endpoint => 'm', model_parameters => JSON '{}') from t", "has no argument model_parameters"),
        ("fabric", "select AI_TRANSLATE(body, 'de', 'en') from t", "AI_TRANSLATE takes 2 arguments and is given 3"),
        ("sqlserver", "select VECTOR_DISTANCE('cosine', a) from t", "VECTOR_DISTANCE lacks vector2"),
    ],
)
def test_arguments_that_the_vendor_does_not_have_are_found(engine: str, sql: str, why: str) -> None:
    (refused,) = functions.refusals(engine, sql)
    assert why in refused


@pytest.mark.parametrize(
    ("engine", "grant"),
    [
        ("databricks", "grant execute on function `memory`.`analytics`.`embedder` to `reporter`"),
        ("snowflake", 'grant usage on function "memory"."analytics"."embedder"(VARCHAR) to role "reporter"'),
        ("redshift", 'grant execute on model llm_model to "reporter"'),
    ],
)
def test_grants_of_a_model_file_are_given_on_the_object_it_makes(engine: str, grant: str) -> None:
    code = f"{{{{ dbt_ai.materialization_external_model_{engine}() }}}}"
    model = "llm" if engine == "redshift" else "embedder"  # Redshift embeds with no model of its own
    rendered = golden.compiler().render(golden.ENGINES[engine], code, model=model)
    assert rendered.error is None
    assert golden.compiler().sent[-1][0] == grant
