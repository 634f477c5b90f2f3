"""Azure OpenAI: OpenAI's messages at the URL of a deployment. The credential's `api-key` header or token authorises.

Format: https://learn.microsoft.com/azure/ai-foundry/openai/reference
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar
from urllib.parse import parse_qs

from dbt_ai.call import Call
from dbt_ai.external_model import ExternalModel
from dbt_ai.providers._jobs import JobFormat
from dbt_ai.providers._means import AZURE_MEANS, Means
from dbt_ai.providers._openai_jobs import AzureOpenAIJobs
from dbt_ai.providers.base import called_url, wrong_location
from dbt_ai.providers.openai import OpenAI

_OPERATIONS = {"EMBEDDINGS": ("embeddings",), "CHAT": ("chat", "completions")}


class AzureOpenAI(OpenAI):
    """OpenAI's format; only the location is another.

    >>> AzureOpenAI().model_types
    ('EMBEDDINGS', 'CHAT')
    """

    api_format = "Azure OpenAI"
    flex: ClassVar[bool] = False

    def means(self, call: Call) -> Sequence[Means]:
        return super().means(call) if call.embeds else AZURE_MEANS

    def jobs(self, model: ExternalModel) -> JobFormat | None:
        """Batches of Azure OpenAI."""
        return AzureOpenAIJobs()

    def check(self, model: ExternalModel) -> None:
        url = called_url(model)
        operation = _OPERATIONS[model.model_type]
        # A gateway (API Management) may add a path before /openai.
        start = url.path[: -len(operation)]
        deployment_named = len(start) >= 3 and start[-3:-1] == ("openai", "deployments") and start[-1]
        if url.path[-len(operation) :] != operation or not deployment_named or "api-version" not in parse_qs(url.query or ""):
            raise wrong_location(
                model, f"https://{{endpoint}}/openai/deployments/{{deployment-id}}/{'/'.join(operation)}?api-version={{date}}"
            )
