"""What Ctrl-C costs on a warehouse, where dbt first cancels every statement."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from conftest import Project
from loopback import endpoint
from test_interruption import interrupted_after
from test_postgres import Postgres

pytestmark = pytest.mark.env("postgres")

PROMPTS = 2_000


@pytest.fixture
def postgres() -> Iterator[Postgres]:
    # Not in pytest's folder, which is its user's alone: Postgres does not run as root and takes a user of its own there.
    postgres = Postgres(Path(tempfile.mkdtemp()))
    yield postgres
    postgres.stop()


def test_an_interrupt_on_postgres_stops_sending_at_once_and_stores_what_was_in_flight(project: Project, postgres: Postgres):
    output = {"type": "postgres", "host": postgres.socket, "port": 5432, "user": "postgres", "pass": "", "dbname": "postgres"}
    profile = {"project": {"target": "dev", "outputs": {"dev": {**output, "schema": "analytics", "threads": 4}}}}
    with endpoint(latency=1.0) as server:
        # A steady hundred a second, as in the test on DuckDB.
        limits = [{"url": server.url, "max_in_flight": 100}]
        project.write(
            {
                "profiles.yml": yaml.safe_dump(profile),
                "dbt_project.yml": yaml.safe_dump({"name": "project", "profile": "project", "vars": {"dbt_ai": {"endpoints": limits}}}),
                "models/llm.sql": f"""{{{{ dbt_ai.create_external_model(location='{server.chat}', api_format='OpenAI', model_type='CHAT',
                    model='c') }}}}""",
                "models/texts.sql": f"select i, 'text ' || i as body from generate_series(1, {PROMPTS}) as t(i)",
                "models/answers.sql": """{{ config(materialized='ai_table') }}
                    select i, {{ dbt_ai.ai_query(ref('llm'), 'body') }} as answer from {{ ref('texts') }}""",
            }
        )
        project.dbt_process("run", "--select", "texts", "llm", check=True)
        sent, in_flight, said = interrupted_after(project, server, 300)
        assert sent <= in_flight, said
        assert "dbt_ai/" not in said and "already closed" not in said, said
        answered = server.counters()["output_tokens"] // 5
        assert answered == server.counters()["requests"]
        server.behave()
        project.dbt_process("run", "--select", "answers", check=True)
        assert server.counters()["requests"] == PROMPTS - answered
        assert postgres.rows("select count(*), count(answer) from analytics.answers") == [(PROMPTS, PROMPTS)]


def test_connections_that_the_server_ends_while_answers_are_delivered_cost_no_answer_and_show_no_traceback(
    project: Project, postgres: Postgres
):
    output = {"type": "postgres", "host": postgres.socket, "port": 5432, "user": "postgres", "pass": "", "dbname": "postgres"}
    profile = {"project": {"target": "dev", "outputs": {"dev": {**output, "schema": "analytics", "threads": 4}}}}
    with endpoint(latency=0.1) as server:
        project.write(
            {
                "profiles.yml": yaml.safe_dump(profile),
                "dbt_project.yml": yaml.safe_dump(
                    {
                        "name": "project",
                        "profile": "project",
                        "vars": {"dbt_ai": {"endpoints": [{"url": server.url, "max_in_flight": 16}]}},
                    }
                ),
                "models/llm.sql": f"""{{{{ dbt_ai.create_external_model(location='{server.chat}', api_format='OpenAI', model_type='CHAT',
                    model='ended') }}}}""",
                "models/ended.sql": """{{ config(materialized='ai_table') }}
                    select i, {{ dbt_ai.ai_query(ref('llm'), "'ended ' || i") }} as answer from generate_series(1, 1000) as t(i)""",
            }
        )
        running = project.start("run")
        ended = 0
        while running.poll() is None:
            if server.counters()["accepted"] > 100 and ended < 3:
                ended += len(
                    postgres.rows(
                        "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and query ilike '%responses%'"
                    )
                )
            time.sleep(0.05)
        said = running.communicate()[0]
        assert ended and "Traceback" not in said and "planning broke" not in said, said
        project.dbt_process("run", check=True)
        assert server.counters()["requests"] == 1000
        assert postgres.rows("select count(*), count(answer) from analytics.ended") == [(1000, 1000)]
