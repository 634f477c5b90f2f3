"""A project whose node is asked in jobs of a batch API, for every test of them."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from conftest import Project
from models import external_model
from servers.batches import Batches

ROWS = 60
PLACES = {"OpenAI": "/v1/chat/completions", "Anthropic": "/v1/messages", "Gemini": "/v1beta/models/m:generateContent"}


def write(
    project: Project,
    server: Batches,
    *,
    rows: int = ROWS,
    kind: str = "OpenAI",
    prompt: str = "body",
    fail_on_error: bool = False,
    **fields: Any,
) -> None:
    """A node of `rows` distinct texts, asked in jobs."""
    model = {"location": server.url + PLACES[kind], "api_format": kind, "model_type": "CHAT", "model": "m", "execution": "batch", **fields}
    project.write(
        {
            "models/llm.sql": external_model(**model),
            "models/texts.sql": f"select i, 'text ' || i as body from range({rows}) t(i)",
            "models/answers.sql": "{{ config(materialized='ai_table') }}\n"
            f"select body, {{{{ dbt_ai.ai_query(ref('llm'), {json.dumps(prompt)}, fail_on_error={json.dumps(fail_on_error)}) }}}} as answer"
            " from {{ ref('texts') }}",
        }
    )


def dbt_ai(project: Project, *arguments: str, code: int = 0) -> str:
    command = [sys.executable, "-m", "dbt_ai.commands.cli", "batches", *arguments]
    run = subprocess.run(command, cwd=project.path, env=project.environment(), capture_output=True, text=True, timeout=120)
    assert run.returncode == code and "Traceback" not in run.stderr, run.stderr
    return run.stdout + run.stderr


def right(project: Project, rows: int = ROWS) -> bool:
    return project.query("select count(*) from answers where answer.response = upper(body)") == [(rows,)]


def open_jobs(project: Project) -> int:
    return int(project.query("select count(*) from dbt_ai.jobs")[0][0])
