"""Gemini's batches: the requests as a file, then a job over the file; the results as another file.

Format: https://ai.google.dev/gemini-api/docs/batch-api and https://ai.google.dev/api/batch-api; how google-genai reads it: its batches.py.
Requests could travel inline, but their metadata does not come back (https://github.com/googleapis/python-genai/issues/2008): a file's lines
have keys. The file is uploaded in one request, as @google/generative-ai does (src/server/file-manager.ts).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from dbt_ai.external_model import ExternalModel
from dbt_ai.providers._http import HttpRequest, HttpResponse
from dbt_ai.providers._jobs import JobFormat, JobState, Listing, Seen, answer, count_in, document_of, moment, named, named_in, objects_in
from dbt_ai.security.urls import parse_url

_SUBMIT = {"EMBEDDINGS": "asyncBatchEmbedContent", "CHAT": "batchGenerateContent"}
# The API writes BATCH_STATE_…, its guide JOB_STATE_….
_ENDED = frozenset(("SUCCEEDED", "FAILED", "CANCELLED", "EXPIRED", "PARTIALLY_SUCCEEDED"))
_BOUNDARY = "dbt-ai-lines-of-a-job"
_FILE = re.compile("files/[A-Za-z0-9_-]+")
_JSON = {"Content-Type": "application/json"}


class GeminiJobs(JobFormat):
    """The batch API of the Gemini API. An embedding of one text is one line."""

    # Gemini names no number. Lines, file and message are in memory together, so that a file is far below the 2 GB that it takes.
    lines = 50_000
    size: ClassVar[int] = 100_000_000
    texts_in_a_line: ClassVar[int | None] = 1
    newest_first: ClassVar[bool] = False  # the documentation says nothing of an order

    def line(self, model: ExternalModel, custom_id: str, request: HttpRequest) -> bytes:
        body = request.body
        if model.model_type == "EMBEDDINGS":
            [only] = json.loads(body)["requests"]
            body = json.dumps(only).encode()
        return b'{"key": ' + json.dumps(custom_id).encode() + b', "request": ' + body + b"}"

    def upload(self, model: ExternalModel, name: str, lines: Sequence[bytes]) -> HttpRequest:
        about = json.dumps({"file": {"displayName": name, "mimeType": "application/jsonl"}})
        before = (
            f"--{_BOUNDARY}\r\nContent-Type: application/json; charset=utf-8\r\n\r\n{about}\r\n"
            f"--{_BOUNDARY}\r\nContent-Type: application/jsonl\r\n\r\n"
        ).encode()
        body = b"".join([before, b"\n".join(lines), f"\r\n--{_BOUNDARY}--\r\n".encode()])
        headers = {"Content-Type": f"multipart/related; boundary={_BOUNDARY}", "X-Goog-Upload-Protocol": "multipart"}
        return HttpRequest(self._url(model, "files", before="upload/"), body, headers)

    def uploaded(self, response: HttpResponse) -> str:
        file = document_of(response).get("file")
        return named_in(file if isinstance(file, Mapping) else {}, "name", response.status)

    def submit(self, model: ExternalModel, name: str, upload: str, lines: Sequence[bytes]) -> HttpRequest:
        job = {"batch": {"displayName": name, "inputConfig": {"fileName": upload}}}
        return HttpRequest(self._url(model, f"models/{model.model}:{_SUBMIT[model.model_type]}"), json.dumps(job).encode(), _JSON)

    def submitted(self, response: HttpResponse) -> str:
        return named(response, "name")

    def listing(self, model: ExternalModel, after: str = "") -> HttpRequest:
        # Without a size the list is empty: https://github.com/googleapis/python-genai/issues/1250
        query = f"pageSize=100{f'&pageToken={after}' if after else ''}"
        return HttpRequest(self._url(model, "batches", query), b"", method="GET")

    def listed(self, response: HttpResponse) -> Listing:
        document = document_of(response)
        jobs = [
            Seen(str(job.get("name")), about.get("displayName"), None, moment(about.get("createTime")))
            for job in objects_in(document, "operations")
            if isinstance(about := job.get("metadata"), Mapping)
        ]
        return Listing(jobs, str(document.get("nextPageToken") or ""))

    def look(self, model: ExternalModel, job: str) -> HttpRequest:
        return HttpRequest(self._url(model, job), b"", method="GET")

    def state(self, model: ExternalModel, response: HttpResponse) -> JobState:
        document = document_of(response)
        said = document.get("metadata")
        about: Mapping[str, Any] = said if isinstance(said, Mapping) else {}
        state = str(about.get("state")).removeprefix("BATCH_STATE_").removeprefix("JOB_STATE_")
        ended = state in _ENDED or document.get("done") is True
        shown, counts = state.lower(), about.get("batchStats")
        if isinstance(counts, Mapping):
            shown = f"{shown}, {count_in(counts, 'successfulRequestCount'):,} of {count_in(counts, 'requestCount'):,} answered"
        error = document.get("error")
        if isinstance(error, Mapping) and error.get("message"):
            shown = f"{shown}: {error['message']}"
        file = _file_in(document.get("response")) or _file_in(about.get("output"))
        if not ended or not file:
            return JobState(ended, shown)
        download = self._url(model, f"{file}:download", "alt=media", before="download/")
        return JobState(True, shown, (HttpRequest(download, b"", method="GET"),))

    def result(self, line: Mapping[str, Any]) -> tuple[str, HttpResponse]:
        name, error = str(line.get("key")), line.get("error")
        if isinstance(line.get("response"), Mapping):
            return name, answer(200, line["response"])
        said = error if isinstance(error, Mapping) else {"message": str(error)}
        code = said.get("code")
        return name, answer(_STATUSES.get(code, 500) if isinstance(code, int) else 500, {"error": said})

    def cancel(self, model: ExternalModel, job: str) -> HttpRequest:
        return HttpRequest(self._url(model, f"{job}:cancel"), b"{}", _JSON)

    def _url(self, model: ExternalModel, path: str, query: str = "", before: str = "") -> str:
        """Beside the models, whose version comes first. before: what comes before the version, for files."""
        url = parse_url(model.location)
        *gateway, version = url.path[: url.path.index("models")]
        start = "".join(f"{part}/" for part in gateway)
        queries = [part for part in (url.query, query) if part]
        return f"{url.origin}/{start}{before}{version}/{path}{'?' if queries else ''}{'&'.join(queries)}"


# An error inside of a line has a code of gRPC: https://github.com/googleapis/googleapis/blob/master/google/rpc/code.proto
_STATUSES = {1: 499, 3: 400, 4: 504, 5: 404, 7: 403, 8: 429, 9: 400, 11: 400, 12: 501, 13: 500, 14: 503, 16: 401}


def _file_in(output: Any) -> str:
    """The file of the results, whose name a URL is made of; empty where there is none."""
    file = output.get("responsesFile") if isinstance(output, Mapping) else None
    return file if isinstance(file, str) and _FILE.fullmatch(file) else ""
