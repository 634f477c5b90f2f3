"""A server on loopback whose answers are a function of the request."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

# Path, headers and JSON body of a request -> status, content type and body of the response.
Respond = Callable[[str, Mapping[str, str], dict[str, Any]], tuple[int, str, "bytes | Sent"]]


@dataclass(frozen=True)
class Sent:
    """A body as it is sent: with headers of its own. Where these tell another length than it has, the connection is closed behind it."""

    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


@contextmanager
def answering_server(respond: Respond) -> Iterator[str]:
    """Yields the server's URL. It keeps connections, and answers several requests at once."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status, content_type, body = respond(self.path, self.headers, asked)
            sent = body if isinstance(body, Sent) else Sent(body)
            headers = {"Content-Type": content_type, "Content-Length": str(len(sent.body)), **sent.headers}
            if "Transfer-Encoding" in headers and "Content-Length" not in sent.headers:
                del headers["Content-Length"]
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(sent.body)
            self.close_connection = headers.get("Content-Length") not in (None, str(len(sent.body)))

        def log_message(self, *arguments: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
