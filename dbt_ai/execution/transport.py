"""HTTP/1.1 over kept connections, as an httpx transport: a tenth of the CPU that httpx's own needs for a request.

httpx sends through h11, a parser in pure Python; at a thousand requests a second that alone fills a core. This one uses the
standard library's parser. It never follows a redirect, verifies TLS as httpx does (also SSL_CERT_FILE and SSL_CERT_DIR), bounds
the size of an answer, and bounds the whole exchange by one deadline, so that an endpoint that trickles cannot hold a thread.
Requests that go through a proxy are left to httpx.
"""

from __future__ import annotations

import contextlib
import http.client
import io
import select
import socket
import ssl
import threading
import time
import urllib.request
from typing import Any, cast

import httpx

from dbt_ai.execution.deadlines import Deadlines

CONNECT_SECONDS = 10.0
LARGEST_ANSWER = 64 * 1024 * 1024
# An idle connection is older than most servers keep it: a new one costs less than a request that dies on it.
IDLE_SECONDS = 30.0
_CHUNK = 1 << 16
TOO_LATE = "no whole answer before the deadline"

Origin = tuple[str, str, int]


class AnswerTooLarge(httpx.TransportError):
    """The answer is larger than the bound; what came of it is thrown away."""


class KeepAliveTransport(httpx.BaseTransport):
    """Thread-safe; as many connections as there are requests in flight.

    The read timeout of a request bounds its whole exchange, not one read.
    Raises the exceptions of httpx, and AnswerTooLarge.
    """

    def __init__(self, largest_answer: int = LARGEST_ANSWER) -> None:
        self._largest = largest_answer
        self._lock = threading.Lock()
        self._idle: dict[Origin, list[_Connection]] = {}
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
        while True:
            connection = self._take(origin, min(timeout.get("connect") or CONNECT_SECONDS, deadline - time.monotonic()))
            self._deadlines.watch(connection, deadline)
            try:
                response = connection.exchange(head + body, request, deadline, self._largest)
            except _Stale:
                # The server closed a kept connection while we wrote to it and has not begun to answer: it did not take
                # this request (RFC 9112 9.3.1).
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

    def _take(self, origin: Origin, connect_seconds: float) -> _Connection:
        while True:
            with self._lock:
                idle = self._idle.get(origin)
                connection = idle.pop() if idle else None
            if connection is None:
                return _Connection(origin, connect_seconds, self._context() if origin[0] == "https" else None)
            if connection.usable():
                return connection
            connection.close()

    def _give_back(self, origin: Origin, connection: _Connection) -> None:
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
        # A compressed answer could grow beyond the bound after it was counted.
        request.headers["Accept-Encoding"] = "identity"
        response = self._proxied.send(request, stream=True)
        body = bytearray()
        try:
            for chunk in response.iter_raw():
                body += chunk
                _check(len(body), self._largest, deadline)
        finally:
            response.close()
        _refuse_encoded(response.headers.get("content-encoding"))
        headers = [(name, value) for name, value in response.headers.raw if name.lower() != b"transfer-encoding"]
        return httpx.Response(response.status_code, headers=headers, content=bytes(body), request=request)


class _Stale(Exception):
    """A kept connection turned out to be closed before anything of an answer came."""


