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
    """What `dbt-ai batches` says."""
    run = dbt_ai_started(project, *arguments)
    out, err = run.communicate(timeout=120)
    assert run.returncode == code and "Traceback" not in err, err
    return out + err


def dbt_ai_started(project: Project, *arguments: str) -> subprocess.Popen[str]:
    """`dbt-ai batches`, in a process of its own."""
    command = [sys.executable, "-m", "dbt_ai.commands.cli", "batches", *arguments]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=project.path, env=project.environment(), stdout=pipe, stderr=pipe, text=True)


def right(project: Project, rows: int = ROWS) -> bool:
    return project.query("select count(*) from answers where answer.response = upper(body)") == [(rows,)]


def open_jobs(project: Project) -> int:
    return int(project.query("select count(*) from dbt_ai.jobs")[0][0])
