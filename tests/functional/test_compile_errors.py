"""What cannot work is refused while dbt compiles: a code, the reason, and what to do instead."""

from __future__ import annotations

import re

import golden
import pytest

ERRORS = [
    ("trino", "dbt_ai.ai_query('gpt', 'body')", "AI022: ai_query has no native form on trino; its AI functions take no model"),
    ("trino", "dbt_ai.ai_embed('e5', 'body')", "AI022: ai_embed has no native form on trino;"),
    ("trino", "dbt_ai.ai_summarize('gpt', 'body')", "AI022: ai_summarize has no native form on trino;"),
    ("clickhouse", "dbt_ai.ai_query('gpt', 'body')", "set allow_experimental_ai_functions and call them in SQL of your own"),
    ("clickhouse", "dbt_ai.ai_embed('e5', 'body')", "AI023: ai_embed has no native form on clickhouse;"),
    (
        "snowflake",
        """dbt_ai.ai_query('chat', "PROMPT('What is on {0}?', TO_FILE('@scans', queue))", return_type='STRUCT<title STRING>')""",
        "AI010: ai_query on snowflake: AI_COMPLETE takes no schema beside PROMPT(…) and its files; leave return_type",
    ),
    (
        "snowflake",
        "dbt_ai.ai_query('openai-gpt-5', 'body', return_type='STRUCT<n INT NOT NULL, due DATE>')",
        "AI028: field 'due' may be NULL, and OpenAI's models on Snowflake must answer every field, known or not; write NOT NULL",
    ),
    (
        "snowflake",
        "dbt_ai.ai_query(ref('llm'), 'body', return_type='MAP<DATE, INT>')",
        "AI009: a MAP with keys of DATE has no native form on snowflake; its keys are texts or whole numbers: write MAP<STRING, …>",
    ),
    (
        "bigquery",
        "dbt_ai.ai_query(ref('llm'), 'body', return_type='INT', response_format='STRUCT<n INT>')",
        "AI014: ai_query with return_type and response_format has no native form on bigquery; output_schema is both",
    ),
    (
        "bigquery",
        "dbt_ai.ai_query(ref('llm'), 'body', return_type='STRUCT<`first name` STRING>')",
        "AI014: a field 'first name' in return_type has no native form on bigquery; name it with letters, digits and _",
    ),
    (
        "bigquery",
        "dbt_ai.ai_classify(ref('llm'), 'body', 'queue')",
        "AI013: ai_classify: labels queue is not a list of constants; write ['a', 'b'] or {'a': 'what a means'}",
    ),
]


@pytest.mark.parametrize(("engine", "call", "sentence"), ERRORS)
def test_the_error_says_why_and_what_instead(engine: str, call: str, sentence: str) -> None:
    refused = golden.compiler().render(golden.ENGINES[engine], "select {{ " + call + " }} from {{ ref('tickets') }}")
    assert sentence in str(refused.error)


def test_snowflake_takes_files_without_a_schema() -> None:
    call = """dbt_ai.ai_query('claude-sonnet-4-6', "PROMPT('What is on {0}?', TO_FILE('@scans', queue))")"""
    compiled = golden.compiler().render(golden.ENGINES["snowflake"], "select {{ " + call + " }} from {{ ref('tickets') }}")
    assert "prompt => PROMPT('What is on {0}?', TO_FILE('@scans', queue))" in str(compiled.sql)


@pytest.mark.parametrize(
    ("engine", "materialized", "reason"),
    [
        ("duckdb", "view", "whoever reads it makes the calls that are not stored yet"),
        ("duckdb", "ephemeral", None),
        ("databend", "view", "while `dbt-ai serve` is down"),
        ("snowflake", "view", "snowflake makes and bills them again whenever it is read; use materialized='ai_table'"),
        ("bigquery", "ephemeral", "bigquery makes and bills them again"),
        ("bigquery", "table", None),
    ],
)
def test_a_model_that_pays_whenever_it_is_read_is_a_warning(
    monkeypatch: pytest.MonkeyPatch, engine: str, materialized: str, reason: str | None
) -> None:
    warnings: list[str] = []
    monkeypatch.setattr("dbt.context.exceptions_jinja.warn_or_error", lambda event, node=None: warnings.append(event.msg))
    code = "select {{ dbt_ai.ai_gen(ref('llm'), 'body') }} from {{ ref('tickets') }}"
    compiled = golden.compiler().render(golden.ENGINES[engine], code, materialized=materialized)
    assert compiled.sql, compiled.error
    assert len(warnings) == (1 if reason else 0) and (reason is None or (warnings[0].startswith("AI024: ") and reason in warnings[0]))


def test_every_code_is_in_the_docs() -> None:
    sources = [path.read_text() for folder in ("macros", "adapters") for path in (golden.REPOSITORY / folder).rglob("*.sql")]
    raised = set(re.findall(r"AI\d{3}", "".join(sources)))
    explained = set(re.findall(r"^\| (AI\d{3}) \|", (golden.REPOSITORY / "docs/engines.md").read_text(), re.MULTILINE))
    assert raised == explained
