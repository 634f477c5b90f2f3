"""`dbt-ai compare` where answers are looked up: on Postgres."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import CliRunner, Result
from loopback import Endpoint
from models import ai_table, external_model
from warehouse import WarehouseProject, postgres_server

from dbt_ai.commands.cli import cli

pytestmark = pytest.mark.env("postgres")

PROPERTIES = """
models:
  - name: answers
    columns:
      - name: answer
        data_tests: [{dbt_ai.ai_agreement: {arguments: {label_column: expected, min_accuracy: 0.1, field: response}}}]
"""
# A CTE that is read by another: the calls do not stand where the rows end.
ANSWERS = """with asked as (
    select i, body, 'answer to t' as expected, {{ dbt_ai.ai_query(ref('llm'), "body || ' and ' || seen", fail_on_error=false) }} as answer
    from {{ ref('seen') }}
)
select * from asked"""
SEEN = """{{ config(materialized='view') }}
select i, body, {{ dbt_ai.ai_query(ref('llm'), "'see ' || body") }} as seen from {{ ref('texts') }}"""
TEXTS = " union all ".join(f"select {i} as i, 't{i % 5}' as body" for i in range(20))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, running_endpoint: Endpoint) -> Iterator[WarehouseProject]:
    with postgres_server() as server:
        project = WarehouseProject(tmp_path_factory.mktemp("compare"), server=server)
        project.set_up()
        project.configure(prices=[{"model": name, "input_per_million": 10, "output_per_million": 10} for name in ("c", "d")])
        model = {"location": running_endpoint.chat, "api_format": "OpenAI", "model_type": "CHAT"}
        project.write(
            {
                "models/llm.sql": external_model(**model, model="c"),
                "models/other.sql": external_model(**model, model="d"),
                "models/texts.sql": TEXTS,
                "models/seen.sql": SEEN,
                "models/answers.sql": ai_table(ANSWERS),
                "models/answers.yml": PROPERTIES,
            }
        )
        project.dbt("run", check=True)
        yield project


@pytest.fixture(autouse=True)
def within(built: WarehouseProject, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(built.path)
    for name, value in built.environment().items():
        monkeypatch.setenv(name, value)


def dbt_ai(*arguments: str, answer: str = "") -> Result:
    return CliRunner().invoke(cli, list(arguments), input=answer)


def test_both_ways_are_asked_about_the_first_rows_alone_and_each_answer_once(built: WarehouseProject, counting: Endpoint):
    before = counting.counters()["requests"]
    declined = dbt_ai("compare", "answers", "--model", "other", "--rows", "3", answer="n\n")
    assert declined.exit_code == 1 and "changed (model other): 3 new inputs in 3 requests" in declined.stderr, declined.output
    assert "current: 0 new inputs" in declined.stderr and counting.counters()["requests"] == before
    made = dbt_ai("compare", "answers", "--model", "other", "--rows", "3", "--yes", "--output", "json")
    assert made.exit_code == 0, made.output
    found = json.loads(made.stdout)
    assert (found["column"], found["rows"], found["agreeing"], found["labelled"]) == ("answer.response", 3, 3, 3)
    assert (found["a"]["requests"], found["b"]["requests"], counting.counters()["requests"]) == (0, 3, before + 3)
    assert found["a"]["cost_usd"] == pytest.approx(found["b"]["cost_usd"], rel=0.2) and found["b"]["latency_p95"] > 0
    told = dbt_ai("compare", "answers", "--prompt", "x", "--show", "expected", "--yes")
    assert told.exit_code == 1 and "two of the rows are told by 'answer to t'" in told.stderr, told.output
    assert counting.counters()["requests"] == before + 3


def test_mock_answers_are_compared_over_a_view_that_was_built_in_mode_mock(built: WarehouseProject, counting: Endpoint, monkeypatch: Any):
    before = counting.counters()["requests"]
    monkeypatch.setenv("DBT_AI_MODE", "mock")
    refused = dbt_ai("compare", "answers", "--model", "other", "--rows", "3", "--yes")
    assert refused.exit_code == 1 and "a view that it reads (" in refused.stderr, refused.output
    assert '"seen") was built for another mode than mock, or by another version of dbt_ai; build that again' in refused.stderr
    monkeypatch.setitem(built.env, "DBT_AI_MODE", "mock")
    built.dbt("run", "--select", "seen", check=True)
    made = dbt_ai("compare", "answers", "--model", "other", "--rows", "3", "--yes", "--output", "json")
    assert made.exit_code == 0, made.output
    found = json.loads(made.stdout)
    assert (found["rows"], found["a"]["answered"], found["b"]["answered"]) == (3, 3, 3) and counting.counters()["requests"] == before
