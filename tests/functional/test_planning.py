"""What a node asks for is found before it is built, whatever its SQL looks like."""

import pytest
from conftest import Project
from models import EMBEDDER, LLM, TEXTS, ai_table


@pytest.fixture
def project(project: Project) -> Project:
    project.write({"models/embedder.sql": EMBEDDER, "models/llm.sql": LLM, "models/texts.sql": TEXTS})
    return project


def stored(project: Project) -> int:
    """Answers in the store: with the Mock model, the number of distinct requests that were ever executed."""
    if not project.query("from duckdb_tables() where schema_name = 'dbt_ai' and table_name = 'responses'"):
        return 0
    [(count,)] = project.query("select count(distinct key) from dbt_ai.responses")
    return int(count)


QUERY = "{{ dbt_ai.ai_query(ref('llm'), %s) }}"


def test_a_call_inside_a_call_is_asked_with_the_inner_answer(project: Project):
    project.write(
        {
            "models/nested.sql": ai_table(
                "select i, "
                + QUERY % "\"'again: ' || q\""
                + " as q2 from (select i, "
                + QUERY % "'body'"
                + " as q from {{ ref('texts') }})"
            )
        }
    )
    project.dbt("run", check=True)
    assert project.query("select count(*), count(q2), count(distinct q2) from nested") == [(41, 40, 10)]
    assert stored(project) == 20
    project.dbt("run", "-s", "nested", check=True)
    assert stored(project) == 20


def test_a_call_in_where_decides_which_rows_the_other_calls_see(project: Project):
    project.write(
        {
            "models/filtered.sql": ai_table(
                "select i, "
                + QUERY % "\"'label ' || body\""
                + " as q from {{ ref('texts') }} where "
                + QUERY % "\"'keep ' || body\""
                + " < 'mock answer 8'"
            )
        }
    )
    project.dbt("run", check=True)
    [(kept,)] = project.query("select count(distinct q) from filtered")
    assert 0 < kept < 10
    assert stored(project) == 10 + kept


def test_a_fallback_model_is_not_asked_where_the_first_one_answers(project: Project):
    project.write(
        {
            "models/fallback.sql": ai_table(
                "select coalesce(" + QUERY % "'body'" + ", " + QUERY % "\"'fallback ' || body\"" + ") as q from {{ ref('texts') }}"
            )
        }
    )
    project.dbt("run", check=True)
    assert stored(project) == 10


def test_calls_inherited_through_a_view_and_an_ephemeral_model_are_planned_for_the_node_that_reads_them(project: Project):
    project.write(
        {
            "models/seen.sql": "{{ config(materialized='view') }} select i, "
            + QUERY % "\"'view ' || body\""
            + " as q from {{ ref('texts') }}",
            "models/inlined.sql": "{{ config(materialized='ephemeral') }} select i, "
            + QUERY % "\"'inline ' || body\""
            + " as q from {{ ref('texts') }}",
            "models/reader.sql": ai_table(
                "select seen.q as a, inlined.q as b from {{ ref('seen') }} seen join {{ ref('inlined') }} inlined using (i)"
            ),
        }
    )
    project.dbt("run", check=True)
    assert project.query("select count(a), count(b) from reader") == [(40, 40)]
    assert project.query("select distinct node from dbt_ai.responses") == [("model.project.reader",)]


def test_a_limit_above_the_call_stops_before_anything_is_asked(project: Project):
    project.write(
        {
            "models/many.sql": "select i, 'text ' || i as body from range(5000) t(i)",
            "models/wasteful.sql": ai_table("select " + QUERY % "'body'" + " as q from {{ ref('many') }} order by q limit 10"),
            "models/thrifty.sql": ai_table("select " + QUERY % "'body'" + " as q from (from {{ ref('many') }} order by i limit 10)"),
            "models/allowed.sql": "{{ config(materialized='ai_table', meta={'dbt_ai': {'allow_large_plan': true}}) }} select "
            + QUERY % "'body'"
            + " as q from (select 'other ' || body as body from {{ ref('many') }} where i < 500) order by q limit 10",
        }
    )
    run = project.dbt("run")
    assert "5,000 requests for 10 rows" in run.message("wasteful")
    assert "subquery below the call" in run.message("wasteful")
    assert run.results["thrifty"]["status"] == run.results["allowed"]["status"] == "success"
    assert stored(project) == 500 + 10


