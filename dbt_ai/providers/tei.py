"""Hugging Face's Text Embeddings Inference, as a reranker: POST …/rerank.

Format: https://huggingface.github.io/text-embeddings-inference, TEI 1.9. A request has at most 32 texts unless the server is started with
a larger --max-client-batch-size.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dbt_ai.call import Call
from dbt_ai.errors import ProviderError
from dbt_ai.external_model import ExternalModel
from dbt_ai.outside_json import parse
from dbt_ai.providers._json import read_json
from dbt_ai.providers._rerank import Reranking, read_scores
from dbt_ai.providers._usage import UsageNames, read_usage
from dbt_ai.providers.base import HttpResponse
from dbt_ai.response import Responses


class TEI(Reranking):
    """A reranker that TEI serves.

    >>> TEI().model_types
    ('RERANKING',)
    """

    api_format = "TEI"
    documents = "texts"
    most = 32
    shape = "https://{server}/rerank"
    score = "score"
    usage = UsageNames(input=(), output=())

    def named(self, model: ExternalModel) -> Mapping[str, Any]:
        """Not at all: a server has one model. A text that is too long is cut, where the call does not say otherwise."""
        return {"truncate": True}

    def decode(self, call: Call, inputs: Sequence[str], response: HttpResponse) -> Responses:
        try:
            listed = parse(response.body)
        except ValueError:
            listed = None
        if not isinstance(listed, list):
            read_json(response)  # which says what it is instead
            raise ProviderError("the answer is not a list of scores; is the location a rerank endpoint?")
        return read_scores(listed, self.score, inputs, read_usage(None, self.usage, call, inputs, ""))
