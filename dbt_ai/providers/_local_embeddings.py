"""What the providers of local models share: one loaded model for each set of options, and what is known without loading it."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from typing import Any, ClassVar

from dbt_ai.call import Call
from dbt_ai.errors import ConfigurationError, DbtAiError
from dbt_ai.external_model import ExternalModel
from dbt_ai.local.embedder import Embedder
from dbt_ai.local.folder import ModelFolder, model_folder
from dbt_ai.local.loading import Loader, cannot
from dbt_ai.local.location import locate
from dbt_ai.local.options import Options
from dbt_ai.local.token_places import TokenPlaces
from dbt_ai.local.usable import problem
from dbt_ai.local.weights import weights_hash
from dbt_ai.providers.base import LocalProvider
from dbt_ai.response import Responses


class LocalEmbeddings(LocalProvider):
    """location: hf://organisation/name, file:///folder or package://python_package.

    accepted: the fields of Options that a user may set; the others keep what `fixed` says.
    """

    model_types: ClassVar[tuple[str, ...]] = ("EMBEDDINGS",)
    accepted: ClassVar[Sequence[str]]
    fixed: ClassVar[Mapping[str, Any]] = {}

    def __init__(self) -> None:
        self._embedders: dict[tuple[str, Options], Embedder] = {}
        self._tokens: dict[tuple[str, Options], TokenPlaces] = {}
        self._loading = threading.Lock()
        self._usable: set[tuple[str, bool]] = set()  # found once: looking reads the head of each file

    def check(self, model: ExternalModel) -> None:
        options = self._options(model, model.parameters)
        place = locate(model, download=False)
        if place is None:
            return
        folder = model_folder(place.path)
        self._require_usable(model, folder, options)
        options.prefix(model, folder)
        most = folder.dimensions
        if options.dimensions and most and options.dimensions > most:
            raise ConfigurationError(
                f"external model {model.name!r}: dimensions {options.dimensions} is more than the model has; use at most {most}"
            )

    def dimensions(self, model: ExternalModel) -> int | None:
        return super().dimensions(model) or model_folder(locate(model).path).dimensions

    def dimensions_offline(self, model: ExternalModel) -> int | None:
        place = locate(model, download=False)
        return super().dimensions(model) or (model_folder(place.path).dimensions if place else None)

    def tokens(self, model: ExternalModel) -> TokenPlaces | None:
        place = locate(model)
        options = self._options(model, model.parameters)
        self._require_usable(model, model_folder(place.path), options)
        with self._loading:
            key = (str(place.path), options)
            if key not in self._tokens:
                try:
                    self._tokens[key] = TokenPlaces(model, model_folder(place.path), options)
                except DbtAiError:
                    raise
                except Exception as error:  # tokenizers raises what it likes
                    raise cannot(model, "be tokenised", error) from error
            return self._tokens[key]

    def weights(self, model: ExternalModel) -> str:
        place = locate(model)
        return place.revision or weights_hash(place.path)

    def load(self, call: Call) -> None:
        if self._options(call.model, call.parameters).executor != "ray":
            self._embedder(call)

    def respond(self, call: Call, inputs: Sequence[str]) -> Iterator[tuple[Sequence[int], Responses]]:
        if not inputs:
            return
        if self._options(call.model, call.parameters).executor == "ray":
            yield from self._on_cluster(call, inputs)
        else:
            embedder = self._embedder(call)
            try:
                yield from embedder.embed(inputs)
            except DbtAiError:
                raise
            except Exception as error:  # a folder whose files contradict each other: a token without a row, a layer of another width
                raise cannot(call.model, "embed", error) from error

    def _require_usable(self, model: ExternalModel, folder: ModelFolder, options: Options) -> None:
        known = (str(folder.path), options.trust_remote_code)
        if known in self._usable:
            return
        onnx = self.fixed.get("backend") == "onnx"
        try:
            found = problem(folder, trusts_code=options.trust_remote_code, onnx=onnx)
        except ConfigurationError as error:
            found = f"cannot be used: {error}"
        if found:
            who = f"external model {model.name!r}: location {model.location!r}"
            raise ConfigurationError(f"{who} {found}", model=model.name, field="location", value=model.location)
        self._usable.add(known)

    def _on_cluster(self, call: Call, inputs: Sequence[str]) -> Iterator[tuple[Sequence[int], Responses]]:
        if find_spec("ray") is None:
            raise ConfigurationError(f"external model {call.model.name!r}: executor 'ray' needs pip install 'dbt-ai-functions[ray]'")
        from dbt_ai.providers import _ray_executor as ray_executor

        yield from ray_executor.embed(call, inputs)

    def _options(self, model: ExternalModel, parameters: Mapping[str, Any]) -> Options:
        return Options.from_parameters(model, parameters, self.accepted, self.fixed)

    def _embedder(self, call: Call) -> Embedder:
        place = locate(call.model)
        options = self._options(call.model, call.parameters)
        self._require_usable(call.model, model_folder(place.path), options)  # it may have been downloaded since the check
        with self._loading:
            key = (str(place.path), options)
            if key not in self._embedders:
                self._embedders[key] = Loader(call.model, place, self.weights(call.model), options).load()
            return self._embedders[key]
