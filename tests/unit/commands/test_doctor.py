from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from dbt_ai.commands import doctor as doctor_module
from dbt_ai.commands.doctor import Check, Doctor, Examination, Report
from dbt_ai.commands.doctor_report import as_json, lines
from dbt_ai.dbt_project import lists_package
from dbt_ai.execution.sender import Sender
from dbt_ai.pricing import Prices
from dbt_ai.security.credentials import Credentials
from dbt_ai.settings import Settings

JSON_BLOCKS = re.findall("```json\n(.*?)```", (Path(__file__).parents[3] / "docs/commands.md").read_text(), re.DOTALL)
EMBEDDER = {
    "name": "embedder",
    "location": "https://h/v1/embeddings",
    "api_format": "OpenAI",
    "model_type": "EMBEDDINGS",
    "model": "m",
}
WITH_SECRET = {"credentials": [{"name": "https://h", "secret_env": "THE_SECRET"}]}
VECTOR = {"data": [{"index": 0, "embedding": [1.0, 2.0, 3.0]}], "usage": {"prompt_tokens": 3}}


def examine(
    status: int = 200,
    document: Any = VECTOR,
    settings: dict[str, Any] | None = None,
    body: bytes | None = None,
    error: Exception | None = None,
    **fields: Any,
) -> Examination:
    """What the doctor makes of an endpoint that answers this."""

    def answer(request: httpx.Request) -> httpx.Response:
        if error is not None:
            raise error
        return httpx.Response(status, content=body) if body else httpx.Response(status, json=document)

    read = Settings.from_config(settings or {})
    credentials = Credentials.from_config(read.credentials)
    doctor = Doctor(read, credentials, Prices.from_config(read.prices), Sender(credentials, httpx.MockTransport(answer)))
    return doctor.examine({**EMBEDDER, **fields})


def test_a_model_that_answers_is_healthy_with_its_dimensions_latency_and_price():
    found = examine(settings={"prices": [{"model": "m", "input_per_million": 0.02}]})
    assert (found.reachable, found.authorised, found.found, found.dimensions) == (True, True, True, 3)
    assert found.latency is not None and found.problem is None and found.price == "$0.02 in, $0 out per million tokens"


@pytest.mark.parametrize(
    ("status", "words", "reachable", "authorised", "found"),
    [
        (401, "Incorrect API key", True, False, None),
        (403, "no access", True, False, None),
        (404, "the model `m` does not exist", True, True, False),
        (400, "Invalid model name passed in model=m", True, True, False),
        (400, "this input is too long", True, None, None),
        (429, "slow down", True, None, None),
    ],
)
def test_what_an_endpoint_refuses_is_told_apart(
    status: int, words: str, reachable: Any, authorised: Any, found: Any, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("THE_SECRET", json.dumps({"Bearer": "sk-0123456789"}))
    seen = examine(status, {"error": {"message": words}}, WITH_SECRET, credential="https://h")
    assert (seen.reachable, seen.authorised, seen.found) == (reachable, authorised, found)
    assert seen.problem == f"{status} {words}"


def test_a_model_without_a_credential_that_is_not_let_in_is_told_so(monkeypatch: pytest.MonkeyPatch):
    refused = {"error": {"message": "missing key"}}
    assert examine(401, refused).problem == "401 missing key; the model names no credential: give one to create_external_model"
    monkeypatch.setenv("THE_SECRET", json.dumps({"Bearer": "sk-0123456789"}))
    assert examine(401, refused, WITH_SECRET, credential="https://h").problem == "401 missing key"


def test_a_page_for_people_is_no_answer_and_tells_nothing_of_the_key():
    page = examine(404, body=b"<!doctype html><title>Not Found</title>")
    assert (page.reachable, page.authorised, page.found) == (True, None, False) and "an HTML page, 'Not Found'" in str(page.problem)
    login = examine(body=b"<html><title>Log in</title>")
    assert login.authorised is None and str(login.problem).endswith("is there a login page or a proxy in between?")


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (httpx.ReadTimeout("late"), "h: no whole answer within 600 s"),
        (httpx.ConnectError("no connection to h:443: Connection refused"), "no connection to h:443: Connection refused"),
        (httpx.ConnectError("a proxy refused"), "h: a proxy refused"),
    ],
)
def test_an_endpoint_that_does_not_answer_is_named_once(error: httpx.TransportError, sentence: str):
    assert examine(error=error).problem == sentence


