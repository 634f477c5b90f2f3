"""dbt-core 1.12, which cannot be installed beside the other tests' one: both doors that it has for the runtime."""

from __future__ import annotations

from importlib.metadata import version

import pytest
from conftest import Project
from loopback import Endpoint
from models import EMBEDDER, LLM, TEXTS, ai_table
from warehouse import WarehouseProject

pytestmark = pytest.mark.env("dbt-1.12")

ANSWERS = ai_table(
    """select i, {{ dbt_ai.ai_query(ref('llm'), 'body') }} as answer, {{ dbt_ai.ai_embed(ref('embedder'), 'body') }} as vector
       from {{ ref('texts') }}"""
)


def test_answers_are_planned_and_stored_on_duckdb(project: Project):
    assert version("dbt-core").startswith("1.12.")
    project.write({"models/llm.sql": LLM, "models/embedder.sql": EMBEDDER, "models/texts.sql": TEXTS, "models/answers.sql": ANSWERS})
    for _ in range(2):
        project.dbt("build", check=True)
        assert project.query("select count(*), count(answer), count(vector) from answers") == [(41, 40, 40)]
        assert project.query("select count(*) from dbt_ai.responses") == [(20,)]


def test_answers_are_planned_and_stored_on_a_warehouse(on_postgres: WarehouseProject, counting: Endpoint):
    project = on_postgres
    rows = "select i, 'text ' || i % 10 as body from generate_series(1, 40) as t(i)"
    llm = LLM.replace("mock:", counting.chat).replace("'Mock'", "'OpenAI'")
    project.write({"models/llm.sql": llm, "models/embedder.sql": EMBEDDER, "models/texts.sql": rows, "models/answers.sql": ANSWERS})
    for _ in range(2):
        project.dbt("build", check=True)
        assert counting.counters()["requests"] == 10
        assert project.query("select count(*), count(answer), count(vector) from analytics.answers") == [(40, 40, 40)]
