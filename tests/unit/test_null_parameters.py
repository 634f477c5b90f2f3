"""A parameter that is null is left out of the request, whatever the format."""

import json

import pytest

from dbt_ai.call_constant import parse_call
from dbt_ai.providers import provider_of


@pytest.mark.parametrize(
    ("api_format", "location"),
    [
        ("OpenAI", "https://x.test/v1/chat/completions"),
        ("Anthropic", "https://x.test/v1/messages"),
        ("Ollama", "https://x.test/api/chat"),
        ("Gemini", "https://x.test/v1beta/models/m:generateContent"),
        ("Databricks", "https://x.test/serving-endpoints/m/invocations"),
    ],
)
def test_a_null_temperature_is_left_out_and_the_default_is_zero(api_format, location):
    def sent(parameters):
        model = {"name": "m", "location": location, "api_format": api_format, "model_type": "CHAT", "model": "m"}
        call = parse_call(json.dumps({"function": "ai_query", "model": model, "parameters": parameters}))
        body = json.loads(provider_of(call.model).encode(call, ["x"]).body)
        return {**body, **body.get("options", {}), **body.get("generationConfig", {})}

    assert sent({})["temperature"] == 0.0
    assert "temperature" not in sent({"temperature": None})
