"""What the batch API of each format is sent, and how its answers are read."""

from __future__ import annotations

import json
from datetime import datetime, timezone

import pytest

from dbt_ai.call import Call
from dbt_ai.errors import ConfigurationError, ProviderError
from dbt_ai.external_model import ExternalModel, mocked
from dbt_ai.providers import provider_of
from dbt_ai.providers._jobs import JobFormat, moment
from dbt_ai.providers.base import EndpointProvider, HttpResponse

GOOGLE = "https://generativelanguage.googleapis.com"
LOCATIONS = {
    "OpenAI": "https://api.openai.com/v1/chat/completions",
    "Anthropic": "https://api.anthropic.com/v1/messages",
    "Gemini": f"{GOOGLE}/v1beta/models/m:generateContent",
}


def model(api_format: str, **fields: str) -> ExternalModel:
    return ExternalModel(
        "llm", **{"location": LOCATIONS[api_format], "api_format": api_format, "model_type": "CHAT", "model": "m", **fields}
    )


def form(of: ExternalModel) -> JobFormat:
    provider = provider_of(of)
    assert isinstance(provider, EndpointProvider)
    found = provider.jobs(of)
    assert found is not None
    return found


def said(document: object, status: int = 200) -> HttpResponse:
    return HttpResponse(status, {}, json.dumps(document).encode())


def test_geminis_lines_are_uploaded_in_one_request_and_the_job_names_their_file():
    of = model("Gemini")
    request = provider_of(of).encode(Call("ai_query", of), ["hello"])
    line = form(of).line(of, "job-0", request)
    assert json.loads(line) == {"key": "job-0", "request": json.loads(request.body)}
    upload = form(of).upload(of, "job", [line, line])
    assert upload.url == f"{GOOGLE}/upload/v1beta/files" and upload.headers["X-Goog-Upload-Protocol"] == "multipart"
    assert line + b"\n" + line in upload.body and b'{"file": {"displayName": "job", "mimeType": "application/jsonl"}}' in upload.body
    assert form(of).uploaded(said({"file": {"name": "files/abc-123"}})) == "files/abc-123"
    submission = form(of).submit(of, "job", "files/abc-123", [line])
    assert submission.url == f"{GOOGLE}/v1beta/models/m:batchGenerateContent"
    assert json.loads(submission.body) == {"batch": {"displayName": "job", "inputConfig": {"fileName": "files/abc-123"}}}
    assert form(of).look(of, "batches/b").url == f"{GOOGLE}/v1beta/batches/b"
    assert form(of).cancel(of, "batches/b").url == f"{GOOGLE}/v1beta/batches/b:cancel"


def test_geminis_embeddings_are_one_text_a_line():
    of = model("Gemini", location=f"{GOOGLE}/v1beta/models/m:batchEmbedContents", model_type="EMBEDDINGS")
    line = json.loads(form(of).line(of, "job-0", provider_of(of).encode(Call("ai_embed", of), ["hello"])))
    assert line["request"] == {"model": "models/m", "content": {"parts": [{"text": "hello"}]}}
    assert form(of).submit(of, "job", "files/f", []).url.endswith("/v1beta/models/m:asyncBatchEmbedContent")
    assert form(of).texts_in_a_line == 1


@pytest.mark.parametrize("prefix", ["BATCH_STATE_", "JOB_STATE_"])
def test_geminis_state_is_read_in_both_of_its_words(prefix: str):
    of = model("Gemini")
    running = form(of).state(of, said({"metadata": {"state": f"{prefix}RUNNING", "batchStats": {"requestCount": "5"}}}))
    assert (running.ended, running.shown, running.results) == (False, "running, 0 of 5 answered", ())
    metadata = {"state": f"{prefix}SUCCEEDED", "batchStats": {"requestCount": "5", "successfulRequestCount": "4"}}
    done = form(of).state(of, said({"done": True, "metadata": metadata, "response": {"responsesFile": "files/out-1"}}))
    assert (done.ended, done.shown) == (True, "succeeded, 4 of 5 answered")
    assert [result.url for result in done.results] == [f"{GOOGLE}/download/v1beta/files/out-1:download?alt=media"]
    failed = form(of).state(
        of, said({"done": True, "metadata": {"state": f"{prefix}FAILED"}, "error": {"code": 3, "message": "no such model"}})
    )
    assert (failed.ended, failed.shown, failed.results) == (True, "failed: no such model", ())


def test_a_file_of_results_that_would_lead_elsewhere_is_not_read():
    of = model("Gemini")
    done = form(of).state(of, said({"done": True, "response": {"responsesFile": "files/../../other"}}))
    assert done.results == ()
    with pytest.raises(ProviderError, match="the batch API answered no 'name'"):
        form(of).submitted(said({"name": "batches/b?x=y"}))


def test_a_line_of_geminis_is_an_answer_or_the_status_that_its_code_means():
    name, response = form(model("Gemini")).result({"key": "job-3", "error": {"code": 8, "message": "quota"}})
    assert (name, response.status, json.loads(response.body)["error"]["message"]) == ("job-3", 429, "quota")
    assert form(model("Gemini")).result({"key": "job-3", "response": {"candidates": []}})[1].status == 200


