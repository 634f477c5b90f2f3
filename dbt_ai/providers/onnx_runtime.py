"""Encoders in ONNX, computed in this process by onnxruntime and tokenizers: no torch."""

from __future__ import annotations

from dbt_ai.errors import ConfigurationError
from dbt_ai.external_model import ExternalModel
from dbt_ai.local.folder import model_folder
from dbt_ai.local.location import locate
from dbt_ai.providers._local_embeddings import LocalEmbeddings


class OnnxRuntime(LocalEmbeddings):
    """location: a folder with tokenizer.json and model.onnx (or onnx/model.onnx), of Sentence Transformers or a plain encoder.

    Parameters: see Options; the precision is the file's. pooling is for a folder that has no Sentence Transformers configuration.
    """

    api_format = "ONNX Runtime"
    accepted = ("dimensions", "prompt", "prompt_name", "normalize", "pooling", "max_length", "over_long", "revision")
    fixed = {"backend": "onnx", "device": "cpu"}  # noqa: RUF012

    def check(self, model: ExternalModel) -> None:
        super().check(model)
        place = locate(model, download=False)
        for needed in ("tokenizer.json", "model.onnx"):
            if place and not any((place.path / folder / needed).is_file() for folder in ("", "onnx")):
                raise ConfigurationError(
                    f"external model {model.name!r}: location {model.location!r} holds no {needed};"
                    " an ONNX Runtime model is a folder with model.onnx (or onnx/model.onnx) and tokenizer.json"
                )
        if place and model_folder(place.path).is_static:
            raise ConfigurationError(f"external model {model.name!r}: a static model needs api_format 'Sentence Transformers'")
