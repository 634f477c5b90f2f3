"""Voyage's reranker, POST https://api.voyageai.com/v1/rerank. Its embeddings are OpenAI's format.

Format: https://docs.voyageai.com/reference/reranker-api, and voyageai-python's object/reranking.py.
"""

from __future__ import annotations

from collections.abc import Sequence

from dbt_ai.providers._errors import missing
from dbt_ai.providers._json import read_json
from dbt_ai.providers._rerank import Reranking, read_scores
from dbt_ai.providers._usage import UsageNames, read_usage
from dbt_ai.providers.base import HttpResponse
from dbt_ai.request import Call, Responses

USAGE = UsageNames(input=(), output=(), total=(("total_tokens",),))


class Voyage(Reranking):
    """>>> Voyage().model_types
    ('RERANKING',)
    """

    api_format = "Voyage"
    documents = "documents"
    most = 1000
    shape = "https://{server}/v1/rerank"

    def decode(self, call: Call, inputs: Sequence[str], response: HttpResponse) -> Responses:
        document = read_json(response)
        if not isinstance(document.get("data"), list):
            raise missing(document, "the answer holds no list under 'data'; is the location a rerank endpoint?")
        tokens = read_usage(document.get("usage"), USAGE, call, inputs, "")
        return read_scores(document["data"], "relevance_score", inputs, tokens)
