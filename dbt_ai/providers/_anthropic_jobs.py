"""Anthropic's message batches: the requests travel with the submission, the results come in any order.

Format: https://docs.claude.com/en/api/creating-message-batches. 100,000 requests and 256 MB a job.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from dbt_ai.external_model import ExternalModel
from dbt_ai.providers._http import HttpRequest, HttpResponse
from dbt_ai.providers._jobs import JobFormat, JobState, answer, document_of, listed

_HEADERS = {"Content-Type": "application/json", "anthropic-version": "2023-06-01"}
# An error inside of a line has a type, and no status: https://docs.claude.com/en/api/errors
_STATUSES = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "overloaded_error": 529,
}


class AnthropicJobs(JobFormat):
    """Message batches: one message a line."""

    lines = 100_000
    size: ClassVar[int] = 100_000_000

    def line(self, model: ExternalModel, custom_id: str, request: HttpRequest) -> bytes:
        return b'{"custom_id": ' + json.dumps(custom_id).encode() + b', "params": ' + request.body + b"}"

    def submit(self, model: ExternalModel, name: str, upload: str, lines: Sequence[bytes]) -> HttpRequest:
        return HttpRequest(self._url(model), b'{"requests": [' + b",".join(lines) + b"]}", _HEADERS)

    def listing(self, model: ExternalModel) -> HttpRequest:
        return HttpRequest(f"{self._url(model)}?limit=100", b"", _HEADERS, method="GET")

    def find(self, response: HttpResponse, name: str, lines: int, since: datetime, known: Collection[str]) -> str | None:
        """Jobs have no names here: one of as many requests, made since then, that is none of ours. Its custom_ids tell in the end."""
        for job in listed(document_of(response), "data"):
            counts, made = job.get("request_counts"), _moment(job.get("created_at"))
            total = sum(count for count in counts.values() if isinstance(count, int)) if isinstance(counts, Mapping) else 0
            if total == lines and made is not None and made >= since and job.get("id") not in known:
                return str(job.get("id"))
        return None

    def look(self, model: ExternalModel, job: str) -> HttpRequest:
        return HttpRequest(f"{self._url(model)}/{job}", b"", _HEADERS, method="GET")

    def state(self, model: ExternalModel, response: HttpResponse) -> JobState:
        document = document_of(response)
        status, counts = str(document.get("processing_status")), document.get("request_counts")
        shown = status
        if isinstance(counts, Mapping):
            total = sum(count for count in counts.values() if isinstance(count, int))
            shown = f"{status}, {counts.get('succeeded', 0):,} of {total:,} answered"
        # Not where `results_url` says: a secret goes nowhere but to the location's host.
        results = (HttpRequest(f"{self._url(model)}/{document.get('id')}/results", b"", _HEADERS, method="GET"),)
        ended = status == "ended"
        return JobState(ended, shown, results if ended else ())

    def result(self, line: Mapping[str, Any]) -> tuple[str, HttpResponse]:
        name, result = str(line.get("custom_id")), line.get("result")
        result = result if isinstance(result, Mapping) else {}
        kind = result.get("type")
        if kind == "succeeded":
            return name, answer(200, result.get("message"))
        if kind == "errored":
            error = result.get("error")
            inner = error.get("error", error) if isinstance(error, Mapping) else {}
            return name, answer(_STATUSES.get(str(inner.get("type")), 500) if isinstance(inner, Mapping) else 500, {"error": inner})
        return name, answer(500, {"error": {"message": f"the job was over before it was asked ({kind})"}})

    def cancel(self, model: ExternalModel, job: str) -> HttpRequest:
        return HttpRequest(f"{self._url(model)}/{job}/cancel", b"{}", _HEADERS)

    def _url(self, model: ExternalModel) -> str:
        return f"{model.location.partition('?')[0].rstrip('/')}/batches"


def _moment(text: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(str(text).replace("Z", "+00:00"))
    except ValueError:
        return None
