"""The seam for batch APIs: many requests handed over as one job, answered within a day, at half the price.

A JobFormat turns requests into bytes and bytes into what became of them, as a provider does for one request. It opens no socket,
never sleeps and never sees a secret. Our words: a job is what providers call a batch; a line is one request in it.
"""

from __future__ import annotations

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, ClassVar

from dbt_ai.errors import ProviderError
from dbt_ai.external_model import ExternalModel
from dbt_ai.outside_json import parse
from dbt_ai.providers._http import HttpRequest, HttpResponse


@dataclass(frozen=True, slots=True)
class JobState:
    """What the provider says of a job.

    ended: nothing more will be answered. shown: its state and counts, for people. results: where what was answered is read, one JSON
    document a line. cancelled: somebody ended it early.
    """

    ended: bool
    shown: str
    results: tuple[HttpRequest, ...] = ()
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """A job in the provider's list. name: the one that `submit` gave it, where the format has names. lines, made: where the list says."""

    id: str
    name: str | None
    lines: int | None
    made: datetime | None


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of the provider's list. after: what asks for the next one; empty on the last."""

    jobs: Sequence[Seen]
    after: str = ""


class JobFormat(ABC):
    """The batch API of one api_format.

    lines, size: the most requests and bytes that one job may hold. inputs: the most texts of all its lines, where lines carry several.
    texts_in_a_line: the most texts of one line, where they are fewer than in a request that is sent at once.
    has_names: a job keeps the name that it was submitted with. newest_first: so does the provider list them.
    caches_for_an_hour: the beginning of a prompt can be kept for an hour, which is longer than most jobs take.
    """

    lines: ClassVar[int]
    size: ClassVar[int]
    inputs: ClassVar[int | None] = None
    texts_in_a_line: ClassVar[int | None] = None
    has_names: ClassVar[bool] = True
    newest_first: ClassVar[bool] = True
    caches_for_an_hour: ClassVar[bool] = False

    @abstractmethod
    def line(self, model: ExternalModel, custom_id: str, request: HttpRequest) -> bytes:
        """One request as it stands in a job."""

    def upload(self, model: ExternalModel, name: str, lines: Sequence[bytes]) -> HttpRequest | None:
        """The request that hands the lines over before the job is submitted; None where they travel with the submission."""
        return None

    def uploaded(self, response: HttpResponse) -> str:
        """The id of what was uploaded."""
        return named(response, "id")

    @abstractmethod
    def submit(self, model: ExternalModel, name: str, upload: str, lines: Sequence[bytes]) -> HttpRequest:
        """The request that starts the job. name: ours, by which it is known again."""

    def submitted(self, response: HttpResponse) -> str:
        """The provider's id of the job."""
        return named(response, "id")

    @abstractmethod
    def listing(self, model: ExternalModel, after: str = "") -> HttpRequest:
        """The request for a page of the list of jobs, to look for one whose submission was never answered. after: of the page before."""

    @abstractmethod
    def listed(self, response: HttpResponse) -> Listing:
        """Read such a page."""

    @abstractmethod
    def look(self, model: ExternalModel, job: str) -> HttpRequest:
        """The request for the state of a job."""

    @abstractmethod
    def state(self, model: ExternalModel, response: HttpResponse) -> JobState:
        """Read that state."""

    @abstractmethod
    def result(self, line: Mapping[str, Any]) -> tuple[str, HttpResponse]:
        """One line of the results: the custom_id, and what the request would have been answered at once."""

    @abstractmethod
    def cancel(self, model: ExternalModel, job: str) -> HttpRequest:
        """The request that ends a job early. What is answered by then can still be read."""


def base_url(model: ExternalModel, operation: Sequence[str]) -> str:
    """The location without its last parts and its query.

    >>> from dbt_ai.providers import ExternalModel
    >>> base_url(ExternalModel("llm", "https://api.openai.com/v1/chat/completions", "OpenAI", "CHAT", "m"), ("chat", "completions"))
    'https://api.openai.com/v1'
    """
    return model.location.partition("?")[0].rstrip("/")[: -len("/".join(operation)) - 1]


