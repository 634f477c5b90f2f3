"""Static models (model2vec, StaticEmbedding): one vector for each token, averaged. numpy embeds tens of thousands of texts a second."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dbt_ai.errors import ConfigurationError
from dbt_ai.local.device import Batching
from dbt_ai.local.folder import ModelFolder


class StaticDevice:
    """A table of vectors, one for each token. Several threads may embed at once."""

    name = "cpu"
    batching = Batching.PADDED

    def __init__(self, folder: ModelFolder, tokenizer: Any) -> None:
        from safetensors.numpy import load_file

        place = next((folder.path / path for kind, path in folder.modules if kind == "StaticEmbedding"), folder.path)
        weights = load_file(place / "model.safetensors")
        vectors = weights.get("embeddings", weights.get("embedding.weight"))
        if vectors is None:
            raise ConfigurationError(f"the model folder {folder.path} has no tensor 'embeddings' or 'embedding.weight'")
        # model2vec may share rows between tokens and scale each token. https://github.com/MinishLab/model2vec
        if "mapping" in weights:
            vectors = vectors[weights["mapping"]]
        table = vectors.astype(np.float32)
        if "weights" in weights:
            table = table * weights["weights"].astype(np.float32)[:, None]
        self._table = table
        # model2vec leaves unknown tokens out of the average. Sentence Transformers does not, with the same weights.
        unknown = _unknown_token(tokenizer) if folder.is_model2vec else None
        self._unknown = -1 if unknown is None else unknown
        self._normalize = folder.normalizes or bool(folder.is_model2vec and folder.config.get("normalize", True))

    def embed(self, rows: Sequence[NDArray[np.int32]]) -> NDArray[np.float32]:
        """See Device.embed."""
        kept = [row[row != self._unknown] for row in rows] if self._unknown >= 0 else list(rows)
        lengths = np.array([len(row) for row in kept])
        vectors = np.zeros((len(rows), self._table.shape[1]), dtype=np.float32)
        filled = np.flatnonzero(lengths)
        if len(filled):
            starts = np.concatenate([[0], np.cumsum(lengths[filled])[:-1]])
            sums = np.add.reduceat(self._table[np.concatenate([kept[index] for index in filled])], starts, axis=0)
            vectors[filled] = sums / lengths[filled, None]
        if self._normalize:
            vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
        return vectors


def _unknown_token(tokenizer: Any) -> int | None:
    model = json.loads(tokenizer.to_str())["model"]
    if isinstance(model.get("unk_id"), int):
        return int(model["unk_id"])
    found = tokenizer.token_to_id(model["unk_token"]) if model.get("unk_token") else None
    return int(found) if found is not None else None