class _Connection:
    def __init__(self, origin: Origin, connect_seconds: float, context: ssl.SSLContext | None) -> None:
        _, host, port = origin
        try:
            self._socket = socket.create_connection((host, port), timeout=max(connect_seconds, 0.001))
            # A body that follows its head in a second packet would wait for the first one's acknowledgement.
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if context is not None:
                self._socket = context.wrap_socket(self._socket, server_hostname=host)
            self._socket.settimeout(None)  # from here on Deadlines interrupts what takes too long
        except TimeoutError:
            raise httpx.ConnectTimeout(f"no connection to {host}:{port} within {connect_seconds:.0f} s") from None
        except OSError as error:
            raise httpx.ConnectError(f"no connection to {host}:{port}: {error}") from error
        self._raw = _DeadlineReader(self._socket)
        self._reader = _Reader(self._raw, _CHUNK)
        self._used = False
        self._last_used = 0.0
        self.reusable = False

    def usable(self) -> bool:
        """Whether an idle connection may carry another request: fresh, open, and with nothing left to read."""
        if time.monotonic() - self._last_used > IDLE_SECONDS or self._raw.left(self._reader):
            return False
        poll = select.poll() if hasattr(select, "poll") else None
        try:
            if poll is None:
                return not select.select([self._socket], [], [], 0)[0]
            poll.register(self._socket, select.POLLIN)
            return not poll.poll(0)
        except (OSError, ValueError):
            return False

    def exchange(self, message: bytes, request: httpx.Request, deadline: float, largest: int) -> httpx.Response:
        reused, self._used, self.reusable = self._used, True, False
        self._raw.deadline, self._raw.received = deadline, 0
        try:
            self._socket.sendall(message)
            answer = http.client.HTTPResponse(cast(socket.socket, _MakeFile(self._reader)), method=request.method)
            # Closed here: an answer that broke would close its file after the file itself is gone, which Python 3.13 reports.
            with contextlib.closing(answer):
                answer.begin()
                body = _read_body(answer, largest, deadline)
        except TimeoutError:
            raise httpx.ReadTimeout(TOO_LATE, request=request) from None
        except http.client.HTTPException as error:
            if reused and not self._raw.received:
                raise _Stale from None
            raise httpx.RemoteProtocolError(_said(error), request=request) from None
        except (OSError, ValueError) as error:
            if time.monotonic() >= deadline:
                raise httpx.ReadTimeout(TOO_LATE, request=request) from None
            if reused and not self._raw.received:
                raise _Stale from None
            raise httpx.ReadError(f"the connection broke: {error}", request=request) from None
        self.reusable = not answer.will_close
        self._last_used = time.monotonic()
        headers = [
            (name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.getheaders() if name.lower() != "transfer-encoding"
        ]
        return httpx.Response(answer.status, headers=headers, content=body, request=request)

    def interrupt(self) -> None:
        # Wakes a thread that is reading, which close alone does not. TLS is left out: its own shutdown is not thread-safe.
        with contextlib.suppress(OSError):
            socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def close(self) -> None:
        self.interrupt()
        self._socket.close()


class _DeadlineReader(io.RawIOBase):
    """The socket's bytes, counted; an end that the deadline brought about is no end of the answer."""

    def __init__(self, source: socket.socket) -> None:
        self._source = source
        self._sealed = False
        self.deadline = 0.0
        self.received = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if self._sealed:
            return None
        count = self._source.recv_into(buffer)
        if not count and time.monotonic() >= self.deadline:
            raise TimeoutError
        self.received += count
        return count

    def left(self, reader: io.BufferedReader) -> bool:
        """Whether bytes were received that belong to no answer, without reading more of them."""
        self._sealed = True
        try:
            return bool(reader.peek(1))
        finally:
            self._sealed = False


class _Reader(io.BufferedReader):
    def close(self) -> None:
        """http.client closes its file at the end of an answer; the connection keeps this one for the next."""


class _MakeFile:
    """What http.client wants of a socket."""

    def __init__(self, reader: _Reader) -> None:
        self._reader = reader

    def makefile(self, *_: object) -> _Reader:
        return self._reader


def _head(request: httpx.Request) -> bytes:
    target = request.url.raw_path
    lines = [request.method.encode() + b" " + target + b" HTTP/1.1"]
    for name, value in request.headers.raw:
        if any(byte in name + value for byte in b"\r\n\0"):
            raise httpx.LocalProtocolError(f"header {name.decode('latin-1')!r} holds a line break or a zero byte")
        lines.append(name + b": " + value)
    return b"\r\n".join(lines) + b"\r\n\r\n"


def _read_body(answer: http.client.HTTPResponse, largest: int, deadline: float) -> bytes:
    _refuse_encoded(answer.getheader("content-encoding"))
    announced = answer.length
    if announced is not None:
        _check(announced, largest, deadline)
    body = bytearray()
    while chunk := answer.read(min(_CHUNK, largest + 1)):
        body += chunk
        _check(len(body), largest, deadline)
    if announced is not None and len(body) < announced:
        raise http.client.IncompleteRead(bytes(body[:0]), announced - len(body))
    return bytes(body)


def _check(size: int, largest: int, deadline: float) -> None:
    if size > largest:
        raise AnswerTooLarge(f"the answer is larger than {largest // 2**20} MiB")
    if time.monotonic() > deadline:
        raise TimeoutError


def _refuse_encoded(encoding: str | None) -> None:
    if encoding and encoding.lower() != "identity":
        raise httpx.RemoteProtocolError(f"the answer is encoded as {encoding!r}, which was not asked for")


def _said(error: http.client.HTTPException) -> str:
    if isinstance(error, http.client.RemoteDisconnected):
        return "the connection was closed without an answer"
    if isinstance(error, http.client.IncompleteRead):
        return f"the answer ended {error.expected or 'some'} bytes early"
    return f"this is not HTTP: {type(error).__name__}"
