"""How long one request may take, and how long an answer may stop in its middle."""

from __future__ import annotations

import asyncio
import time

import httpx
import pytest
from loopback import Endpoint
from posting import TOO_LATE, raw_server, sends

from dbt_ai.call import Call
from dbt_ai.execution import connection
from dbt_ai.execution.quotas import Quotas
from dbt_ai.execution.sender import FLEX_SECONDS, REQUEST_SECONDS, Sender
from dbt_ai.external_model import ExternalModel
from dbt_ai.providers import provider_of
from dbt_ai.providers.base import EndpointProvider
from dbt_ai.security.credentials import Credentials

CONFIGURED = Quotas.from_config([{"url": "http://localhost:1/", "request_seconds": 30}])


@pytest.mark.parametrize(
    ("execution", "quotas", "seconds"),
    [("live", Quotas(), REQUEST_SECONDS), ("flex", Quotas(), FLEX_SECONDS), ("live", CONFIGURED, 30.0), ("flex", CONFIGURED, 30.0)],
)
def test_a_request_in_the_slower_tier_has_a_longer_deadline_unless_the_configuration_has_one(
    execution: str, quotas: Quotas, seconds: float
) -> None:
    deadlines = []

    def answer(request: httpx.Request) -> httpx.Response:
        deadlines.append(request.extensions["timeout"]["read"])
        return httpx.Response(200, json={"choices": [{"message": {"content": "A"}, "finish_reason": "stop"}], "usage": {}})

    model = ExternalModel("llm", "http://localhost:1/v1/chat/completions", "OpenAI", "CHAT", "m", execution=execution)
    provider = provider_of(model)
    assert isinstance(provider, EndpointProvider)
    sender = Sender(Credentials.from_config([], []), httpx.MockTransport(answer), quotas=quotas)
    assert asyncio.run(sender.send(provider, Call("ai_query", model), ["a"])).responses is not None
    assert deadlines == [seconds] and FLEX_SECONDS > REQUEST_SECONDS


def test_a_short_deadline_is_kept_beside_a_long_one(server: Endpoint, transport):
    server.behave(wrong="hang")
    with transport.hanging(server.chat, lambda: server.counters()["hang"] == 1):
        started = time.monotonic()
        with pytest.raises(TOO_LATE):
            transport.post(server.chat, seconds=0.5)
        assert time.monotonic() - started < 20


def test_a_deadline_is_kept_in_another_loop_than_the_first(server: Endpoint, transport):
    assert transport.post(server.chat, seconds=30).status_code == 200
    transport.loop.close(transport.transport.aclose)
    server.behave(wrong="hang")
    with pytest.raises(TOO_LATE):
        transport.post(server.chat, seconds=0.5)


def test_an_answer_without_a_length_that_the_deadline_cuts_off_is_no_answer(transport):
    with raw_server(sends(b'HTTP/1.1 200 OK\r\n\r\n{"half": ')) as (url, _), pytest.raises(TOO_LATE):
        transport.post(url, seconds=0.5)


@pytest.mark.parametrize("head", [b"Content-Length: 5000\r\n\r\n", b"\r\n", b"Transfer-Encoding: chunked\r\n\r\n10\r\n"])
def test_an_answer_that_has_begun_and_stops_is_not_waited_for_until_the_deadline(transport, monkeypatch, head: bytes):
    monkeypatch.setattr(connection, "SILENCE_SECONDS", 0.2)
    stopped = pytest.raises(httpx.ReadError, match="the answer stopped in its middle: nothing came for 0.2 s")
    with raw_server(sends(b"HTTP/1.1 200 OK\r\n" + head + b'{"half": ')) as (url, _), stopped:
        transport.post(url, seconds=600)


def test_an_answer_that_goes_on_may_take_longer_than_a_silence(server: Endpoint, transport, monkeypatch):
    monkeypatch.setattr(connection, "SILENCE_SECONDS", 1.0)
    server.behave(wrong="trickle")
    with pytest.raises(TOO_LATE):
        transport.post(server.chat, seconds=2.5)
