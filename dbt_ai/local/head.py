"""From token embeddings to the text's vector in numpy, for runtimes that stop at the transformer: pooling, Dense, Normalize."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from dbt_ai.errors import ConfigurationError
from dbt_ai.local.folder import ModelFolder

Floats = NDArray[np.float32]
Step = Callable[[Floats], Floats]
_ACTIVATIONS: dict[str, Step] = {"Tanh": np.tanh, "Identity": lambda x: x, "ReLU": lambda x: np.maximum(x, 0)}


class Head:
    """What a folder's modules do after the transformer, as Sentence Transformers computes it."""

    def __init__(self, folder: ModelFolder, prompt_length: int = 0, pooling: str | None = None) -> None:
        """prompt_length: leading tokens that the pooling leaves out, see ModelFolder.pools_prompt. pooling: instead of the folder's."""
        self._modes = (pooling,) if pooling else folder.pooling
        self._skip = prompt_length
        self._steps = [_step(folder, kind, path) for kind, path in folder.modules if kind not in ("Transformer", "Pooling", "Dropout")]

    def __call__(self, tokens: Floats, mask: NDArray[np.int64]) -> Floats:
        """tokens: float32[batch, length, width]; mask: int64[batch, length]. Returns float32[batch, dimensions]."""
        read = mask.copy()
        if self._skip:
            first = read.argmax(axis=1)[:, None]
            read[np.arange(read.shape[1])[None, :] < first + self._skip] = 0
        vectors = np.concatenate([_pool(mode, tokens, read, mask) for mode in self._modes], axis=1)
        for step in self._steps:
            vectors = step(vectors)
        return vectors.astype(np.float32, copy=False)


def _pool(mode: str, tokens: Floats, read: NDArray[np.int64], mask: NDArray[np.int64]) -> Floats:
    rows = np.arange(len(tokens))
    weights = read.astype(np.float32)
    if mode == "cls":
        return np.asarray(tokens[rows, read.argmax(axis=1)])
    if mode == "lasttoken":
        return np.asarray(tokens[rows, read.shape[1] - 1 - read[:, ::-1].argmax(axis=1)])
    if mode == "max":
        return np.asarray(np.where(read[:, :, None] == 0, -np.inf, tokens).max(axis=1))
    if mode == "weightedmean":
        weights = weights * (np.arange(1, mask.shape[1] + 1)[None, :] - mask.argmax(axis=1)[:, None])
    total = np.maximum(weights.sum(axis=1, keepdims=True), 1e-9)
    # One small matrix product for each text: numpy's einsum would run a loop without BLAS.
    summed = np.matmul(weights[:, None, :], tokens)[:, 0, :]
    return np.asarray(summed / (np.sqrt(total) if mode == "mean_sqrt_len_tokens" else total), dtype=np.float32)


def _step(folder: ModelFolder, kind: str, path: str) -> Step:
    if kind == "Normalize":
        return lambda x: x / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1e-12)
    if kind == "Dense" and (folder.path / path / "model.safetensors").is_file():
        return _dense(folder, path)
    raise ConfigurationError(f"the model folder {folder.path} has a module {kind!r} that only backend 'torch' computes")


def _dense(folder: ModelFolder, path: str) -> Step:
    from safetensors.numpy import load_file

    settings = folder.read(f"{path}/config.json")
    name = str(settings.get("activation_function", "torch.nn.modules.linear.Identity")).rsplit(".", 1)[-1]
    if name not in _ACTIVATIONS:
        raise ConfigurationError(f"the model folder {folder.path} has a Dense activation {name!r} that only backend 'torch' computes")
    weights = load_file(folder.path / path / "model.safetensors")
    matrix = weights["linear.weight"].T.astype(np.float32)
    bias = weights.get("linear.bias", np.zeros(1)).astype(np.float32)
    activation = _ACTIVATIONS[name]
    return lambda x: activation(x @ matrix + bias)
