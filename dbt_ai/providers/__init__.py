"""The api_formats: one module and one class for each of ours, an entry point of another package for each of others.

What is exported here is what a provider is made of: docs/your_own_api_format.md.
"""

from dbt_ai.call import Call
from dbt_ai.errors import ConfigurationError, ProviderError
from dbt_ai.external_model import ExternalModel
from dbt_ai.providers._chat import chat_body
from dbt_ai.providers._json import read_json
from dbt_ai.providers._means import Means, in_prompt
from dbt_ai.providers._registry import api_formats, provider_named, provider_of
from dbt_ai.providers._text import read_text
from dbt_ai.providers._vectors import read_vectors
from dbt_ai.providers.base import (
    EndpointProvider,
    HttpRequest,
    HttpResponse,
    Limits,
    LocalProvider,
    Provider,
    called_url,
    wrong_location,
)
from dbt_ai.response import Failure, Responses
from dbt_ai.tokens import TokenCount

__all__ = [
    "Call",
    "ConfigurationError",
    "EndpointProvider",
    "ExternalModel",
    "Failure",
    "HttpRequest",
    "HttpResponse",
    "Limits",
    "LocalProvider",
    "Means",
    "Provider",
    "ProviderError",
    "Responses",
    "TokenCount",
    "api_formats",
    "called_url",
    "chat_body",
    "in_prompt",
    "provider_named",
    "provider_of",
    "read_json",
    "read_text",
    "read_vectors",
    "wrong_location",
]
