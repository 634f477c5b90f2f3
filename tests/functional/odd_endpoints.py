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
from typing import Any

from answering import answering_server

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

    def respond(path: str, headers: Mapping[str, str], body: dict[str, Any]) -> tuple[int, str, bytes]:
        name = path.split("/")[1]
        with lock:
            count = len(odd.asked[name])
            odd.asked[name].append(body)
        status, answer = handlers[name](body, count)
        sent = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
        return status, "text/html" if sent[:1] == b"<" else "application/json", sent

    with answering_server(respond) as odd.location:
        yield odd


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
