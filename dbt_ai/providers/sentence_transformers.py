"""Models of Sentence Transformers, and static ones of model2vec, computed in this process: embedders and cross-encoders."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from dataclasses import fields
from typing import ClassVar

from dbt_ai.call import Call
from dbt_ai.errors import ConfigurationError, DbtAiError
from dbt_ai.external_model import ExternalModel
from dbt_ai.local.folder import model_folder
from dbt_ai.local.loading import cannot
from dbt_ai.local.location import locate
from dbt_ai.local.options import Options
from dbt_ai.local.reranker import Reranker
from dbt_ai.pairs import read_pair
from dbt_ai.providers._local_embeddings import LocalEmbeddings
from dbt_ai.response import Responses
from dbt_ai.tokens import TokenCount, estimated_tokens

# The parameters of a cross-encoder.
_OF_RERANKERS = ("device", "max_length", "revision", "trust_remote_code")


class SentenceTransformers(LocalEmbeddings):
    """Parameters: see Options. A model of model_type RERANKING is a cross-encoder."""

    api_format = "Sentence Transformers"
    model_types: ClassVar[tuple[str, ...]] = ("EMBEDDINGS", "RERANKING")
    accepted = tuple(field.name for field in fields(Options) if field.name != "pooling")

    def __init__(self) -> None:
        super().__init__()
        self._rerankers: dict[tuple[str, Options], Reranker] = {}
        self._loading_reranker = threading.Lock()

    def check(self, model: ExternalModel) -> None:
        if model.model_type != "RERANKING":
            super().check(model)
            return
        options = Options.from_parameters(model, model.parameters, _OF_RERANKERS, {})
        place = locate(model, download=False)
        if place is None:
            return
        folder = model_folder(place.path)
        self._require_usable(model, folder, options)
        named = [str(name) for name in folder.config.get("architectures") or ()]
        if named and all(name.endswith("Model") for name in named):
            raise ConfigurationError(
                f"external model {model.name!r}: location {model.location!r} holds a {named[0]}, which embeds texts and scores no pairs;"
                " give a cross-encoder, or model_type EMBEDDINGS",
                model=model.name,
                field="location",
                value=model.location,
            )

    def load(self, call: Call) -> None:
        if call.model.model_type == "RERANKING":
            self._reranker(call)
        else:
            super().load(call)

    def respond(self, call: Call, inputs: Sequence[str]) -> Iterator[tuple[Sequence[int], Responses]]:
        if call.model.model_type != "RERANKING":
            yield from super().respond(call, inputs)
            return
        pairs = [read_pair(text) for text in inputs]
        reranker = self._reranker(call)
        try:
            for positions, scores in reranker.scores(pairs):
                read = sum(estimated_tokens(text) for position in positions for text in pairs[position])
                yield positions, Responses([json.dumps(score) for score in scores], tokens=TokenCount(read, 0, estimated=True))
        except DbtAiError:
            raise
        except Exception as error:
            raise cannot(call.model, "rank", error) from error

    def _reranker(self, call: Call) -> Reranker:
        path = locate(call.model).path
        options = Options.from_parameters(call.model, call.parameters, _OF_RERANKERS, {})
        self._require_usable(call.model, model_folder(path), options)  # it may have been downloaded since the check
        with self._loading_reranker:
            key = (str(path), options)
            if key not in self._rerankers:
                try:
                    self._rerankers[key] = Reranker(call.model, path, options)
                except DbtAiError:
                    raise
                except Exception as error:  # frameworks raise what they like
                    raise cannot(call.model, "be loaded", error) from error
            return self._rerankers[key]
