"""Requests through a transport by itself, as the sender makes them."""

from __future__ import annotations

import threading
import time

import httpx

BODY = b'{"messages": [{"content": "hello"}]}'


def post(transport: httpx.BaseTransport, url: str, seconds: float = 5, body: bytes = BODY, **headers: str) -> httpx.Response:
    timeout = {"connect": 2.0, "read": seconds, "write": seconds, "pool": None}
    return transport.handle_request(httpx.Request("POST", url, headers=headers, content=body, extensions={"timeout": timeout}))


def errors_when_closed(transport: httpx.BaseTransport, url: str) -> list[Exception]:
    """What an exchange that hangs in another thread ends with, when the transport is closed."""
    ended: list[Exception] = []

    def wait() -> None:
        try:
            post(transport, url, seconds=30)
        except httpx.TransportError as error:
            ended.append(error)

    thread = threading.Thread(target=wait)
    thread.start()
    time.sleep(0.3)
    transport.close()
    thread.join(2)
    return ended
