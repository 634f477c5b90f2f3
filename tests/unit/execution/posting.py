"""Requests through a transport by itself, as the sender makes them: from any thread, through the loop that the transport belongs to."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx

from dbt_ai.execution.loop import Loop
from dbt_ai.execution.transport import KeepAliveTransport

BODY = b'{"messages": [{"content": "hello"}]}'


@dataclass
class Wire:
    """A transport and the loop it belongs to."""

    transport: KeepAliveTransport
    loop: Loop = field(default_factory=Loop)

    def post(self, url: str, seconds: float = 5, body: bytes = BODY, **headers: str) -> httpx.Response:
        timeout = {"connect": 2.0, "read": seconds, "write": seconds, "pool": None}
        request = httpx.Request("POST", url, headers=headers, content=body, extensions={"timeout": timeout})
        return self.loop.run(self._read(request))

    async def _read(self, request: httpx.Request) -> httpx.Response:
        response = await self.transport.handle_async_request(request)
        await response.aread()
        return response

    def close(self) -> None:
        self.loop.run(self.transport.aclose())

    def errors_when_closed(self, url: str) -> list[Exception]:
        """What an exchange that hangs ends with, when the transport is closed."""
        ended: list[Exception] = []

        def wait() -> None:
            try:
                self.post(url, seconds=30)
            except httpx.TransportError as error:
                ended.append(error)

        thread = threading.Thread(target=wait)
        thread.start()
        time.sleep(0.3)
        self.close()
        thread.join(2)
        return ended


@contextmanager
def wire(largest_answer: int = 1 << 20) -> Iterator[Wire]:
    made = Wire(KeepAliveTransport(largest_answer))
    try:
        yield made
    finally:
        made.loop.close(made.transport.aclose)
