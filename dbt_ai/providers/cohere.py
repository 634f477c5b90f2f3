"""Cohere's reranker, POST …/rerank, as also spoken by Jina, vLLM, llama.cpp's server and LiteLLM.

Format: https://docs.cohere.com/reference/rerank. Cohere counts searches, of at most 100 texts each, and no tokens.
"""

from __future__ import annotations

from collections.abc import Sequence

from dbt_ai.providers._errors import missing
from dbt_ai.providers._json import read_json
from dbt_ai.providers._rerank import Reranking, read_scores
from dbt_ai.providers._usage import UsageNames, read_usage
from dbt_ai.providers.base import HttpResponse
from dbt_ai.request import Call, Responses

# Of Jina, vLLM and llama.cpp.
USAGE = UsageNames(input=(("prompt_tokens",),), output=(), total=(("total_tokens",),))


class Cohere(Reranking):
    """>>> Cohere().model_types
    ('RERANKING',)
    """

    api_format = "Cohere"
    documents = "documents"
    most = 100
    shape = "https://{server}/v2/rerank"

    def decode(self, call: Call, inputs: Sequence[str], response: HttpResponse) -> Responses:
        document = read_json(response)
        if not isinstance(document.get("results"), list):
            raise missing(document, "the answer holds no list under 'results'; is the location a rerank endpoint?")
        tokens = read_usage(document.get("usage"), USAGE, call, inputs, "")
        return read_scores(document["results"], "relevance_score", inputs, tokens)
