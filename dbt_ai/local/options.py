"""The parameters of a local model, read once and typed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dbt_ai.errors import ConfigurationError
from dbt_ai.external_model import ExternalModel
from dbt_ai.local.folder import ModelFolder

CHOICES: Mapping[str, tuple[str, ...]] = {
    "backend": ("auto", "torch", "onnx", "openvino"),
    "precision": ("auto", "fp32", "bf16", "fp16", "int8"),
    "over_long": ("truncate", "error", "mean"),
    "on_device_lost": ("cpu", "stop"),
    "executor": ("local", "ray"),
    "pooling": ("mean", "cls", "max", "lasttoken", "weightedmean", "mean_sqrt_len_tokens"),
}
_DEVICE = r"auto|cpu|mps|cuda(:\d+)?"


@dataclass(frozen=True, slots=True)
class Options:
    """What decides a vector apart from the model folder and the text, and where it is computed.

    backend: the runtime; auto is the fastest of those installed, measured. A static model needs none.
    precision: of the computation; auto is fp32 on a CPU and half precision on a GPU.
    dimensions: keep only the first so many numbers of each vector (Matryoshka), normalised again if the model normalises.
    prompt, prompt_name: what is put before each text, as given or by its name in the model's configuration.
    normalize: scale vectors to length 1; None leaves it to the model.
    pooling: how token vectors become one; None leaves it to the model's configuration.
    max_length: tokens that are read of one text; None is all that the model can read.
    over_long: what happens to a text with more tokens: cut it (counted), answer an error, or average its windows.
    device: auto, cpu, mps, cuda or cuda:1; placement decides no vector and is in no key.
    on_device_lost: go on with the CPU, or stop.
    executor: this process, or a Ray cluster.
    trust_remote_code: whether code that comes with the model may run in this process.

    >>> model = ExternalModel("embedder", "hf://sentence-transformers/all-MiniLM-L6-v2", "ONNX Runtime", "EMBEDDINGS", "minilm")
    >>> Options.from_parameters(model, {"dimensions": 256}, accepted=("dimensions",), fixed={"backend": "onnx"}).dimensions
    256
    """

    backend: str = "auto"
    precision: str = "auto"
    dimensions: int | None = None
    prompt: str | None = None
    prompt_name: str | None = None
    normalize: bool | None = None
    pooling: str | None = None
    max_length: int | None = None
    over_long: str = "truncate"
    device: str = "auto"
    on_device_lost: str = "cpu"
    executor: str = "local"
    revision: str | None = None
    trust_remote_code: bool = False

    @classmethod
    def from_parameters(
        cls, model: ExternalModel, parameters: Mapping[str, Any], accepted: Sequence[str], fixed: Mapping[str, Any]
    ) -> Options:
        """accepted: the parameters that this kind of model has; fixed: values of others.

        Raises ConfigurationError naming the model, the parameter, the value and what would be accepted.
        """
        for name, value in parameters.items():
            where = f"external model {model.name!r}: parameter {name!r}"
            if name not in accepted:
                raise ConfigurationError(f"{where} is not known to {model.api_format}; use {', '.join(accepted)}")
            if name in CHOICES and value not in CHOICES[name]:
                raise ConfigurationError(f"{where} is {value!r}; use one of {', '.join(CHOICES[name])}")
            if name in ("dimensions", "max_length") and (not isinstance(value, int) or isinstance(value, bool) or value < 1):
                raise ConfigurationError(f"{where} is {value!r}; give a whole number above 0")
            if name in ("prompt", "prompt_name", "device", "revision") and not isinstance(value, str):
                raise ConfigurationError(f"{where} is {value!r}; give a text")
            if name == "device" and not re.fullmatch(_DEVICE, value):
                raise ConfigurationError(f"{where} is {value!r}; use auto, cpu, mps, cuda or one GPU as cuda:1")
            if name in ("normalize", "trust_remote_code") and not isinstance(value, bool):
                raise ConfigurationError(f"{where} is {value!r}; give true or false")
        return cls(**{**fixed, **parameters})

    def prefix(self, model: ExternalModel, folder: ModelFolder) -> str:
        """What stands before every text. Raises ConfigurationError for a name the model's configuration does not have."""
        if self.prompt is not None:
            return self.prompt
        if self.prompt_name is None:
            return folder.default_prompt
        if self.prompt_name not in folder.prompts:
            named = ", ".join(folder.prompts) or "no prompt at all; give the text itself as prompt"
            raise ConfigurationError(
                f"external model {model.name!r}: prompt_name {self.prompt_name!r} is not known; the model's configuration names {named}"
            )
        return folder.prompts[self.prompt_name]
