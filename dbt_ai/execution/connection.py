"""A connection that carries one exchange after another: a request out, a response in. llhttp, the parser of Node, reads it."""

from __future__ import annotations

import asyncio
import errno
import math
import os
import re
import select
import socket
import ssl
import sys
import time
from collections.abc import Callable

import httptools
import httpx

from dbt_ai.execution.response_body import Encoded, decoded, encoding_of, too_large, without_encodings
from dbt_ai.security.urls import is_address

# uvicorn, which vLLM and litellm are served with, and Node close a connection that is idle for five seconds. Where they do so
# just when a request is sent, nobody knows whether they took it, and it goes once more. A new connection costs less.
IDLE_SECONDS = 4.0
LARGEST_HEAD = 64 * 1024
# As RFC 8305 recommends.
NEXT_ADDRESS_SECONDS = 0.25
TOO_LATE = "no whole answer before the deadline"
# An answer that has begun goes on, and who keeps a connection alive with spaces sends them more often. Models think before the first byte.
SILENCE_SECONDS = 60.0
# The process may open no more files, or start no more threads to look up host names.
_EXHAUSTED = (errno.EMFILE, errno.ENFILE, errno.EAGAIN)

Origin = tuple[str, str, int]
Watch = Callable[[float], None]


class Stale(Exception):
    """A kept connection was closed before any of the response arrived."""