def test_a_package_that_is_listed_and_not_installed_is_told_so(tmp_path: Path):
    (tmp_path / "packages.yml").write_text("packages: [{local: \"{{ env_var('DBT_AI_PACKAGE') }}\"}]")
    assert lists_package(tmp_path)
    (tmp_path / "packages.yml").write_text("packages: [{package: dbt-labs/dbt_utils, version: 1.3.0}]")
    assert not lists_package(tmp_path)


def test_words_about_a_model_that_is_there_do_not_make_it_missing():
    seen = examine(400, {"error": {"message": "this model does not exist with images, or the tool was not found"}})
    assert seen.found is None and seen.authorised is None


def test_vectors_of_another_length_than_the_parameters_say_are_a_problem_with_both_numbers():
    assert examine(parameters={"dimensions": 512}).problem == "it answers vectors of 3 dimensions where its parameters say 512"


@pytest.mark.parametrize(
    ("api_format", "model_type", "path", "document"),
    [
        ("System One", "DECISIONS", "systemone", {"answers": {"answer": {"type": "noul", "noul": 0.9}}}),
        ("OpenAI Decisions", "DECISIONS", "decisions", {"answers": [{"type": "predicate", "probability": 0.9}]}),
        ("Cohere", "RERANKING", "rerank", {"results": [{"index": 0, "relevance_score": 0.9}]}),
    ],
)
def test_a_model_that_writes_no_text_is_asked_what_it_can_answer(api_format: str, model_type: str, path: str, document: Any):
    seen = examine(document=document, api_format=api_format, model_type=model_type, location=f"https://h/v1/{path}")
    assert (seen.reachable, seen.authorised, seen.found, seen.problem) == (True, True, True, None)


def test_an_unknown_price_is_a_problem_only_with_a_budget():
    assert examine().problem is None and examine().price is None
    assert "max_cost_usd refuses it" in str(examine(settings={"max_cost_usd": 5}).problem)


def test_a_specification_or_a_credential_that_cannot_work_is_the_problem():
    assert "api_format 'OpenIA' is not known" in str(examine(api_format="OpenIA").problem)
    refused = examine(credential="https://other")
    assert refused.authorised is False and "is not configured" in str(refused.problem)


def test_a_problem_is_data_too_so_that_nobody_reads_its_words():
    unknown = examine(api_format="OpenIA")
    assert (unknown.field, unknown.value, unknown.accepted[:2]) == ("api_format", "OpenIA", ["Anthropic", "Azure OpenAI"])
    misplaced = examine(location="https://h/v1/models?api-version=1")
    assert (misplaced.field, misplaced.value, misplaced.accepted) == (
        "location",
        "https://h/v1/models",
        ("https://{server}/v1/embeddings",),
    )
    assert examine(404, {"error": {"message": "gone"}}).status == 404 and examine().status is None


def test_a_key_that_was_written_where_none_belongs_is_not_repeated():
    found = examine(api_key="sk-0123456789")
    assert (found.field, found.value) == ("api_key", None) and "sk-0" not in str(found)


