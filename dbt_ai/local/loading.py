"""Builds the embedder that a model folder and its options ask for. Imports a framework only when vectors are needed."""

from __future__ import annotations

import threading
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from dbt_ai.errors import ConfigurationError, DbtAiError
from dbt_ai.external_model import ExternalModel
from dbt_ai.local.batch_size import BatchSize
from dbt_ai.local.choice import Choice
from dbt_ai.local.convert import convert, converted
from dbt_ai.local.cores import cores
from dbt_ai.local.device import Device, DeviceUnusable
from dbt_ai.local.embedder import Embedder, Recipe
from dbt_ai.local.folder import model_folder
from dbt_ai.local.head import Head
from dbt_ai.local.location import LocatedModel
from dbt_ai.local.options import Options
from dbt_ai.local.padding import load_tokenizer
from dbt_ai.local.tokenizer import Tokenizer, prompt_length
from dbt_ai.local.workers import Workers
from dbt_ai.outside_text import in_one_line

if TYPE_CHECKING:
    from dbt_ai.local.torch_device import TorchDevice

# Padded tokens of a batch. Measured: on a CPU larger batches leave the caches and get slower; a GPU finds its own size, see BatchSize.
CPU_TOKENS = 1024
GPU_TOKENS, GPU_CEILING = 16_384, 524_288

# The modules that each backend imports, and the extra that installs them.
_NEEDS = {
    "torch": (("torch", "sentence_transformers"), "local"),
    "onnx": (("onnxruntime", "tokenizers"), "onnx"),
    "openvino": (("openvino", "tokenizers"), "openvino"),
    "static": (("tokenizers", "safetensors"), "local"),
}

_CONVERTERS = {"onnx": ("onnx",), "openvino": ()}
_PRECISIONS = {
    "torch": ("fp32", "bf16", "fp16"),
    "onnx": ("fp32", "int8"),
    "openvino": ("fp32", "bf16", "int8"),
    "static": ("fp32",),
}


def cannot(model: ExternalModel, what: str, error: Exception) -> ConfigurationError:
    """The error for a model that a framework fails on, with the framework's own words."""
    return ConfigurationError(
        f"external model {model.name!r}: location {model.location!r} cannot {what}"
        f" ({type(error).__name__}: {in_one_line(error)}); check that its folder is whole, and that this version of the framework reads it",
        model=model.name,
        field="location",
    )


