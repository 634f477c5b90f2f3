"""Sentence Transformers on torch: the CPU, CUDA and Apple devices."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer
from transformers.utils.logging import disable_progress_bar

from dbt_ai.local.device import Batching, DeviceLost, DeviceUnusable, OutOfMemory
from dbt_ai.local.padding import pad

disable_progress_bar()  # type: ignore[no-untyped-call]  # dbt's log is no place for a bar
# What the CPU's allocator, pinned memory and the handles and workspaces of CUDA's libraries say, which are not an OutOfMemoryError.
# The last is cuDNN's attention: with 512 MB left on an H200 it could not run its kernel, and said no more than that.
_OUT_OF_MEMORY = ("not enough memory", "can't allocate memory", "out of memory", "ALLOC_FAILED", "ALLOCATION_FAILED", "mha_graph.execute")
_DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


def device_names(asked: str) -> list[str]:
    """Every device that `device: …` means: all GPUs for auto and cuda, one for cuda:1."""
    if asked in ("auto", "cuda") and torch.cuda.is_available():
        return [f"cuda:{ordinal}" for ordinal in range(torch.cuda.device_count())]
    if asked == "auto":
        return ["mps" if torch.backends.mps.is_available() else "cpu"]
    return [asked]


def precision_of(asked: str, device: str) -> str:
    """What `precision: auto` means: fp32 on a CPU, bf16 on a GPU that has it, else fp16."""
    if asked != "auto":
        return asked
    if device.startswith("cuda"):
        return "bf16" if torch.cuda.is_bf16_supported() else "fp16"
    return "fp16" if device == "mps" else "fp32"


class TorchDevice:
    """A SentenceTransformer on one torch device, fed with token ids. Several threads may embed at once: nothing is written."""

    def __init__(self, path: str, device: str, precision: str, trust_remote_code: bool = False) -> None:
        """Raises DeviceUnusable, and the framework's own errors for a folder that it cannot read."""
        self.name = device
        # On a GPU the kernels themselves differ with the shape of a batch, so that equal lengths would not help there.
        self.batching = Batching.EQUAL if device == "cpu" and precision != "fp32" else Batching.PADDED
        # False where nothing is said: transformers would ask on the terminal, which a thread cannot.
        self.model = SentenceTransformer(
            path, device="cpu", trust_remote_code=trust_remote_code, model_kwargs={"torch_dtype": _DTYPES[precision]}
        )
        self.model.eval()
        try:
            self.model.to(device)
        except (AssertionError, RuntimeError) as error:  # torch has no such device, there are fewer, or its memory is full
            raise DeviceUnusable(str(error).split("\n")[0]) from error
        tokenizer = self.model.tokenizer
        self._inputs: Sequence[str] = tokenizer.model_input_names
        self._pad = tokenizer.pad_token_id or 0
        self._left = tokenizer.padding_side == "left"
        # Two threads that launch kernels hand Python's lock to each other at every kernel, and the GPU waits.
        self._launching = threading.Lock() if device.startswith("cuda") else nullcontext()
        # Leading tokens that the pooling leaves out, see ModelFolder.pools_prompt.
        self.prompt_length = 0

    @property
    def tokenizer(self) -> Any:
        """The tokenizers.Tokenizer, as the model's configuration sets it up."""
        return self.model.tokenizer.backend_tokenizer

    def embed(self, rows: Sequence[NDArray[np.int32]]) -> NDArray[np.float32]:
        """See Device.embed."""
        if self.name == "cpu" and torch.get_num_threads() != 1:
            # One batch a core needs no barrier between threads. torch keeps this number for each thread.
            torch.set_num_threads(1)
        ids, mask = pad(rows, self._pad, self._left)
        try:
            with torch.inference_mode():
                features = {"input_ids": self._sent(ids), "attention_mask": self._sent(mask)}
                if "token_type_ids" in self._inputs:
                    features["token_type_ids"] = torch.zeros_like(features["input_ids"])
                if self.prompt_length:
                    features["prompt_length"] = self.prompt_length  # type: ignore[assignment]
                with self._launching:
                    vectors = self.model(features)["sentence_embedding"].float()
                return np.asarray(vectors.cpu().numpy(), dtype=np.float32)
        except RuntimeError as error:
            raise _explained(error) from error

    def _sent(self, array: NDArray[np.int64]) -> torch.Tensor:
        tensor = torch.from_numpy(array)
        if self.name.startswith("cuda"):  # pinned pages are copied while the device computes
            return tensor.pin_memory().to(self.name, non_blocking=True)
        return tensor.to(self.name)


def _explained(error: RuntimeError) -> Exception:
    text = str(error).split("\n")[0]
    if isinstance(error, torch.OutOfMemoryError) or any(words in text for words in _OUT_OF_MEMORY):
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        return OutOfMemory(text)
    if isinstance(error, torch.AcceleratorError) or "CUDA error" in text or "CUDNN_STATUS" in text:
        return DeviceLost(text)
    return error
