"""A transformer on OpenVINO, pooled in numpy."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import openvino
from numpy.typing import NDArray

from dbt_ai.local.device import Batching
from dbt_ai.local.folder import ModelFolder
from dbt_ai.local.head import Head
from dbt_ai.local.padding import pad, pad_token, pads_left

# int8 activations are scaled for each 64 numbers of each token, not for the whole tensor: a vector then depends on no other text,
# and its cosine to fp32 stays above 0.99 (MiniLM, 800 mixed texts: least 0.995; with groups of 128, hardly faster, 0.992).
_HINTS = {
    "fp32": {"INFERENCE_PRECISION_HINT": "f32"},
    "bf16": {"INFERENCE_PRECISION_HINT": "bf16"},
    "int8": {"INFERENCE_PRECISION_HINT": "f32", "DYNAMIC_QUANTIZATION_GROUP_SIZE": "64"},
}


class OpenVinoDevice:
    """A compiled model with one stream for each core; each thread that embeds has a request of its own."""

    name = "cpu"

    def __init__(self, file: Path, folder: ModelFolder, tokenizer: Any, precision: str, streams: int, head: Head) -> None:
        settings = {**_HINTS[precision], "NUM_STREAMS": str(streams), "INFERENCE_NUM_THREADS": str(streams)}
        self.batching = Batching.PADDED if precision == "fp32" else Batching.EQUAL
        self._model = openvino.Core().compile_model(str(file), "CPU", settings)
        self._inputs = [port.get_any_name() for port in self._model.inputs]
        self._requests = threading.local()
        self._pad = pad_token(folder, tokenizer)
        self._left = pads_left(folder)
        self._head = head

    def embed(self, rows: Sequence[NDArray[np.int32]]) -> NDArray[np.float32]:
        """See Device.embed."""
        ids, mask = pad(rows, self._pad, self._left)
        feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        if not hasattr(self._requests, "own"):
            self._requests.own = self._model.create_infer_request()
        result = self._requests.own.infer({name: feed[name] for name in self._inputs})
        return self._head(np.asarray(result[0], dtype=np.float32), mask)
