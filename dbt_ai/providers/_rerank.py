"""What the formats of reranking endpoints have in common: one query and some texts go out, one score for each text comes back."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from dbt_ai.call import Call
from dbt_ai.counted import counted
from dbt_ai.errors import ProviderError
from dbt_ai.external_model import ExternalModel
from dbt_ai.pairs import query_of, read_pair
from dbt_ai.providers._errors import missing
from dbt_ai.providers._json import read_json
from dbt_ai.providers._usage import UsageNames, read_usage
from dbt_ai.providers.base import EndpointProvider, HttpRequest, HttpResponse, Limits, called_url, wrong_location
from dbt_ai.providers.openai import without_nulls
from dbt_ai.response import Responses
from dbt_ai.tokens import TokenCount

# Of a score. Whatever is larger is not a number that a model computed.
LARGEST = 1e300


class Reranking(EndpointProvider):
    """RERANKING at …/rerank. documents: what the format calls the texts. most: the texts that one request may carry.

    results, score: the names of the list of scores and of a score in it. usage: the names of the tokens.
    """

    model_types: ClassVar[tuple[str, ...]] = ("RERANKING",)
    documents: ClassVar[str]
    most: ClassVar[int]
    shape: ClassVar[str]
    results: ClassVar[str]
    score: ClassVar[str]
    usage: ClassVar[UsageNames]

    def check(self, model: ExternalModel) -> None:
        if called_url(model).path[-1:] != ("rerank",):
            raise wrong_location(model, self.shape)

    def limits(self, call: Call) -> Limits:
        return Limits(inputs=self.most, together=query_of)

    def encode(self, call: Call, inputs: Sequence[str]) -> HttpRequest:
        pairs = [read_pair(text) for text in inputs]
        body = {**self.named(call.model), **call.parameters, "query": pairs[0][0], self.documents: [text for _, text in pairs]}
        return HttpRequest(call.model.location, json.dumps(without_nulls(body)).encode(), {"Content-Type": "application/json"})

    def named(self, model: ExternalModel) -> Mapping[str, Any]:
        """How a request names the model."""
        return {"model": model.model}

    def decode(self, call: Call, inputs: Sequence[str], response: HttpResponse) -> Responses:
        document = read_json(response)
        listed = document.get(self.results)
        if not isinstance(listed, list):
            raise missing(document, f"the answer holds no list under '{self.results}'; is the location a rerank endpoint?")
        return read_scores(listed, self.score, inputs, read_usage(document.get("usage"), self.usage, call, inputs, ""))


def read_scores(listed: Any, name: str, inputs: Sequence[str], tokens: TokenCount) -> Responses:
    """The scores in the order of the inputs, from a list of {index, name}. Raises ProviderError unless each input has one, and no other."""
    found: dict[int, float] = {}
    for entry in listed if isinstance(listed, list) else ():
        if isinstance(entry, Mapping):
            index, score = entry.get("index"), _number(entry.get(name))
            if isinstance(index, int) and not isinstance(index, bool) and score is not None:
                before = found.setdefault(index, score)
                if before != score:
                    raise ProviderError(f"the endpoint answered {before} and {score} under '{name}' for text {index + 1}")
    missing = next((position for position in range(len(inputs)) if position not in found), None)
    if missing is not None:
        raise ProviderError(f"the endpoint answered no number under '{name}' for text {missing + 1} of {len(inputs)}")
    if len(found) > len(inputs):  # it may number pieces of the texts
        raise ProviderError(f"the endpoint answered {len(found)} scores to {counted(len(inputs), 'text')}")
    return Responses([json.dumps(found[position]) for position in range(len(inputs))], tokens=tokens)


def _number(value: Any) -> float | None:
    if isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) <= LARGEST:  # false for NaN
        return float(value)
    return None
