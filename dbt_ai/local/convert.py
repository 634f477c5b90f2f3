"""Converts a Sentence Transformers model to ONNX or OpenVINO, once, into the cache folder."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from dbt_ai.settings import cache_dir

# Raise it when a conversion changes: files of older versions are then made again.
_VERSION = 1
_AXES = {0: "batch", 1: "tokens"}


def converted(kind: str, precision: str, identity: str) -> Path:
    """Where the converted model is, or will be. identity: revision or hash of the weights."""
    name = {"onnx": "model.onnx", "openvino": "model.xml"}[kind]
    return cache_dir() / "models" / identity / f"{kind}-{precision if precision == 'int8' else 'fp32'}-{_VERSION}" / name


def convert(source: Any, kind: str, precision: str, target: Path) -> None:
    """source: a loaded SentenceTransformer on the CPU in fp32.

    Written beside the target and renamed, so that a crash leaves no half model.
    """
    partial = target.parent.with_name(f"{target.parent.name}.{os.getpid()}")
    partial.mkdir(parents=True, exist_ok=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # tracing warns of every shape check in the model's code
        {"onnx": _to_onnx, "openvino": _to_openvino}[kind](source, precision, partial / target.name)
    if target.exists():
        return
    partial.rename(target.parent)


def _to_onnx(source: Any, precision: str, file: Path) -> None:
    import torch

    names, wrapped, example = _traceable(source)
    plain = file if precision == "fp32" else file.with_suffix(".fp32")
    axes = {name: _AXES for name in [*names, "last_hidden_state"]}
    torch.onnx.export(
        wrapped,
        example,
        str(plain),
        input_names=names,
        output_names=["last_hidden_state"],
        dynamic_axes=axes,
        dynamo=False,
        opset_version=17,
    )
    if precision == "int8":
        from onnxruntime.quantization import QuantType, quantize_dynamic

        # Each output channel has a scale. With one scale for a matrix, MiniLM's cosine to fp32 falls to 0.81.
        quantize_dynamic(plain, file, weight_type=QuantType.QInt8, per_channel=True)
        plain.unlink()


def _to_openvino(source: Any, precision: str, file: Path) -> None:
    import openvino

    names, wrapped, example = _traceable(source)
    model = openvino.convert_model(wrapped, example_input=example)
    for port, name in zip(model.inputs, names, strict=True):
        port.get_tensor().set_names({name})
    if precision == "int8":
        _quantize_weights(model)
    openvino.save_model(model, file, compress_to_fp16=False)


def _quantize_weights(model: Any) -> None:
    """Store the matrices of all linear layers as int8 with a scale for each output; the CPU plugin then multiplies in int8."""
    from openvino import opset13 as ops

    for node in model.get_ordered_ops():
        if node.get_type_name() != "MatMul" or node.input_value(1).get_node().get_type_name() != "Constant":
            continue
        matrix = node.input_value(1).get_node().data.astype(np.float32)
        axis = 1 if node.get_attributes()["transpose_b"] else 0
        scale = np.maximum(np.abs(matrix).max(axis=axis, keepdims=True), 1e-12) / 127
        whole = ops.convert(ops.constant(np.round(matrix / scale).astype(np.int8)), np.float32)
        node.input(1).replace_source_output(ops.multiply(whole, ops.constant(scale.astype(np.float32))).output(0))


def _traceable(source: Any) -> tuple[list[str], Any, tuple[Any, ...]]:
    """Input names, a module that answers last_hidden_state alone, and an example to trace it with."""
    import torch

    names = [name for name in ("input_ids", "attention_mask", "token_type_ids") if name in source.tokenizer.model_input_names]

    class LastHiddenState(torch.nn.Module):
        def __init__(self, model: Any) -> None:
            super().__init__()
            self.model = model

        def forward(self, *inputs: Any) -> Any:
            return self.model(**dict(zip(names, inputs, strict=True))).last_hidden_state

    values = {name: torch.zeros if name == "token_type_ids" else torch.ones for name in names}
    example = tuple(values[name](2, 7, dtype=torch.int64) for name in names)
    return names, LastHiddenState(source[0].auto_model).eval(), example
