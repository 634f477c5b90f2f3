"""Sentence Transformers on torch. The only module, with its neighbours for other runtimes, that imports a framework."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer
from transformers.utils.logging import disable_progress_bar

from dbt_ai.local.device import DeviceLost, OutOfMemory

disable_progress_bar()  # type: ignore[no-untyped-call]  # dbt's log is no place for a bar
_DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


class TorchDevice:
    """A SentenceTransformer on one torch device, fed with token ids."""

    def __init__(self, path: str, device: str, precision: str, prompt_length: int | None = None) -> None:
        self.name = device
        self.model = SentenceTransformer(path, device=device, model_kwargs={"torch_dtype": _DTYPES[precision]})
        self.model.eval()
        tokenizer = self.model.tokenizer
        self._inputs: Sequence[str] = tokenizer.model_input_names
        self._pad = tokenizer.pad_token_id or 0
        self._left = tokenizer.padding_side == "left"
        self._prompt_length = prompt_length

    @property
    def tokenizer(self) -> Any:
        """The tokenizers.Tokenizer, with everything that the model's configuration changes in it."""
        return self.model.tokenizer.backend_tokenizer

    def embed(self, rows: Sequence[NDArray[np.int32]]) -> NDArray[np.float32]:
        width = max(len(row) for row in rows)
        ids = np.full((len(rows), width), self._pad, dtype=np.int64)
        mask = np.zeros((len(rows), width), dtype=np.int64)
        for index, row in enumerate(rows):
            place = slice(width - len(row), width) if self._left else slice(0, len(row))
            ids[index, place] = row
            mask[index, place] = 1
        features: dict[str, Any] = {"input_ids": torch.from_numpy(ids), "attention_mask": torch.from_numpy(mask)}
        if "token_type_ids" in self._inputs:
            features["token_type_ids"] = torch.zeros_like(features["input_ids"])
        features = {name: value.to(self.name) for name, value in features.items()}
        if self._prompt_length is not None:
            features["prompt_length"] = self._prompt_length
        try:
            with torch.inference_mode():
                vectors = self.model(features)["sentence_embedding"].float().cpu().numpy()
        except torch.OutOfMemoryError as error:
            torch.cuda.empty_cache()
            raise OutOfMemory(str(error)) from error
        except RuntimeError as error:
            if "CUDA error" in str(error) or "device-side assert" in str(error):
                raise DeviceLost(str(error).split("\n")[0]) from error
            if "not enough memory" in str(error):  # the CPU allocator raises a plain RuntimeError
                raise OutOfMemory(str(error).split("\n")[0]) from error
            raise
        return np.asarray(vectors, dtype=np.float32)
