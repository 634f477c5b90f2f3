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
    document a line.
    """

    ended: bool
    shown: str
    results: tuple[HttpRequest, ...] = ()


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
    """

    lines: ClassVar[int]
    size: ClassVar[int]
    inputs: ClassVar[int | None] = None
    texts_in_a_line: ClassVar[int | None] = None
    has_names: ClassVar[bool] = True
    newest_first: ClassVar[bool] = True

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


def objects_in(document: Any, name: str) -> list[Mapping[str, Any]]:
    """The objects in a list of the answer."""
    found = document.get(name) if isinstance(document, Mapping) else None
    return [item for item in found if isinstance(item, Mapping)] if isinstance(found, list) else []


def count_in(counts: Mapping[str, Any], name: str) -> int:
    """How many the answer says; 0 where it says no number. Protobuf's JSON writes int64 as text."""
    text = str(counts.get(name, "0"))
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def is_id(value: Any) -> bool:
    """Whether this is an id that may stand in a URL."""
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def moment(said: Any) -> datetime | None:
    """A moment as the answer has it: in seconds since 1970, or as text; None for anything else."""
    try:
        if isinstance(said, (int, float)):
            return datetime.fromtimestamp(said, timezone.utc)
        # Python 3.10 reads fractions of three or six digits only, and no Z.
        found = datetime.fromisoformat(_FRACTION.sub("", str(said)).replace("Z", "+00:00"))
    except (ValueError, OverflowError, OSError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=timezone.utc)


# An id, or ids with slashes between them as Gemini has them.
_ID = re.compile("[A-Za-z0-9._=~-]+(/[A-Za-z0-9._=~-]+)*")
_FRACTION = re.compile(r"\.[0-9]+")


def answer(status: int, document: Any) -> HttpResponse:
    """A part of a line as if it had been answered alone."""
    return HttpResponse(status, {}, json.dumps(document).encode())
