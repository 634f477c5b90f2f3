"""The first picture of docs/architecture.md is the way that a request takes: traced here, and no longer than is said there."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from types import FrameType
from typing import Any

import duckdb
import pytest
from dbt.adapters.duckdb.credentials import DuckDBCredentials
from loopback import endpoint

from dbt_ai.conversation.asking import Asker
from dbt_ai.engines.duckdb import Plugin
from dbt_ai.execution.connection import Connection
from dbt_ai.execution.endpoint import Endpoint
from dbt_ai.execution.node_execution import NodeExecution
from dbt_ai.known_answers import KnownAnswers
from dbt_ai.node_plan import NodePlan
from dbt_ai.plan import Plan
from dbt_ai.providers.openai import OpenAI
from dbt_ai.store import answer_rows

ROOT = Path(__file__).parents[2]
MOST_FILES = 25
# Where a request is handed on. The frames below each tell who did so.
STATIONS = [
    (NodePlan, "start"),
    (Plan, "note"),
    (Endpoint, "submit"),
    (Asker, "put"),
    (OpenAI, "encode"),
    (Connection, "exchange"),
    (OpenAI, "decode"),
    (NodeExecution, "settle"),
    (answer_rows, "rows"),
    (KnownAnswers, "add"),
    (KnownAnswers, "find"),
]
# The thread whose event loop runs the tasks: it sees no request.
LOOP = "execution/loop.py"

Arrow = tuple[str, str]


def picture(number: int) -> set[Arrow]:
    """The arrows of a picture in the map, between files: below dbt_ai/ for Python."""
    text = (ROOT / "docs/architecture.md").read_text().split("```mermaid\n")[number].split("```")[0]
    files = dict(re.findall(r'(\w+)\["([\w/]+\.(?:py|sql))', text))
    arrows = re.findall(r"^ *(\w+) -+>(?:\|[^|]*\|)? (\w+)$", re.sub(r'\["[^]]*"]', "", text), re.MULTILINE)
    assert len(arrows) == text.count("-->"), "one arrow on each line"
    return {(files[start], files[end]) for start, end in arrows}


def path(file: str) -> Path:
    return ROOT / file if file.endswith(".sql") else ROOT / "dbt_ai" / file


def code(arrows: set[Arrow], ending: str) -> set[Arrow]:
    return {arrow for arrow in arrows if all(file.endswith(ending) for file in arrow)}


@pytest.fixture(scope="module")
def walked() -> set[Arrow]:
    """Which file of ours called which one while a query was planned and answered."""
    arrows: set[Arrow] = set()
    with pytest.MonkeyPatch.context() as patch, endpoint() as server:
        for owner, name in STATIONS:
            patch.setattr(owner, name, watched(getattr(owner, name), arrows))
        run_a_query(server.chat)
    return arrows


def watched(real: Callable[..., Any], arrows: set[Arrow]) -> Callable[..., Any]:
    here = str(Path(real.__code__.co_filename).relative_to(ROOT / "dbt_ai"))  # type: ignore[attr-defined]

    def station(*given: Any, **named: Any) -> Any:
        files = [*reversed([*ours(sys._getframe(1))]), here]
        arrows.update((start, end) for start, end in pairwise(files) if start != end and start != LOOP)
        return real(*given, **named)

    return station


def ours(frame: FrameType | None) -> Iterator[str]:
    while frame is not None:
        file = Path(frame.f_code.co_filename)
        if file.is_relative_to(ROOT / "dbt_ai"):
            yield str(file.relative_to(ROOT / "dbt_ai"))
        frame = frame.f_back


def run_a_query(location: str) -> None:
    plugin = Plugin("dbt_ai", {}, DuckDBCredentials(path=":memory:", database="memory", schema="main"))
    with duckdb.connect() as connection:
        plugin.configure_connection(connection)
        model = {"name": "m", "location": location, "api_format": "OpenAI", "model_type": "CHAT", "model": "m"}
        call = json.dumps({"function": "ai_query", "model": model})
        sql = f"select dbt_ai_query('{call}', 'hello', getvariable('dbt_ai_node'))"
        connection.execute("select dbt_ai_plan('node', 'thread', ?, '{}')", [sql])
        status = {"state": "running"}
        while status["state"] == "running":
            [(told,)] = connection.execute("select dbt_ai_wait('node')").fetchall()
            status = json.loads(told)
        assert status["state"] == "done", status
        connection.execute("set variable dbt_ai_node = 'node'")
        assert connection.execute(sql).fetchall() == [("answer to hello",)]
        plugin.runtime.close()


def test_the_picture_shows_who_hands_a_request_on_and_nobody_else(walked: set[Arrow]):
    assert code(picture(1), ".py") == walked


def test_the_way_of_a_request_is_short():
    files = {file for arrow in picture(1) for file in arrow}
    assert len(files) <= MOST_FILES
    assert f"{len(files)} files" in (ROOT / "docs/architecture.md").read_text()


@pytest.mark.parametrize("number", [1, 2])
def test_every_file_in_a_picture_is_there(number: int):
    assert [file for arrow in picture(number) for file in arrow if not path(file).exists()] == []


@pytest.mark.parametrize("number", [1, 2])
def test_an_arrow_between_macros_is_a_call(number: int):
    for start, end in code(picture(number), ".sql"):
        called = set(re.findall(r"dbt_ai\.(\w+)\(|dispatch\('(\w+)'", path(start).read_text()))
        # What is dispatched has the engine before its name.
        made = {name.split("__", 1)[-1] for name in re.findall(r"macro (\w+)\(", path(end).read_text())}
        assert {name for names in called for name in names if name} & made, f"{start} calls nothing of {end}"


def test_an_arrow_between_modules_of_the_second_picture_is_an_import():
    for start, end in code(picture(2), ".py"):
        module = "dbt_ai." + end.removesuffix(".py").replace("/", ".")
        assert module in path(start).read_text(), f"{start} imports nothing of {end}"
