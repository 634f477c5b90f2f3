"""A loopback endpoint whose latency, capacity and misbehaviour are known, for tests and benchmarks of how requests leave.

It speaks OpenAI's formats, and that of custom models, far enough to be called; whether a format is right is tested against real servers.
Run as a process of its own: `python tests/loopback.py '{"latency": 0.2, "capacity": 64}'` prints its port.
GET /counters tells what it saw, and the clock at the first request and the last answer; POST /behave replaces its behaviour.
"""

from __future__ import annotations

import asyncio
import base64
import json
import struct
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any


@dataclass
class Behaviour:
    """latency: seconds an accepted request takes. capacity: requests in flight above which 429 is answered, or a list of
    [seconds since the first request, capacity]. rate, burst: a token bucket of requests per second. retry_after: header of its
    refusals. most_inputs, most_bytes: 413 above. poison: 400 for a batch that holds this text. broken: the first n requests are
    answered with this status. status: every request is, or those with the poison. base64: false ignores the wish for it, null refuses it.
    wrong: hang, reset, trickle, huge, endless, short, long, close, garbage, empty, redirect - for requests that hold the
    poison, or for all without one; drop: a connection carries one answer, and is closed without one when it carries another request.
    usage: what a chat answer says it took, in place of what was counted."""

    latency: float = 0.0
    capacity: Any = None
    rate: float | None = None
    burst: float | None = None
    retry_after: str | None = None
    most_inputs: int | None = None
    most_bytes: int | None = None
    poison: str | None = None
    broken: int = 0
    status: int | None = None
    wrong: str | None = None
    dimensions: int = 8
    base64: bool | None = True
    answer_bytes: int = 20
    usage: Any = "counted"


@dataclass
class State:
    behaviour: Behaviour
    counters: Counter[str] = field(default_factory=Counter)
    running: int = 0
    started: float | None = None
    first: float = 0.0
    last: float = 0.0
    level: float = -1.0
    level_at: float = 0.0
    per_request: list[int] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)


REASONS = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 413: "Too Large", 429: "Too Many Requests", 500: "Broken", 503: "Busy"}


@dataclass
class Server:
    """The state is replaced with the behaviour: what was asked before counts for the state that it was asked in."""

    state: State


