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
from urllib.parse import quote

from dbt_ai.external_model import ExternalModel
from dbt_ai.providers._http import HttpRequest, HttpResponse
from dbt_ai.providers._jobs import (
    JobFormat,
    JobState,
    Listing,
    Seen,
    answer,
    count_in,
    document_of,
    is_id,
    moment,
    named,
    named_in,
    objects_in,
    require_results,
    text_in,
    unanswered,
)
from dbt_ai.security.urls import parse_url

_SUBMIT = {"EMBEDDINGS": "asyncBatchEmbedContent", "CHAT": "batchGenerateContent"}
# The API writes BATCH_STATE_…, its guide JOB_STATE_….
_ENDED = frozenset(("SUCCEEDED", "FAILED", "CANCELLED", "EXPIRED", "PARTIALLY_SUCCEEDED"))
_BOUNDARY = "dbt-ai-lines-of-a-job"
_FILE = re.compile("files/[A-Za-z0-9_-]{1,500}")
_LONGEST_TOKEN = 4_000  # of a page
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
        query = f"pageSize=100&pageToken={quote(after, safe='')}" if after else "pageSize=100"
        return HttpRequest(self._url(model, "batches", query), b"", method="GET")

    def listed(self, response: HttpResponse) -> Listing:
        document = document_of(response)
        jobs = [
            Seen(job["name"], text_in(about, "displayName") or None, None, moment(about.get("createTime")))
            for job in objects_in(document, "operations")
            if is_id(job.get("name")) and isinstance(about := job.get("metadata"), Mapping)
        ]
        token = text_in(document, "nextPageToken")
        return Listing(jobs, token if len(token) <= _LONGEST_TOKEN else "")

    def look(self, model: ExternalModel, job: str) -> HttpRequest:
        return HttpRequest(self._url(model, job), b"", method="GET")

    def state(self, model: ExternalModel, response: HttpResponse) -> JobState:
        document = document_of(response)
        said = document.get("metadata")
        about: Mapping[str, Any] = said if isinstance(said, Mapping) else {}
        state = text_in(about, "state").removeprefix("BATCH_STATE_").removeprefix("JOB_STATE_")
        ended = state in _ENDED or document.get("done") is True
        shown, counts, answered = state.lower() or ("ended" if ended else "under way"), about.get("batchStats"), 0
        if isinstance(counts, Mapping):
            answered = count_in(counts, "successfulRequestCount")
            shown = f"{shown}, {answered:,} of {count_in(counts, 'requestCount'):,} answered"
        if said_error := text_in(document.get("error"), "message"):
            shown = f"{shown}: {said_error}"
        if not ended:
            return JobState(False, shown)
        file = _file_in(document.get("response")) or _file_in(about.get("output"))
        download = self._url(model, f"{file}:download", "alt=media", before="download/")
        results = (HttpRequest(download, b"", method="GET"),) if file else ()
        require_results(answered, results)
        return JobState(True, shown, results, cancelled=state == "CANCELLED")

    def result(self, line: Mapping[str, Any]) -> tuple[str, HttpResponse]:
        name, error = text_in(line, "key"), line.get("error")
        if isinstance(line.get("response"), Mapping):
            return name, answer(200, line["response"])
        code = error.get("code") if isinstance(error, Mapping) else None
        known = _STATUSES.get(code) if isinstance(code, int) else None
        return name, answer(known, {"error": error}) if known else unanswered(error)

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
    file = text_in(output, "responsesFile")
    return file if _FILE.fullmatch(file) else ""
