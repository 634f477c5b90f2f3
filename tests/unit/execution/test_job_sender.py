"""What batch APIs say and write is data from outside."""

import json

import httpx
import pytest

from dbt_ai.call import Call
from dbt_ai.errors import ProviderError
from dbt_ai.execution import job_sender
from dbt_ai.execution.batch_api import BatchApi
from dbt_ai.execution.job_failures import JobFailures
from dbt_ai.execution.job_results import JobResults
from dbt_ai.execution.job_sender import JobSender, lines_of
from dbt_ai.execution.sender import Sender
from dbt_ai.execution.transport import KeepAliveTransport
from dbt_ai.external_model import ExternalModel
from dbt_ai.providers import provider_named
from dbt_ai.providers._jobs import JobState
from dbt_ai.security.credentials import Credentials
from dbt_ai.store.jobs import Job
from dbt_ai.store.no_store import NoStore

PLACES = {"OpenAI": "v1/chat/completions", "Anthropic": "v1/messages", "Gemini": "v1beta/models/m:generateContent"}
SECRET = "sk-very-secret-0123456789"


def runs(kind: str, body: bytes, monkeypatch: pytest.MonkeyPatch) -> BatchApi:
    """A batch API that answers everything with this body."""
    monkeypatch.setenv("KEY", SECRET)
    url = "https://ai.acme.example"
    credentials = Credentials.from_config([{"name": url, "identity": "Bearer", "secret_env": "KEY"}], [])
    model = ExternalModel("llm", f"{url}/{PLACES[kind]}", kind, "CHAT", "m", credential=url, execution="batch")
    transport = httpx.MockTransport(lambda request: httpx.Response(200, content=body))
    monkeypatch.setattr(JobSender, "_client", lambda self, url: httpx.Client(transport=transport))
    provider = provider_named(kind)
    sender = JobSender(credentials, sleep=lambda seconds: None)
    return BatchApi(model, provider, provider.jobs(model), NoStore(), sender, Sender(credentials, KeepAliveTransport()).judge)


def job(made: BatchApi) -> Job:
    call = Call("ai_query", made.model)
    return Job("job", call, call.keys(["a"]), [1], "node", remote="batch_0")


@pytest.mark.parametrize("sign", ["\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c"])
def test_a_result_with_a_sign_that_ends_lines_elsewhere_is_one_line(sign):
    line = json.dumps({"custom_id": "a", "said": "one  two"}).replace("  ", sign)
    pieces = [piece.encode() for piece in f"{line}\n{line}\r\n\n{line}"]
    assert list(lines_of(pieces)) == [line, line + "\r", "", line]


def test_a_line_without_an_end_is_refused_before_it_fills_the_memory(monkeypatch):
    monkeypatch.setattr(job_sender, "LONGEST_LINE", 1000)
    with pytest.raises(ProviderError, match="a line of the job's results is longer"):
        list(lines_of(b"x" * 100 for _ in range(10**9)))


@pytest.mark.parametrize("kind", PLACES)
@pytest.mark.parametrize("count", [None, "7", "many", 1.5, [], -1, 10**400])
def test_counts_of_a_job_that_make_no_sense_are_in_nobody_s_way(kind, count, monkeypatch):
    counts = dict.fromkeys(("total", "completed", "succeeded", "requestCount", "successfulRequestCount"), count)
    document = {"status": "in_progress", "processing_status": "in_progress", "request_counts": counts, "metadata": {"batchStats": counts}}
    made = runs(kind, json.dumps(document).encode(), monkeypatch)
    assert not made.look(job(made)).ended


def test_what_a_batch_api_says_of_a_job_hides_the_secret_and_obeys_no_terminal(monkeypatch):
    said = f"no credit for {SECRET}\x1b[2J\nDone. PASS=99 " + "x" * 100_000
    made = runs("OpenAI", json.dumps({"status": "failed", "errors": {"data": [{"message": said}]}}).encode(), monkeypatch)
    shown = made.look(job(made)).shown
    assert shown.startswith("failed: no credit for ") and SECRET not in shown
    assert shown.isprintable() and len(shown) < 1000


def test_a_file_whose_id_would_leave_its_folder_is_not_read(monkeypatch):
    document = {"status": "completed", "output_file_id": "../../elsewhere?x=", "error_file_id": "file-1"}
    made = runs("OpenAI", json.dumps(document).encode(), monkeypatch)
    assert [request.url for request in made.look(job(made)).results] == ["https://ai.acme.example/v1/files/file-1/content"]


def test_an_answer_about_a_job_that_never_ends_is_refused(monkeypatch):
    monkeypatch.setattr(job_sender, "LONGEST_ANSWER", 1000)
    made = runs("OpenAI", b"x" * 2000, monkeypatch)
    with pytest.raises(ProviderError, match="answered more than"):
        made.look(job(made))


