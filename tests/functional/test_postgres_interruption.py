"""What an orchestrator that ends a run costs on a warehouse, where dbt first cancels every statement."""

from __future__ import annotations

import signal

import pytest
from loopback import endpoint
from models import ai_table, external_model
from test_interruption import interrupted_after, told_of_trouble
from warehouse import WarehouseProject

pytestmark = pytest.mark.env("postgres")

PROMPTS = 2_000


def test_an_interrupt_on_postgres_stops_sending_at_once_and_stores_what_was_in_flight(on_postgres: WarehouseProject):
    project = on_postgres
    with endpoint(latency=1.0) as server:
        # A steady hundred a second, as in the test on DuckDB.
        project.configure(endpoints=[{"url": server.url, "max_in_flight": 100}])
        project.write(
            {
                "models/llm.sql": external_model(location=server.chat, api_format="OpenAI", model_type="CHAT", model="c"),
                "models/texts.sql": f"select i, 'text ' || i as body from generate_series(1, {PROMPTS}) as t(i)",
                "models/answers.sql": ai_table("select i, {{ dbt_ai.ai_query(ref('llm'), 'body') }} as answer from {{ ref('texts') }}"),
            }
        )
        project.dbt_process("run", "--select", "texts", "llm", check=True)
        sent, in_flight, said = interrupted_after(project, server, 300, [signal.SIGTERM, signal.SIGINT])
        assert sent <= in_flight, said
        assert not told_of_trouble(said), said
        answered = server.counters()["output_tokens"] // 5
        assert answered == server.counters()["requests"]
        [(counted,)] = project.query("select sum(requests) - sum(broken) from dbt_ai.usage")
        assert counted is not None and 0 < counted <= answered
        server.behave()
        project.dbt_process("run", "--select", "answers", check=True)
        assert server.counters()["requests"] == PROMPTS - answered
        assert project.query("select count(*), count(answer) from analytics.answers") == [(PROMPTS, PROMPTS)]