def objects_and_after(response: HttpResponse) -> tuple[list[Mapping[str, Any]], str]:
    """A page as OpenAI and Anthropic write it: its jobs whose ids may stand in a URL, and the id of the last where there is more."""
    document = document_of(response)
    jobs = [job for job in objects_in(document, "data") if is_id(job.get("id"))]
    return jobs, jobs[-1]["id"] if jobs and document.get("has_more") is True else ""


def document_of(response: HttpResponse) -> Mapping[str, Any]:
    """The JSON object that a batch API answered. Raises ProviderError for anything else."""
    try:
        document = parse(response.body)
    except ValueError:
        document = None
    if not isinstance(document, Mapping):
        raise ProviderError("the batch API did not answer a JSON object", status=response.status)
    return document


def named(response: HttpResponse, name: str) -> str:
    """A text of the answer that has to be there, and that may stand in a URL. Raises ProviderError."""
    return named_in(document_of(response), name, response.status)


def named_in(document: Mapping[str, Any], name: str, status: int) -> str:
    """The same of a part of the answer."""
    value = document.get(name)
    if not isinstance(value, str) or not is_id(value):
        raise ProviderError(f"the batch API answered no {name!r}", status=status)
    return value


def word_in(document: Mapping[str, Any], name: str, status: int) -> str:
    """A text of the answer that has to be there. Raises ProviderError."""
    if not text_in(document, name):
        raise ProviderError(f"the batch API answered no {name!r}", status=status)
    return text_in(document, name)


def text_in(document: Any, name: str) -> str:
    """A text of the answer; empty where there is none."""
    value = document.get(name) if isinstance(document, Mapping) else None
    return value if isinstance(value, str) else ""


def objects_in(document: Any, name: str) -> list[Mapping[str, Any]]:
    """The objects in a list of the answer."""
    found = document.get(name) if isinstance(document, Mapping) else None
    return [item for item in found if isinstance(item, Mapping)] if isinstance(found, list) else []


def count_in(counts: Mapping[str, Any], name: str) -> int:
    """How many the answer says; 0 where it says no number. Protobuf's JSON writes int64 as text."""
    text = str(counts.get(name, "0"))
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def is_id(value: Any) -> bool:
    """Whether this is an id that may stand in a URL, and leads nowhere else.

    >>> is_id("batch_67"), is_id("batches/67"), is_id("../files"), is_id("67?x=")
    (True, True, False, False)
    """
    if not isinstance(value, str) or len(value) > _LONGEST_ID or not _ID.fullmatch(value):
        return False
    return all(part.strip(".") for part in value.split("/"))


def moment(said: Any) -> datetime | None:
    """A moment as the answer has it: in seconds since 1970, or as text; None for anything else."""
    try:
        if isinstance(said, (int, float)) and not isinstance(said, bool):
            return datetime.fromtimestamp(said, timezone.utc)
        # Python 3.10 reads fractions of three or six digits only, and no Z.
        found = datetime.fromisoformat(_FRACTION.sub("", str(said)).replace("Z", "+00:00"))
    except (ValueError, OverflowError, OSError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=timezone.utc)


# An id, or ids with slashes between them as Gemini has them.
_ID = re.compile("[A-Za-z0-9._=~-]+(/[A-Za-z0-9._=~-]+)*")
_LONGEST_ID = 500
_FRACTION = re.compile(r"\.[0-9]+")


def require_results(answered: int, results: Sequence[HttpRequest]) -> None:
    """Raises ProviderError for a job that has ended with answers and says nothing of where they are: they are paid, and not given up."""
    if answered and not results:
        raise ProviderError(f"the batch API has answered {answered:,} requests of the job, and names no file of them")


def answer(status: Any, document: Any) -> HttpResponse:
    """A part of a line as if it had been answered alone. A status that is none of HTTP counts as a broken endpoint's.

    llama-stack writes the answer as a text that is JSON.
    """
    sensible = isinstance(status, int) and not isinstance(status, bool) and 100 <= status < 600
    body = document if isinstance(document, str) else json.dumps(document)
    return HttpResponse(status if sensible else 500, {}, body.encode("utf-8", "replace"))


def unanswered(error: Any) -> HttpResponse:
    """A line that holds no answer, but an error, or nothing."""
    said = error if isinstance(error, Mapping) else {"message": str(error) if error else "the line holds neither an answer nor an error"}
    return answer(500, {"error": said})
