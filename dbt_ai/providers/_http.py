"""What is sent to an endpoint and what it answers, as bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """What is sent, mostly posted; the credential's headers are added by whoever sends it.

    >>> HttpRequest("https://ai.acme.example/v2/answer", b'{"conversation": []}', {"Content-Type": "application/json"}).headers
    {'Content-Type': 'application/json'}
    """

    url: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    method: str = "POST"


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """What an endpoint answered; the names of headers are lower case.

    >>> HttpResponse(429, {"retry-after": "2"}, b"slow down").status
    429
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
