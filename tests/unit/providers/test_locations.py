"""The URLs at which OpenAI's and Anthropic's formats are spoken by others."""

import pytest

from dbt_ai.external_model import ExternalModel
from dbt_ai.providers import provider_of

OPENAI = [
    "https://bedrock-runtime.us-east-1.amazonaws.com/openai/v1/chat/completions",
    "https://bedrock-mantle.us-east-1.api.aws/v1/chat/completions",
    "https://generativelanguage.googleapis.com/v1beta/openai/chat/completions",
    "https://openrouter.ai/api/v1/chat/completions",
    "https://api.groq.com/openai/v1/chat/completions",
    "https://api.mistral.ai/v1/chat/completions",
    "https://mine.openai.azure.com/openai/v1/chat/completions",
    "https://api.perplexity.ai/chat/completions",
]
ANTHROPIC = [
    "https://api.anthropic.com/v1/messages",
    "https://bedrock-runtime.us-east-1.amazonaws.com/anthropic/v1/messages",
    "https://bedrock-mantle.us-east-1.api.aws/anthropic/v1/messages",
]


@pytest.mark.parametrize(("api_format", "location"), [*(("OpenAI", url) for url in OPENAI), *(("Anthropic", url) for url in ANTHROPIC)])
def test_a_format_is_spoken_wherever_others_put_it(api_format: str, location: str):
    spec = {"name": "m", "location": location, "api_format": api_format, "model_type": "CHAT", "model": "x"}
    assert provider_of(ExternalModel.from_spec(spec)).api_format == api_format
