"""The exchanges with a batch API: few, large and slow, so plainly through httpx, in the thread that waits for them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing

import httpx

from dbt_ai.errors import DbtAiError, ProviderError
from dbt_ai.execution.backoff import ATTEMPTS, backoff
from dbt_ai.execution.http_status import kind_of
from dbt_ai.execution.outcome import OutcomeKind
from dbt_ai.external_model import ExternalModel
from dbt_ai.outside_text import shown
from dbt_ai.providers._errors import words_of
from dbt_ai.providers.base import HttpRequest, HttpResponse
from dbt_ai.security.credentials import Credentials
from dbt_ai.security.proxies import proxies_of_environment
from dbt_ai.security.urls import is_loopback

SECONDS = 300.0
# A line of results holds one answer, and what says how a job is doing is short: anything longer is neither.
LONGEST_LINE = 64 * 1024 * 1024
# How many times as long a line may be that is passed over.
MOST_SKIPPED = 64
TOO_LONG = "(a line that is too long to be an answer)"
LONGEST_ANSWER = 16 * 1024 * 1024


class Lost(DbtAiError):
    """Nobody knows whether the request arrived: it left, and no answer came."""


class JobSender:
    """sleep: waits between attempts. Thread-safe."""

    def __init__(self, credentials: Credentials, sleep: Callable[[float], None] = time.sleep) -> None:
        self._credentials = credentials
        self._sleep = sleep
        # Made once: reading the certificates takes longer than an exchange.
        self._clients: dict[bool, httpx.Client] = {}
        self._lock = threading.Lock()

    def send(self, model: ExternalModel, request: HttpRequest, *, once: bool = False) -> HttpResponse:
        """The 2xx answer. What is busy or broken is asked again.

        once: it must not arrive twice. Raises ProviderError for a refusal, and Lost where `once` was asked and no answer came.
        """
        for attempt in range(1, ATTEMPTS + 1):
            client = self._client(request.url)
            try:
                response = client.send(self._request(client, model, request), stream=True)
                with closing(response):
                    body = _whole(response)
            except httpx.RequestError as error:
                arrived = not isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout))
                problem = Lost(f"{httpx.URL(request.url).host}: {self.shown(str(error))}")
                if (once and arrived) or attempt == ATTEMPTS:
                    raise problem from None
            else:
                if response.is_success:
                    return HttpResponse(response.status_code, dict(response.headers), body)
                kind = kind_of(response.status_code, body[:4096].decode("utf-8", "replace"))
                if once and response.status_code >= 500 and response.status_code != 503:
                    raise Lost(f"{httpx.URL(request.url).host} answered {response.status_code}")
                if kind not in (OutcomeKind.BUSY, OutcomeKind.AGAIN) or attempt == ATTEMPTS:
                    raise self._refusal(response.status_code, body)
            self._sleep(backoff(attempt, None))
        raise AssertionError("the last attempt returns or raises")

    def pause(self, seconds: float) -> None:
        """Let time pass."""
        self._sleep(seconds)

    def lines(self, model: ExternalModel, request: HttpRequest) -> Iterator[str]:
        """The lines of a file, as they arrive. Raises as `send` does; who stops in between has had the lines so far."""
        client = self._client(request.url)
        try:
            response = client.send(self._request(client, model, request), stream=True)
            with closing(response):
                if not response.is_success:
                    raise self._refusal(response.status_code, _whole(response))
                yield from lines_of(response.iter_bytes())
        except httpx.DecodingError as error:
            raise ProviderError(f"the results of the job cannot be unpacked: {self.shown(str(error))}") from None
        except httpx.TransportError as error:
            raise Lost(f"{httpx.URL(request.url).host}: {self.shown(str(error))}") from None

    def _request(self, client: httpx.Client, model: ExternalModel, request: HttpRequest) -> httpx.Request:
        headers = {**request.headers, **self._credentials.headers_for(model, request.url), "User-Agent": "dbt_ai"}
        return client.build_request(request.method, request.url, headers=headers, content=request.body or None)

    def _client(self, url: str) -> httpx.Client:
        # What stays on this machine goes through no proxy: see dbt_ai.security.urls.
        direct = is_loopback(httpx.URL(url).host)
        with self._lock:
            if direct not in self._clients:
                # A connection that was kept between two looks may be closed by then, and a submission must not be sent twice.
                if not direct:
                    proxies_of_environment()
                limits = httpx.Limits(max_keepalive_connections=0)
                timeout = httpx.Timeout(SECONDS, connect=10.0)
                self._clients[direct] = httpx.Client(follow_redirects=False, timeout=timeout, trust_env=not direct, limits=limits)
            return self._clients[direct]

    def _refusal(self, status: int, body: bytes) -> ProviderError:
        return ProviderError(f"{status} {self.shown(words_of(status, body).words)}", status=status)

    def shown(self, text: str) -> str:
        """What a batch API says, fit for messages."""
        return shown(self._credentials.redaction.redact(text))


def lines_of(pieces: Iterable[bytes]) -> Iterator[str]:
    """Cut at line feeds alone: JSON may hold every other sign that ends a line in Unicode, such as U+2028, and an answer with one in it
    would be two halves. A byte order mark before the first line is not part of it.

    TOO_LONG stands in the place of a line that is too long to be an answer. Raises ProviderError for one that never ends.
    """
    encoding, begun, size = "utf-8-sig", list[bytes](), 0
    for piece in pieces:
        *ends, rest = piece.split(b"\n")
        for end in ends:
            yield TOO_LONG if size > LONGEST_LINE else b"".join([*begun, end]).decode(encoding, "replace")
            encoding, begun, size = "utf-8", [], 0
        size += len(rest)
        if size <= LONGEST_LINE:
            begun.append(rest)
        elif size > MOST_SKIPPED * LONGEST_LINE:
            raise ProviderError(f"a line of the job's results is longer than {size // 1024**2:,} MB")
    if size:
        yield TOO_LONG if size > LONGEST_LINE else b"".join(begun).decode(encoding, "replace")


def _whole(response: httpx.Response) -> bytes:
    body = bytearray()
    for piece in response.iter_bytes():
        body += piece
        if len(body) > LONGEST_ANSWER:
            raise ProviderError("the batch API answered more than 16 MB where it says how a job is doing")
    return bytes(body)
