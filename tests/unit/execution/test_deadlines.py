"""How long one request may take."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from dbt_ai.call import Call
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
