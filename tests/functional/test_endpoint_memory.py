"""What an endpoint bore in one `dbt run` is what the next one begins with."""

from __future__ import annotations

from conftest import Project
from loopback import endpoint

from dbt_ai.execution.window import FIRST_SIZE

LLM = "{{{{ dbt_ai.create_external_model(location='{}', api_format='OpenAI', model_type='CHAT', model='m') }}}}"
ANSWERS = (
    "{{ config(materialized='ai_table') }} select {{ dbt_ai.ai_query(ref('llm'), 'body') }} as answer"
    " from (select 'prompt ' || i as body from range({{ var('since', 0) }}, {{ var('until', 200) }}) as numbers(i))"
)


def test_a_run_begins_with_as_many_requests_as_the_endpoint_bore_in_the_last_one(project: Project):
    with endpoint(latency=1.5, capacity=60) as server:
        project.write({"models/llm.sql": LLM.format(server.chat), "models/answers.sql": ANSWERS})
        project.dbt_process("run", check=True)
        assert server.counters()["before_first_answer"] <= FIRST_SIZE
        server.behave(latency=5.0)
        project.dbt_process("run", "--vars", "{since: 1000, until: 1045}", check=True)
        assert server.counters()["before_first_answer"] > FIRST_SIZE
    assert project.query("select count(*), count(answer) from answers") == [(45, 45)]
