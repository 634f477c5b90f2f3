"""Spans of a run, taken by a server that people keep their traces in."""

from __future__ import annotations

import json
import os
import time
import urllib.request
from pathlib import Path
from typing import Any

from conftest import Project, environment, free_port, serve
from loopback import endpoint
from models import ai_table, external_model


def traces(url: str, seconds: float = 120) -> list[dict[str, Any]]:
    """Those that MLflow has stored, once it has some."""
    where = {"locations": [{"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": "0"}}]}
    search = urllib.request.Request(f"{url}/api/3.0/mlflow/traces/search", json.dumps(where).encode(), {"Content-Type": "application/json"})
    deadline = time.monotonic() + seconds
    while True:
        with urllib.request.urlopen(search) as answer:
            found: list[dict[str, Any]] = json.load(answer).get("traces", [])
        if found or time.monotonic() > deadline:
            return found
        time.sleep(0.5)


def test_mlflow_stores_the_trace_of_a_run_and_reads_its_tokens(project: Project, tmp_path_factory: Any):
    folder: Path = tmp_path_factory.mktemp("mlflow")
    port = free_port()
    command = [str(environment("mlflow") / "bin/mlflow"), "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    store = ["--backend-store-uri", f"sqlite:///{folder}/mlflow.db", "--artifacts-destination", str(folder)]
    env = {**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true"}
    with (
        serve([*command, *store], f"http://127.0.0.1:{port}", "/health", env=env, cwd=folder) as mlflow,
        endpoint() as model,
    ):
        project.configure(otlp_endpoint=mlflow.url)
        project.env["OTEL_EXPORTER_OTLP_HEADERS"] = "x-mlflow-experiment-id=0"
        chat = external_model(location=f"{model.url}/v1/chat/completions", api_format="OpenAI", model_type="CHAT", model="small")
        labels = "select {{ dbt_ai.ai_query(ref('llm'), 'body') }} as label from (select 'text ' || i as body from range(3) t(i))"
        project.write({"models/llm.sql": chat, "models/labels.sql": ai_table(labels)})
        run = project.dbt("run", check=True)
        assert "Spans were not" not in run.output
        [trace] = traces(mlflow.url)
    [(asked,)] = project.query("select sum(input_tokens) from dbt_ai.usage")
    assert json.loads(trace["trace_metadata"]["mlflow.trace.tokenUsage"])["input_tokens"] == asked > 0
    assert trace["tags"]["service.name"] == "dbt_ai"
