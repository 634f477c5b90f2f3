"""Requests cut into jobs, and their results put together again, without an endpoint."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from dbt_ai.execution.job_runs import JobRuns
from dbt_ai.execution.job_sender import JobSender
from dbt_ai.execution.sender import Sender
from dbt_ai.execution.transport import KeepAliveTransport
from dbt_ai.external_model import ExternalModel, read_wait
from dbt_ai.providers import provider_of
from dbt_ai.providers._http import HttpRequest
from dbt_ai.providers._jobs import JobState
from dbt_ai.providers.base import EndpointProvider
from dbt_ai.request import Call
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


def runs_of(model: ExternalModel, lines: list[str] = []) -> JobRuns:  # noqa: B006
    provider = provider_of(model)
    assert isinstance(provider, EndpointProvider)
    form = provider.jobs(model)
    assert form is not None
    judge = Sender(Credentials.from_config([], []), KeepAliveTransport()).judge
    return JobRuns(model, provider, form, NoStore(), Downloaded(lines), judge)


def test_sixty_thousand_requests_are_two_jobs_and_every_request_is_in_one() -> None:
    runs, call = runs_of(CHAT), Call("ai_query", CHAT)
    jobs = list(runs.cut([runs.encode(call, [f"text {number}"]) for number in range(60_000)], [0] * 60_000))
    assert [len(lines) for _, lines, _ in jobs] == [50_000, 10_000]
    assert [position for positions, _, _ in jobs for position in positions] == list(range(60_000))
    names = [json.loads(line)["custom_id"] for _, lines, name in jobs for line in (lines[0], lines[-1]) if name]
    assert len(set(names)) == 4 and names[2].endswith("-0")


def test_the_texts_of_all_lines_of_a_job_of_embeddings_are_counted() -> None:
    runs = runs_of(EMBEDDER)
    jobs = list(runs.cut([runs.encode(Call("ai_embed", EMBEDDER), ["x"] * 256)] * 300, [256] * 300))
    assert [len(positions) for positions, _, _ in jobs] == [195, 105]


def test_a_result_that_is_there_twice_or_of_another_job_is_read_once_and_a_missing_one_is_a_failure() -> None:
    call = Call("ai_query", CHAT)
    keys = call.keys(["a", "b"])
    body = {"choices": [{"message": {"content": "A"}, "finish_reason": "stop"}], "usage": {"prompt_tokens": 1, "completion_tokens": 1}}
    line = json.dumps({"custom_id": "job-0", "response": {"status_code": 200, "body": body}})
    other = line.replace("job-0", "other-7")
    found = runs_of(CHAT, [line, other, line, "{", ""])
    state = JobState(True, "completed", (HttpRequest("https://api.openai.com/v1/files/f/content", b"", method="GET"),))
    lines = list(found.collect(Job("job", call, keys, [1, 1], "node"), state))
    assert [(line.keys, list(line.responses.values)) for line in lines] == [([keys[0]], ["A"]), ([keys[1]], [None])]
    assert "the job ended without an answer to it: completed" in lines[1].responses.failures[0].message


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
    runs = runs_of(model)
    [(_, [line], name)] = runs.cut([runs.encode(Call("ai_query", model), ["hello"])], [0])
    written = json.loads(line)
    assert (written["url"], written["body"]["model"]) == ("/chat/completions", "mini-batch")
    submission = runs.format.submit(model, name, "file-1", [line])
    assert submission.url == "https://me.openai.azure.com/openai/batches?api-version=2024-10-21"
    assert json.loads(submission.body)["metadata"] == {"dbt_ai": name}
    assert runs.format.look(model, "batch_1").url == "https://me.openai.azure.com/openai/batches/batch_1?api-version=2024-10-21"