def test_a_secret_that_is_missing_is_named_by_where_it_should_be(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("NO_SUCH_SECRET", raising=False)
    found = examine(settings={"credentials": [{"name": "https://h", "secret_env": "NO_SUCH_SECRET"}]}, credential="https://h")
    assert found.authorised is False and "environment variable NO_SUCH_SECRET is not set" in str(found.problem)


def test_a_key_that_the_endpoint_repeats_is_not_in_the_report(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("THE_SECRET", json.dumps({"Bearer": "sk-0123456789"}))
    found = examine(401, {"error": {"message": "wrong key sk-0123456789"}}, WITH_SECRET, credential="https://h")
    assert found.problem == "401 wrong key ***"


@pytest.mark.parametrize("mode", ["estimate", "replay", "mock"])
def test_no_endpoint_is_asked_in_a_mode_that_calls_none(mode: str):
    found = examine(500, settings={"mode": mode})
    assert found.reachable is None and found.problem is None


def test_a_local_model_is_asked_in_this_process():
    found = examine(location="mock:", api_format="Mock", parameters={"dimensions": 8})
    assert (found.reachable, found.dimensions, found.price, found.problem) == (True, 8, "free", None)


def test_a_report_is_healthy_without_failed_checks_and_problems():
    fine = Examination("m", "OpenAI", True, True, True, 3, 0.084, "free")
    assert Report([Check("mode", None, "replay")], [fine]).healthy
    assert not Report([Check("plugin", False, "missing")], [fine]).healthy
    assert not Report([], [Examination("m", "OpenAI", problem="401")]).healthy


def test_a_report_for_programs_has_the_fields_that_the_docs_list():
    found = Examination("embedder", "OpenAI", True, True, True, 512, 0.0841, "free")
    report = json.loads(json.dumps(as_json(Report([Check("plugin", True, "there")], [found]))))
    [documented] = [json.loads(block) for block in JSON_BLOCKS if "external_models" in block]
    assert report.keys() == documented.keys() and report["healthy"] is True
    assert report["checks"] == [{"subject": "plugin", "ok": True, "finding": "there"}]
    assert [*report["external_models"][0]] == [*documented["external_models"][0]]
    assert report["external_models"][0]["latency_seconds"] == 0.0841


def test_a_report_is_a_table_and_then_the_problems():
    report = Report(
        [Check("plugin", True, "there")],
        [
            Examination("embedder", "OpenAI", True, True, True, 512, 0.0841, "free"),
            Examination("llm", "OpenAI", True, False, problem="401 no"),
        ],
    )
    assert list(lines(report)) == [
        "ok plugin: there",
        "",
        "external model  api format  reachable  authorised  model found  dimensions  latency  price",
        "embedder        OpenAI      yes        yes         yes          512         84 ms    free",
        "llm             OpenAI      yes        NO          -            -           -        unknown",
        "",
        "llm: 401 no",
    ]


def test_endpoints_that_hang_are_asked_side_by_side_and_end_together(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(doctor_module, "SECONDS", 0.2)
    waiting: set[str] = set()

    async def hang(request: httpx.Request) -> httpx.Response:
        waiting.add(request.url.host)
        await asyncio.sleep(600)
        raise AssertionError

    credentials = Credentials.from_config([])
    doctor = Doctor(Settings.from_config({}), credentials, Prices.from_config([]), Sender(credentials, httpx.MockTransport(hang)))
    hosts = [f"h{number}" for number in range(8)]
    said: list[str] = []
    found = doctor.examine_all([{**EMBEDDER, "name": host, "location": f"https://{host}/v1/embeddings"} for host in hosts], said.append)
    assert waiting == set(hosts) and [each.model for each in found] == hosts
    assert {each.problem for each in found} == {f"{host}: no answer within 0 s" for host in hosts}
    assert said == ["asking h0, h1, h2, h3, h4, h5, h6, h7: 0 s each, 120 s in all"]


def test_two_models_of_one_name_are_each_told_what_their_own_endpoint_answers(monkeypatch: pytest.MonkeyPatch):
    """Two packages may each have an external model of that name."""
    monkeypatch.setattr(Doctor, "examine", lambda doctor, found, deadline: Examination(found["name"], found["location"]))
    doctor = Doctor(Settings.from_config({}), Credentials.from_config([]), Prices.from_config([]))
    places = ["https://one.example/v1/embeddings", "https://two.example/v1/embeddings"]
    found = doctor.examine_all([{**EMBEDDER, "location": place} for place in places], lambda line: None)
    assert [each.api_format for each in found] == places


def test_a_model_whose_turn_does_not_come_in_time_is_told_so(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(doctor_module, "TOTAL_SECONDS", 0.0)
    credentials = Credentials.from_config([])
    doctor = Doctor(Settings.from_config({}), credentials, Prices.from_config([]))
    [found] = doctor.examine_all([EMBEDDER], lambda line: None)
    assert found.problem == "not asked: 0 s were used up by other models; --select this one alone"
