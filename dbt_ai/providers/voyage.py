"""Voyage's reranker, POST https://api.voyageai.com/v1/rerank. Its embeddings are OpenAI's format.

Format: https://docs.voyageai.com/reference/reranker-api, and voyageai-python's object/reranking.py.
"""

from __future__ import annotations

from dbt_ai.providers._rerank import Reranking
from dbt_ai.providers._usage import UsageNames


class Voyage(Reranking):
    """Voyage's rerankers.

    >>> Voyage().model_types
    ('RERANKING',)
    """

    api_format = "Voyage"
    documents = "documents"
    most = 1000
    shape = "https://{server}/v1/rerank"
    results = "data"
    score = "relevance_score"
    usage = UsageNames(input=(), output=(), total=(("total_tokens",),))
