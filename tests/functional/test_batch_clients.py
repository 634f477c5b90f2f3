"""The server that stands for the batch APIs, and our way of speaking to them, against programs that somebody else wrote."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import httpx
import pytest
from conftest import KEY, Project, environment, litellm_proxy
from models import ai_table, external_model
from servers.batches import batches

from dbt_ai.external_model import ExternalModel
from dbt_ai.providers import provider_of
from dbt_ai.providers.gemini import Gemini
from dbt_ai.request import Call

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
