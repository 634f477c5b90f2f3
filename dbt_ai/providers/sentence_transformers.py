"""Models of Sentence Transformers, computed in this process."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from importlib.util import find_spec

from dbt_ai.errors import ConfigurationError
from dbt_ai.external_model import ExternalModel
from dbt_ai.local.embedder import Embedder
from dbt_ai.local.folder import model_folder
from dbt_ai.local.location import locate
from dbt_ai.local.options import Options
from dbt_ai.local.weights import weights_hash
from dbt_ai.providers.base import LocalProvider
from dbt_ai.request import Answer, Call


class SentenceTransformers(LocalProvider):
    """location: hf://organisation/name, file:///folder or package://python_package. Parameters: see Options."""

    api_format = "Sentence Transformers"
    model_types = ("EMBEDDINGS",)

    def __init__(self) -> None:
        self._embedders: dict[tuple[str, Options], Embedder] = {}
        self._loading = threading.Lock()

    def check(self, model: ExternalModel) -> None:
        options = Options.from_parameters(model, model.parameters)
        place = locate(model, download=False)
        if place is None:
            return
        folder = model_folder(place.path)
        options.prefix(model, folder)
        if options.dimensions and folder.dimensions and options.dimensions > folder.dimensions:
            raise ConfigurationError(
                f"external model {model.name!r}: dimensions {options.dimensions} is more than the model has; use at most {folder.dimensions}"
            )

    def dimensions(self, model: ExternalModel) -> int | None:
        asked = super().dimensions(model)
        place = None if asked else locate(model)
        return model_folder(place.path).dimensions if place else asked

    def weights(self, model: ExternalModel) -> str:
        place = locate(model)
        assert place is not None
        return place.revision or weights_hash(place.path)

    def answer(self, call: Call, inputs: Sequence[str]) -> Iterator[tuple[Sequence[int], Answer]]:
        if inputs:
            yield from self._embedder(call).embed(inputs)

    def _embedder(self, call: Call) -> Embedder:
        place = locate(call.model)
        assert place is not None
        options = Options.from_parameters(call.model, call.parameters)
        with self._loading:
            key = (str(place.path), options)
            if key not in self._embedders:
                if find_spec("sentence_transformers") is None:
                    raise ConfigurationError(
                        f"external model {call.model.name!r}: api_format {self.api_format!r} needs pip install 'dbt-ai-functions[local]'"
                    )
                from dbt_ai.local.loading import load

                self._embedders[key] = load(call.model, place, options)
            return self._embedders[key]


PROVIDER = SentenceTransformers()
