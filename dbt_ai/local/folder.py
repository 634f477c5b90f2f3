"""What a model folder says about itself, read from its JSON files: no framework is imported."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from dbt_ai.errors import ConfigurationError

# The length of a safetensors header, and the longest header that the format allows.
_LENGTH = 8
LARGEST_HEADER = 100_000_000

# The model cards of these families prescribe prompts that the configuration often leaves out.
# https://huggingface.co/intfloat/multilingual-e5-small, https://huggingface.co/BAAI/bge-small-en-v1.5
_E5 = {"query": "query: ", "document": "passage: "}
_BGE = {"query": "Represent this sentence for searching relevant passages: ", "document": ""}

# The flags of older Pooling configurations, in the order in which Sentence Transformers joins their vectors.
_POOLING_FLAGS = {
    "pooling_mode_cls_token": "cls",
    "pooling_mode_max_tokens": "max",
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_mean_sqrt_len_tokens": "mean_sqrt_len_tokens",
    "pooling_mode_weightedmean_tokens": "weightedmean",
    "pooling_mode_lasttoken": "lasttoken",
}


@dataclass(frozen=True)
class ModelFolder:
    """A Sentence Transformers, plain Transformers or model2vec folder."""

    path: Path

    def read(self, *names: str) -> Any:
        """The first of these JSON files that is there, else an empty mapping. Raises ConfigurationError for what is not JSON."""
        for name in names:
            file = self.path / name
            if file.is_file():
                try:
                    return json.loads(file.read_text(encoding="utf-8"))
                except (OSError, ValueError, RecursionError):
                    raise ConfigurationError(f"the model folder {str(self.path)!r} holds {name!r}, which is not JSON") from None
        return {}

    @cached_property
    def config(self) -> Mapping[str, Any]:
        """The model's config.json."""
        return dict(self.read("config.json"))

    @cached_property
    def modules(self) -> list[tuple[str, str]]:
        """(class name, folder) of each Sentence Transformers module, in order; empty for a plain folder."""
        paths = [str(module["path"]) for module in self.read("modules.json") or []]
        return [(whole.rsplit(".", 1)[-1], path) for whole, path in zip(self.module_classes, paths, strict=True)]

    @property
    def module_classes(self) -> list[str]:
        """The classes of the modules, with the Python module that defines each."""
        return [str(module["type"]) for module in self.read("modules.json") or []]

    @property
    def onnx_file(self) -> Path | None:
        """The ONNX file of the model, if there is one."""
        return next((path for path in (self.path / "model.onnx", self.path / "onnx" / "model.onnx") if path.is_file()), None)

    @property
    def is_static(self) -> bool:
        """One vector a token and no transformer: StaticEmbedding of Sentence Transformers, or a folder of model2vec."""
        return self.is_model2vec or any(kind == "StaticEmbedding" for kind, _ in self.modules)

    @property
    def is_model2vec(self) -> bool:
        """Whether the folder was written by model2vec."""
        return not self.modules and _static_width(self.path) is not None

    @cached_property
    def pooling(self) -> tuple[str, ...]:
        """The pooling modes, whose vectors are joined. A folder that names none is pooled by mean, as in Sentence Transformers."""
        for kind, path in self.modules:
            if kind == "Pooling":
                settings = self.read(f"{path}/config.json")
                named = settings.get("pooling_mode") or [mode for flag, mode in _POOLING_FLAGS.items() if settings.get(flag)]
                return (named,) if isinstance(named, str) else tuple(named) or ("mean",)
        return ("mean",)

    @property
    def pools_prompt(self) -> bool:
        """Whether the tokens of the prompt count in the pooled vector (INSTRUCTOR leaves them out)."""
        return all(self.read(f"{path}/config.json").get("include_prompt", True) for kind, path in self.modules if kind == "Pooling")

    @property
    def normalizes(self) -> bool:
        """Whether the model scales its vectors to length 1."""
        return any(kind == "Normalize" for kind, _ in self.modules)

    @cached_property
    def dimensions(self) -> int | None:
        """Length of the vectors, or None where only running the model would tell."""
        width: int | None = None
        plain = [("StaticEmbedding", "")] if self.is_model2vec else [("Transformer", ""), ("Pooling", "")]
        for kind, path in self.modules or plain:
            settings = self.read(f"{path}/config.json") if path else {}
            if kind == "StaticEmbedding":
                width = _static_width(self.path / path)
            elif kind == "Transformer":
                inner = self.config.get("text_config") or self.config
                width = next((int(inner[name]) for name in ("hidden_size", "d_model", "dim", "n_embd") if inner.get(name)), None)
            elif kind == "Pooling":
                given = settings.get("embedding_dimension") or settings.get("word_embedding_dimension") or width
                width = int(given) * len(self.pooling) if given else None
            elif kind == "Dense":
                width = int(settings["out_features"]) if "out_features" in settings else None
            elif kind not in ("Normalize", "Dropout", "LayerNorm"):
                width = None
        return width

    @cached_property
    def max_length(self) -> int | None:
        """Tokens that the model reads of one text; None if the folder does not say."""
        names = ("sentence_bert_config.json", "sentence_roberta_config.json", "sentence_xlm-roberta_config.json")
        given = self.read(*names).get("max_seq_length") or self.read("tokenizer_config.json").get("model_max_length")
        positions = self.config.get("max_position_embeddings")
        limits = [int(limit) for limit in (given, positions) if limit and 0 < limit < 10**6]
        return min(limits) if limits else None

    @cached_property
    def prompts(self) -> Mapping[str, str]:
        """Prompts by name: from the model's configuration, else from its family's model cards."""
        own = self.read("config_sentence_transformers.json").get("prompts") or {}
        if any(own.values()):
            return dict(own)
        name = f"{self.path} {self.config.get('_name_or_path', '')}".lower()
        for family, prompts in (("e5-", _E5), ("bge-", _BGE)):
            if family in name and "bge-m3" not in name:
                return prompts
        return dict(own)

    @property
    def default_prompt(self) -> str:
        """What Sentence Transformers puts before every text unless a prompt is chosen."""
        name = self.read("config_sentence_transformers.json").get("default_prompt_name")
        return self.prompts.get(name, "") if name else ""


