"""Endpoints that do what others really do: each is a function of a request, and says in the table below what should become of eight rows.

A handler is given the JSON body, how many requests came before, and the row's text; it returns (status, document or text).
"""

from __future__ import annotations

import base64
import json
import struct
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from answering import Sent, answering_server
from conftest import Project, Run
from models import ai_table, external_model

from dbt_ai.execution import backoff, scout

Handler = Callable[[dict[str, Any], int], tuple[int, Any]]


@dataclass
class OddServer:
    """location: of the server. handlers: by the first part of the path. asked: the bodies that came, by the same."""

    handlers: dict[str, Handler]
    location: str = ""
    asked: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))

    def url(self, name: str, operation: str) -> str:
        return f"{self.location}/{name}/{operation}"


@contextmanager
def odd_server(handlers: dict[str, Handler]) -> Iterator[OddServer]:
    lock = threading.Lock()
    odd = OddServer(handlers)

    def respond(path: str, headers: Mapping[str, str], body: dict[str, Any]) -> tuple[int, str, bytes | Sent]:
        name = path.split("/")[1]
        with lock:
            count = len(odd.asked[name])
            odd.asked[name].append(body)
        status, answer = handlers[name](body, count)
        if isinstance(answer, Sent):
            return status, "application/json", answer
        sent = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
        return status, "text/html" if sent[:1] == b"<" else "application/json", sent

    with answering_server(respond) as odd.location:
        yield odd


ROWS = 8
CHAT, EMBED, MESSAGES, OLLAMA_CHAT, OLLAMA_EMBED = "v1/chat/completions", "v1/embeddings", "v1/messages", "api/chat", "api/embed"
INVOCATIONS = "serving-endpoints/x/invocations"
GEMINI_CHAT, COHERE_RANK, TEI_RANK = "v1beta/models/m:generateContent", "v2/rerank", "rerank"
FORMATS = {MESSAGES: "Anthropic", OLLAMA_CHAT: "Ollama", OLLAMA_EMBED: "Ollama", INVOCATIONS: "Databricks", GEMINI_CHAT: "Gemini"}
FORMATS |= {COHERE_RANK: "Cohere", TEI_RANK: "TEI"}

QUERY = "dbt_ai.ai_query(ref('{llm}'), 'body', fail_on_error=false{more})"
TYPED = QUERY.replace("{more}", ", return_type='STRUCT<label STRING, n INT>'")
TEXT = QUERY.replace("{more}", "")
VECTOR = "dbt_ai.ai_embed(ref('{llm}'), 'body', fail_on_error=false)"
CLASSIFY = "dbt_ai.ai_classify(ref('{llm}'), 'body', ['good', 'bad'], fail_on_error=false)"
RANK = "dbt_ai.ai_rank(ref('{llm}'), \"'what?'\", 'body', fail_on_error=false)"
SUMMARIZE = "dbt_ai.ai_summarize(ref('{llm}'), 'body', fail_on_error=false)"


@dataclass(frozen=True)
class Case:
    """requests: the most that eight rows may cost. answered: rows with an answer. says: what stands in the errors of the others.
    value: the text of every answer, where that tells something."""

    handler: Handler
    asks: str = TYPED
    operation: str = CHAT
    requests: int = ROWS
    answered: int = ROWS
    says: str = ""
    value: str | None = None


def into(cases: dict[str, Case]) -> Callable[..., Any]:
    """A decorator that puts a handler among these cases."""

    def case(asks: str = TYPED, operation: str = CHAT, **expected: Any) -> Callable[[Handler], Handler]:
        def remember(handler: Handler) -> Handler:
            cases[handler.__name__] = Case(handler, asks, operation, **expected)
            return handler

        return remember

    return case


BODIES = "select i, 'row ' || i || ' of eight' as body from range(8) t(i)"


Ran: TypeAlias = tuple[Project, Run, OddServer]


def asked_by_all(folder: Path, cases: Mapping[str, Case]) -> Iterator[Ran]:
    """One run of a project with a model for each case."""
    project = Project(folder)
    project.set_up()
    project.write({"models/bodies.sql": BODIES})
    with odd_server({name: tried.handler for name, tried in cases.items()}) as server:
        for name, tried in cases.items():
            kind = {"dbt_ai.ai_embed": "EMBEDDINGS", "dbt_ai.ai_rank": "RERANKING"}.get(tried.asks.partition("(")[0], "CHAT")
            llm = external_model(
                location=server.url(name, tried.operation), api_format=FORMATS.get(tried.operation, "OpenAI"), model_type=kind, model="m"
            )
            asked = tried.asks.replace("{llm}", f"llm_{name}")
            answers = ai_table(f"select i, {{{{ {asked} }}}} as answer from {{{{ ref('bodies') }}}}")
            project.write({f"models/llm_{name}.sql": llm, f"models/{name}.sql": answers})
        patch = pytest.MonkeyPatch()
        patch.setattr(backoff, "FIRST_BACKOFF", 0.02)
        patch.setattr(scout, "HEAD_START", dict.fromkeys(scout.HEAD_START, 30.0))  # this machine may be busy with other things
        run = project.dbt("run", "--threads", "8")
        patch.undo()
        yield project, run, server


def require(ran: Ran, name: str, tried: Case) -> None:
    """The eight rows of a case became what it says, for no more requests."""
    project, run, server = ran
    assert run.results[name]["status"] == "success", run.message(name)
    rows = project.query(f"select answer.response::varchar, answer.errorStatus from {name} order by i")
    answered = [response for response, problem in rows if problem is None]
    problems = [problem for _, problem in rows if problem is not None]
    assert (len(answered), len(server.asked[name]) <= tried.requests) == (tried.answered, True), (len(server.asked[name]), rows)
    assert all(tried.says in problem for problem in problems), problems
    assert tried.value is None or answered == [tried.value] * tried.answered


# What bodies hold


def text_of(body: dict[str, Any]) -> str:
    content = body["messages"][-1]["content"]
    return str(content)


def roles(body: dict[str, Any]) -> list[str]:
    return [message["role"] for message in body["messages"]]


def says(content: Any, reason: Any = "stop", usage: Any = None, **message: Any) -> dict[str, Any]:
    """A chat completion."""
    choice = {"index": 0, "finish_reason": reason, "message": {"role": "assistant", "content": content, **message}}
    counted = {"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12} if usage is None else usage
    return {"object": "chat.completion", "choices": [choice], "usage": counted}


def label(body: dict[str, Any]) -> dict[str, Any]:
    """A typed answer, whichever way it was asked for."""
    return says('{"label": "good", "n": 1}')


def vectors(body: dict[str, Any], **item: Any) -> dict[str, Any]:
    """Vectors as floats, each another one."""
    data = [{"index": i, "embedding": [float(len(text)), float(i), 1.0], **item} for i, text in enumerate(body["input"])]
    return {"object": "list", "data": data, "usage": {"prompt_tokens": len(data), "total_tokens": len(data)}}


def packed(numbers: list[float]) -> str:
    return base64.b64encode(struct.pack(f"<{len(numbers)}f", *numbers)).decode()


def error(message: str, **fields: Any) -> dict[str, Any]:
    return {"error": {"message": message, **fields}}
