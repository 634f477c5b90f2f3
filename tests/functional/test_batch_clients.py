"""The server that stands for the batch APIs, and our way of speaking to them, against programs that somebody else wrote."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from conftest import KEY, Project, Server, environment, free_port, litellm_proxy, serve
from models import ai_table, external_model
from servers.batches import batches

from dbt_ai.call import Call
from dbt_ai.external_model import ExternalModel
from dbt_ai.providers import provider_of
from dbt_ai.providers.gemini import Gemini

GOOGLE = """
import sys, time
from google import genai
from google.genai import types

client = genai.Client(api_key="k", http_options=types.HttpOptions(base_url=sys.argv[1]))
job = client.batches.create(model="m", src=sys.argv[2], config={"display_name": "job"})
assert [listed.display_name for listed in client.batches.list(config={"page_size": 10})] == ["job"]
while job.state.name != "JOB_STATE_SUCCEEDED":
    job = client.batches.get(name=job.name)
print(client.files.download(file=job.dest.file_name).decode())
assert client.models.generate_content(model="m", contents="hello").text == "HELLO"
assert [vector.values[0] for vector in client.models.embed_content(model="m", contents=["a", "bb"]).embeddings] == [1.0, 2.0]
client.batches.cancel(name=job.name)
"""


def test_googles_own_client_understands_the_server_that_stands_for_gemini() -> None:
    with batches(looks=2) as server:
        model = ExternalModel("llm", f"{server.url}/v1beta/models/m:generateContent", "Gemini", "CHAT", "m", execution="batch")
        provider = provider_of(model)
        assert isinstance(provider, Gemini)
        form = provider.jobs(model)
        assert form is not None
        line = form.line(model, "job-0", provider.encode(Call("ai_query", model), ["hello"]))
        upload = form.upload(model, "job", [line])
        assert upload is not None
        answered = httpx.post(upload.url, content=upload.body, headers=upload.headers)
        file = answered.json()["file"]["name"]
        command = [str(environment("cloud") / "bin/python"), "-c", GOOGLE, server.url, file]
        run = subprocess.run(command, capture_output=True, text=True, timeout=120)
        assert run.returncode == 0, run.stderr
        assert json.loads(run.stdout)["response"]["candidates"][0]["content"]["parts"] == [{"text": "HELLO"}]
        assert server.cancelled == ["batch_0"]


def llama_stack(folder: Path, upstream: str) -> dict[str, Any]:
    """What llama-stack serves: its own batches and files, and the chats of an OpenAI server."""
    table, key_value = {"backend": "sql"}, {"backend": "kv"}
    return {
        "version": 2,
        "distro_name": "batches",
        "apis": ["batches", "files", "inference"],
        "providers": {
            "inference": [{"provider_id": "up", "provider_type": "remote::llama-cpp-server", "config": {"base_url": upstream}}],
            "files": [
                {
                    "provider_id": "files",
                    "provider_type": "inline::localfs",
                    "config": {"storage_dir": str(folder / "files"), "metadata_store": {**table, "table_name": "files"}},
                }
            ],
            "batches": [
                {
                    "provider_id": "batches",
                    "provider_type": "inline::reference",
                    "config": {"kvstore": {**key_value, "namespace": "batches"}},
                }
            ],
        },
        "storage": {
            "backends": {
                "kv": {"type": "kv_sqlite", "db_path": str(folder / "kv.db")},
                "sql": {"type": "sql_sqlite", "db_path": str(folder / "sql.db")},
            },
            "stores": {
                **{name: {**key_value, "namespace": name} for name in ("metadata", "prompts", "connectors")},
                **{name: {**table, "table_name": name} for name in ("inference", "conversations")},
            },
        },
        "registered_resources": {
            "models": [{"model_id": "m", "provider_id": "up", "provider_model_id": "m", "model_type": "llm"}],
        },
    }


def test_llama_stack_answers_a_job_with_llama_cpp_as_llama_cpp_answers_alone(project: Project, chat_server: Server, tmp_path: Path) -> None:
    """Nothing here stands for a provider: llama-stack keeps the file and the job, llama.cpp answers."""
    config, port = tmp_path / "llama-stack.yaml", free_port()
    config.write_text(yaml.safe_dump(llama_stack(tmp_path, f"{chat_server.url}/v1")))
    command = [str(environment("llama-stack") / "bin/llama"), "stack", "run", str(config), "--port", str(port)]
    with serve(command, f"http://127.0.0.1:{port}", "/v1/health") as stack:
        where = {"api_format": "OpenAI", "model_type": "CHAT", "parameters": {"max_tokens": 32}}
        project.write(
            {
                "models/llm.sql": external_model(location=f"{stack.url}/v1/chat/completions", model="up/m", execution="batch", **where),
                "models/alone.sql": external_model(location=f"{chat_server.url}/v1/chat/completions", model="m", **where),
                "models/texts.sql": "select 'Ticket ' || i || ': I was charged twice' as body from range(4) t(i)",
                "models/answers.sql": ai_table(
                    "select body, {{ dbt_ai.ai_classify(ref('llm'), 'body', ['billing', 'other']) }} as answer,"
                    " {{ dbt_ai.ai_classify(ref('alone'), 'body', ['billing', 'other']) }} as alone from {{ ref('texts') }}"
                ),
            }
        )
        project.dbt("run", check=True)
        jobs = httpx.get(f"{stack.url}/v1/batches").json()["data"]
    assert project.query("select count(*) from answers where answer = alone and answer in ('billing', 'other')") == [(4,)]
    [counts] = [job["request_counts"] for job in jobs]
    assert (counts["total"], counts["completed"]) == (4, 4) and jobs[0]["metadata"]["dbt_ai"].startswith("dbt_ai-")
    assert project.query("select sum(input_tokens) > 0, sum(output_tokens) > 0 from dbt_ai.usage where external_model = 'llm'") == [
        (True, True)
    ]


def test_jobs_go_through_litellms_proxy(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """litellm takes the file and the job as OpenAI does, and hands them on with OpenAI's own client."""
    with batches(looks=2) as server:
        monkeypatch.setenv("OPENAI_API_BASE", f"{server.url}/v1")
        monkeypatch.setenv("OPENAI_API_KEY", "none")
        upstream = {"custom_llm_provider": "openai", "api_base": f"{server.url}/v1", "api_key": "none"}
        models = [{"model_name": "m", "litellm_params": {"model": "openai/m", "api_base": f"{server.url}/v1", "api_key": "none"}}]
        with litellm_proxy(tmp_path, {"model_list": models, "files_settings": [upstream]}) as litellm:
            project.env["SERVER_SECRET"] = json.dumps({"Bearer": KEY})
            project.configure(credentials=[{"name": litellm.url, "identity": "HTTPEndpointHeaders", "secret_env": "SERVER_SECRET"}])
            where = {"location": f"{litellm.url}/v1/chat/completions", "api_format": "OpenAI", "model_type": "CHAT", "model": "m"}
            project.write(
                {
                    "models/llm.sql": external_model(**where, credential=litellm.url, execution="batch"),
                    "models/texts.sql": "select 'text ' || i as body from range(30) t(i)",
                    "models/answers.sql": ai_table(
                        "select body, {{ dbt_ai.ai_query(ref('llm'), 'body') }} as answer from {{ ref('texts') }}"
                    ),
                }
            )
            project.dbt("run", check=True)
        assert project.query("select count(*) from answers where answer = upper(body)") == [(30,)]
        assert (len(server.jobs), server.asked, server.live) == (1, 30, [])
