"""5,000 requests during which the server dies, the key is replaced, or the token expires: nothing is lost, nothing is asked twice."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from conftest import SERVERS, Project, Server, free_port, serve, wait_until

ROWS = 5_000
IN_FLIGHT = 128  # what the server's backlog takes
FIRST_KEY, SECOND_KEY = "first-key-0123456789", "second-key-0123456789"


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("guarded")
    (made / "key").write_text(FIRST_KEY)
    (made / "answered").touch()
    return made


@contextmanager
def guarded(folder: Path, port: int) -> Iterator[Server]:
    url = f"http://127.0.0.1:{port}"
    with serve([sys.executable, str(SERVERS / "guarded.py"), str(port), str(folder)], url, "/") as server:
        yield server


def set_up(project: Project, port: int, retries: int = 10, **credential: Any) -> None:
    """retries: of thousands of requests one has bad luck with its pauses, and the server or the key takes its time to come back."""
    url = f"http://127.0.0.1:{port}"
    project.configure(credentials=[{"name": url, **credential}])
    project.write(
        {
            "models/llm.sql": f"""{{{{ dbt_ai.create_external_model(location='{url}/v1/chat/completions', api_format='OpenAI',
                model_type='CHAT', model='m', credential='{url}',
                parameters={{'sql_rest_options': {{'retry_count': {retries}}}}}) }}}}""",
            "models/answers.sql": f"""{{{{ config(materialized='ai_table') }}}}
                select i, {{{{ dbt_ai.ai_query(ref('llm'), "'question ' || i") }}}} as answer from range({ROWS}) t(i)""",
        }
    )


def answered(folder: Path) -> list[str]:
    return (folder / "answered").read_text().splitlines()


def when_answered(folder: Path, count: int, act: Any) -> threading.Thread:
    """Do something in the middle of the run, in a thread."""

    def watch() -> None:
        while len(answered(folder)) < count:
            time.sleep(0.02)
        act()

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    return thread


def everything_is_there_and_was_asked_once(project: Project, folder: Path, unnoted: int = 0) -> None:
    """unnoted: how many answers a server that was killed may have sent without noting it. It notes each a moment after it is sent."""
    assert project.query("select count(*), count(distinct answer), bool_and(answer = 'answer to question ' || i) from answers") == [
        (ROWS, ROWS, True)
    ]
    wait_until(lambda: len(answered(folder)) >= ROWS - unnoted)
    asked = answered(folder)
    assert len(asked) == len(set(asked)) and len(asked) <= ROWS


def test_a_server_that_is_killed_and_comes_back(project: Project, folder: Path):
    port = free_port()
    set_up(project, port, identity="Bearer", secret_file=str(folder / "key"))
    with ExitStack() as first, ExitStack() as second:
        first.enter_context(guarded(folder, port))

        def restart() -> None:
            first.close()
            time.sleep(1)
            second.enter_context(guarded(folder, port))

        restarting = when_answered(folder, ROWS // 3, restart)
        project.dbt("run", check=True)
        restarting.join()
    everything_is_there_and_was_asked_once(project, folder, IN_FLIGHT)


def test_a_server_that_stays_dead_leaves_the_rest_to_the_next_run(project: Project, folder: Path):
    port = free_port()
    # One attempt, so that the test need not wait for the retries of a dead server.
    set_up(project, port, retries=0, identity="Bearer", secret_file=str(folder / "key"))
    with ExitStack() as stack:
        stack.enter_context(guarded(folder, port))
        dying = when_answered(folder, ROWS // 3, stack.close)
        run = project.dbt("run")
        dying.join()
    assert not run.ok
    stored = project.query("select count(*) from dbt_ai.responses")[0][0]
    assert ROWS // 3 <= stored < ROWS
    with guarded(folder, port):
        project.dbt("run", check=True)
    everything_is_there_and_was_asked_once(project, folder, IN_FLIGHT)


def test_a_key_that_is_replaced(project: Project, folder: Path, tmp_path: Path):
    port, mine = free_port(), tmp_path / "my_key"
    mine.write_text(FIRST_KEY)
    set_up(project, port, identity="Bearer", secret_file=str(mine))

    def rotate() -> None:
        (folder / "key").write_text(SECOND_KEY)
        time.sleep(0.3)  # who rotates keys is rarely so quick as to do both at once
        mine.write_text("")  # not every tool replaces a file at once
        time.sleep(0.2)
        mine.write_text(SECOND_KEY)

    with guarded(folder, port):
        rotating = when_answered(folder, ROWS // 3, rotate)
        project.dbt("run", check=True)
        rotating.join()
        everything_is_there_and_was_asked_once(project, folder)


def test_a_managed_identity_whose_token_expires(project: Project, folder: Path):
    port = free_port()
    set_up(project, port, identity="Managed Identity", endpoint=f"http://127.0.0.1:{port}/token")
    with guarded(folder, port):
        project.dbt("run", check=True)
        everything_is_there_and_was_asked_once(project, folder)
    rejected = len((folder / "rejected").read_text().splitlines())
    tokens = int((folder / "key").read_text().removeprefix("managed-token-")) + 1
    assert 5 <= tokens <= 1 + (ROWS + rejected) // 1000, "a token was replaced before it had expired"
    [(requests, broken, retried, failed)] = project.query("select requests, broken, retried, failed from dbt_ai.usage")
    # A connection that could not be made in time, as on a machine that stood still, is counted too.
    assert (requests - broken, retried, failed) == (ROWS, broken, 0) and broken >= rejected
