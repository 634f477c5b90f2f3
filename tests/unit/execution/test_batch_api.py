"""Requests cut into jobs, and their results put together again, without an endpoint."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from remembered import Remembered

from dbt_ai.call import Call
from dbt_ai.errors import ConfigurationError, DbtAiError, ProviderError, StoreError
from dbt_ai.execution.batch_api import BatchApi
from dbt_ai.execution.job_failures import JobFailures
from dbt_ai.execution.job_results import JobResults
from dbt_ai.execution.job_sender import JobSender, Lost
from dbt_ai.execution.sender import Sender
from dbt_ai.execution.transport import KeepAliveTransport
from dbt_ai.external_model import ExternalModel, read_wait
from dbt_ai.providers import provider_of
from dbt_ai.providers._http import HttpRequest, HttpResponse
from dbt_ai.providers._jobs import JobState
from dbt_ai.providers.base import EndpointProvider
from dbt_ai.response import Delivery
from dbt_ai.security.credentials import Credentials
from dbt_ai.store.jobs import Job, call_of, call_text
from dbt_ai.store.no_store import NoStore

CHAT = ExternalModel("llm", "https://api.openai.com/v1/chat/completions", "OpenAI", "CHAT", "m", execution="batch")
EMBEDDER = ExternalModel("e", "https://api.openai.com/v1/embeddings", "OpenAI", "EMBEDDINGS", "e", execution="batch")


class Downloaded(JobSender):
    """A sender whose files hold these lines."""

    def __init__(self, lines: list[str]) -> None:
        self.texts = lines

    def lines(self, model: ExternalModel, request: HttpRequest) -> Iterator[str]:
        return iter(self.texts)


def api_of(model: ExternalModel, lines: list[str] = []) -> BatchApi:  # noqa: B006
    provider = provider_of(model)
    assert isinstance(provider, EndpointProvider)
    form = provider.jobs(model)
    assert form is not None
    judge = Sender(Credentials.from_config([], []), KeepAliveTransport()).judge
    return BatchApi(model, provider, form, NoStore(), Downloaded(lines), judge)


def test_sixty_thousand_requests_are_two_jobs_and_every_request_is_in_one() -> None:
    api, call = api_of(CHAT), Call("ai_query", CHAT)
    jobs = list(api.cut([api.encode(call, [f"text {number}"]) for number in range(60_000)], [0] * 60_000))
    assert [len(lines) for _, lines, _ in jobs] == [50_000, 10_000]
    assert [position for positions, _, _ in jobs for position in positions] == list(range(60_000))
    names = [json.loads(line)["custom_id"] for _, lines, name in jobs for line in (lines[0], lines[-1]) if name]
    assert len(set(names)) == 4 and names[2].endswith("-0")


def test_sixty_thousand_results_in_any_order_are_put_together_again() -> None:
    """Of two jobs. Each text is answered with itself."""
    api, call = api_of(CHAT), Call("ai_query", CHAT)
    texts = [f"text {number}" for number in range(60_000)]
    keys, found = call.keys(texts), dict[bytes, str]()
    for positions, lines, name in api.cut([api.encode(call, [text]) for text in texts], [0] * len(texts)):
        results = []
        for line in map(json.loads, lines):
            message = {"content": line["body"]["messages"][-1]["content"]}
            body = {"choices": [{"message": message, "finish_reason": "stop"}], "usage": {"prompt_tokens": 1, "completion_tokens": 1}}
            results.append(json.dumps({"custom_id": line["custom_id"], "response": {"status_code": 200, "body": body}}))
        random.Random(1).shuffle(results)
        job = Job(name, call, [keys[position] for position in positions], [1] * len(positions), "node")
        state = JobState(True, "completed", (HttpRequest("https://api.openai.com/v1/files/f/content", b"", method="GET"),))
        for read in JobResults(replace(api, sender=Downloaded(results)), job).lines(state):
            found[read.keys[0]] = str(read.responses.values[0])
    assert [found[key] for key in keys] == texts


def test_the_texts_of_all_lines_of_a_job_of_embeddings_are_counted() -> None:
    api = api_of(EMBEDDER)
    jobs = list(api.cut([api.encode(Call("ai_embed", EMBEDDER), ["x"] * 256)] * 300, [256] * 300))
    assert [len(positions) for positions, _, _ in jobs] == [195, 105]


def test_a_result_that_is_there_twice_or_of_another_job_is_read_once_and_a_missing_one_is_a_failure() -> None:
    call = Call("ai_query", CHAT)
    keys = call.keys(["a", "b"])
    body = {"choices": [{"message": {"content": "A"}, "finish_reason": "stop"}], "usage": {"prompt_tokens": 1, "completion_tokens": 1}}
    line = json.dumps({"custom_id": "job-0", "response": {"status_code": 200, "body": body}})
    other = line.replace("job-0", "other-7")
    found = api_of(CHAT, [line, other, line, "{", ""])
    state = JobState(True, "completed", (HttpRequest("https://api.openai.com/v1/files/f/content", b"", method="GET"),))
    lines = list(JobResults(found, Job("job", call, keys, [1, 1], "node")).lines(state))
    assert [(line.keys, list(line.responses.values)) for line in lines] == [([keys[0]], ["A"]), ([keys[1]], [None])]
    assert "the job ended without an answer to it: completed" in lines[1].responses.failures[0].message


@pytest.mark.parametrize("broken", [Lost("the connection broke"), ProviderError("500 try later", status=500)])
def test_what_was_read_before_a_download_broke_is_stored_and_told_once(broken: DbtAiError) -> None:
    call, read, stored = Call("ai_query", CHAT), list[bytes](), list[bytes]()
    body = {"choices": [{"message": {"content": "A"}, "finish_reason": "stop"}], "usage": {"prompt_tokens": 1, "completion_tokens": 1}}
    texts = [json.dumps({"custom_id": f"job-{number}", "response": {"status_code": 200, "body": body}}) for number in range(2)]
    api, job = api_of(CHAT), Job("job", call, call.keys(["a", "b", "c"]), [1, 1, 1], "node")

    class Breaks(Downloaded):
        def lines(self, model: ExternalModel, request: HttpRequest) -> Iterator[str]:
            yield from self.texts
            if len(self.texts) == 1:
                raise broken

    class Kept(NoStore):
        def put(self, deliveries: Sequence[Delivery], node: str | None) -> None:
            stored.extend(key for delivery in deliveries for key in delivery.requests.keys)

    sender, log = Breaks(texts[:1]), Remembered(job)
    results = JobResults(replace(api, sender=sender), job)
    state = JobState(True, "completed", (HttpRequest("https://api.openai.com/v1/files/f/content", b"", method="GET"),))
    with pytest.raises(type(broken)):
        results.keep(state, Kept(), JobFailures(log), lambda lines: read.extend(line.keys[0] for line in lines))
    assert read == stored == job.keys[:1] and not log.jobs["job"].has_ended
    sender.texts = texts
    results.keep(state, Kept(), JobFailures(log), lambda lines: read.extend(line.keys[0] for line in lines))
    assert read == stored == job.keys
    assert log.jobs["job"].keys == job.keys[2:]  # in no line


def test_a_call_is_written_down_with_its_job_and_read_back_equal() -> None:
    call = Call(
        "ai_query", CHAT, {"max_tokens": 8}, ({"role": "system", "content": "Be short."},), return_type="INT", schema={"type": "integer"}
    )
    again = call_of(call_text(call))
    assert (again.digest, again.model.execution) == (call.digest, "batch")
    assert again.keys(["a"]) == call.keys(["a"])


@pytest.mark.parametrize("text", ["soon", "30", "-1m", "1w", 30])
def test_a_wait_that_is_no_time_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="is not a time; write '30m'"):
        read_wait(text)


def test_a_job_of_azure_stands_beside_the_deployments_and_its_lines_name_the_deployment() -> None:
    location = "https://me.openai.azure.com/openai/deployments/mini-batch/chat/completions?api-version=2024-10-21"
    model = ExternalModel("llm", location, "Azure OpenAI", "CHAT", "gpt-4o-mini", execution="batch")
    api = api_of(model)
    [(_, [line], name)] = api.cut([api.encode(Call("ai_query", model), ["hello"])], [0])
    written = json.loads(line)
    assert (written["url"], written["body"]["model"]) == ("/chat/completions", "mini-batch")
    submission = api.format.submit(model, name, "file-1", [line])
    assert submission.url == "https://me.openai.azure.com/openai/batches?api-version=2024-10-21"
    assert json.loads(submission.body)["metadata"] == {"dbt_ai": name}
    assert api.format.look(model, "batch_1").url == "https://me.openai.azure.com/openai/batches/batch_1?api-version=2024-10-21"


class Scripted(JobSender):
    """Answers what the test says, in turn: a document, a status to refuse with, or None for a connection that broke."""

    def __init__(self, *answers: object) -> None:
        self.answers, self.sent, self.paused = list(answers), list[str](), 0.0
        self.headers = dict[str, str]()

    def send(self, model: ExternalModel, request: HttpRequest, *, once: bool = False) -> HttpResponse:
        self.sent.append(f"{request.method} {request.url.partition('/v1/')[2]}")
        answer = self.answers.pop(0)
        if answer is None:
            raise Lost("the connection broke")
        if isinstance(answer, int):
            raise ProviderError(f"{answer} refused", status=answer)
        return HttpResponse(200, self.headers, json.dumps(answer).encode())

    def pause(self, seconds: float) -> None:
        self.paused += seconds


def submitted(*answers: object) -> tuple[BatchApi, Scripted, Remembered, Job]:
    api, sender, log, call = api_of(CHAT), Scripted(*answers), Remembered(), Call("ai_query", CHAT)
    api = BatchApi(api.model, api.provider, api.format, log, sender, api.judge)
    return api, sender, log, Job("job", call, call.keys(["a"]), [1], "node")


def test_a_refused_job_is_forgotten() -> None:
    api, _, log, job = submitted({"id": "file-1"}, 400)
    with pytest.raises(ProviderError):
        api.submit(job, [b"{}"])
    assert log.jobs == {}


def test_a_submission_that_is_not_answered_is_looked_for_a_while_and_then_made_again() -> None:
    api, sender, log, job = submitted({"id": "file-1"}, None, *4 * [{"data": []}], {"id": "batch-2"})
    assert api.submit(job, [b"{}"]).remote == "batch-2"
    assert sender.paused == 20 and sender.sent.count("POST batches") == 2
    api, sender, log, job = submitted({"id": "file-1"}, None, {"data": []}, {"data": [{"id": "batch-1", "metadata": {"dbt_ai": "job"}}]})
    assert api.submit(job, [b"{}"]).remote == "batch-1" and log.jobs["job"].remote == "batch-1"
    assert sender.sent.count("POST batches") == 1


def test_a_submission_that_may_have_arrived_is_never_forgotten() -> None:
    api, _, log, job = submitted({"id": "file-1"}, None, 403)
    with pytest.raises(Lost, match="its batch API does not list jobs: 403"):
        api.submit(job, [b"{}"])
    assert log.jobs["job"].upload == "file-1"


def test_an_old_job_is_found_on_a_later_page_and_not_beyond_its_time() -> None:
    old = 1_000_000_000
    pages = [{"data": [{"id": f"b{number}", "created_at": 2**31 - number}], "has_more": True} for number in range(3)]
    api, sender, _, job = submitted(*pages, {"data": [{"id": "mine", "created_at": 2**31 - 9, "metadata": {"dbt_ai": "job"}}]})
    found = api.find(job)
    assert found is not None and found.remote == "mine" and sender.sent[-1] == "GET batches?limit=100&after=b2"
    api, sender, _, job = submitted({"data": [{"id": "b", "created_at": old}], "has_more": True})
    assert api.find(job) is None and len(sender.sent) == 1


def test_a_job_without_a_name_is_found_by_the_provider_s_clock_where_that_is_behind() -> None:
    model = ExternalModel("llm", "https://api.anthropic.com/v1/messages", "Anthropic", "CHAT", "m", execution="batch")
    call, theirs = Call("ai_query", model), datetime.now(timezone.utc) - timedelta(hours=3)
    listed = {"data": [{"id": "theirs", "created_at": theirs.isoformat(), "request_counts": {"processing": 1}}]}
    for date, found in ((format_datetime(theirs), "theirs"), ("", None), ("yesterday", None)):
        api, sender = api_of(model), Scripted(listed)
        sender.headers = {"date": date}
        job = replace(api, sender=sender, log=Remembered()).find(Job("job", call, call.keys(["a"]), [1], "node"))
        assert (job and job.remote) == found


def test_a_job_that_another_version_wrote_is_one_sentence() -> None:
    written = json.loads(call_text(Call("ai_query", CHAT)))
    for text in (json.dumps({**written, "later": 1}), json.dumps({**written, "input": "sound"}), "{}", "[]", "{"):
        with pytest.raises(StoreError, match="a job in the table jobs was written by another version of dbt_ai"):
            call_of(text)


@pytest.mark.parametrize("above", [-1, "500", 1.5, True, 2**70, [5]])
def test_a_batch_above_that_is_no_number_of_requests_is_one_sentence(above: object) -> None:
    spec = {"name": "llm", "location": CHAT.location, "api_format": "OpenAI", "model_type": "CHAT", "model": "m", "batch_above": above}
    with pytest.raises(ConfigurationError, match=r"batch_above .* is not a whole number from 0 to 1,000,000,000; give the requests"):
        ExternalModel.from_spec(spec)


def test_a_job_that_is_gone_has_ended_without_answers() -> None:
    api, _, _, job = submitted(404)
    assert api.look(job) == JobState(True, "the provider does not have it any more")
