"""What an endpoint writes is data: it repeats no secret, thinks in no answer, and forges no line of the log."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from answering import answering_server
from conftest import Project
from models import ai_table, external_model

# Answers a prompt: the status, and the text or the error's message.
Answering = Callable[[str, str], tuple[int, str]]
SECRET = 'K3Y+/="tail of it&<\\end>'


@pytest.fixture
def chat() -> Iterator[Callable[[Answering], str]]:
    """A chat endpoint on loopback: its answer is a function of the prompt and of the secret that was sent."""
    with ExitStack() as running:

        def start(answer: Answering) -> str:
            def respond(path: str, headers: Mapping[str, str], asked: dict[str, Any]) -> tuple[int, str, bytes]:
                prompt = next(message["content"] for message in asked["messages"] if message["role"] == "user")
                status, said = answer(prompt, headers.get("api-key", ""))
                choice = {"message": {"role": "assistant", "content": said}, "finish_reason": "stop"}
                document = {"choices": [choice]} if status == 200 else {"error": {"message": said}}
                return status, "application/json", json.dumps(document).encode()

            return running.enter_context(answering_server(respond))

        yield start


def llm(server: str, **fields: Any) -> str:
    return external_model(location=f"{server}/v1/chat/completions", api_format="OpenAI", model_type="CHAT", model="m", **fields)


def answers(prompts: list[str], **arguments: str) -> str:
    """A model with an answer to each prompt, and its error."""
    given = "".join(f", {name}={value!r}" for name, value in arguments.items())
    rows = ", ".join(f"({number}, '{prompt}')" for number, prompt in enumerate(prompts))
    query = f"{{{{ dbt_ai.ai_query(ref('llm'), 'prompt', fail_on_error=false{given}) }}}}"
    return ai_table(f"select prompt, {query} as a from (values {rows}) t(i, prompt)")


WRITTEN: dict[str, Callable[[str], str]] = {
    "plain": str,
    "url": lambda secret: quote(secret, safe=""),
    "form": quote_plus,
    "json": lambda secret: json.dumps(secret),
    "html": html.escape,
    "base64": lambda secret: base64.b64encode(f"user:{secret}".encode()).decode(),
    "begun": lambda secret: secret[:-4],
    "ended": lambda secret: secret[4:],
}


def test_a_secret_that_the_endpoint_repeats_is_nowhere(project: Project, chat: Callable[[Answering], str]):
    def answer(prompt: str, secret: str) -> tuple[int, str]:
        form, _, status = prompt.partition(" ")
        return int(status), f"You sent {WRITTEN[form](secret)}, I think"

    server = chat(answer)
    project.env["THE_SECRET"] = json.dumps({"api-key": SECRET})
    project.configure(credentials=[{"name": server, "secret_env": "THE_SECRET"}])
    prompts = [f"{form} {status}" for form in WRITTEN for status in (200, 400)]
    project.write({"models/llm.sql": llm(server, credential=server), "models/texts.sql": answers(prompts)})
    project.write({"models/numbers.sql": answers(prompts, return_type="INT")})
    project.write({"models/strict.sql": answers(prompts, return_type="INT").replace(", fail_on_error=false", "")})
    run = project.dbt("run")
    texts = dict(project.query("select prompt, coalesce(a.response, a.errorStatus) from texts"))
    refused = {text for prompt, text in texts.items() if prompt.endswith("400")}
    assert refused == {"400 You sent ***, I think", '400 You sent "***", I think'}
    assert all(text.startswith("You sent ") and "***" in text for prompt, text in texts.items() if prompt.endswith("200"))
    kept = [str(project.query(f"from {table}")) for table in ("texts", "numbers", "dbt_ai.responses")]
    kept += [
        run.output,
        json.dumps(run.results),
        (project.path / "logs/dbt.log").read_text(),
        project.database.read_bytes().decode("latin-1"),
    ]
    for write in WRITTEN.values():
        for piece in (write(SECRET)[:12], write(SECRET)[-12:]):
            assert not any(piece in text for text in kept)


@pytest.mark.parametrize(
    ("field", "says"),
    [
        (
            "parameters={'extra_headers': {'Authorization': 'Bearer ' ~ env_var('THE_SECRET')}}",
            "parameters hold 'Authorization', where a secret",
        ),
        ("credential=env_var('THE_SECRET')", "credential is not a URL"),
    ],
)
def test_a_secret_in_the_wrong_field_of_a_model_is_in_no_file(project: Project, field: str, says: str):
    project.env["THE_SECRET"] = "hunter2-0123456789"
    project.write({"models/llm.sql": llm("http://127.0.0.1:1").replace(") }}", f", {field}) }}}}")})
    run = project.dbt("run")
    assert not run.ok and says in run.output
    files = [file for file in project.path.rglob("*") if file.is_file() and "dbt_packages" not in file.parts]
    assert not [file for file in files if b"hunter2" in file.read_bytes()] and "hunter2" not in run.output


def test_a_proxy_never_sees_a_secret_for_loopback(project: Project, chat: Callable[[Answering], str]):
    seen: list[str] = []
    server = chat(lambda prompt, secret: (200, "Paris")).replace("127.0.0.1", "llm.localhost")
    proxy = chat(lambda prompt, secret: (200, seen.append(secret) or "London"))
    project.env.update({"HTTP_PROXY": proxy, "http_proxy": proxy, "THE_SECRET": json.dumps({"api-key": SECRET})})
    project.configure(credentials=[{"name": server, "secret_env": "THE_SECRET"}])
    project.write({"models/llm.sql": llm(server, credential=server), "models/texts.sql": answers(["the capital?"])})
    project.dbt("run", check=True)
    assert project.query("select a.response from texts") == [("Paris",)]
    assert seen == []


@pytest.mark.parametrize("host", ["127.1", "0x7f.1", "2130706433", "0.0.0.0"])
def test_a_host_that_only_some_read_as_loopback_is_refused(project: Project, host: str):
    project.write({"models/llm.sql": llm(f"http://{host}:8000"), "models/texts.sql": answers(["the capital?"])})
    run = project.dbt("run")
    assert not run.ok
    assert f"external model 'llm': location 'http://{host}:8000/v1/chat/completions' cannot be called: its host is" in run.output


def test_thoughts_reach_no_answer(project: Project, chat: Callable[[Answering], str]):
    thought = {"pair": "<think>The capital…</think>\n\n", "end": "The capital…</think>\n", "only": "<think>The capital…</think>"}
    said = {"text": "Paris", "number": "42", "struct": '{"city": "Par\nis"}'}

    def answer(prompt: str, secret: str) -> tuple[int, str]:
        how, _, what = prompt.partition(" ")
        return 200, thought[how] + ("" if how == "only" else said[what])

    server = chat(answer)
    project.write({"models/llm.sql": llm(server), "models/texts.sql": answers(["pair text", "end text", "only text"])})
    project.write({"models/numbers.sql": answers(["pair number", "end number"], return_type="INT")})
    project.write({"models/structs.sql": answers(["pair struct", "end struct"], return_type="STRUCT<city STRING>")})
    project.dbt("run", check=True)
    assert project.query("select a.response, a.errorStatus from texts order by prompt desc") == [
        ("Paris", None),
        (None, "the model wrote thoughts and no answer"),
        ("Paris", None),
    ]
    assert project.query("select distinct a.response, a.errorStatus from numbers") == [(42, None)]
    assert project.query("select distinct a.response.city, a.errorStatus from structs") == [("Par\nis", None)]


FORGED = "\x1b[2J\x1b]0;owned\x07 busy\r\nDone. PASS=99 WARN=0 ERROR=0\r\n\u202etxt.exe\u200b\x9b31m"


def test_what_an_endpoint_says_forges_no_line_and_obeys_no_terminal(project: Project, chat: Callable[[Answering], str]):
    server = chat(lambda prompt, secret: (int(prompt), FORGED))
    project.write({"models/llm.sql": llm(server), "models/texts.sql": answers(["400", "404"], return_type="INT")})
    project.write({"models/strict.sql": answers(["200", "400", "422"], return_type="INT").replace(", fail_on_error=false", "")})
    run = project.dbt("run")
    assert "Done. PASS=99" in run.message("strict")
    told = [run.output, run.message("strict"), (project.path / "logs/dbt.log").read_text()]
    told += [status for (status,) in project.query("select a.errorStatus from texts")]
    for text in told:
        assert not any(line.strip().startswith("Done. PASS=99") for line in text.splitlines())
        assert not any(sign in text.replace("\x1b[0m", "") for sign in "\x1b\x07\r\u202e\u200b\x9b")


def test_a_refusal_of_two_megabytes_is_kept_as_a_sentence(project: Project, chat: Callable[[Answering], str]):
    server = chat(lambda prompt, secret: (400, "no, " + prompt * 200_000))
    project.write({"models/llm.sql": llm(server), "models/texts.sql": answers(["one of them", "another one"])})
    project.dbt("run", check=True)
    statuses = [status for (status,) in project.query("select a.errorStatus from texts")]
    assert all(status.startswith("400 no, ") and len(status) <= 600 for status in statuses)