def most_connections() -> int:
    """Three quarters of the files that this process may open; the rest is for databases and dbt. macOS allows 256 files."""
    if sys.platform == "win32":
        return sys.maxsize
    import resource

    most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return sys.maxsize if most == resource.RLIM_INFINITY else max(1, most * 3 // 4)


async def connect(origin: Origin, seconds: float, context: ssl.SSLContext | None) -> Connection:
    """Raises ConnectError, ConnectTimeout and PoolTimeout of httpx."""
    _, host, port = origin
    # Names below localhost are this machine's (RFC 6761), but many resolvers ask the network for them.
    address = "localhost" if host.endswith(".localhost") else host
    # Where the first address of a host leads nowhere, as IPv6 does in many networks, the next one is tried beside it. That takes half of
    # the work, which is in vain for a host that is an address itself.
    delay = None if is_address(host) else NEXT_ADDRESS_SECONDS
    opening = asyncio.get_running_loop().create_connection(
        Connection, address, port, ssl=context, server_hostname=host if context else None, happy_eyeballs_delay=delay
    )
    try:
        _, connection = await asyncio.wait_for(opening, max(seconds, 0.001))
    except (TimeoutError, asyncio.TimeoutError):  # two classes before Python 3.11
        raise httpx.ConnectTimeout(f"no connection to {host}:{port} within {seconds:.0f} s") from None
    except UnicodeError:  # a part between dots that is empty, or longer than 63 characters
        raise httpx.ConnectError(f"no connection to {host}:{port}: this is not a host name") from None
    except OSError as error:
        if error.errno in _EXHAUSTED:
            raise httpx.PoolTimeout(f"as many connections as this process may open: {error.strerror}") from None
        raise httpx.ConnectError(f"no connection to {host}:{port}: {_reason(error)}") from error
    return connection


def _reason(error: OSError) -> str:
    """The reason in words. asyncio gives only a number, after "Connect call failed" for each address."""
    if isinstance(error, socket.gaierror):
        return f"the host name is not known ({error.strerror})"
    if isinstance(error, ssl.SSLError) and error.reason == "WRONG_VERSION_NUMBER":
        return "the server speaks no TLS there; is the location http://?"
    numbers = re.findall(r"\[Errno (\d+)\]", str(error))
    return ", ".join(dict.fromkeys(os.strerror(int(number)) for number in numbers)) or str(error)


class Connection(asyncio.Protocol):
    """Made by `connect`. One exchange at a time."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport
        self._answer: _ResponseReader | None = None
        self._done: asyncio.Future[None]
        self._poll: select.poll | None = None
        self._lost = False
        self._used = False
        self._last_used = 0.0
        self.reusable = False
        self.deadline = math.inf
        self._latest = math.inf
        self._watch: Watch = lambda deadline: None

    async def exchange(self, message: bytes, request: httpx.Request, deadline: float, largest: int, watch: Watch) -> httpx.Response:
        """deadline: in the time of time.monotonic(), which is the loop's. The owner calls `late` when it has passed.
        watch: called with an earlier one, where an answer that has begun does not go on.

        Raises Stale, ResponseTooLarge, and the exceptions of httpx for what breaks.
        """
        reused, self._used, self.reusable = self._used, True, False
        self._answer = answer = _ResponseReader(largest)
        self._done = self._loop.create_future()
        self.deadline = self._latest = deadline
        self._watch = watch
        try:
            if self._closing():  # closed since the check; what is written now is lost without an error
                raise ConnectionAbortedError("it was closed")
            self._transport.write(message)
            await self._done
        except (OSError, httpx.RemoteProtocolError) as error:
            if reused and not answer.begun:
                raise Stale from None
            if isinstance(error, httpx.RemoteProtocolError):
                raise
            raise httpx.ReadError(f"the connection broke: {error}", request=request) from None
        except httpx.ReadTimeout as error:
            error.request = request
            raise
        finally:
            self.deadline = math.inf
            self._answer = None
            answer.let_go()
        self.reusable = answer.keeps_alive and not self._closing() and not self._transport.get_write_buffer_size()
        self._last_used = time.monotonic()
        body = decoded(bytes(answer.body), answer.encoding, largest)
        # A stream, as from httpx's own transports: `content` would be decoded and copied at once.
        return httpx.Response(answer.status, headers=answer.headers, stream=httpx.ByteStream(body))

    def usable(self) -> bool:
        """Whether an idle connection may carry another request: fresh, open, and with nothing left to read."""
        return not self._closing() and time.monotonic() - self._last_used <= IDLE_SECONDS and not self._readable()

    def close(self) -> None:
        """Close at once. An exchange that is under way ends with a ReadError."""
        self._transport.abort()
        if self._answer is not None:
            self._end(httpx.ReadError("the connection broke: it was closed from here"))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by asyncio when the connection is open."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        if hasattr(select, "poll"):
            self._poll = select.poll()
            self._poll.register(transport.get_extra_info("socket"), select.POLLIN)

    def data_received(self, data: bytes) -> None:
        """Called by asyncio with what has arrived."""
        if self._answer is None:  # bytes that belong to no request
            self.close()
            return
        try:
            self._answer.feed(data)
        except httpx.TransportError as error:
            self._end(error)
            return
        if self._answer.complete:
            self._end()
        elif self._answer.body:
            self.deadline = min(self._latest, time.monotonic() + SILENCE_SECONDS)
            self._watch(self.deadline)

    def eof_received(self) -> None:
        """Called by asyncio when the server has closed its side."""
        if self._answer is None:
            return
        try:
            self._answer.end()
        except httpx.RemoteProtocolError as error:
            self._end(error)
        else:
            self._end()

    def connection_lost(self, error: Exception | None) -> None:
        """Called by asyncio when the connection is gone."""
        self._lost = True
        if error is None:  # with TLS, Python 3.10 calls this and not eof_received when the server has closed the connection
            self.eof_received()
        elif self._answer is not None:
            self._end(error)

    def late(self) -> None:
        """End the exchange with a ReadTimeout: its deadline has passed."""
        if self.deadline < self._latest:
            self._end(httpx.ReadError(f"the answer stopped in its middle: nothing came for {SILENCE_SECONDS:g} s"))
        else:
            self._end(httpx.ReadTimeout(TOO_LATE))

    def _end(self, error: Exception | None = None) -> None:
        """The exchange is over."""
        if not self._done.done():
            if error is None:
                self._done.set_result(None)
            else:
                self._done.set_exception(error)

    def _closing(self) -> bool:
        return self._lost or self._transport.is_closing()  # with TLS, Python 3.10 reports a lost connection as open

    def _readable(self) -> bool:
        """Whether something arrived that the loop has not read yet: the end of the connection, or bytes that belong to no request."""
        return bool(self._poll.poll(0)) if self._poll else False


class _ResponseReader:
    """The parser calls these methods while it reads. They must not raise; an error is kept and raised when the parser has returned."""

    def __init__(self, largest: int) -> None:
        self._parser: httptools.HttpResponseParser | None = httptools.HttpResponseParser(self)
        self._largest = largest
        self._expected: int | None = None
        self._until_end = False
        self._head_bytes = self._received = 0
        self._head_complete = False
        self._refusal: Exception | None = None
        self.begun = self.complete = self.keeps_alive = False
        self.status = 0
        self.encoding: str | None = None
        self.headers: list[tuple[bytes, bytes]] = []
        self.body = bytearray()

    def feed(self, received: bytes) -> None:
        self.begun = True
        self._received += len(received)
        if self._received > self._largest + LARGEST_HEAD:  # trailers and the sizes of chunks count too
            raise too_large(self._largest)
        assert self._parser is not None
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

    def let_go(self) -> None:
        """Nothing more is read. The parser and its reader hold each other: Python's search for such rings took a fifth of the CPU."""
        self._parser = None

    def end(self) -> None:
        """The connection was closed. That ends a response without a length."""
        if not self.begun:
            raise httpx.RemoteProtocolError("the connection was closed without an answer")
        if not self._until_end:
            missing = self._expected - len(self.body) if self._expected else "some"
            raise httpx.RemoteProtocolError(f"the answer ended {missing} bytes early")
        self.complete = True

    def on_message_begin(self) -> None:
        if self.complete:  # bytes that belong to no request
            self.keeps_alive = False
        else:  # the final response, after one like 100 Continue
            self.headers.clear()
            self._head_complete = False

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._head_complete:  # trailers after the body are not headers (RFC 9110 6.5.1)
            self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        if self.complete:
            return
        assert self._parser is not None
        self._head_complete = True
        self.status = self._parser.get_status_code()
        named = {name.lower(): value for name, value in self.headers}
        try:
            encodings = [value.decode("latin-1") for name, value in self.headers if name.lower() == b"content-encoding"]
            self.encoding = encoding_of(encodings, self.status)
        except Encoded as error:
            self._refusal = error
        self._expected = int(named[b"content-length"]) if b"content-length" in named else None
        self._bound(self._expected or 0)
        self._until_end = self.status >= 200 and self._expected is None and b"transfer-encoding" not in named
        self.headers = without_encodings(self.headers)

    def on_body(self, part: bytes) -> None:
        if not self.complete and self._refusal is None:
            self._bound(len(self.body) + len(part))
            self.body += part

    def on_message_complete(self) -> None:
        if self.status >= 200 and not self.complete:
            assert self._parser is not None
            self.complete = True
            self.keeps_alive = self._parser.should_keep_alive()

    def _bound(self, size: int) -> None:
        if size > self._largest:
            self._refusal = too_large(self._largest)
