import json

import pytest

from dbt_ai.call import Call
from dbt_ai.errors import ConfigurationError
from dbt_ai.external_model import ExternalModel
from dbt_ai.providers import provider_of
from dbt_ai.providers.base import HttpResponse

DEPLOYMENT = "https://azureopenaiserver.openai.azure.com/openai/deployments/text-embedding-ada-002"


def model(location=f"{DEPLOYMENT}/embeddings?api-version=2024-02-01", model_type="EMBEDDINGS", **changes):
    spec = {"name": "m", "location": location, "api_format": "Azure OpenAI", "model_type": model_type, "model": "ada", **changes}
    return ExternalModel.from_spec(spec)


@pytest.mark.parametrize(
    ("location", "model_type"),
    [
        (f"{DEPLOYMENT}/embeddings?api-version=2024-02-01", "EMBEDDINGS"),
        (f"{DEPLOYMENT}/chat/completions?api-version=2024-10-21", "CHAT"),
        ("https://gateway.azure-api.net/team/openai/deployments/d/embeddings?x=1&api-version=1", "EMBEDDINGS"),
    ],
)
def test_the_url_of_a_deployment_is_accepted(location, model_type):
    assert provider_of(model(location, model_type)).api_format == "Azure OpenAI"


@pytest.mark.parametrize(
    "location",
    [
        f"{DEPLOYMENT}/embeddings",
        f"{DEPLOYMENT}/embeddings?version=1",
        f"{DEPLOYMENT}/chat/completions?api-version=1",
        "https://h/openai/deployments//embeddings?api-version=1",
        "https://h/openai/deployments/embeddings?api-version=1",
        "https://h/v1/embeddings?api-version=1",
        "https://h/OpenAI/deployments/d/embeddings?api-version=1",
    ],
)
def test_another_url_is_refused_with_the_shape_that_is_accepted(location):
    shape = r"https://\{endpoint\}/openai/deployments/\{deployment-id\}/embeddings\?api-version=\{date\}"
    with pytest.raises(ConfigurationError, match=f"external model 'm': location .* takes EMBEDDINGS; .*{shape}"):
        provider_of(model(location))


def test_messages_are_those_of_openai_at_the_url_of_the_deployment():
    embedder = model(parameters={"Dimensions": "256"})
    request = provider_of(embedder).encode(Call("ai_embed", embedder, embedder.parameters), ["a", "b"])
    assert request.url == embedder.location
    assert json.loads(request.body) == {"model": "ada", "input": ["a", "b"], "dimensions": 256}


def test_the_words_of_an_error_are_azures_own():
    body = {"error": {"code": "401", "message": "Access denied due to invalid subscription key"}}
    answer = HttpResponse(401, {}, json.dumps(body).encode())
    assert provider_of(model()).refusal(answer) == "Access denied due to invalid subscription key"
