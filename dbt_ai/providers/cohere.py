"""Cohere's reranker, POST …/rerank, as also spoken by Jina, vLLM, llama.cpp's server and LiteLLM.

Format: https://docs.cohere.com/reference/rerank. Cohere counts searches, of at most 100 texts each, and no tokens.
"""

from __future__ import annotations

from dbt_ai.providers._rerank import Reranking
from dbt_ai.providers._usage import UsageNames


class Cohere(Reranking):
    """Cohere's rerankers.

    >>> Cohere().model_types
    ('RERANKING',)
    """

    api_format = "Cohere"
    documents = "documents"
    most = 100
    shape = "https://{server}/v2/rerank"
    results = "results"
    score = "relevance_score"
    # Of Jina, vLLM and llama.cpp.
    usage = UsageNames(input=(("prompt_tokens",),), output=(), total=(("total_tokens",),))