@pytest.mark.parametrize(
    "source",
    [
        "select 'text ' || random() as body from {{ ref('texts') }}",
        "select body from (select 'text ' || i as body from range(5000) t(i)) using sample 50 rows",
        "select 'at ' || now() || body as body from {{ ref('texts') }}",
    ],
    ids=["random", "sample", "now"],
)
def test_sql_that_asks_for_something_else_on_every_run_ends_in_an_error_not_in_a_bill(project: Project, source: str):
    project.write({"models/unstable.sql": ai_table("select " + QUERY % "'body'" + f" as q from ({source})")})
    run = project.dbt("run")
    assert "asks for different inputs each time it runs" in run.message("unstable")
    assert stored(project) == 0


def test_sql_that_raises_on_null_is_executed_on_demand_with_a_warning(project: Project):
    project.write(
        {
            "models/strict.sql": ai_table(
                "select case when q is null then error('no label') else q end as q from (select "
                + QUERY % "'body'"
                + " as q from {{ ref('texts') }} where body is not null)"
            )
        }
    )
    run = project.dbt("run", check=True)
    assert "cannot be planned and are executed as its rows are read" in run.output
    assert "no label" in run.output
    assert project.query("select count(q) from strict") == [(40,)]
    assert stored(project) == 10


def test_empty_builds_the_columns_and_asks_nothing(project: Project):
    project.write(
        {
            "models/answers.sql": ai_table(
                "select {{ dbt_ai.ai_embed(ref('embedder'), 'body') }} as e, " + QUERY % "\"'a constant'\"" + " as q,"
                " {{ dbt_ai.ai_query(ref('llm'), 'body', fail_on_error=false) }} as s from {{ ref('texts') }}"
            )
        }
    )
    project.dbt("run", "--empty", check=True)
    assert stored(project) == 0
    columns = project.query("select data_type from duckdb_columns() where table_name = 'answers' order by column_index")
    # DuckDB 1.4 quotes the name that we quote, 2.0 does not
    assert [type.replace('"', "") for (type,) in columns] == ["FLOAT[8]", "VARCHAR", "STRUCT(response VARCHAR, errorStatus VARCHAR)"]


def test_an_incremental_model_with_ai_prefetch_asks_for_the_new_rows_in_one_plan(project: Project):
    project.write(
        {
            "models/grown.sql": "select i, 'row ' || i as body from range({{ var('rows', 5) }}) t(i)",
            "models/answers.sql": """
                {{ config(materialized='incremental', unique_key='i', pre_hook="{{ dbt_ai.ai_prefetch() }}") }}
                select i, {{ dbt_ai.ai_query(ref('llm'), 'body') }} as q from {{ ref('grown') }}
                {% if is_incremental() %} where i > (select max(i) from {{ this }}) {% endif %}""",
        }
    )
    project.dbt("run", check=True)
    assert stored(project) == 5
    project.dbt("run", "--vars", "rows: 8", check=True)
    assert stored(project) == 8
    assert project.query("select count(q) from answers") == [(8,)]
    project.dbt("run", "--full-refresh", "--vars", "rows: 8", check=True)
    assert stored(project) == 8


def test_contract_docs_and_hooks_work_as_for_a_table(project: Project):
    project.write(
        {
            "models/answers.sql": """{{ config(materialized='ai_table', contract={'enforced': true},
                persist_docs={'relation': true, 'columns': true},
                pre_hook="create or replace table noted as select 1 as one", post_hook="insert into noted select 2") }}
                select i, {{ dbt_ai.ai_embed(ref('embedder'), 'body') }} as e from {{ ref('texts') }}""",
            "models/schema.yml": """
models:
  - name: answers
    description: Vectors of texts.
    columns:
      - {name: i, data_type: bigint, description: The row.}
      - {name: e, data_type: "float[8]"}
""",
        }
    )
    project.dbt("run", check=True)
    assert project.query("select comment from duckdb_tables() where table_name = 'answers'") == [("Vectors of texts.",)]
    assert project.query("select sum(one) from noted") == [(3,)]
    project.write({"models/schema.yml": (project.path / "models/schema.yml").read_text().replace("float[8]", "float[9]")})
    run = project.dbt("run")
    assert "contract" in run.message("answers")
    assert project.query("select count(e) from answers") == [(40,)]


