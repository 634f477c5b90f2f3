"""HTTP/1.1 over kept connections, as an httpx transport: a tenth of the CPU that httpx's own needs for a request.

httpx sends through h11, a parser in pure Python; at a thousand requests a second that alone fills a core. This one uses a parser
in C. It never follows a redirect, verifies TLS as httpx does (also SSL_CERT_FILE and SSL_CERT_DIR), bounds
the size of an answer, and bounds the whole exchange by one deadline, so that an endpoint that trickles holds nothing up.
Requests that go through a proxy are left to httpx.
"""

from __future__ import annotations

import asyncio
import math
import re
import ssl
import time
import urllib.request

import httpx

from dbt_ai.execution.connection import TOO_LATE, Connection, Origin, Stale, connect
from dbt_ai.execution.response_body import decoded, encoding_of, too_large, whole_body, without_encodings
from dbt_ai.security.proxies import proxies_of_environment
from dbt_ai.security.urls import is_loopback

CONNECT_SECONDS = 10.0
LARGEST_ANSWER = 64 * 1024 * 1024
# How httpx tells what a proxy answered to CONNECT: the status, then its reason.
_REFUSED_TO_CONNECT = re.compile(r"4\d\d\b")


class RefusedByProxy(httpx.ProxyError):
    """A proxy answered CONNECT by a status of 4xx, such as 403 or 407. Asked again as before it refuses again."""


