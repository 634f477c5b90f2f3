"""What of a model decides that its rows are asked again on a warehouse that answers itself."""

from __future__ import annotations

import json
import re

import golden
import pytest

MODEL = """{{ config(materialized='ai_table') }}
select ticket_id, {{ dbt_ai.ai_query(ref('llm'), "'Summarize: ' || body") }} as answer
from {{ dbt_ai.ai_changed_rows(ref('tickets'), unique_key='ticket_id', inputs=['body']) }} as tickets"""

PROMPT_THAT_IS_SET = """{% set prompt = 'Summarize' %}
select ticket_id, {{ dbt_ai.ai_query(ref('llm'), "'" ~ prompt ~ ": ' || body") }} as answer
from {{ dbt_ai.ai_changed_rows(ref('tickets'), unique_key='ticket_id', inputs=['body']) }} as tickets"""

CALL_THAT_IS_SET = """{% set answer %}{{ dbt_ai.ai_query(ref('llm'), "'Summarize: ' || body") }}{% endset %}
{% set changed = dbt_ai.ai_changed_rows(ref('tickets'), unique_key='ticket_id', inputs=['body']) %}
select ticket_id, {{ answer }} as answer from {{ changed }} as tickets"""

BRACES = """select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', return_type=SCHEMA) }} as answer
from {{ dbt_ai.ai_changed_rows(ref('tickets'), unique_key='ticket_id', inputs=['body']) }} as tickets""".replace(
    "SCHEMA", '{"type": "object", "properties": {"label": {"type": "string"}}}'
)

LOOP = """select ticket_id {% for field in ['bug', 'billing'] %},
{{ dbt_ai.ai_gen(ref('llm'), "'Is it " ~ field ~ "? ' || body") }} as {{ field }}
{% endfor %} from {{ dbt_ai.ai_changed_rows(ref('tickets'), unique_key='ticket_id', inputs=['body']) }} as tickets"""


def state(code: str) -> str:
    """The SQL of a row's state, as the model says it to its materialization."""
    compiled = golden.compiler().render(golden.ENGINES["snowflake"], code, materialized="ai_table")
    assert compiled.sql, compiled.error
    found = re.search(r"/[*] dbt_ai_changed_rows (.*?) [*]/", compiled.sql)
    assert found, compiled.sql
    return str(json.loads(found[1])["state"])


@pytest.mark.parametrize(
    ("model", "before", "after"),
    [
        (MODEL, "Summarize", "Shorten"),
        (MODEL, "ref('llm')", "'claude-sonnet-4-6'"),
        (MODEL, 'body")', "body\", model_parameters={'temperature': 0.5})"),
        (PROMPT_THAT_IS_SET, "'Summarize'", "'Shorten'"),
        (CALL_THAT_IS_SET, "Summarize", "Shorten"),
        (BRACES, '"label"', '"labels"'),
        (LOOP, "'bug', 'billing'", "'bug', 'praise'"),
    ],
)
def test_a_row_is_asked_again_when_a_call_is_written_differently(model: str, before: str, after: str) -> None:
    assert before in model
    assert state(model) != state(model.replace(before, after))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("select ticket_id,", "select   ticket_id, -- its number\n queue,"),
        ("select ticket_id,", "{# {{ dbt_ai.ai_gen(ref('llm'), 'queue') }} #} select ticket_id,"),
        ("as tickets", "as tickets where queue = 'mail'"),
        ("{{ config", "{% set unused = 1 %}{{ config"),
        ("as answer", "as summary"),
        ("from {{ dbt", "from {{- dbt"),
    ],
)
def test_an_edit_that_changes_no_call_asks_nothing(before: str, after: str) -> None:
    assert before in MODEL
    assert state(MODEL) == state(MODEL.replace(before, after))


def test_a_rotated_credential_asks_nothing_and_another_model_does() -> None:
    def signature(**changes: str) -> str:
        fields = {
            "location": "https://h/v1",
            "api_format": "OpenAI",
            "model_type": "CHAT",
            "model": "m",
            "credential": "https://h",
            **changes,
        }
        specification = {**fields, "parameters": {}, "native": {}, "identity": fields.get("identity")}
        return str(golden.compiler().render(golden.ENGINES["snowflake"], f"{{{{ dbt_ai._model_signature({specification!r}) }}}}").sql)

    assert signature() == signature(credential="https://h/v1") == signature(location="https://h:443/v1?api-version=2")
    assert signature(identity="moved") == signature(identity="moved", location="https://elsewhere/v1")
    assert len({signature(), signature(model="n"), signature(location="https://elsewhere/v1"), signature(api_format="Ollama")}) == 4


def test_a_model_that_keeps_no_answers_is_refused() -> None:
    code = MODEL.replace("{{ config(materialized='ai_table') }}", "")
    refused = golden.compiler().render(golden.ENGINES["snowflake"], code, materialized="table")
    assert "is materialized as table, which keeps no answers; use materialized='ai_table'" in str(refused.error)


@pytest.mark.parametrize("engine", ["sqlserver", "fabric"])
def test_tsql_cannot_begin_with_with(engine: str) -> None:
    code = "{{ dbt_ai._with_row_states('-- a comment\nWITH t as (select 1 as id) select id from t', {'unique_key': 'id'}) }}"
    assert "AI026: model.dbt_ai.tickets: T-SQL takes no `with`" in str(golden.compiler().render(golden.ENGINES[engine], code).error)