def test_a_redirect_to_another_host_is_not_followed_with_the_secret(monkeypatch):
    made, asked = runs("OpenAI", b"", monkeypatch), []

    def answer(request):
        asked.append(request.url.host)
        return httpx.Response(302, headers={"Location": "https://evil.example/v1/batches/batch_0"})

    monkeypatch.setattr(JobSender, "_client", lambda self, url: httpx.Client(transport=httpx.MockTransport(answer)))
    with pytest.raises(ProviderError, match="302"):
        made.look(job(made))
    with pytest.raises(ProviderError, match="302"):
        list(made.sender.lines(made.model, made.format.look(made.model, "batch_0")))
    assert set(asked) == {"ai.acme.example"}


def test_an_answer_that_is_packed_wrongly_is_one_sentence(monkeypatch):
    made = runs("OpenAI", b"", monkeypatch)
    packed = httpx.MockTransport(
        lambda request: httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=httpx.ByteStream(b"plain"))
    )
    monkeypatch.setattr(JobSender, "_client", lambda self, url: httpx.Client(transport=packed))
    with pytest.raises(job_sender.Lost, match="ai.acme.example"):
        made.look(job(made))
    with pytest.raises(ProviderError, match="the results of the job cannot be unpacked"):
        list(made.sender.lines(made.model, made.format.look(made.model, "batch_0")))


def test_a_byte_order_mark_is_no_part_of_the_first_line():
    assert list(lines_of([b"\xef\xbb", b'\xbf{"a": 1}\n\xef\xbb\xbf{}'])) == ['{"a": 1}', "\ufeff{}"]


def test_a_line_that_is_too_long_is_passed_over_and_the_next_one_read(monkeypatch):
    monkeypatch.setattr(job_sender, "LONGEST_LINE", 1000)
    pieces = [b'{"a": "', *[b"x" * 300] * 50, b'"}\n{}\n', b"y" * 2000]
    assert list(lines_of(pieces)) == [job_sender.TOO_LONG, "{}", job_sender.TOO_LONG]


def test_a_file_of_results_without_a_line_of_json_is_no_result_and_the_job_stays_open(monkeypatch):
    made = runs("OpenAI", b"<html>\n<body>Sign in</body>\n", monkeypatch)
    state = JobState(True, "completed", (made.format.look(made.model, "batch_0"),))
    with pytest.raises(ProviderError, match="the results of the job are not JSON lines: <html>"):
        JobResults(made, job(made)).keep(state, NoStore(), JobFailures(NoStore()))


def test_a_submission_that_was_answered_with_a_page_is_looked_for_and_never_forgotten(monkeypatch):
    made = runs("OpenAI", b"<html>", monkeypatch)
    submission = made.format.submit(made.model, "job", "file-1", [])
    with pytest.raises(job_sender.Lost, match="the submission of job was answered, but: the batch API did not answer a JSON object"):
        made._submitted(job(made), submission)


@pytest.mark.parametrize(
    ("kind", "document"),
    [
        ("OpenAI", {"status": "completed", "request_counts": {"total": 2, "completed": 2}, "output_file_id": None}),
        ("Gemini", {"done": True, "metadata": {"state": "BATCH_STATE_SUCCEEDED", "batchStats": {"successfulRequestCount": "2"}}}),
    ],
)
def test_a_job_with_answers_and_no_file_of_them_is_not_given_up(kind, document, monkeypatch):
    made = runs(kind, json.dumps(document).encode(), monkeypatch)
    with pytest.raises(ProviderError, match="has answered 2 requests of the job, and names no file of them"):
        made.look(job(made))


@pytest.mark.parametrize("kind", PLACES)
@pytest.mark.parametrize("status", ["paused", "COMPLETED?", "\x1b[2J", "x" * 10_000])
def test_a_state_that_nobody_knows_is_waited_for_and_shown(kind, status, monkeypatch):
    document = {"status": status, "processing_status": status, "metadata": {"state": status}}
    made = runs(kind, json.dumps(document).encode(), monkeypatch)
    state = made.look(job(made))
    assert not state.ended and state.shown.isprintable() and len(state.shown) < 1000


@pytest.mark.parametrize("kind", ["OpenAI", "Anthropic"])
@pytest.mark.parametrize("status", [None, 7, [], ""])
def test_a_job_of_which_no_state_is_said_is_one_sentence(kind, status, monkeypatch):
    made = runs(kind, json.dumps({"status": status, "processing_status": status}).encode(), monkeypatch)
    with pytest.raises(ProviderError, match="the batch API answered no '(processing_)?status'"):
        made.look(job(made))


@pytest.mark.parametrize("status", ["COMPLETED", "canceled", "Expired"])
def test_a_job_has_ended_in_the_words_of_those_who_copy_openai(status, monkeypatch):
    made = runs("OpenAI", json.dumps({"status": status}).encode(), monkeypatch)
    assert made.look(job(made)).ended
