"""A server of the batch APIs of OpenAI and Anthropic, from their documentation: none of them can be reached from a test.

https://platform.openai.com/docs/api-reference/batch, https://docs.claude.com/en/api/creating-message-batches.
It answers a chat request with its last message in capitals, and an embedding with the length of the text.
"""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Batches:
    """looks: how often a job is looked at before it has ended. lose: submissions whose connection breaks before they are answered.
    expire: the part of the lines that a job does not get to. mangle: lines of results that are there twice, missing, or no JSON.
    url: of the server. asked: lines of all jobs; live: requests that were sent at once."""

    looks: int = 1
    lose: int = 0
    expire: float = 0.0
    mangle: bool = False
    break_downloads: int = 0
    url: str = ""
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)
    live: list[dict[str, Any]] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    @property
    def asked(self) -> int:
        return sum(len(job["lines"]) for job in self.jobs.values())


@contextmanager
def batches(**behaviour: Any) -> Iterator[Batches]:
    state = Batches(**behaviour)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(state))
    state.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()


def _handler(state: Batches) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"] or 0))
            state.headers.append({name.lower(): value for name, value in self.headers.items()})
            path = self.path.partition("?")[0]
            if path.endswith("/cancel"):
                job = _job_of(state, path.rsplit("/", 2)[-2])
                state.cancelled.append(job["id"])
                job["looks"] = 0
                self.answer(200, _shown(job))
            elif path == "/v1/files":
                content = body.split(b"\r\n\r\n")[2].rpartition(b"\r\n--")[0]
                name = body.partition(b'filename="')[2].partition(b'"')[0].decode()
                file = f"file-{len(state.files)}"
                state.files[file] = (name, content)
                self.answer(200, {"id": file, "object": "file", "purpose": "batch", "filename": name})
            elif path == "/v1/batches":
                request = json.loads(body)
                content = state.files[request["input_file_id"]][1]
                lines = [json.loads(line) for line in content.splitlines()]
                self.submitted({"kind": "openai", "lines": lines, "metadata": request["metadata"], "endpoint": request["endpoint"]})
            elif path == "/v1/messages/batches":
                self.submitted({"kind": "anthropic", "lines": json.loads(body)["requests"]})
            else:
                state.live.append(json.loads(body))
                self.answer(200, _completion(path, json.loads(body)))

        def submitted(self, job: dict[str, Any]) -> None:
            job |= {"id": f"batch_{len(state.jobs)}", "looks": state.looks, "made": time.time()}
            state.jobs[job["id"]] = job
            if state.lose:
                state.lose -= 1
                self.close_connection = True
                self.connection.close()
                return
            self.answer(200, _shown(job))

        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            state.headers.append({name.lower(): value for name, value in self.headers.items()})
            if path in ("/v1/batches", "/v1/messages/batches"):
                return self.answer(200, {"data": [_shown(job) for job in state.jobs.values()]})
            if path.endswith(("/content", "/results")):
                return self.results(_job_of(state, path.rsplit("/", 2)[-2].removeprefix("out-")))
            job = _job_of(state, path.rsplit("/", 1)[-1])
            job["looks"] -= 1
            self.answer(200, _shown(job))

        def results(self, job: dict[str, Any]) -> None:
            lines = [json.dumps(_result(job, line)) for line in job["lines"][: round(len(job["lines"]) * (1 - state.expire))]]
            random.Random(1).shuffle(lines)
            if state.mangle:
                lines = [*lines[3:], lines[5], "{not json", ""]
            content = "\n".join(lines).encode()
            if state.break_downloads:
                state.break_downloads -= 1
                self.send_response(200)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content[: len(content) // 2])
                self.close_connection = True
                self.connection.close()
                return
            self.answer(200, content)

        def answer(self, status: int, content: Any) -> None:
            body = content if isinstance(content, bytes) else json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: Any) -> None: ...

    return Handler


def _job_of(state: Batches, id: str) -> dict[str, Any]:
    return state.jobs[id]


def _shown(job: dict[str, Any]) -> dict[str, Any]:
    total, ended = len(job["lines"]), job["looks"] <= 0
    made = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(job["made"]))
    if job["kind"] == "anthropic":
        counts = {"processing": 0 if ended else total, "succeeded": total if ended else 0, "errored": 0, "canceled": 0, "expired": 0}
        return {"id": job["id"], "processing_status": "ended" if ended else "in_progress", "request_counts": counts, "created_at": made}
    shown = {"id": job["id"], "status": "completed" if ended else "in_progress", "metadata": job["metadata"]}
    return {
        **shown,
        "request_counts": {"total": total, "completed": total if ended else 0, "failed": 0},
        "output_file_id": f"out-{job['id']}" if ended else None,
    }


def _result(job: dict[str, Any], line: dict[str, Any]) -> dict[str, Any]:
    if job["kind"] == "anthropic":
        message = _completion("/v1/messages", line["params"])
        return {"custom_id": line["custom_id"], "result": {"type": "succeeded", "message": message}}
    body = _completion(line["url"], line["body"])
    return {"custom_id": line["custom_id"], "response": {"status_code": 200, "body": body}, "error": None}


def _completion(path: str, body: dict[str, Any]) -> dict[str, Any]:
    if path.endswith("/embeddings"):
        vectors = [{"index": index, "embedding": [float(len(text)), 1.0]} for index, text in enumerate(body["input"])]
        return {"data": vectors, "usage": {"prompt_tokens": len(vectors), "total_tokens": len(vectors)}}
    text = body["messages"][-1]["content"].upper()
    if path.endswith("/messages"):
        return {"content": [{"type": "text", "text": text}], "stop_reason": "end_turn", "usage": {"input_tokens": 10, "output_tokens": 2}}
    message = {"role": "assistant", "content": text}
    return {"choices": [{"message": message, "finish_reason": "stop"}], "usage": {"prompt_tokens": 10, "completion_tokens": 2}}