@pytest.mark.parametrize("config", ["materialized='ai_table'", "materialized='table', pre_hook='{{ dbt_ai.ai_prefetch() }}'"])
def test_a_contract_that_does_not_hold_is_found_before_anything_is_asked(project: Project, config: str):
    project.write(
        {
            "models/answers.sql": "{{ config(" + config + ", contract={'enforced': true}) }} select i, "
            "{{ dbt_ai.ai_embed(ref('embedder'), 'body') }} as e, " + QUERY % "\"'a constant'\"" + " as q from {{ ref('texts') }}",
            "models/after.sql": "select " + QUERY % "'body'" + " as q from {{ ref('texts') }} where i < 3",
            "models/schema.yml": """
models:
  - name: answers
    columns: [{name: i, data_type: bigint}, {name: e, data_type: "float[9]"}, {name: q, data_type: varchar}]
""",
        }
    )
    run = project.dbt("run", "--select", "+answers")
    assert "FLOAT[9]" in run.message("answers")
    assert stored(project) == 0
    # Another node on the same thread is asked for as ever.
    run = project.dbt("run", "--threads", "1")
    assert run.results["after"]["status"] == "success"
    assert project.query("select count(q) from after") == [(3,)]
    project.write({"models/schema.yml": (project.path / "models/schema.yml").read_text().replace("float[9]", "float[8]")})
    project.dbt("run", check=True)
    assert project.query("select count(e), count(q) from answers") == [(40, 41)]


def test_a_contract_holds_for_a_table_that_reads_what_its_pre_hook_makes(project: Project):
    project.write(
        {
            "models/answers.sql": "{{ config(materialized='ai_table', contract={'enforced': true}, "
            "pre_hook='create or replace table staged as select 1 as i') }} select i, " + QUERY % "'i'" + " as q from staged",
            "models/schema.yml": "models: [{name: answers, columns: [{name: i, data_type: integer}, {name: q, data_type: varchar}]}]",
        }
    )
    project.dbt("run", check=True)
    assert project.query("select count(q) from answers") == [(1,)]


def test_unit_tests_use_mock_answers_and_need_no_external_model(project: Project):
    project.write(
        {
            "models/llm.sql": """{{ dbt_ai.create_external_model(
                location='https://llm.example.com/v1/chat/completions', api_format='OpenAI', model_type='CHAT', model='never called') }}""",
            "models/answers.sql": ai_table("select i, " + QUERY % "'body'" + " is not null as answered from {{ ref('texts') }}"),
            "models/schema.yml": """
unit_tests:
  - name: every_text_is_answered
    model: answers
    given:
      - input: ref('texts')
        rows: [{i: 1, body: hello}, {i: 2, body: null}]
      - input: ref('llm')
        rows: []
    expect:
      rows: [{i: 1, answered: true}, {i: 2, answered: false}]
""",
        }
    )
    project.dbt("run", "-s", "llm", "texts", check=True)
    project.dbt("test", check=True)


def test_a_deferred_external_model_is_found_by_its_name(project: Project):
    project.write({"models/answers.sql": ai_table("select i, " + QUERY % "'body'" + " as q from {{ ref('texts') }}")})
    project.dbt("run", check=True)
    (project.path / "target").rename(project.path / "state")
    project.output["schema"] = "dev2"
    project.configure()
    run = project.dbt("run", "--defer", "--state", "state", "-s", "answers", check=True)
    assert run.models() == {"answers"}
    assert project.query("select count(q) from dev2.answers") == [(40,)]
    assert stored(project) == 10


def test_a_changed_external_model_is_a_modified_node(project: Project):
    project.write({"models/answers.sql": ai_table("select i, " + QUERY % "'body'" + " as q from {{ ref('texts') }}")})
    project.dbt("run", check=True)
    (project.path / "target").rename(project.path / "state")
    project.write({"models/llm.sql": LLM.replace("model='c'", "model='d'")})
    run = project.dbt("run", "--state", "state", "-s", "state:modified+", check=True)
    assert run.models() == {"llm", "answers"}
    assert stored(project) == 20


