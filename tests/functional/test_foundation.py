"""A project that uses AI functions on DuckDB, built as its user would build it."""

from conftest import Project, Server

EMBEDDER = """{{ dbt_ai.create_external_model(
    location='mock:', api_format='Mock', model_type='EMBEDDINGS', model='m', parameters={'dimensions': 8}) }}"""
LLM = "{{ dbt_ai.create_external_model(location='mock:', api_format='Mock', model_type='CHAT', model='c') }}"


def test_a_model_embeds_and_queries_and_the_second_run_asks_nothing(project: Project):
    project.write(
        {
            "models/embedder.sql": EMBEDDER,
            "models/llm.sql": LLM,
            "models/texts.sql": "select i, 'text ' || (i % 10) as body from range(100) t(i) union all select 100, null",
            "models/answers.sql": """
                {{ config(materialized='ai_table') }}
                select i, {{ dbt_ai.ai_embed(ref('embedder'), 'body') }} as embedding,
                       {{ dbt_ai.ai_query(ref('llm'), "'Label: ' || body", fail_on_error=false) }} as answer
                from {{ ref('texts') }} -- a comment ends this model""",
        }
    )
    project.dbt("run", check=True)
    rows = project.query(
        "select count(*), count(embedding), any_value(typeof(embedding)), count(answer), count(answer.response), count(answer.errorStatus)"
        " from answers"
    )
    assert rows == [(101, 100, "FLOAT[8]", 100, 100, 0)]
    stored = project.query("select function, count(*) from dbt_ai.responses group by all order by all")
    assert stored == [("ai_embed", 10), ("ai_query", 10)]
    project.dbt("run", "--full-refresh", check=True)
    assert project.query("select function, count(*) from dbt_ai.responses group by all order by all") == stored


def test_a_real_llm_answers_a_question_for_every_distinct_row(project: Project, chat_server: Server):
    project.write(
        {
            "models/llm.sql": f"""{{{{ dbt_ai.create_external_model(location='{chat_server.url}/v1/chat/completions', api_format='OpenAI',
                model_type='CHAT', model='smollm2', parameters={{'max_tokens': 8}}) }}}}""",
            "models/answers.sql": """
                {{ config(materialized='ai_table') }}
                select i, {{ dbt_ai.ai_query(ref('llm'), "'Say hello to ' || name", fail_on_error=false) }} as answer
                from (values (1, 'Ada'), (2, 'Grace'), (3, 'Ada')) people(i, name)""",
        }
    )
    run = project.dbt_process("run", check=True)
    assert "leaked" not in run.output  # what DuckDB's bindings print when threads of ours outlive the interpreter
    rows = project.query("select answer.response, answer.errorStatus from answers order by i")
    assert rows[0] == rows[2]
    for response, error in rows:
        assert (response is None) != (error is None)
        assert error is None or "raise max_tokens" in error
