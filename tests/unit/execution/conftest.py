from __future__ import annotations

from collections.abc import Iterator

import pytest
from loopback import Endpoint, endpoint
from posting import Wire, wire

from dbt_ai.execution import backoff, connection


@pytest.fixture(autouse=True)
def kept_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection is kept for the length of a test, though the machine may pause for longer than others keep one."""
    monkeypatch.setattr(connection, "IDLE_SECONDS", 600.0)


@pytest.fixture(scope="session")
def running_server() -> Iterator[Endpoint]:
    with endpoint() as running:
        yield running


@pytest.fixture
def server(running_server: Endpoint) -> Endpoint:
    """A loopback endpoint that behaves, until the test tells it otherwise."""
    running_server.behave()
    return running_server


@pytest.fixture
def transport() -> Iterator[Wire]:
    with wire(largest_answer=1 << 20) as made:
        yield made


@pytest.fixture
def quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backoff, "FIRST_BACKOFF", 0.01)
