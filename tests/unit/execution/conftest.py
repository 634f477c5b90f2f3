from __future__ import annotations

from collections.abc import Iterator

import pytest
from loopback import Endpoint, endpoint


@pytest.fixture(scope="session")
def running_server() -> Iterator[Endpoint]:
    with endpoint() as running:
        yield running


@pytest.fixture
def server(running_server: Endpoint) -> Endpoint:
    """A loopback endpoint that behaves, until the test tells it otherwise."""
    running_server.behave()
    return running_server
