"""Anthropic's message batches: the requests travel with the submission, the results come in any order.

Format: https://docs.claude.com/en/api/creating-message-batches. 100,000 requests and 256 MB a job.
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
    count_in,
    document_of,
    moment,
    named_in,
    objects_and_after,
    text_in,
    unanswered,
    word_in,
)

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
    """Message batches: one message a line. Jobs have no names: only the names of its lines tell whose a job is."""

    lines = 100_000
    size: ClassVar[int] = 100_000_000
    has_names: ClassVar[bool] = False
    caches_for_an_hour: ClassVar[bool] = True

    def line(self, model: ExternalModel, custom_id: str, request: HttpRequest) -> bytes:
        return b'{"custom_id": ' + json.dumps(custom_id).encode() + b', "params": ' + request.body + b"}"

    def submit(self, model: ExternalModel, name: str, upload: str, lines: Sequence[bytes]) -> HttpRequest:
        return HttpRequest(self._url(model), b'{"requests": [' + b",".join(lines) + b"]}", _HEADERS)

    def listing(self, model: ExternalModel, after: str = "") -> HttpRequest:
        query = f"?limit=100{f'&after_id={after}' if after else ''}"
        return HttpRequest(f"{self._url(model)}{query}", b"", _HEADERS, method="GET")

    def listed(self, response: HttpResponse) -> Listing:
        found, after = objects_and_after(response)
        jobs = [Seen(job["id"], None, _total(job.get("request_counts")), moment(job.get("created_at"))) for job in found]
        return Listing(jobs, after)

    def look(self, model: ExternalModel, job: str) -> HttpRequest:
        return HttpRequest(f"{self._url(model)}/{job}", b"", _HEADERS, method="GET")

    def state(self, model: ExternalModel, response: HttpResponse) -> JobState:
        document = document_of(response)
        status, counts = word_in(document, "processing_status", response.status), document.get("request_counts")
        shown = status
        if isinstance(counts, Mapping):
            shown = f"{status}, {count_in(counts, 'succeeded'):,} of {_total(counts):,} answered"
        # Not where `results_url` says: a secret goes nowhere but to the location's host.
        if status != "ended":
            return JobState(False, shown)
        id = named_in(document, "id", response.status)
        cancelled = isinstance(counts, Mapping) and count_in(counts, "canceled") > 0
        return JobState(True, shown, (HttpRequest(f"{self._url(model)}/{id}/results", b"", _HEADERS, method="GET"),), cancelled)

    def result(self, line: Mapping[str, Any]) -> tuple[str, HttpResponse]:
        name, result = text_in(line, "custom_id"), line.get("result")
        kind = text_in(result, "type")
        if isinstance(result, Mapping) and kind == "succeeded":
            return name, answer(200, result.get("message"))
        if isinstance(result, Mapping) and kind == "errored":
            error = result.get("error")
            inner = error.get("error", error) if isinstance(error, Mapping) else error
            known = _STATUSES.get(text_in(inner, "type"))
            return name, answer(known, {"error": inner}) if known else unanswered(inner)
        return name, unanswered({"message": f"the job was over before it was asked ({kind})"} if kind else None)

    def cancel(self, model: ExternalModel, job: str) -> HttpRequest:
        return HttpRequest(f"{self._url(model)}/{job}/cancel", b"{}", _HEADERS)

    def _url(self, model: ExternalModel) -> str:
        return f"{model.location.partition('?')[0].rstrip('/')}/batches"


def _total(counts: Any) -> int:
    return sum(count_in(counts, name) for name in counts) if isinstance(counts, Mapping) else 0
