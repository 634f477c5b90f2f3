"""What an orchestrator that ends a run costs on a warehouse, where dbt first cancels every statement."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest
from conftest import HEARS_SIGNALS, wait_until
from loopback import Endpoint, endpoint
from models import ai_table, external_model
from test_interruption import WAITS_LONGER, interrupted_after, told_of_trouble
from warehouse import WarehouseProject

pytestmark = pytest.mark.env("postgres")

PROMPTS = 2_000


@pytest.fixture
def server() -> Iterator[Endpoint]:
    with endpoint(latency=1.0) as running:
        yield running


@pytest.fixture
def project(on_postgres: WarehouseProject, server: Endpoint) -> WarehouseProject:
    # A steady hundred a second, as in the test on DuckDB.
    on_postgres.configure(endpoints=[{"url": server.url, "max_in_flight": 100}])
    on_postgres.write(
        {
            "models/llm.sql": external_model(location=server.chat, api_format="OpenAI", model_type="CHAT", model="c"),
            "models/texts.sql": f"select i, 'text ' || i as body from generate_series(1, {PROMPTS}) as t(i)",
            "models/answers.sql": ai_table("select i, {{ dbt_ai.ai_query(ref('llm'), 'body') }} as answer from {{ ref('texts') }}"),
        }
    )
    on_postgres.dbt_process("run", "--select", "texts", "llm", check=True)
    return on_postgres


def the_rest_is_asked_once(project: WarehouseProject, server: Endpoint) -> None:
    answered = server.counters()["output_tokens"] // 5
    assert answered == server.counters()["requests"]
    [(counted,)] = project.query("select sum(requests) - sum(broken) from dbt_ai.usage")
    assert counted is not None and 0 < counted <= answered
    server.behave()
    project.dbt_process("run", "--select", "answers", check=True)
    assert server.counters()["requests"] == PROMPTS - answered
    assert project.query("select count(*), count(answer) from analytics.answers") == [(PROMPTS, PROMPTS)]


def test_an_interrupt_on_postgres_stops_sending_at_once_and_stores_what_was_in_flight(project: WarehouseProject, server: Endpoint):
    sent, in_flight, said = interrupted_after(project, server, 300, [signal.SIGTERM, signal.SIGINT])
    assert sent <= in_flight, said
    assert not told_of_trouble(said), said
    the_rest_is_asked_once(project, server)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_of_fill_stores_what_was_in_flight(project: WarehouseProject, server: Endpoint, number: int):
    project.dbt_process("compile", check=True)
    code = f"{HEARS_SIGNALS}{WAITS_LONGER}from dbt_ai.commands.cli import cli; cli(['fill', '--select', 'answers'])"
    pipe = subprocess.PIPE
    filling = subprocess.Popen(
        [sys.executable, "-c", code], cwd=project.path, env=project.environment(), stdout=pipe, stderr=subprocess.STDOUT, text=True
    )
    wait_until(lambda: server.counters()["accepted"] >= 300, filling)
    filling.send_signal(number)
    in_flight = server.counters()
    said, _ = filling.communicate(timeout=300)
    assert filling.returncode == 1 and "model.project.answers: its AI calls were interrupted; what was answered is stored" in said
    assert server.counters()["requests"] - in_flight["requests"] <= in_flight["running"], said
    the_rest_is_asked_once(project, server)
