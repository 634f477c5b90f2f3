"""What a machine can do: asks tests/loopback.py with nothing but asyncio, knows its limits to the moment, and keeps no answer.

    python benchmarks/plain_client.py PORT COUNT '{"latency": 0.2, "capacity": 300}'    # the behaviour, as in loopback.Behaviour

benchmarks/dbt_run.py --plain runs it beside dbt: both share the machine's cores with the endpoint.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

# As many connections where only a rate is limited.
CONNECTIONS = 256


@dataclass
class Limits:
    """steps: (seconds since the first request, how many may be in flight)."""

    steps: list[tuple[float, int]]
    rate: float | None
    level: float
    started: float = field(default_factory=time.monotonic)
    at: float = field(default_factory=time.monotonic)

    @classmethod
    def of(cls, behaviour: dict[str, Any]) -> Limits:
        capacity = behaviour.get("capacity") or CONNECTIONS
        return cls(capacity if isinstance(capacity, list) else [(0, capacity)], behaviour.get("rate"), behaviour.get("burst") or 0.0)

    def capacity(self) -> int:
        passed = time.monotonic() - self.started
        return next(size for since, size in reversed(self.steps) if passed >= since)

    def wait(self) -> float:
        """Take one from the bucket; seconds until it is there."""
        if self.rate is None:
            return 0.0
        now = time.monotonic()
        self.level, self.at = self.level + (now - self.at) * self.rate - 1, now
        return max(0.0, -self.level / self.rate)


async def ask(port: int, count: int, behaviour: dict[str, Any]) -> None:
    limits, left = Limits.of(behaviour), deque(range(count))
    await asyncio.gather(*(work(port, place, limits, left) for place in range(max(size for _, size in limits.steps))))


async def work(port: int, place: int, limits: Limits, left: deque[int]) -> None:
    """One connection: the request in this place of all that are in flight, again and again."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while left:
        if place >= limits.capacity():
            await asyncio.sleep(0.02)
            continue
        number = left.popleft()
        await asyncio.sleep(limits.wait())
        body = json.dumps({"model": "m", "messages": [{"role": "user", "content": f"prompt number {number}"}], "temperature": 0.0})
        head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write((head + body).encode())
        if await answer(reader) is None:
            left.append(number)
            await asyncio.sleep(0.02)
    writer.close()


async def answer(reader: asyncio.StreamReader) -> str | None:
    """The text of an answer; None where it is refused as busy."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    length = int(head.partition("Content-Length: ")[2].split("\r\n")[0])
    body = json.loads(await reader.readexactly(length))
    return str(body["choices"][0]["message"]["content"]) if head.startswith("HTTP/1.1 200") else None


if __name__ == "__main__":
    asyncio.run(ask(int(sys.argv[1]), int(sys.argv[2]), json.loads(sys.argv[3])))
