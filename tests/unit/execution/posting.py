"""Requests through a transport by itself, as the sender makes them: from any thread, through the loop that the transport belongs to."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import httpx
from executing import until

from dbt_ai.execution.loop import Loop
from dbt_ai.execution.transport import KeepAliveTransport

# Where this process stands still before it has a connection, its deadline passes there.
TOO_LATE = (httpx.ReadTimeout, httpx.ConnectTimeout)
BODY = b'{"messages": [{"content": "hello"}]}'


@dataclass
class Wire:
    """A transport and the loop it belongs to."""

    transport: KeepAliveTransport
    loop: Loop = field(default_factory=Loop)

    def post(self, url: str, seconds: float = 60, body: bytes = BODY, **headers: str) -> httpx.Response:
        timeout = {"connect": 60.0, "read": seconds, "write": seconds, "pool": None}
        request = httpx.Request("POST", url, headers=headers, content=body, extensions={"timeout": timeout})
        return self.loop.run(self._read(request))

    async def _read(self, request: httpx.Request) -> httpx.Response:
        response = await self.transport.handle_async_request(request)
        await response.aread()
        return response

    def close(self) -> None:
        self.loop.run(self.transport.aclose())

    @contextmanager
    def hanging(self, url: str, arrived: Callable[[], bool]) -> Iterator[list[Exception]]:
        """An exchange that hangs meanwhile; then the transport is closed. Yields a list for what the exchange ends with."""
        ended: list[Exception] = []

        def wait() -> None:
            try:
                self.post(url, seconds=600)
            except httpx.TransportError as error:
                ended.append(error)

        thread = threading.Thread(target=wait, daemon=True)
        thread.start()
        until(arrived)
        yield ended
        self.close()
        thread.join(60)


@contextmanager
def wire(largest_answer: int = 1 << 20) -> Iterator[Wire]:
    made = Wire(KeepAliveTransport(largest_answer))
    try:
        yield made
    finally:
        made.loop.close(made.transport.aclose)


@contextmanager
def raw_server(respond: Callable[[socket.socket, int], bool]) -> Iterator[tuple[str, list[bytes]]]:
    """A server of bytes. respond: writes to the connection for the request of this number; false closes it."""
    listener = socket.create_server(("127.0.0.1", 0))
    received: list[bytes] = []

    def serve(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            while message := connection.recv(65536):
                received.append(message)
                if not respond(connection, len(received)):
                    return

    def accept() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    with listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/", received


def sends(answer: bytes, keep: bool = True) -> Callable[[socket.socket, int], bool]:
    def respond(connection: socket.socket, number: int) -> bool:
        connection.sendall(answer)
        return keep

    return respond
