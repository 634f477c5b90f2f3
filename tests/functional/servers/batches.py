"""A server of the batch APIs of OpenAI, Anthropic and Gemini, from their documentation: none of them can be reached from a test.

It answers a chat request with its last message in capitals, and an embedding with the length of the text. See batch_formats.py for what
each of them says in which words.
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
from urllib.parse import parse_qs, urlsplit

from servers.batch_formats import FORMATS, Format


@dataclass
class Job:
    """lines: as they were submitted. left: how often it is looked at before it has ended. answered: how many of its lines it got to."""

    id: str
    form: Format
    lines: list[dict[str, Any]]
    name: str
    made: float
    left: int
    until: float
    answered: int
    over: str = "completed"
    ended: bool = False


@dataclass
class Batches:
    """looks: how often a job is looked at before it has ended. takes: seconds of `now`, which `pass_time` moves on, until it has.
    lose: submissions whose connection breaks before they are answered. late: how often the list is asked for before it holds a job
    whose submission was lost. page: jobs on a page of the list.
    revoked: the key is refused.
    refuses: the text whose request is refused, in words that quote it, wherever it is asked.
    expire: the part of the lines that a job does not get to. mangle: lines of results that are there twice, missing, or no JSON.
    stall: what is not answered until `released` is set: "upload", "submit" or "download", of which half is sent.
    page_for: jobs in the place of whose results a gateway answers a page.
    stalled: that is so now. url: of the server. asked: lines of all jobs; live: requests that were sent at once.
    cache: the prompt cache, see batch_formats.py."""

    looks: int = 1
    takes: float = 0.0
    lose: int = 0
    late: int = 0
    page: int = 100
    revoked: bool = False
    refuses: str = ""
    expire: float = 0.0
    mangle: bool = False
    break_downloads: int = 0
    stall: str = ""
    page_for: set[str] = field(default_factory=set)
    stalled: threading.Event = field(default_factory=threading.Event)
    released: threading.Event = field(default_factory=threading.Event)
    url: str = ""
    now: float = field(default_factory=time.time)
    files: dict[str, bytes] = field(default_factory=dict)
    jobs: dict[str, Job] = field(default_factory=dict)
    hidden: dict[str, Job] = field(default_factory=dict)
    live: list[dict[str, Any]] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    cache: dict[str, int] = field(default_factory=dict)

    @property
    def asked(self) -> int:
        return sum(len(job.lines) for job in (*self.jobs.values(), *self.hidden.values()))

    def submit(self, form: Format, lines: list[dict[str, Any]], name: str) -> Job:
        number = len(self.jobs) + len(self.hidden)
        answered = round(len(lines) * (1 - self.expire))
        over = "expired" if self.expire else "completed"
        job = Job(f"batch_{number}", form, lines, name, self.now, self.looks, self.now + self.takes, answered, over)
        (self.hidden if self.late else self.jobs)[job.id] = job
        return job

    def look(self, id: str) -> Job:
        job = self.jobs[id]
        job.left -= 1
        job.ended = job.ended or (job.left <= 0 and self.now >= job.until)
        return job

    def pass_time(self, seconds: float) -> None:
        """In the place of time.sleep: a day takes a moment."""
        self.now += seconds

    def cancel(self, id: str) -> Job:
        """What was answered by then, half of it, can still be read."""
        job = self.jobs[id]
        self.cancelled.append(id)
        job.answered, job.ended, job.over = min(job.answered, len(job.lines) // 2), True, "cancelled"
        return job

    def listed(self, after: str) -> tuple[list[Job], str]:
        """A page, the latest first, and what asks for the next."""
        if self.hidden:
            self.late -= 1
            if self.late <= 0:
                self.jobs |= self.hidden
                self.hidden.clear()
        every = list(reversed(self.jobs.values()))
        start = [job.id for job in every].index(after) + 1 if after else 0
        page = every[start : start + self.page]
        return page, page[-1].id if start + self.page < len(every) else ""

    def results(self, job: Job) -> bytes:
        if job.id in self.page_for:
            return b"<html>\n<body>Sign in</body>\n</html>"
        lines = [json.dumps(line) for line in job.form.results(self, job)]
        random.Random(1).shuffle(lines)
        if self.mangle:
            lines = [*lines[3:], lines[5], "{not json", ""]
        return "\n".join(lines).encode()


@contextmanager
def batches(**behaviour: Any) -> Iterator[Batches]:
    state = Batches(**behaviour)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(state))
    state.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield state
    finally:
        state.released.set()
        server.shutdown()
        server.server_close()


def _handler(state: Batches) -> type[BaseHTTPRequestHandler]:
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.handle_with(self.rfile.read(int(self.headers["Content-Length"] or 0)))

        def do_GET(self) -> None:
            self.handle_with(None)

        def handle_with(self, body: bytes | None) -> None:
            url = urlsplit(self.path)
            state.headers.append({name.lower(): value for name, value in self.headers.items()})
            query = {name: values[0] for name, values in parse_qs(url.query).items()}
            if state.revoked:
                return self.answer(401, {"error": {"message": "Incorrect API key provided", "type": "invalid_request_error"}})
            form = next(form for form in FORMATS if form.owns(url.path))
            try:
                with lock:
                    what, answer = form.get(state, url.path, query) if body is None else form.post(state, url.path, body, self.headers)
            except KeyError:
                return self.answer(404, {"error": {"message": "there is no such job", "type": "not_found_error", "code": 404}})
            if what == "submit" and state.lose:
                state.lose -= 1
                return self.hang_up()
            if what and what == state.stall:
                state.stalled.set()
                if what == "download":
                    self.begin(answer, len(answer) // 2)
                state.released.wait(60)
                return self.hang_up()
            if what == "download" and state.break_downloads:
                state.break_downloads -= 1
                self.begin(answer, len(answer) // 2)
                return self.hang_up()
            self.answer(200, answer)

        def begin(self, content: bytes, sent: int) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content[:sent])
            self.wfile.flush()

        def hang_up(self) -> None:
            self.close_connection = True
            self.connection.close()

        def answer(self, status: int, content: Any) -> None:
            body = content if isinstance(content, bytes) else json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: Any) -> None: ...

    return Handler
