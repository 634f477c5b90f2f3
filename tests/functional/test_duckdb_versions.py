"""The plugin on every DuckDB that dbt-duckdb runs with; the other tests run on the newest."""

import os

import pytest
from conftest import Project, environment
from models import EMBEDDER, LLM, TEXTS, ai_table


@pytest.mark.parametrize("version", ["1.4", "1.5"])
def test_every_kind_of_answer_is_right_on_an_older_duckdb(project: Project, version: str):
    packages = next((environment(f"duckdb-{version}") / "lib").glob("python3.*/site-packages"))
    project.env["PYTHONPATH"] = os.pathsep.join([str(packages), project.environment()["PYTHONPATH"]])
    project.write(
        {
            "models/embedder.sql": EMBEDDER,
            "models/odd.sql": EMBEDDER.replace("'dimensions': 8", "'dimensions': 7"),
            "models/llm.sql": LLM,
            "models/texts.sql": TEXTS,
            "models/seen.sql": """{{ config(materialized='view') }}
                select i, {{ dbt_ai.ai_query(ref('llm'), 'body') }} as q from {{ ref('texts') }}""",
            "models/answers.sql": ai_table(
                """select i, {{ dbt_ai.ai_embed(ref('embedder'), 'body') }} as e, {{ dbt_ai.ai_embed(ref('odd'), 'body') }} as o,
                    {{ dbt_ai.ai_embed(ref('embedder'), 'body', fail_on_error=false) }} as t,
                    {{ dbt_ai.ai_query(ref('llm'), "'again ' || q", fail_on_error=false) }} as s,
                    (select duckdb_version from (select version() as duckdb_version)) as version
                from {{ ref('texts') }} join {{ ref('seen') }} using (i)"""
            ),
        }
    )
    for _ in range(2):
        project.dbt_process("build", check=True)
        rows = project.query(
            "select any_value(version), count(*), count(e), count(o), count(t.response), count(s.response), any_value(typeof(e)),"
            " any_value(typeof(o)), bool_and(round(array_cosine_similarity(e, t.response), 4) = 1) from answers"
        )
        assert rows[0][0].startswith(f"v{version}")
        assert rows[0][1:] == (41, 40, 40, 40, 40, "FLOAT[8]", "FLOAT[7]", True)
        assert project.query("select count(*) from dbt_ai.responses") == [(40,)]
