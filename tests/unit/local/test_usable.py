"""A model folder that cannot be used is refused in one sentence, before any framework reads it, and no code of it runs."""

from __future__ import annotations

import json
import os
import struct
from pathlib import Path
from typing import Any

import pytest

from dbt_ai.errors import ConfigurationError
from dbt_ai.external_model import ExternalModel
from dbt_ai.local.folder import ModelFolder
from dbt_ai.local.usable import problem
from dbt_ai.providers.sentence_transformers import SentenceTransformers

POINTER = (
    "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 9\n"
)


def weights(shape: tuple[int, ...] = (2, 4), end: int = 32) -> bytes:
    header = json.dumps({"embeddings.word": {"dtype": "F32", "shape": shape, "data_offsets": [0, end]}}).encode()
    return struct.pack("<Q", len(header)) + header + b"\0" * 32


@pytest.fixture
def encoder(tmp_path: Path) -> Path:
    """A folder that can be used."""
    write(tmp_path, "config.json", {"hidden_size": 4, "model_type": "bert"})
    write(tmp_path, "tokenizer.json", {})
    (tmp_path / "model.safetensors").write_bytes(weights())
    return tmp_path


def write(folder: Path, name: str, content: Any) -> None:
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text(content if isinstance(content, str) else json.dumps(content))


def modules(*classes: str) -> list[dict[str, str]]:
    return [{"type": name, "path": f"{index}_{name.rsplit('.')[-1]}" if index else ""} for index, name in enumerate(classes)]


def found(folder: Path, *, trusts_code: bool = False, onnx: bool = False) -> str:
    return problem(ModelFolder(folder), trusts_code=trusts_code, onnx=onnx) or ""


SBERT = (
    "sentence_transformers.models.Transformer",
    "sentence_transformers.base.modules.pooling.Pooling",
    "sentence_transformers.models.Dense",
)


def test_a_folder_that_is_whole_has_no_problem(encoder: Path):
    assert found(encoder) == ""
    write(encoder, "modules.json", modules(*SBERT))
    assert found(encoder) == ""


def test_a_file_of_lfs_that_was_not_fetched_is_named(encoder: Path):
    write(encoder, "model.safetensors", POINTER)
    assert found(encoder) == "holds Git LFS pointers in the place of model.safetensors; run git lfs pull in that folder"
    write(encoder, "tokenizer.json", POINTER)
    assert "model.safetensors, tokenizer.json" in found(encoder)
    (encoder / "model.onnx").write_bytes(b"\x08\x07")
    assert found(encoder, onnx=True).startswith("holds Git LFS pointers in the place of tokenizer.json;")


def test_what_the_backend_does_not_read_may_be_a_pointer(encoder: Path):
    write(encoder, "onnx/model.onnx", POINTER)
    write(encoder, "README.md", POINTER)
    write(encoder, "pytorch_model.bin", POINTER)
    assert found(encoder) == ""


@pytest.mark.parametrize("name", ["model.safetensors", "config.json", "2_Dense/pytorch_model.bin"])
def test_what_is_no_file_is_refused_and_not_read(encoder: Path, name: str):
    (encoder / name).unlink(missing_ok=True)
    (encoder / name).parent.mkdir(exist_ok=True)
    os.mkfifo(encoder / name)
    assert found(encoder) == f"holds {name!r}, which is not a regular file; put the file itself there"
    (encoder / name).unlink()
    (encoder / name).symlink_to("/dev/zero")
    assert "which is not a regular file" in found(encoder)
    (encoder / name).unlink()
    (encoder / name).symlink_to(encoder / "gone")
    assert "which leads to a file that is gone" in found(encoder)


def test_an_adapter_alone_is_no_model(encoder: Path):
    write(encoder, "adapter_config.json", {"peft_type": "LORA", "base_model_name_or_path": "BAAI/bge-small-en"})
    assert found(encoder).startswith("is a PEFT adapter of 'BAAI/bge-small-en' and no whole model; merge it")


