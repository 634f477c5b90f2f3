"""One connection that carries one exchange after another: a request out, an answer in, read by llhttp, the parser of Node."""

from __future__ import annotations

import contextlib
import errno
import select
import socket
import ssl
import time

import httptools
import httpx

# An idle connection is older than most servers keep it: a new one costs less than a request that dies on it.
IDLE_SECONDS = 30.0
LARGEST_HEAD = 64 * 1024
TOO_LATE = "no whole answer before the deadline"
_CHUNK = 1 << 16

Origin = tuple[str, str, int]


class AnswerTooLarge(httpx.TransportError):
    """The answer is larger than the bound; what came of it is thrown away."""


class Stale(Exception):
    """A kept connection turned out to be closed before anything of an answer came."""


class Connection:
    """Used by one thread at a time; any other may interrupt it. Raises ConnectError, ConnectTimeout and PoolTimeout of httpx."""

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
        except UnicodeError:  # a part between dots that is empty, or longer than 63 characters
            raise httpx.ConnectError(f"no connection to {host}:{port}: this is no host name") from None
        except OSError as error:
            if error.errno in (errno.EMFILE, errno.ENFILE):
                raise httpx.PoolTimeout(f"as many connections as this process may open: {error.strerror}") from None
            raise httpx.ConnectError(f"no connection to {host}:{port}: {error}") from error
        self._used = False
        self._last_used = 0.0
        self._interrupted = False
        self.reusable = False

    def usable(self) -> bool:
        """Whether an idle connection may carry another request: fresh, open, and with nothing left to read."""
        if time.monotonic() - self._last_used > IDLE_SECONDS:
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
        """deadline: when `interrupt` is called. Raises Stale, AnswerTooLarge, and the exceptions of httpx for what breaks."""
        reused, self._used, self.reusable = self._used, True, False
        answer = _Answer(largest)
        try:
            self._socket.sendall(message)
            while not answer.complete:
                received = self._socket.recv(_CHUNK)
                if not received:
                    if self._interrupted:  # by us, which ends no answer
                        raise ConnectionAbortedError("it was interrupted")
                    answer.end()
                    break
                answer.feed(received)
        except (OSError, ValueError, httpx.RemoteProtocolError) as error:
            if time.monotonic() >= deadline:
                raise httpx.ReadTimeout(TOO_LATE, request=request) from None
            if reused and not answer.begun and not self._interrupted:
                raise Stale from None
            if isinstance(error, httpx.RemoteProtocolError):
                raise
            raise httpx.ReadError(f"the connection broke: {error}", request=request) from None
        self.reusable = answer.keeps_alive
        self._last_used = time.monotonic()
        return httpx.Response(answer.status, headers=answer.headers, content=bytes(answer.body), request=request)

    def interrupt(self) -> None:
        self._interrupted = True
        # Wakes a thread that is reading, which close alone does not. TLS is left out: its own shutdown is not thread-safe.
        with contextlib.suppress(OSError):
            socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def close(self) -> None:
        self.interrupt()
        self._socket.close()


class _Answer:
    """What the parser calls as it reads. It must not raise: what is wrong is raised after it has returned."""

    def __init__(self, largest: int) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._largest = largest
        self._expected: int | None = None
        self._until_end = False
        self._head_bytes = self._received = 0
        self._head_complete = False
        self._refusal: Exception | None = None
        self.begun = self.complete = self.keeps_alive = False
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.body = bytearray()

    def feed(self, received: bytes) -> None:
        self.begun = True
        self._received += len(received)
        if self._received > self._largest + LARGEST_HEAD:  # also of what is no body: trailers, and the sizes of chunks
            raise too_large(self._largest)
        try:
            self._parser.feed_data(received)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self.keeps_alive = False
            if not self.complete:
                raise httpx.RemoteProtocolError(f"this is not HTTP: {error}") from None
        if self._refusal is not None:
            raise self._refusal
        if not self._head_complete:
            self._head_bytes += len(received)
            if self._head_bytes > LARGEST_HEAD:
                raise httpx.RemoteProtocolError(f"the head of the answer is larger than {LARGEST_HEAD // 1024} KiB")

    def end(self) -> None:
        """The connection was closed, which ends an answer that announced no length."""
        if not self.begun:
            raise httpx.RemoteProtocolError("the connection was closed without an answer")
        if not self._until_end:
            missing = self._expected - len(self.body) if self._expected else "some"
            raise httpx.RemoteProtocolError(f"the answer ended {missing} bytes early")
        self.complete = True

    def on_message_begin(self) -> None:
        if self.complete:  # bytes that belong to no request
            self.keeps_alive = False
        else:  # the answer, after one like 100 Continue
            self.headers.clear()
            self._head_complete = False

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._head_complete:  # what comes after the body are trailers, which are no headers (RFC 9110 6.5.1)
            self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        if self.complete:
            return
        self._head_complete = True
        self.status = self._parser.get_status_code()
        named = {name.lower(): value for name, value in self.headers}
        try:
            for name, value in self.headers:
                if name.lower() == b"content-encoding":
                    refuse_encoded(value.decode("latin-1"))
        except httpx.RemoteProtocolError as error:
            self._refusal = error
        self._expected = int(named[b"content-length"]) if b"content-length" in named else None
        self._bound(self._expected or 0)
        self._until_end = self.status >= 200 and self._expected is None and b"transfer-encoding" not in named
        self.headers = [(name, value) for name, value in self.headers if name.lower() != b"transfer-encoding"]

    def on_body(self, part: bytes) -> None:
        if not self.complete and self._refusal is None:
            self._bound(len(self.body) + len(part))
            self.body += part

    def on_message_complete(self) -> None:
        if self.status >= 200 and not self.complete:
            self.complete = True
            self.keeps_alive = self._parser.should_keep_alive()

    def _bound(self, size: int) -> None:
        if size > self._largest:
            self._refusal = too_large(self._largest)


def too_large(largest: int) -> AnswerTooLarge:
    return AnswerTooLarge(f"the answer is larger than {largest // 2**20} MiB")


def refuse_encoded(encoding: str | None) -> None:
    """A compressed answer could grow beyond the bound after it was counted."""
    if encoding and encoding.lower() != "identity":
        raise httpx.RemoteProtocolError(f"the answer is encoded as {encoding!r}, which was not asked for")