LISTS = {
    "OpenAI": ({"data": [{"id": "b1", "created_at": 1_700_000_000, "metadata": {"dbt_ai": "job"}}], "has_more": True}, "after=b1"),
    "Anthropic": (
        {"data": [{"id": "b1", "created_at": "2023-11-14T22:13:20Z", "request_counts": {"succeeded": 2, "expired": 1}}], "has_more": True},
        "after_id=b1",
    ),
    "Gemini": (
        {
            "operations": [{"name": "batches/b1", "metadata": {"displayName": "job", "createTime": "2023-11-14T22:13:20.827892252Z"}}],
            "nextPageToken": "t",
        },
        "pageToken=t",
    ),
}


@pytest.mark.parametrize("api_format", LISTS)
def test_the_list_of_jobs_is_read_page_by_page(api_format: str):
    of, (page, after) = model(api_format), LISTS[api_format]
    listing = form(of).listed(said(page))
    [job] = listing.jobs
    assert job.id in ("b1", "batches/b1") and job.made == datetime(2023, 11, 14, 22, 13, 20, tzinfo=timezone.utc)
    assert (job.name, job.lines) == ((None, 3) if api_format == "Anthropic" else ("job", None))
    assert after in form(of).listing(of, listing.after).url
    assert form(of).listed(said({})).after == "" and after not in form(of).listing(of).url


@pytest.mark.parametrize("text", ["yesterday", None, [], float("inf"), 1e300, "2026-13-01"])
def test_what_is_no_moment_is_none(text: object):
    assert moment(text) is None


def test_a_format_without_a_batch_api_or_a_flex_tier_says_so():
    ollama = ExternalModel("llm", "http://localhost:11434/api/chat", "Ollama", "CHAT", "m")
    for execution, lacks in (("batch", "no batch API at its location"), ("flex", "no flex tier for CHAT")):
        of = ExternalModel(**{**{name: getattr(ollama, name) for name in ("name", "location", "api_format", "model_type", "model")},
                              "execution": execution})  # fmt: skip
        with pytest.raises(ConfigurationError, match=f"external model 'llm': execution '{execution}': api_format 'Ollama' has {lacks}"):
            provider_of(of)
        assert provider_of(mocked(of)).api_format == "Mock"


STRANGE_IDS = [None, 7, True, [], {}, "", "..", "../files", "a/../b", "a?b", "a#b", "a b", "a\n", "é", "x" * 501]


@pytest.mark.parametrize("api_format", LOCATIONS)
def test_jobs_in_a_list_without_an_id_that_may_stand_in_a_url_are_passed_over(api_format: str):
    made = form(model(api_format))
    jobs = [{"id": id, "name": id, "metadata": {"displayName": "job", "dbt_ai": "job"}} for id in [*STRANGE_IDS, "good"]]
    page = made.listed(said({"data": jobs, "operations": jobs, "has_more": True}))
    assert [seen.id for seen in page.jobs] == ["good"]
    assert page.after == ("" if api_format == "Gemini" else "good")


def test_the_token_of_geminis_next_page_says_nothing_else_to_the_server():
    of = model("Gemini")
    made = form(of)
    page = made.listed(said({"operations": [], "nextPageToken": "a&key=b#c/é"}))
    assert made.listing(of, page.after).url.endswith("/batches?pageSize=100&pageToken=a%26key%3Db%23c%2F%C3%A9")
    for token in (7, ["a"], "x" * 5000):
        assert made.listed(said({"operations": [], "nextPageToken": token})).after == ""


ODD = [None, 7, "text", [], {}, {"type": 3}, {"type": "succeeded"}, {"type": "errored"}, {"type": "errored", "error": []}, float("nan")]


@pytest.mark.parametrize("api_format", LOCATIONS)
@pytest.mark.parametrize("part", ODD)
def test_a_line_of_another_shape_is_no_answer_and_breaks_nothing(api_format: str, part: object):
    made = form(model(api_format))
    for line in ({"response": part}, {"error": part}, {"result": part}, {"response": {"status_code": part, "body": part}}, {}):
        for name in ("job-0", 7, None, ["job-0"]):
            whose, answered = made.result({"custom_id": name, "key": name, **line})
            assert whose == (name if name == "job-0" else "")
            assert isinstance(answered.status, int) and isinstance(answered.body, bytes)


@pytest.mark.parametrize("status", [True, -1, 0, 10**9, 200.0, "200", None])
def test_a_status_of_a_line_that_is_none_of_http_is_a_broken_endpoint(status: object):
    made = form(model("OpenAI"))
    assert made.result({"custom_id": "a", "response": {"status_code": status, "body": {}}})[1].status == 500


def test_a_body_that_is_a_text_of_json_is_read_as_what_it_holds():
    """As llama-stack writes it."""
    made = form(model("OpenAI"))
    line = {"custom_id": "a", "response": {"status_code": 200, "body": json.dumps({"choices": []})}}
    assert json.loads(made.result(line)[1].body) == {"choices": []}
