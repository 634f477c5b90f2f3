"""The first picture of docs/architecture.md is the way that a request takes: traced here, and no longer than is said there."""

from __future__ import annotations

import json
import re
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from types import FrameType
from typing import Any

import duckdb
import pytest
from dbt.adapters.duckdb.credentials import DuckDBCredentials
from loopback import endpoint

from dbt_ai.conversation.asking import Asker
from dbt_ai.conversation.knowledge import FIRST_PART
from dbt_ai.engines.duckdb import Plugin
from dbt_ai.execution.connection import Connection
from dbt_ai.execution.endpoint import Endpoint
from dbt_ai.execution.node_events import NodeBundles, NodeEvents
from dbt_ai.known_answers import KnownAnswers
from dbt_ai.node_plan import NodePlan
from dbt_ai.plan import Plan
from dbt_ai.providers.openai import OpenAI
from dbt_ai.request import Requests
from dbt_ai.runtime import Runtime
from dbt_ai.store import answer_rows
from dbt_ai.store.holding import Holding

ROOT = Path(__file__).parents[2]
MOST_FILES = 27
# Where a request is handed on. The frames below each tell who did so.
STATIONS = [
    (NodePlan, "start"),
    (Plan, "note"),
    (Endpoint, "submit"),
    (Asker, "put"),
    (OpenAI, "encode"),
    (Connection, "exchange"),
    (OpenAI, "decode"),
    (NodeBundles, "settle"),
    (NodeEvents, "read"),
    (answer_rows, "rows"),
    (KnownAnswers, "add"),
    (KnownAnswers, "find"),
]
# Where a request is handed on only sometimes.
STATIONS_ASIDE = [(Runtime, "answer_now"), (Holding, "lookup")]
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


def dotted(number: int) -> dict[Arrow, str]:
    """The dotted arrows of a picture, and what is written on them."""
    text = (ROOT / "docs/architecture.md").read_text().split("```mermaid\n")[number].split("```")[0]
    files = dict(re.findall(r'(\w+)\["([\w/]+\.(?:py|sql))', text))
    arrows = re.findall(r"^ *(\w+) -\. (.+) \.-> (\w+)$", text, re.MULTILINE)
    assert arrows and len(arrows) == text.count(".->"), "one arrow on each line"
    return {(files[start], files[end]): said for start, said, end in arrows}


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
        with a_plugin() as (_, connection):
            run_a_query(connection, server.chat)
    return arrows


@pytest.fixture(scope="module")
def walked_aside() -> set[Arrow]:
    """The same in the cases that not every request is."""
    arrows: set[Arrow] = set()
    with pytest.MonkeyPatch.context() as patch, endpoint() as server, a_plugin() as (plugin, connection):
        for owner, name in STATIONS_ASIDE:
            patch.setattr(owner, name, watched(getattr(owner, name), arrows))
        server.behave(answer_bytes=20)
        texts = json.dumps(["a" * FIRST_PART, "b" * FIRST_PART])
        aggregate = call_to(server.chat, request_format="texts")
        assert connection.execute("select dbt_ai_query(?, ?, null)", [aggregate, texts]).fetchall()
        with plugin.runtime.scheduler.asking():  # a node that has looked into the store before another one is answered
            run_a_query(connection, server.chat)
            call = plugin.runtime.call(call_to(server.chat))
            late = Requests(call, ["hello"], call.keys(["hello"]))
            plugin.runtime.scheduler.execute([late], lambda _: None, threading.Event(), "late")
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


@contextmanager
def a_plugin() -> Iterator[tuple[Plugin, duckdb.DuckDBPyConnection]]:
    plugin = Plugin("dbt_ai", {}, DuckDBCredentials(path=":memory:", database="memory", schema="main"))
    with duckdb.connect() as connection:
        plugin.configure_connection(connection)
        yield plugin, connection
        plugin.runtime.close()


def call_to(location: str, **more: str) -> str:
    model = {"name": "m", "location": location, "api_format": "OpenAI", "model_type": "CHAT", "model": "m"}
    return json.dumps({"function": "ai_query", "model": model, **more})


def run_a_query(connection: duckdb.DuckDBPyConnection, location: str) -> None:
    sql = f"select dbt_ai_query('{call_to(location)}', 'hello', getvariable('dbt_ai_node'))"
    connection.execute("select dbt_ai_plan('node', 'thread', ?, '{}')", [sql])
    status = {"state": "running"}
    while status["state"] == "running":
        [(told,)] = connection.execute("select dbt_ai_wait('node')").fetchall()
        status = json.loads(told)
    assert status["state"] == "done", status
    connection.execute("set variable dbt_ai_node = 'node'")
    assert connection.execute(sql).fetchall() == [("answer to hello",)]


def test_the_picture_shows_who_hands_a_request_on_and_nobody_else(walked: set[Arrow]):
    assert code(picture(1), ".py") == walked


def test_a_dotted_arrow_of_the_first_picture_is_walked_sometimes_and_not_by_every_request(walked: set[Arrow], walked_aside: set[Arrow]):
    assert set(dotted(1)) <= walked_aside - walked


def test_a_dotted_arrow_of_the_second_picture_names_the_interface_that_both_files_name():
    for (start, end), interface in dotted(2).items():
        for file in (start, end):
            assert re.search(rf"^from dbt_ai\.store\.\w+ import .*\b{interface}\b", path(file).read_text(), re.MULTILINE), file


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