@lru_cache(maxsize=64)
def model_folder(path: Path) -> ModelFolder:
    """The description of a model folder, read once for each path."""
    return ModelFolder(path)


def _static_width(folder: Path) -> int | None:
    for file in sorted(folder.glob("*.safetensors")):
        for name, tensor in tensors(file).items():
            if name in ("embedding.weight", "embeddings") and len(tensor["shape"]) == 2:
                return int(tensor["shape"][1])
    return None


def tensors(file: Path) -> dict[str, Any]:
    """The tensors of a file of weights, from its header: 8 bytes of length, then JSON. https://huggingface.co/docs/safetensors

    Raises ValueError with the reason for a file that is none.
    """
    return {name: tensor for name, tensor in _header(file)[0].items() if name != "__metadata__"}


def bytes_missing(file: Path) -> int:
    """How many bytes of its tensors a file of weights lacks, as after a copy that broke off. Raises ValueError as `tensors` does."""
    _, length = _header(file)
    end = max((tensor["data_offsets"][1] for tensor in tensors(file).values()), default=0)
    return max(_LENGTH + length + int(end) - file.stat().st_size, 0)


def _header(file: Path) -> tuple[dict[str, Any], int]:
    """The header and its length."""
    if not file.is_file():  # a pipe would keep us waiting for ever
        raise ValueError("is not a regular file")
    with file.open("rb") as stream:
        begins = stream.read(_LENGTH)
        length = int.from_bytes(begins, "little")
        try:
            header = json.loads(stream.read(length)) if len(begins) == _LENGTH and length <= LARGEST_HEADER else None
        except (ValueError, RecursionError):
            header = None
    if not isinstance(header, dict) or not all(isinstance(tensor, dict) for tensor in header.values()):
        raise ValueError("is not a whole safetensors file")
    return header, length