class KeepAliveTransport(httpx.AsyncBaseTransport):
    """As many connections as there are requests in flight. Belongs to one event loop.

    The read timeout of a request bounds its whole exchange, not one read. Its extension `again` is called before it leaves once more,
    which it does when a kept connection turns out to be closed; what that raises ends the exchange.
    Raises the exceptions of httpx, RefusedByProxy, ResponseTooLarge, and ConfigurationError for a proxy that cannot be used.
    """

    def __init__(self, largest_answer: int = LARGEST_ANSWER) -> None:
        self._largest = largest_answer
        self._idle: dict[Origin, list[Connection]] = {}
        self._busy: set[Connection] = set()
        self._alarm: asyncio.TimerHandle | None = None
        self._tls: ssl.SSLContext | None = None
        self._proxies = urllib.request.getproxies()
        self._proxied: list[httpx.AsyncClient] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Called by httpx: send one request and read its response."""
        timeout = request.extensions.get("timeout", {})
        deadline = time.monotonic() + (timeout.get("read") or 300.0)
        if self._proxies and self._goes_through_proxy(request.url):
            return await self._through_proxy(request, deadline)
        message = _head(request) + await whole_body(request.stream)
        origin = (request.url.scheme, request.url.host, request.url.port or (443 if request.url.scheme == "https" else 80))
        connection = self._kept(origin)
        if connection is not None:
            try:
                return await self._exchange(origin, connection, message, request, deadline)
            except Stale:
                # Most likely the server closed the connection while we wrote, and did not take this request. But the
                # request may have ended the connection: it must not be sent once more on every connection that was kept.
                if again := request.extensions.get("again"):
                    again()
        connect_seconds = min(timeout.get("connect") or CONNECT_SECONDS, deadline - time.monotonic())
        return await self._exchange(origin, await self._connected(origin, connect_seconds), message, request, deadline)

    async def aclose(self) -> None:
        """End every exchange at once."""
        if self._alarm is not None:  # whoever asks afterwards may do so in another loop
            self._alarm.cancel()
            self._alarm = None
        for connection in [*self._busy, *self._all_idle()]:
            connection.close()
        while self._proxied:
            await self._proxied.pop().aclose()

    async def _exchange(
        self, origin: Origin, connection: Connection, message: bytes, request: httpx.Request, deadline: float
    ) -> httpx.Response:
        self._busy.add(connection)
        self._watch(deadline)
        try:
            return await connection.exchange(message, request, deadline, self._largest, self._watch)
        finally:
            self._busy.discard(connection)
            if connection.reusable:
                self._idle.setdefault(origin, []).append(connection)
            else:
                connection.close()

    def _watch(self, deadline: float) -> None:
        """One timer for all exchanges: a timer for each costs more than to read its response, and hardly one ever goes off."""
        if self._alarm is None or deadline < self._alarm.when():
            if self._alarm is not None:
                self._alarm.cancel()
            self._alarm = asyncio.get_running_loop().call_at(deadline, self._end_late)

    def _end_late(self) -> None:
        self._alarm, now = None, time.monotonic()
        for connection in self._busy:
            if connection.deadline <= now:
                connection.late()
        following = min((connection.deadline for connection in self._busy if connection.deadline > now), default=math.inf)
        if following < math.inf:
            self._watch(following)

    async def _connected(self, origin: Origin, seconds: float) -> Connection:
        context = self._context() if origin[0] == "https" else None
        try:
            return await connect(origin, seconds, context)
        except httpx.PoolTimeout:
            idle = self._all_idle()  # these are kept for other endpoints, which may never be asked again
            if not idle:
                raise
        for connection in idle:
            connection.close()
        await asyncio.sleep(0)  # the loop closes the sockets in its next round
        return await connect(origin, seconds, context)

    def _all_idle(self) -> list[Connection]:
        """They are kept no longer."""
        idle = [connection for kept in self._idle.values() for connection in kept]
        self._idle.clear()
        return idle

    def _kept(self, origin: Origin) -> Connection | None:
        idle = self._idle.get(origin)
        while idle:
            connection = idle.pop()
            if connection.usable():
                return connection
            connection.close()
        return None

    def _goes_through_proxy(self, url: httpx.URL) -> bool:
        if not (self._proxies.get(url.scheme) or self._proxies.get("all")) or is_loopback(url.host):
            return False
        return not urllib.request.proxy_bypass(url.host)

    def _context(self) -> ssl.SSLContext:
        if self._tls is None:
            self._tls = httpx.create_ssl_context()
            self._tls.set_alpn_protocols(["http/1.1"])
        return self._tls

    async def _through_proxy(self, request: httpx.Request, deadline: float) -> httpx.Response:
        # One client for each request in flight: for every request httpx looks at each pair of a client's connections, which
        # with a hundred of them takes ten milliseconds.
        client = self._proxied.pop() if self._proxied else self._proxied_client()
        request.headers["Accept-Encoding"] = "identity"
        try:
            return await asyncio.wait_for(self._proxied_answer(client, request), deadline - time.monotonic())
        except (TimeoutError, asyncio.TimeoutError):  # two classes before Python 3.11
            raise httpx.ReadTimeout(TOO_LATE, request=request) from None
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError) as error:
            # The proxy was called, and not the host that the request is for.
            proxies = proxies_of_environment()
            named = proxies.get(request.url.scheme) or proxies.get("all", "the proxy")
            refused = isinstance(error, httpx.ProxyError) and _REFUSED_TO_CONNECT.match(str(error))
            kind = RefusedByProxy if refused else type(error)
            raise kind(f"{request.url.host}: {named}: {error or 'no connection'}", request=request) from None
        finally:
            self._proxied.append(client)

    def _proxied_client(self) -> httpx.AsyncClient:
        proxies_of_environment()
        return httpx.AsyncClient(verify=self._context(), follow_redirects=False)

    async def _proxied_answer(self, client: httpx.AsyncClient, request: httpx.Request) -> httpx.Response:
        response = await client.send(request, stream=True)
        body = bytearray()
        try:
            encoding = encoding_of(response.headers.get_list("content-encoding"), response.status_code)
            async for chunk in response.aiter_raw():
                body += chunk
                if len(body) > self._largest:
                    raise too_large(self._largest)
        finally:
            await response.aclose()
        stream = httpx.ByteStream(decoded(bytes(body), encoding, self._largest))
        return httpx.Response(response.status_code, headers=without_encodings(response.headers.raw), stream=stream)


def _head(request: httpx.Request) -> bytes:
    headers = request.headers.raw
    lines = [request.method.encode() + b" " + request.url.raw_path + b" HTTP/1.1", *[name + b": " + value for name, value in headers]]
    head = b"\r\n".join(lines) + b"\r\n\r\n"
    if head.count(b"\r") != len(lines) + 1 or head.count(b"\n") != len(lines) + 1 or b"\0" in head:
        name = next((name for name, value in headers if any(byte in name + value for byte in b"\r\n\0")), b"")
        raise httpx.LocalProtocolError(f"header {name.decode('latin-1')!r} holds a line break or a zero byte")
    return head
