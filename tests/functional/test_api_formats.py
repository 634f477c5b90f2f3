"""Every api_format against a server that somebody else wrote: llama.cpp, litellm's proxy, an Ollama proxy, Ollama's own client."""

from __future__ import annotations

import http.server
import json
import subprocess
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from conftest import KEY, SERVERS, Project, Server, environment, free_port, litellm_proxy, serve
from models import external_model

from dbt_ai.call import Call
from dbt_ai.external_model import ExternalModel
from dbt_ai.providers import provider_of
from dbt_ai.providers.base import EndpointProvider

CHAT_MODEL, EMBEDDING_MODEL = "smollm2", "text-embedding-ada-002"
DIMENSIONS = 384


@pytest.fixture(scope="module")
def litellm(chat_server: Server, embedding_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """litellm's proxy: Azure OpenAI's and Anthropic's URLs and keys in front of llama.cpp."""

    def route(name: str, server: Server) -> dict[str, Any]:
        return {"model_name": name, "litellm_params": {"model": "openai/smollm2", "api_base": f"{server.url}/v1", "api_key": "none"}}

    models = [route(CHAT_MODEL, chat_server), *(route(name, embedding_server) for name in (EMBEDDING_MODEL, "all-minilm"))]
    config = {"model_list": models, "litellm_settings": {"drop_params": True}}
    with litellm_proxy(tmp_path_factory.mktemp("litellm"), config) as server:
        yield server


@pytest.fixture(scope="module")
def ollama(litellm: Server) -> Iterator[Server]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [str(environment("litellm") / "bin/python"), str(SERVERS / "ollama_proxy.py"), f"{litellm.url}/v1", KEY, str(port)]
    with serve(command, url, "/api/version") as server:
        yield server


VECTORS = """{{ config(materialized='ai_table') }}
select body, {{ dbt_ai.ai_embed(ref('embedder'), 'body') }} as v from (values ('red'), ('blue'), ('red')) t(body)"""
ANSWERS = """{{ config(materialized='ai_table') }}
select {{ dbt_ai.ai_query(ref('llm'), "'Say hello to ' || name", fail_on_error=false) }} as answer
from (values ('Ada'), ('Grace')) t(name)"""


def embeds(project: Project, counts_tokens: bool = True, **fields: Any) -> None:
    """Three rows get vectors of two distinct texts from a server that gives MiniLM's. What it does not count is estimated."""
    project.write({"models/embedder.sql": external_model(model_type="EMBEDDINGS", **fields), "models/vectors.sql": VECTORS})
    project.dbt("run", check=True)
    assert project.query("select count(v), count(distinct v), min(len(v)), max(len(v)) from vectors") == [(3, 2, DIMENSIONS, DIMENSIONS)]
    assert project.query("select count(*), min(input_tokens) > 0 from dbt_ai.responses") == [(2, True)]
    assert project.query("select sum(estimated) = 0 from dbt_ai.usage where input_tokens > 0") == [(counts_tokens,)]


def answers(project: Project, **fields: Any) -> None:
    fields = {"model_type": "CHAT", "model": CHAT_MODEL, "parameters": {"max_tokens": 60}, **fields}
    project.write({"models/llm.sql": external_model(**fields), "models/answers.sql": ANSWERS})
    project.dbt("run", check=True)
    rows = project.query("select answer.response, answer.errorStatus from answers")
    # A small model may run on until it is cut off; whatever it does, each row has an answer or the reason why not.
    assert all((response is None) != (error is None) for response, error in rows)
    assert all("was cut off at 60 tokens" in error for _, error in rows if error)
    assert any(response for response, _ in rows), rows
    assert project.query("select bool_and(input_tokens > 0 and output_tokens > 0) from dbt_ai.responses") == [(True,)]


def with_secret(project: Project, server: Server, secret: dict[str, str], slash: str = "") -> None:
    project.env["SERVER_SECRET"] = json.dumps(secret)
    project.configure(credentials=[{"name": server.url + slash, "identity": "HTTPEndpointHeaders", "secret_env": "SERVER_SECRET"}])


# Microsoft's three examples, with the hosts of location and credential replaced by one local server.


def test_microsofts_example_for_azure_openai_runs(project: Project, litellm: Server):
    # As in the example, the credential is created with a slash at its end and named without.
    with_secret(project, litellm, {"api-key": KEY}, slash="/")
    embeds(
        project,
        location=f"{litellm.url}/openai/deployments/text-embedding-ada-002/embeddings?api-version=2024-02-01",
        api_format="Azure OpenAI",
        model=EMBEDDING_MODEL,
        credential=litellm.url,
        authorization="CRM_User",
    )


def test_microsofts_example_for_ollama_runs_where_the_model_has_those_dimensions(project: Project, ollama: Server):
    fields = {"location": f"{ollama.url}/api/embed", "api_format": "Ollama", "model": "all-minilm", "authorization": "AI_User"}
    project.write(
        {
            "models/embedder.sql": external_model(model_type="EMBEDDINGS", parameters='{"Dimensions":"725"}', **fields),
            "models/vectors.sql": VECTORS,
        }
    )
    # Neither all-minilm nor this server's model has the 725 dimensions of the example.
    run = project.dbt("run")
    assert f"answered vectors of {DIMENSIONS} dimensions where 725 were expected" in " ".join(run.message("vectors").split())
    (project.path / "project.duckdb").unlink()
    embeds(project, counts_tokens=False, parameters=f'{{"Dimensions":"{DIMENSIONS}"}}', **fields)


def test_microsofts_example_for_openai_runs(project: Project, litellm: Server):
    with_secret(project, litellm, {"Bearer": KEY})
    embeds(
        project,
        location=f"{litellm.url}/v1/embeddings",
        api_format="OpenAI",
        model=EMBEDDING_MODEL,
        credential=litellm.url,
        authorization="CRM_User",
    )


# Chat


def test_azure_openai_answers(project: Project, litellm: Server):
    with_secret(project, litellm, {"api-key": KEY})
    location = f"{litellm.url}/openai/deployments/{CHAT_MODEL}/chat/completions?api-version=2024-10-21"
    answers(project, location=location, api_format="Azure OpenAI", credential=litellm.url)


def test_anthropic_answers_by_litellm(project: Project, litellm: Server):
    with_secret(project, litellm, {"x-api-key": KEY})
    answers(project, location=f"{litellm.url}/v1/messages", api_format="Anthropic", credential=litellm.url)


def test_anthropic_answers_by_llama_cpp(project: Project, guarded_chat_server: Server):
    with_secret(project, guarded_chat_server, {"x-api-key": KEY})
    answers(project, location=f"{guarded_chat_server.url}/v1/messages", api_format="Anthropic", credential=guarded_chat_server.url)


@pytest.mark.parametrize("path", ["/api/chat", "/api/generate"])
def test_ollama_answers(project: Project, ollama: Server, path: str):
    answers(project, location=f"{ollama.url}{path}", api_format="Ollama")


def test_a_wrong_key_is_said_in_the_servers_words_without_the_key(project: Project, guarded_chat_server: Server):
    with_secret(project, guarded_chat_server, {"Bearer": "sk-wrong-9876543210"})
    location = f"{guarded_chat_server.url}/v1/chat/completions"
    fields = {"api_format": "OpenAI", "model_type": "CHAT", "model": CHAT_MODEL, "credential": guarded_chat_server.url}
    project.write(
        {"models/llm.sql": external_model(location=location, **fields), "models/answers.sql": ANSWERS.replace(", fail_on_error=false", "")}
    )
    run = project.dbt("run")
    assert not run.ok and "401 Invalid API Key" in run.message("answers")
    files = [path for path in project.path.rglob("*") if path.is_file() and "dbt_packages" not in path.parts]
    assert not [path for path in files if b"sk-wrong-9876543210" in path.read_bytes()]
    project.env["SERVER_SECRET"] = json.dumps({"Bearer": KEY})
    project.dbt("run", check=True)


# Ollama's own client


class Recorder(http.server.BaseHTTPRequestHandler):
    """Notes what is posted and refuses it."""

    posted: list[tuple[str, dict[str, Any]]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.posted.append((self.path, json.loads(body)))
        self.send_response(400)
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        pass


OLLAMA_CLIENT = """
import sys, json, ollama
client = ollama.Client(host=sys.argv[1])
for function, arguments in json.loads(sys.argv[2]):
    try:
        getattr(client, function)(**arguments)
    except ollama.ResponseError:
        pass
"""


def test_our_requests_are_those_of_ollamas_own_client():
    schema = {"type": "object", "properties": {"label": {"type": "string"}}, "required": ["label"]}
    messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Why?"}]
    options = {"num_predict": 50, "temperature": 0.0}
    asked: list[tuple[str, dict[str, Any]]] = [
        ("embed", {"model": "all-minilm", "input": ["a", "é"], "dimensions": 725, "truncate": False, "options": {"num_ctx": 512}}),
        ("chat", {"model": "llama", "messages": messages, "format": schema, "options": options, "keep_alive": "5m"}),
        ("generate", {"model": "llama", "prompt": "Why?", "system": "Be brief.", "options": options}),
    ]
    recorder = type("ThisRecorder", (Recorder,), {"posted": []})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), recorder) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        subprocess.run([str(environment("litellm") / "bin/python"), "-c", OLLAMA_CLIENT, url, json.dumps(asked)], check=True)
        server.shutdown()

    def call(path: str, model: str, parameters: dict[str, Any], **fields: Any) -> Call:
        kind = "EMBEDDINGS" if path == "/api/embed" else "CHAT"
        spec = {"name": "m", "location": f"{url}{path}", "api_format": "Ollama", "model_type": kind, "model": model}
        return Call("ai", ExternalModel.from_spec(spec), parameters, **fields)

    ours = [
        (call("/api/embed", "all-minilm", {"dimensions": 725, "truncate": False, "num_ctx": 512}), ["a", "é"]),
        (call("/api/chat", "llama", {"max_tokens": 50, "keep_alive": "5m"}, messages=messages[:1], schema=schema), ["Why?"]),
        (call("/api/generate", "llama", {"max_tokens": 50}, messages=messages[:1]), ["Why?"]),
    ]
    for (path, theirs), (made, inputs) in zip(recorder.posted, ours, strict=True):
        provider = provider_of(made.model)
        assert isinstance(provider, EndpointProvider)
        request = provider.encode(made, inputs)
        assert request.url == f"{url}{path}"
        # The client writes out defaults: an empty suffix, no tools, no stream.
        said = {name: value for name, value in theirs.items() if value not in ("", [], None) or name == "stream"}
        ours_said = json.loads(request.body)
        assert ours_said == {name: said.get(name) for name in ours_said}
        assert set(said) - set(ours_said) <= {"stream"}