class Loader:
    """Loads one model folder as one set of options asks.

    identity: revision or hash of the weights, under which converted models and measured choices are remembered.
    """

    def __init__(self, model: ExternalModel, place: LocatedModel, identity: str, options: Options) -> None:
        self._model = model
        self._path = place.path
        self._folder = model_folder(place.path)
        self._identity = identity
        self._options = options
        self._prefix = options.prefix(model, self._folder)
        self._loaded: dict[str, TorchDevice] = {}
        self._loading = threading.Lock()

    def load(self) -> Embedder:
        """Raises ConfigurationError naming the extra that is missing, what the chosen backend cannot do with this model, or why the
        framework cannot read the folder."""
        try:
            return self._load()
        except DbtAiError:
            raise
        except Exception as error:  # frameworks raise what they like
            raise cannot(self._model, "be loaded", error) from error

    def _load(self) -> Embedder:
        choice = Choice(self._identity, self._options.precision, [name for name in ("openvino", "onnx") if self._installed(name)])
        backend = self._backend(choice)
        self._require(backend)
        tokenizer = self._tokenizer(backend)
        limits = [limit for limit in (self._options.max_length, self._reads(backend, tokenizer)) if limit]
        recipe = Recipe(
            prefix=self._prefix,
            dimensions=self._options.dimensions,
            width=self._options.dimensions or self._folder.dimensions or 0,
            normalize=self._folder.normalizes if self._options.normalize is None else self._options.normalize,
            over_long=self._options.over_long,
            max_length=min(limits) if limits else None,
        )
        tokens = Tokenizer(tokenizer, recipe.max_length, windows=recipe.over_long == "mean", special=backend != "static")
        workers = self._workers(backend, tokenizer)
        undecided = self._options.backend == "auto" and backend == "torch" and workers.on_cpu and choice.candidates
        improve = choice.measure(self._device, tokenizer) if undecided else None
        return Embedder(tokens, workers, recipe, improve)

    def _reads(self, backend: str, tokenizer: Any) -> int | None:
        """The most tokens that the model reads of a text. A static model has only the limit in its tokenizer."""
        if backend != "static":
            return self._folder.max_length
        return tokenizer.truncation["max_length"] if tokenizer.truncation else None

    def _backend(self, choice: Choice) -> str:
        if self._folder.is_static:
            return "static"
        if self._options.backend != "auto":
            return self._options.backend
        if self._options.precision == "int8":
            # Backends round to int8 differently, and the key does not name the backend. So int8 always means the most exact one.
            return "openvino"
        if self._options.device in ("auto", "cpu") and (remembered := choice.remembered()):
            return remembered
        return "torch"

    def _installed(self, backend: str) -> bool:
        return all(find_spec(module) for module in _NEEDS[backend][0])

    def _require(self, backend: str) -> None:
        if not self._installed(backend):
            raise self._error(backend, f"is not installed; pip install 'dbt-ai-functions[{_NEEDS[backend][1]}]'")
        if self._options.precision not in ("auto", *_PRECISIONS[backend]):
            raise self._error(backend, f"has no precision {self._options.precision!r}; use one of {', '.join(_PRECISIONS[backend])}")

    def _error(self, backend: str, what: str) -> ConfigurationError:
        return ConfigurationError(f"external model {self._model.name!r}: backend {backend!r} {what}")

    def _tokenizer(self, backend: str) -> Any:
        return self._torch(self._device_names(backend)[0]).tokenizer if backend == "torch" else load_tokenizer(self._folder)

    def _device_names(self, backend: str) -> list[str]:
        if backend != "torch":
            return ["cpu"]
        from dbt_ai.local.torch_device import device_names

        return device_names(self._options.device)

    def _workers(self, backend: str, tokenizer: Any) -> Workers:
        names = self._device_names(backend)
        if names == ["cpu"]:
            return Workers([self._device(backend, tokenizer)] * cores(), BatchSize(CPU_TOKENS))
        devices: list[Device] = [self._torch(name) for name in names]
        fallback = (lambda: self._torch("cpu")) if self._options.on_device_lost == "cpu" else None
        # Each GPU twice: one thread pads and copies the next batch while the other waits for this one.
        return Workers(devices * 2, BatchSize(GPU_TOKENS, GPU_CEILING), fallback)

    def _device(self, backend: str, tokenizer: Any) -> Device:
        """The model on the CPU. It is converted first, unless that was done before."""
        if backend == "torch":
            return self._torch("cpu")
        if backend == "static":
            from dbt_ai.local.static_device import StaticDevice

            return StaticDevice(self._folder, tokenizer)
        precision = "fp32" if self._options.precision == "auto" else self._options.precision
        head = Head(self._folder, self._unpooled(tokenizer), self._options.pooling)
        own = self._folder.onnx_file if self._model.api_format == "ONNX Runtime" else None
        file = own or converted(backend, precision, self._identity)
        if not file.is_file():
            missing = [name for name in ("torch", "sentence_transformers", *_CONVERTERS[backend]) if find_spec(name) is None]
            if missing:
                raise self._error(backend, f"needs {', '.join(missing)} to convert the model once; pip install {' '.join(missing)}")
            source = self._load_torch("cpu", "fp32").model
            try:
                convert(source, backend, precision, file)
            except OSError as error:
                raise self._error(
                    backend,
                    f"keeps the model that it converts in {file.parent}, which cannot be written ({error.strerror or error});"
                    " set DBT_AI_CACHE_DIR to a folder that can",
                ) from None
        if backend == "onnx":
            from dbt_ai.local.onnx_device import OnnxDevice

            return OnnxDevice(file, self._folder, tokenizer, head)
        from dbt_ai.local.openvino_device import OpenVinoDevice

        return OpenVinoDevice(file, self._folder, tokenizer, precision, cores(), head)

    def _torch(self, device: str) -> TorchDevice:
        """Load torch's model once for each device, when it is first needed."""
        from dbt_ai.local.torch_device import precision_of

        with self._loading:
            if device not in self._loaded:
                self._loaded[device] = self._load_torch(device, precision_of(self._options.precision, device))
            return self._loaded[device]

    def _load_torch(self, device: str, precision: str) -> TorchDevice:
        from dbt_ai.local.torch_device import TorchDevice

        try:
            loaded = TorchDevice(str(self._path), device, precision, self._options.trust_remote_code)
        except DeviceUnusable as error:
            raise ConfigurationError(
                f"external model {self._model.name!r}: device {device!r} cannot be used ({error}); use device 'auto' or 'cpu'"
            ) from error
        loaded.prompt_length = self._unpooled(loaded.tokenizer)
        return loaded

    def _unpooled(self, tokenizer: Any) -> int:
        """Leading tokens that the pooling leaves out: the prompt, where the model says so."""
        return 0 if self._folder.pools_prompt else prompt_length(tokenizer, self._prefix)
