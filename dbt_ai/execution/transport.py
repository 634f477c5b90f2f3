"""HTTP/1.1 over kept connections, as an httpx transport: a tenth of the CPU that httpx's own needs for a request.

httpx sends through h11, a parser in pure Python; at a thousand requests a second that alone fills a core. This one uses a parser
in C. It never follows a redirect, verifies TLS as httpx does (also SSL_CERT_FILE and SSL_CERT_DIR), bounds
the size of an answer, and bounds the whole exchange by one deadline, so that an endpoint that trickles cannot hold a thread.
Requests that go through a proxy are left to httpx.
"""

from __future__ import annotations

import ssl
import threading
import time
import urllib.request

import httpx

from dbt_ai.execution.connection import TOO_LATE, Connection, Origin, Stale, refuse_encoded, too_large
from dbt_ai.execution.deadlines import Deadlines

CONNECT_SECONDS = 10.0
LARGEST_ANSWER = 64 * 1024 * 1024


class KeepAliveTransport(httpx.BaseTransport):
    """Thread-safe; as many connections as there are requests in flight.

    The read timeout of a request bounds its whole exchange, not one read.
    Raises the exceptions of httpx, and AnswerTooLarge.
    """

    def __init__(self, largest_answer: int = LARGEST_ANSWER) -> None:
        self._largest = largest_answer
        self._lock = threading.Lock()
        self._idle: dict[Origin, list[Connection]] = {}
        self._deadlines = Deadlines()
        self._tls: ssl.SSLContext | None = None
        self._proxies = urllib.request.getproxies()
        self._proxied: httpx.Client | None = None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        timeout = request.extensions.get("timeout", {})
        deadline = time.monotonic() + (timeout.get("read") or 300.0)
        if self._proxies and self._goes_through_proxy(request.url):
            return self._through_proxy(request, deadline)
        head, body = _head(request), request.read()
        origin = (request.url.scheme, request.url.host, request.url.port or (443 if request.url.scheme == "https" else 80))
        kept = True
        while True:
            connection = self._take(origin, min(timeout.get("connect") or CONNECT_SECONDS, deadline - time.monotonic()), kept)
            self._deadlines.watch(connection, deadline)
            try:
                response = connection.exchange(head + body, request, deadline, self._largest)
            except Stale:
                # Most likely the server closed a kept connection while we wrote to it, and did not take this request. It may
                # as well have died of the request: then it must not go once more on every connection that was kept.
                kept = False
                continue
            finally:
                self._deadlines.over(connection)
                self._give_back(origin, connection)
            return response

    def close(self) -> None:
        """Ends every exchange, also those of other threads, at once."""
        self._deadlines.close()
        with self._lock:
            connections = [connection for idle in self._idle.values() for connection in idle]
            self._idle.clear()
        for connection in connections:
            connection.close()
        if self._proxied is not None:
            self._proxied.close()

    def _goes_through_proxy(self, url: httpx.URL) -> bool:
        if not (self._proxies.get(url.scheme) or self._proxies.get("all")) or url.host in ("localhost", "127.0.0.1", "::1"):
            return False
        return not urllib.request.proxy_bypass(url.host)

    def _take(self, origin: Origin, connect_seconds: float, kept: bool) -> Connection:
        while True:
            with self._lock:
                idle = self._idle.get(origin) if kept else None
                connection = idle.pop() if idle else None
            if connection is None:
                return Connection(origin, connect_seconds, self._context() if origin[0] == "https" else None)
            if connection.usable():
                return connection
            connection.close()

    def _give_back(self, origin: Origin, connection: Connection) -> None:
        if not connection.reusable:
            connection.close()
            return
        with self._lock:
            self._idle.setdefault(origin, []).append(connection)

    def _context(self) -> ssl.SSLContext:
        with self._lock:
            if self._tls is None:
                self._tls = httpx.create_ssl_context()
                self._tls.set_alpn_protocols(["http/1.1"])
            return self._tls

    def _through_proxy(self, request: httpx.Request, deadline: float) -> httpx.Response:
        with self._lock:
            if self._proxied is None:
                self._proxied = httpx.Client(follow_redirects=False)
        request.headers["Accept-Encoding"] = "identity"
        response = self._proxied.send(request, stream=True)
        body = bytearray()
        try:
            refuse_encoded(response.headers.get("content-encoding"))
            for chunk in response.iter_raw():
                body += chunk
                if len(body) > self._largest:
                    raise too_large(self._largest)
                if time.monotonic() > deadline:
                    raise httpx.ReadTimeout(TOO_LATE, request=request)
        finally:
            response.close()
        headers = [(name, value) for name, value in response.headers.raw if name.lower() != b"transfer-encoding"]
        return httpx.Response(response.status_code, headers=headers, content=bytes(body), request=request)


def _head(request: httpx.Request) -> bytes:
    target = request.url.raw_path
    lines = [request.method.encode() + b" " + target + b" HTTP/1.1"]
    for name, value in request.headers.raw:
        if any(byte in name + value for byte in b"\r\n\0"):
            raise httpx.LocalProtocolError(f"header {name.decode('latin-1')!r} holds a line break or a zero byte")
        lines.append(name + b": " + value)
    return b"\r\n".join(lines) + b"\r\n\r\n"