@pytest.mark.parametrize(
    ("file", "content", "code"),
    [
        ("config.json", {"hidden_size": 4, "auto_map": {"AutoModel": "modeling_evil.Evil"}}, "modeling_evil.Evil"),
        (
            "config.json",
            {"hidden_size": 4, "auto_map": {"AutoConfig": "org/repo--configuration_evil.Evil"}},
            "org/repo--configuration_evil",
        ),
        ("tokenizer_config.json", {"auto_map": {"AutoTokenizer": ["tokenization_evil.Evil", None]}}, "tokenization_evil.Evil"),
        ("modules.json", modules("custom_st.Evil"), "custom_st.Evil"),
        ("modules.json", modules("sentence_transformers_evil.Evil"), "sentence_transformers_evil.Evil"),
        ("modules.json", modules(*SBERT[:2], "evil.Normalize"), "evil.Normalize"),
        ("2_Dense/config.json", {"in_features": 4, "out_features": 4, "activation_function": "os.abort"}, "os.abort"),
        ("2_Dense/config.json", {"activation_function": "torch.utils.cpp_extension.load"}, "torch.utils"),
    ],
)
def test_code_of_a_folder_runs_only_if_the_user_says_so(encoder: Path, file: str, content: Any, code: str):
    write(encoder, "modules.json", modules(*SBERT))
    write(encoder, file, content)
    assert found(encoder).startswith(f"needs code of its author ({code}") or code in found(encoder)
    assert "'trust_remote_code': true" in found(encoder)
    assert found(encoder, trusts_code=True) == ""


@pytest.mark.parametrize(
    ("classes", "sentence"),
    [
        (["sentence_transformers.models.Router"], "has a Router module, which is several models in one"),
        (["sentence_transformers.models.Asym", SBERT[1]], "has a Asym module"),
        (["sentence_transformers.sparse_encoder.models.MLMTransformer"], "has the module 'MLMTransformer', where Transformer"),
        (["sentence_transformers.models.CLIPModel"], "has the module 'CLIPModel'"),
        ([SBERT[0], SBERT[0]], "has the module 'Transformer'"),
    ],
)
def test_a_module_that_is_not_supported_is_named(encoder: Path, classes: list[str], sentence: str):
    write(encoder, "modules.json", modules(*classes))
    assert found(encoder).startswith(sentence)


def test_a_folder_without_its_weights_says_what_is_missing(encoder: Path):
    (encoder / "model.safetensors").unlink()
    assert found(encoder) == "holds no weights (.safetensors or .bin); copy or download the whole model"
    (encoder / "model.onnx").write_bytes(b"\x08\x07")
    assert found(encoder).endswith("it has a file in ONNX: use api_format 'ONNX Runtime'")
    assert found(encoder, onnx=True) == ""
    (encoder / "model-00001-of-00002.safetensors").write_bytes(weights())
    index = {"weight_map": {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}}
    write(encoder, "model.safetensors.index.json", index)
    assert found(encoder).startswith("lacks 'model-00002-of-00002.safetensors', which model.safetensors.index.json names")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "is not a whole safetensors file"),
        (b"\x10\0\0", "is not a whole safetensors file"),
        (struct.pack("<Q", 2**63) + b"{}", "is not a whole safetensors file"),
        (struct.pack("<Q", 4) + b"abcd", "is not a whole safetensors file"),
        (struct.pack("<Q", 4) + b"[1]\n", "is not a whole safetensors file"),
        (struct.pack("<Q", 8) + b'{"a": 1}', "is not a whole safetensors file"),
        (struct.pack("<Q", 2000) + b"[" * 2000, "is not a whole safetensors file"),
        (weights(end=33), "is not whole"),
    ],
)
def test_weights_that_were_cut_short_are_refused_before_they_are_loaded(encoder: Path, content: bytes, why: str):
    (encoder / "model.safetensors").write_bytes(content)
    assert found(encoder) == f"holds 'model.safetensors', which {why}; copy or download it again"


@pytest.mark.parametrize(
    ("file", "content", "sentence"),
    [
        ("modules.json", [{"idx": 0}], "has a configuration that cannot be read (KeyError: 'path')"),
        ("modules.json", {"type": "x"}, "has a configuration that cannot be read (TypeError"),
        ("config.json", {"hidden_size": "many"}, "has a configuration that cannot be read (ValueError"),
        ("config.json", [1], "has a configuration that cannot be read (TypeError"),
        ("config_sentence_transformers.json", {"prompts": ["query"]}, "has a configuration that cannot be read (AttributeError"),
    ],
)
def test_a_configuration_of_another_shape_is_one_sentence(encoder: Path, file: str, content: Any, sentence: str):
    write(encoder, file, content)
    assert found(encoder).startswith(sentence)


def test_the_external_model_is_named_with_its_location(encoder: Path):
    model = ExternalModel("embedder", f"file://{encoder}", "Sentence Transformers", "EMBEDDINGS", "any")
    SentenceTransformers().check(model)
    write(encoder, "config.json", "{not JSON")
    with pytest.raises(ConfigurationError) as refused:
        SentenceTransformers().check(model)
    assert str(refused.value).startswith(f"external model 'embedder': location 'file://{encoder}' cannot be used: the model folder")
    assert str(refused.value).endswith("holds 'config.json', which is not JSON")