def test_what_nothing_plans_is_booked_under_the_node_that_reads_it(project: Project):
    project.write(
        {
            "models/seen.sql": "{{ config(materialized='view') }} select i, " + QUERY % "'body'" + " as q from {{ ref('texts') }}",
            "models/reader.sql": "{{ config(materialized='table') }} select * from {{ ref('seen') }} where i < 3",
            "tests/each_is_answered.sql": "select * from {{ ref('seen') }} where q = ''",
        }
    )
    project.dbt("run", check=True)
    project.dbt("test", check=True)
    booked = [node for (node,) in project.query("select node from dbt_ai.usage order by started_at")]
    assert booked[0] == "model.project.reader" and booked[1] == "test.project.each_is_answered"
    project.write({"models/reader.sql": ai_table("select * from {{ ref('seen') }} where i > 37")})
    project.dbt("run", "--full-refresh", check=True)
    assert project.query("select count(*) from dbt_ai.usage where node = 'model.project.reader'") == [(2,)]


def test_the_functions_work_in_a_view_a_test_and_dbt_show(project: Project):
    project.write(
        {
            "models/seen.sql": "{{ config(materialized='view') }} select i, " + QUERY % "'body'" + " as q from {{ ref('texts') }}",
            "models/schema.yml": "models: [{name: seen, columns: [{name: i, data_tests: [unique]}]}]",
        }
    )
    built = project.dbt("build", check=True)
    assert "AI024" in built.output
    assert stored(project) == 0
    assert "mock answer" in project.dbt("show", "-s", "seen", "--limit", "2", check=True).output
    assert stored(project) == 2


def test_eight_threads_ask_every_request_once_and_answer_each_node(project: Project):
    for number in range(8):
        project.write(
            {
                f"models/node{number}.sql": ai_table(
                    "select i, "
                    + QUERY % f"\"'{number} ' || body\""
                    + ", {{ dbt_ai.ai_embed(ref('embedder'), 'body') }} as e from {{ ref('texts') }}"
                )
            }
        )
    project.output["threads"] = 8
    project.configure()
    project.dbt("run", check=True)
    assert project.query("select count(distinct key) from dbt_ai.responses where function = 'ai_query'") == [(80,)]
    for number in range(8):
        assert project.query(f"select count(e) from node{number}") == [(40,)]


@pytest.mark.parametrize("output", [{"keep_open": False}, {"path": ":memory:"}], ids=["keep_open false", "in memory"])
def test_other_ways_to_open_the_database_work(project: Project, output: dict[str, object]):
    project.output.update(output)
    project.configure()
    project.write(
        {
            "models/answers.sql": ai_table("select i, " + QUERY % "'body'" + " as q from {{ ref('texts') }}"),
            "models/schema.yml": "models: [{name: answers, columns: [{name: i, data_tests: [unique, not_null]}]}]",
        }
    )
    for _ in range(2):
        assert project.dbt("build", check=True).ok


def test_a_sample_asks_for_a_few_and_says_so_for_the_rest(project: Project):
    project.configure(sample=3)
    project.write(
        {
            "models/answers.sql": ai_table(
                "select i, body, "
                + QUERY % "'body'"
                + " as q, {{ dbt_ai.ai_query(ref('llm'), 'body', fail_on_error=false) }} as s from {{ ref('texts') }}"
            )
        }
    )
    project.dbt("run", check=True)
    assert stored(project) == 3
    assert project.query("select count(q), count(s.response), count(*) filter (s.errorStatus = 'sampled out') from answers") == [
        (12, 12, 28)
    ]
    project.dbt("run", check=True)
    assert stored(project) == 6


def test_sql_that_the_database_refuses_is_told_once_by_dbt_and_not_as_a_plan_that_cannot_be_made(project: Project):
    project.write({"models/wrong.sql": ai_table("select nosuch, " + QUERY % "'body'" + " as q from {{ ref('texts') }}")})
    run = project.dbt("run")
    assert 'Referenced column "nosuch" not found' in run.message("wrong")
    assert "cannot be planned" not in run.output


def test_a_pre_hook_that_makes_what_the_sql_reads_leaves_the_calls_to_its_rows(project: Project):
    project.write(
        {
            "models/hooked.sql": "{{ config(materialized='ai_table', pre_hook='create table made as select 1 as body') }} select "
            + QUERY % "\"'hooked ' || body\""
            + " as q from made"
        }
    )
    run = project.dbt("run", check=True)
    assert "cannot be planned and are executed as its rows are read" in run.output
    assert project.query("select count(q) from hooked") == [(1,)]
