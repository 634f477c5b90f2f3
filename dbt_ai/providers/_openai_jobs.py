"""OpenAI's batches: the requests as a file, then a job over the file.

Format: https://platform.openai.com/docs/api-reference/batch and …/files. 50,000 requests, 200 MB and, for embeddings, 50,000 texts a job.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from dbt_ai.external_model import ExternalModel
from dbt_ai.providers._http import HttpRequest, HttpResponse
from dbt_ai.providers._jobs import (
    JobFormat,
    JobState,
    Listing,
    Seen,
    answer,
    base_url,
    count_in,
    document_of,
    is_id,
    moment,
    objects_and_after,
    objects_in,
    require_results,
    text_in,
    unanswered,
    word_in,
)

_OPERATIONS = {"EMBEDDINGS": ("embeddings",), "CHAT": ("chat", "completions")}
# Who copies OpenAI may write them in capitals, or with one l.
_CANCELLED = frozenset(("cancelled", "canceled"))
_ENDED = frozenset(("completed", "failed", "expired", *_CANCELLED))
_BOUNDARY = "dbt-ai-lines-of-a-job"
_JSON = {"Content-Type": "application/json"}


class OpenAIJobs(JobFormat):
    """The batch API of OpenAI, and of those who copy it."""

    lines = 50_000
    # Half of what OpenAI takes: lines, file and message are in memory together.
    size: ClassVar[int] = 100_000_000
    inputs = 50_000

    def line(self, model: ExternalModel, custom_id: str, request: HttpRequest) -> bytes:
        head = json.dumps({"custom_id": custom_id, "method": "POST", "url": self._operation(model)})
        return head[:-1].encode() + b', "body": ' + request.body + b"}"

    def upload(self, model: ExternalModel, name: str, lines: Sequence[bytes]) -> HttpRequest:
        before = (
            f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nbatch\r\n'
            f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}.jsonl"\r\n'
            "Content-Type: application/jsonl\r\n\r\n"
        ).encode()
        body = b"".join([before, b"\n".join(lines), f"\r\n--{_BOUNDARY}--\r\n".encode()])
        return HttpRequest(self._url(model, "files"), body, {"Content-Type": f"multipart/form-data; boundary={_BOUNDARY}"})

    def submit(self, model: ExternalModel, name: str, upload: str, lines: Sequence[bytes]) -> HttpRequest:
        job = {
            "input_file_id": upload,
            "endpoint": self._operation(model),
            "completion_window": "24h",
            "metadata": {"dbt_ai": name},
        }
        return HttpRequest(self._url(model, "batches"), json.dumps(job).encode(), _JSON)

    def listing(self, model: ExternalModel, after: str = "") -> HttpRequest:
        return HttpRequest(self._url(model, "batches", f"limit=100{f'&after={after}' if after else ''}"), b"", method="GET")

    def listed(self, response: HttpResponse) -> Listing:
        found, after = objects_and_after(response)
        return Listing([Seen(job["id"], _name_of(job), None, moment(job.get("created_at"))) for job in found], after)

    def look(self, model: ExternalModel, job: str) -> HttpRequest:
        return HttpRequest(self._url(model, f"batches/{job}"), b"", method="GET")

    def state(self, model: ExternalModel, response: HttpResponse) -> JobState:
        document = document_of(response)
        status = word_in(document, "status", response.status)
        said = document.get("request_counts")
        counts: Mapping[str, Any] = said if isinstance(said, Mapping) else {}
        shown, answered, ended = status, count_in(counts, "completed"), status.lower() in _ENDED
        if "total" in counts:
            shown = f"{status}, {answered:,} of {count_in(counts, 'total'):,} answered"
        for error in objects_in(document.get("errors"), "data")[:1]:
            shown = f"{shown}: {text_in(error, 'message')}"
        files = [document.get(name) for name in ("output_file_id", "error_file_id")]
        results = tuple(HttpRequest(self._url(model, f"files/{file}/content"), b"", method="GET") for file in files if is_id(file))
        if ended:
            require_results(answered, results)
        return JobState(ended, shown, results, cancelled=status.lower() in _CANCELLED)

    def result(self, line: Mapping[str, Any]) -> tuple[str, HttpResponse]:
        name, response = text_in(line, "custom_id"), line.get("response")
        if isinstance(response, Mapping):
            return name, answer(response.get("status_code"), response.get("body"))
        return name, unanswered(line.get("error"))

    def cancel(self, model: ExternalModel, job: str) -> HttpRequest:
        return HttpRequest(self._url(model, f"batches/{job}/cancel"), b"{}", _JSON)

    def _operation(self, model: ExternalModel) -> str:
        return "/v1/" + "/".join(_OPERATIONS[model.model_type])

    def _url(self, model: ExternalModel, path: str, query: str = "") -> str:
        return f"{base_url(model, _OPERATIONS[model.model_type])}/{path}{f'?{query}' if query else ''}"


def _name_of(job: Mapping[str, Any]) -> str | None:
    return text_in(job.get("metadata"), "dbt_ai") or None


class AzureOpenAIJobs(OpenAIJobs):
    """The same beside the deployments, which the lines name as their model.

    https://learn.microsoft.com/azure/ai-foundry/openai/how-to/batch: the deployment has to be of the type Global Batch or Data Zone Batch.
    """

    def line(self, model: ExternalModel, custom_id: str, request: HttpRequest) -> bytes:
        body = {**json.loads(request.body), "model": self._parts(model)[1]}
        return super().line(model, custom_id, HttpRequest(request.url, json.dumps(body).encode()))

    def _operation(self, model: ExternalModel) -> str:
        return "/" + "/".join(_OPERATIONS[model.model_type])

    def _url(self, model: ExternalModel, path: str, query: str = "") -> str:
        version = model.location.partition("?")[2]
        return f"{self._parts(model)[0]}/{path}?{'&'.join(part for part in (version, query) if part)}"

    def _parts(self, model: ExternalModel) -> tuple[str, str]:
        """What comes before /deployments, and the deployment."""
        before, _, deployment = base_url(model, _OPERATIONS[model.model_type]).rpartition("/")
        return before.removesuffix("/deployments"), deployment
