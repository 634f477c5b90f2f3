"""What Ctrl-C and its like cost, counted by the endpoint."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from collections.abc import Iterator, Sequence

import pytest
from conftest import Project, wait_until
from loopback import Endpoint, endpoint

pytestmark = pytest.mark.timed

PROMPTS = 2_500
MANY = 8_000
# What is in flight is waited for for two seconds. An endpoint that shares a busy machine may take longer.
WAITS_LONGER = "from dbt_ai.execution import node_execution; node_execution.LAST_CALL = 300.0; "


@pytest.fixture
def slow() -> Iterator[Endpoint]:
    """An endpoint without any limit, which takes its time."""
    with endpoint(latency=1.0) as running:
        yield running


def project_of(project: Project, server: Endpoint, answers: str, prompts: int = PROMPTS, most: int | None = 100) -> None:
    # A steady hundred a second: Python tells the main thread of a signal when it gets to it, on a busy machine after half a second.
    project.configure(endpoints=[{"url": server.url, "max_in_flight": most}] if most else [])
    project.write(
        {
            "models/llm.sql": f"""{{{{ dbt_ai.create_external_model(location='{server.chat}', api_format='OpenAI', model_type='CHAT',
                model='c') }}}}""",
            "models/texts.sql": f"select i, 'text ' || i as body from range({prompts}) t(i)",
            "models/answers.sql": f"""{answers}
                select i, {{{{ dbt_ai.ai_query(ref('llm'), 'body') }}}} as answer from {{{{ ref('texts') }}}}""",
        }
    )
    project.dbt("run", "--select", "texts", "llm", check=True)


def told_of_trouble(output: str) -> bool:
    """Whether dbt's traceback of an interrupt leads further into our code than to where the signal came in."""
    return "dbt_ai/" in output.replace("dbt_ai/engines/end_signals.py", "") or "already closed" in output or "Fatal" in output


def interrupted_after(project: Project, server: Endpoint, answers: int, signals: Sequence[int] = (signal.SIGINT,)) -> tuple[int, int, str]:
    """Requests that left after the first signal, those that were in flight then, and everything that dbt said."""
    running = project.start("run", "--select", "answers", first=WAITS_LONGER)
    wait_until(lambda: server.counters()["accepted"] >= answers, running)
    then: Counter[str] = Counter()
    for number in signals:
        os.kill(running.pid, number)
        then = then or server.counters()
    output, _ = running.communicate(timeout=600)
    return server.counters()["requests"] - then["requests"], then["running"], output


# On demand a vector of rows, 2,048 of them, is asked at once.
@pytest.mark.parametrize(
    ("materialized", "signals"),
    [
        ("ai_table", [signal.SIGINT]),
        ("table", [signal.SIGINT]),
        ("ai_table", [signal.SIGTERM]),
        ("ai_table", [signal.SIGHUP, signal.SIGTERM, signal.SIGINT]),
    ],
    ids=["ctrl-c", "ctrl-c on demand", "orchestrator", "several"],
)
def test_an_interrupt_stops_sending_at_once_and_stores_what_was_in_flight(
    project: Project, slow: Endpoint, materialized: str, signals: list[int]
):
    project_of(project, slow, f"{{{{ config(materialized='{materialized}') }}}}")
    sent, in_flight, output = interrupted_after(project, slow, 400, signals)
    assert sent <= in_flight, output
    assert not told_of_trouble(output), output
    answered = slow.counters()["output_tokens"] // 5
    assert answered == slow.counters()["requests"]
    assert project.query("select count(*) from dbt_ai.responses") == [(answered,)]
    # A connection that could not be made in time, as where this process stood still, is counted, and the endpoint knows nothing of it.
    counted = "sum(requests) - sum(broken), sum(executed), sum(output_tokens)"
    assert project.query(f"select {counted} from dbt_ai.usage where node like '%answers'") == [(answered, answered, 5 * answered)]
    slow.behave()
    project.dbt("run", "--select", "answers", check=True)
    assert slow.counters()["requests"] == PROMPTS - answered
    assert project.query("select count(*), count(answer) from answers") == [(PROMPTS, PROMPTS)]


def test_an_interrupt_of_thousands_a_second_ends_with_the_last_answer_and_the_next_run_asks_only_the_rest(project: Project):
    with endpoint(latency=0.3) as server:
        project_of(project, server, "{{ config(materialized='ai_table') }}", prompts=MANY, most=None)
        sent, in_flight, output = interrupted_after(project, server, 3_000)
        ended = time.time()
        assert sent <= in_flight, output
        assert not told_of_trouble(output), output
        asked = server.counters()
        answered = asked["output_tokens"] // 5
        assert answered == asked["requests"], "an answer was paid for and not waited for"
        assert ended - asked["last"] < 60, "it stayed after the last answer"
        assert project.query("select count(*) from dbt_ai.responses") == [(answered,)]
        server.behave()
        project.dbt("run", "--select", "answers", check=True)
        assert server.counters()["requests"] == MANY - answered
        assert server.counters()["repeated_inputs"] == 0
        assert project.query("select count(*), count(answer) from answers") == [(MANY, MANY)]
