"""A transformer in ONNX on onnxruntime, pooled in numpy: no torch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from dbt_ai.errors import ConfigurationError
from dbt_ai.local.device import Batching, OutOfMemory
from dbt_ai.local.folder import ModelFolder
from dbt_ai.local.head import Head
from dbt_ai.local.padding import pad, pad_token, pads_left

_INPUTS = {"input_ids", "attention_mask", "token_type_ids"}


class OnnxDevice:
    """An onnxruntime session of one thread. Sessions keep no state between runs, so several threads may run it at once."""

    name = "cpu"

    def __init__(self, file: Path, folder: ModelFolder, tokenizer: Any, head: Head) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
        self._inputs = {node.name for node in self._session.get_inputs()}
        if self._inputs - _INPUTS:
            raise ConfigurationError(
                f"{file} wants inputs {sorted(self._inputs - _INPUTS)}; a text encoder takes {', '.join(sorted(_INPUTS))}"
            )
        self._output, self._pooled = _output(self._session, file)
        self._pad = pad_token(folder, tokenizer)
        self._left = pads_left(folder)
        self._head = head
        # Such a model scales activations by the largest one in the batch, so a text's vector would depend on the other texts.
        quantized = b"DynamicQuantizeLinear" in file.read_bytes()
        self.batching = Batching.ALONE if quantized else Batching.PADDED

    def embed(self, rows: Sequence[NDArray[np.int32]]) -> NDArray[np.float32]:
        """See Device.embed."""
        ids, mask = pad(rows, self._pad, self._left)
        feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        try:
            output = self._session.run([self._output], {name: feed[name] for name in self._inputs})[0]
        except onnxruntime.capi.onnxruntime_pybind11_state.RuntimeException as error:
            if "allocate" in str(error):
                raise OutOfMemory(str(error).split("\n")[0]) from error
            raise
        tokens = np.asarray(output, dtype=np.float32)
        return tokens if self._pooled else self._head(tokens, mask)


def _output(session: Any, file: Path) -> tuple[str, bool]:
    """The output to read, and whether it is already pooled."""
    names = [node.name for node in session.get_outputs()]
    for name, pooled in (("sentence_embedding", True), ("last_hidden_state", False), ("token_embeddings", False)):
        if name in names:
            return name, pooled
    if len(session.get_outputs()[0].shape) == 3:
        return names[0], False
    raise ConfigurationError(f"{file} has outputs {names}; an embedder has last_hidden_state, token_embeddings or sentence_embedding")