class Connection(asyncio.Protocol):
    def __init__(self, server: Server) -> None:
        self.server = server
        self.buffer = b""
        self.answered = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.server.state.counters["connections"] += 1

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            head = self.buffer[:end].decode("latin-1")
            length = next((int(line[15:]) for line in head.split("\r\n") if line[:15].lower() == "content-length:"), 0)
            if len(self.buffer) < end + 4 + length:
                return
            body, self.buffer = self.buffer[end + 4 : end + 4 + length], self.buffer[end + 4 + length :]
            self.request(head, body)

    def request(self, head: str, body: bytes) -> None:
        state, path = self.server.state, head.split(" ", 2)[1]
        if path == "/counters":
            counted = {
                **state.counters,
                "running": state.running,
                "first": state.first,
                "last": state.last,
                "per_request": state.per_request[-10000:],
            }
            counted["repeated_inputs"] = sum(count > 1 for count in state.seen.values())
            self.answer(200, json.dumps(counted).encode())
        elif path == "/behave":
            self.server.state = State(Behaviour(**json.loads(body)))
            self.answer(200, b"{}")
        else:
            self.model(state, head, body)

    def model(self, state: State, head: str, body: bytes) -> None:
        behaviour, now = state.behaviour, time.monotonic()
        if state.started is None:
            state.started, state.first = now, time.time()
        state.counters["requests"] += 1
        if behaviour.wrong == "drop" and self.answered:
            state.counters["drop"] += 1
            return self.transport.close()  # type: ignore[attr-defined, no-any-return]
        document = json.loads(body)
        inputs = document.get("input") or document.get("inputs") or [document["messages"][-1]["content"]]
        if self.refuses(state, now):
            state.counters["refused"] += 1
            extra = f"Retry-After: {behaviour.retry_after}\r\n" if behaviour.retry_after else ""
            return self.answer(429, b'{"error": {"message": "slow down"}}', extra)
        if state.counters["broken"] < behaviour.broken:
            state.counters["broken"] += 1
            return self.answer(behaviour.status or 500, b'{"error": {"message": "broken"}}')
        if document.get("encoding_format") == "base64" and behaviour.base64 is None:
            return self.answer(400, b'{"error": {"message": "unknown field: encoding_format"}}')
        secret = head.partition("uthorization: ")[2].split("\r\n")[0]
        if behaviour.status and not behaviour.broken and behaviour.poison is None:
            return self.answer(behaviour.status, json.dumps({"error": {"message": f"no: {secret}"}}).encode())
        if len(inputs) > (behaviour.most_inputs or 1e9) or len(body) > (behaviour.most_bytes or 1e12):
            state.counters["too_large"] += 1
            return self.answer(413, b'{"error": {"message": "too large"}}')
        poisoned = behaviour.poison is not None and any(behaviour.poison in text for text in inputs)
        if behaviour.wrong and behaviour.wrong != "drop" and (poisoned or behaviour.poison is None):
            return self.misbehave(state, behaviour.wrong, secret)
        if poisoned:
            state.counters["poisoned"] += 1
            return self.answer(behaviour.status or 400, json.dumps({"error": {"message": f"cannot read an input {secret}"}}).encode())
        state.counters["accepted"] += 1
        state.counters["before_first_answer"] += not state.last
        state.counters["inputs"] += len(inputs)
        state.per_request.append(len(inputs))
        state.seen.update(inputs)
        state.running += 1
        asyncio.get_running_loop().call_later(behaviour.latency, self.finish, state, document, inputs)

    def refuses(self, state: State, now: float) -> bool:
        behaviour = state.behaviour
        if behaviour.capacity is not None:
            capacity = behaviour.capacity
            if isinstance(capacity, list):
                capacity = next(size for since, size in reversed(capacity) if now - state.started >= since)
            if state.running >= capacity:
                return True
        if behaviour.rate:
            burst = behaviour.burst or behaviour.rate
            state.level = burst if state.level < 0 else min(burst, state.level + (now - state.level_at) * behaviour.rate)
            state.level_at = now
            if state.level < 1:
                return True
            state.level -= 1
        return False

    def finish(self, state: State, document: dict[str, Any], inputs: list[str]) -> None:
        state.running -= 1
        state.last = time.time()
        tokens = sum(len(text.encode()) // 4 + 1 for text in inputs)
        state.counters["input_tokens"] += tokens
        if "inputs" in document:
            return self.answer(200, json.dumps({"predictions": inputs}).encode())
        if "input" not in document:
            state.counters["output_tokens"] += 5
            text = f"answer to {inputs[0]}"[: state.behaviour.answer_bytes]
            choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}
            usage = {"prompt_tokens": tokens, "completion_tokens": 5, "total_tokens": tokens + 5}
            if state.behaviour.usage != "counted":
                usage = state.behaviour.usage
            return self.answer(200, json.dumps({"object": "chat.completion", "choices": [choice], "usage": usage}).encode())
        dimensions = document.get("dimensions") or state.behaviour.dimensions
        packed = document.get("encoding_format") == "base64" and state.behaviour.base64
        data = ",".join(f'{{"index":{i},"embedding":{vector(text, dimensions, packed)}}}' for i, text in enumerate(inputs))
        self.answer(200, f'{{"object":"list","data":[{data}],"usage":{{"prompt_tokens":{tokens},"total_tokens":{tokens}}}}}'.encode())

    def misbehave(self, state: State, how: str, secret: str) -> None:
        loop, write = asyncio.get_running_loop(), self.transport.write  # type: ignore[attr-defined]
        state.counters[how] += 1
        ok = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
        if how == "reset":
            self.transport.abort()  # type: ignore[attr-defined]
        elif how == "trickle":
            write(ok + b"Content-Length: 1000000\r\n\r\n")

            def drip() -> None:
                if not self.transport.is_closing():
                    write(b" ")
                    loop.call_later(0.05, drip)

            drip()
        elif how == "huge":
            write(ok + b"Content-Length: 104857600\r\n\r\n" + b" " * 1000)
        elif how == "endless":
            write(ok + b"Transfer-Encoding: chunked\r\n\r\n" + b"10000\r\n" + b" " * 65536 + b"\r\n")
            for _ in range(1600):
                write(b"10000\r\n" + b" " * 65536 + b"\r\n")
        elif how == "short":
            write(ok + b'Content-Length: 5000\r\n\r\n{"data": []}')
            self.transport.close()
        elif how == "long":
            write(ok + b'Content-Length: 5\r\n\r\n{"data": [], "and": "more than was announced"}')
        elif how == "garbage":
            write(b"\x00\x01 this is not HTTP " + secret.encode() + b"\r\n\r\n")
            self.transport.close()
        elif how == "empty":
            self.transport.close()
        elif how == "redirect":
            self.answer(302, b"", "Location: http://127.0.0.1:1/elsewhere\r\n")

    def answer(self, status: int, body: bytes, extra: str = "") -> None:
        self.answered = True
        closes = self.server.state.behaviour.wrong == "close"
        head = f"HTTP/1.1 {status} {REASONS.get(status, 'Status')}\r\nContent-Type: application/json\r\n{extra}"
        self.transport.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)  # type: ignore[attr-defined]
        if closes:
            self.transport.close()


@lru_cache(maxsize=200_000)
def vector(text: str, dimensions: int, packed: bool) -> str:
    seed = sum(text.encode()) % 97
    values = [((seed + 31 * i) % 19 - 9) / 10 for i in range(dimensions)]
    if packed:
        return f'"{base64.b64encode(struct.pack(f"<{dimensions}f", *values)).decode()}"'
    return json.dumps(values)


async def serve(behaviour: Behaviour) -> None:
    server = Server(State(behaviour))
    listening = await asyncio.get_running_loop().create_server(lambda: Connection(server), "127.0.0.1", 0, backlog=2048)
    print(listening.sockets[0].getsockname()[1], flush=True)
    await listening.serve_forever()


@dataclass
class Endpoint:
    """The client's side of a running server."""

    port: int
    process: subprocess.Popen[str]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def embeddings(self) -> str:
        return f"{self.url}/v1/embeddings"

    @property
    def invocations(self) -> str:
        return f"{self.url}/serving-endpoints/x/invocations"

    @property
    def chat(self) -> str:
        return f"{self.url}/v1/chat/completions"

    def counters(self) -> Counter[str]:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(f"{self.url}/counters") as answer:
            return Counter(json.load(answer))

    def behave(self, **behaviour: Any) -> None:
        """Change the behaviour and start counting anew."""
        body = json.dumps(asdict(Behaviour(**behaviour))).encode()
        urllib.request.build_opener(urllib.request.ProxyHandler({})).open(f"{self.url}/behave", body).close()


@contextmanager
def endpoint(**behaviour: Any) -> Iterator[Endpoint]:
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__)), json.dumps(asdict(Behaviour(**behaviour)))], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield Endpoint(int(process.stdout.readline()), process)
    finally:
        process.kill()
        process.wait()


if __name__ == "__main__":
    asyncio.run(serve(Behaviour(**json.loads(sys.argv[1] if len(sys.argv) > 1 else "{}"))))
