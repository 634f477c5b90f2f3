"""The doctor on projects as they are, and on real servers."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from conftest import KEY, Project, Server
from models import external_model


def doctor(project: Project, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "dbt_ai.commands.cli", "doctor", *arguments]
    return subprocess.run(command, cwd=project.path, env=project.environment(), capture_output=True, text=True, timeout=120)


def row(run: subprocess.CompletedProcess[str], model: str) -> list[str]:
    return next(line.split() for line in run.stdout.splitlines() if line.startswith(f"{model} "))


@pytest.fixture
def reviews(project: Project, embedding_server: Server, guarded_chat_server: Server) -> Project:
    """Two real servers: one open, one with a key."""
    project.env["SERVER_SECRET"] = json.dumps({"Bearer": KEY})
    project.configure(credentials=[{"name": guarded_chat_server.url, "secret_env": "SERVER_SECRET"}])
    chat: dict[str, Any] = {"api_format": "OpenAI", "model_type": "CHAT", "model": "smollm2", "parameters": {"max_tokens": 8}}
    chat["location"] = f"{guarded_chat_server.url}/v1/chat/completions"
    embeddings = {
        "location": f"{embedding_server.url}/v1/embeddings",
        "api_format": "OpenAI",
        "model_type": "EMBEDDINGS",
        "model": "minilm",
    }
    project.write(
        {
            "models/embedder.sql": external_model(**embeddings),
            "models/llm.sql": external_model(**chat, credential=guarded_chat_server.url),
        }
    )
    return project


def test_models_that_work_are_one_row_each_and_the_exit_code_is_0(reviews: Project):
    run = doctor(reviews)
    assert run.returncode == 0, run.stdout + run.stderr
    assert row(run, "embedder")[1:6] == ["OpenAI", "yes", "yes", "yes", "384"]
    assert row(run, "llm")[1:6] == ["OpenAI", "yes", "yes", "yes", "-"]
    assert "ok plugin" in run.stdout and "ok versions" in run.stdout and "ok mode: live" in run.stdout and "ok store" in run.stdout


def test_a_wrong_key_and_a_dead_server_are_told_apart_and_the_exit_code_is_1(reviews: Project):
    reviews.env["SERVER_SECRET"] = json.dumps({"Bearer": "sk-wrong-9876543210"})
    dead = "http://127.0.0.1:9/v1/embeddings"
    embeddings = {"location": dead, "api_format": "OpenAI", "model_type": "EMBEDDINGS", "model": "minilm"}
    reviews.write({"models/embedder.sql": external_model(**embeddings)})
    run = doctor(reviews)
    assert run.returncode == 1
    assert row(run, "embedder")[2] == "NO" and row(run, "llm")[2:4] == ["yes", "NO"]
    assert "llm: 401 Invalid API Key" in run.stdout and "sk-wrong" not in run.stdout + run.stderr

    reviews.write({"models/table.sql": "select 1 as a"})
    chosen = doctor(reviews, "--select", "table llm")
    assert row(chosen, "llm")[3] == "NO" and "embedder" not in chosen.stdout and chosen.returncode == 1, chosen.stderr


def test_a_project_without_the_plugin_is_told_what_to_add(project: Project):
    project.output["plugins"] = []
    project.configure()
    project.write({"models/a.sql": "select 1 as a"})
    run = doctor(project)
    assert run.returncode == 1 and "FAIL plugin: missing: add `plugins: - module: dbt_ai`" in run.stdout
    assert len(run.stdout.splitlines()) == 2 and run.stderr == "", "nothing else can be looked at"


def test_dbt_debug_shows_no_secret(reviews: Project):
    run = reviews.dbt_process("debug")
    assert KEY not in run.output
