"""One bundle over the wire: encode, authorise, exchange, judge, decode. Never sleeps and never repeats."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

import httpx

from dbt_ai.call import Call
from dbt_ai.errors import ProviderError
from dbt_ai.execution.http_status import STATUSES, kind_of, status_of
from dbt_ai.execution.outcome import Outcome, OutcomeKind
from dbt_ai.execution.quotas import Quotas
from dbt_ai.execution.rate_limit_headers import retry_after
from dbt_ai.execution.response_body import Encoded, ResponseTooLarge, whole_body
from dbt_ai.execution.transport import RefusedByProxy
from dbt_ai.external_model import ExternalModel
from dbt_ai.outside_text import shown, storable
from dbt_ai.pricing import share_of_price
from dbt_ai.providers._errors import HTML_PAGE, words_of
from dbt_ai.providers.base import EndpointProvider, HttpRequest, HttpResponse
from dbt_ai.response import Failure, Responses
from dbt_ai.security.credentials import Credentials
from dbt_ai.security.urls import shown_url
from dbt_ai.tokens import NO_TOKENS

# Models that think take minutes; nothing that takes longer than this is still being worked on.
REQUEST_SECONDS = 600.0
# The flex tier lets a request wait for capacity: https://platform.openai.com/docs/guides/flex-processing advises 15 minutes.
FLEX_SECONDS = 1800.0


class Sender:
    """transport: replaceable, as in httpx; it follows no redirect. Used in the one event loop that the transport belongs to.

    quotas: may say how long a request of an endpoint may take; request_seconds: where they do not.
    """

    def __init__(
        self,
        credentials: Credentials,
        transport: httpx.AsyncBaseTransport,
        request_seconds: float = REQUEST_SECONDS,
        quotas: Quotas | None = None,
    ) -> None:
        self._credentials = credentials
        self._transport = transport
        self._request_seconds = request_seconds
        self._quotas = quotas or Quotas()

    async def send(
        self, provider: EndpointProvider, call: Call, inputs: Sequence[str], again: Callable[[], None] = lambda: None
    ) -> Outcome:
        """What became of one request for these inputs.

        again: called before the request leaves once more, for its connection was closed or its secret rejected.
        Raises ConfigurationError for a URL that may not be called, CredentialError for a secret that cannot be read, and what
        `again` raises.
        """
        try:
            encoded = provider.encode(call, inputs)
        except ProviderError as error:
            return self._outcome(OutcomeKind.REFUSED, {}, str(error), too_large=error.too_large, reached=False)
        secret = await self._secret(call.model, encoded.url)
        seconds = self._seconds(call.model)
        response = await self._exchange(encoded, secret, again, seconds)
        rotates = _rejects(response) and self._credentials.rotates(call.model)
        if rotates and await asyncio.to_thread(self._credentials.rejected, call.model, secret):
            # Another secret is there: it goes at once, for a token that expired is not a failure of the request.
            secret = await self._secret(call.model, encoded.url)
            again()
            response = await self._exchange(encoded, secret, again, seconds)
        return response if isinstance(response, Outcome) else self.judge(provider, call, inputs, response)

    def _seconds(self, model: ExternalModel) -> float:
        return self._quotas.of(model).request_seconds or (FLEX_SECONDS if model.execution == "flex" else self._request_seconds)

    async def _secret(self, model: ExternalModel, url: str) -> Mapping[str, str]:
        if self._credentials.at_hand(model):
            return self._credentials.headers_for(model, url)
        # A command, a metadata endpoint, a file that is just being replaced: other requests do not wait for it.
        return await asyncio.to_thread(self._credentials.headers_for, model, url)

    def judge(self, provider: EndpointProvider, call: Call, inputs: Sequence[str], response: HttpResponse) -> Outcome:
        """What became of a request that was answered so."""
        if 200 <= response.status < 300:
            return self._decoded(provider, call, inputs, response)
        kind = kind_of(response.status, _beginning(response), retry_after(response.headers))
        if _rejects(response) and self._credentials.rotates(call.model):
            kind = OutcomeKind.AGAIN  # who replaces a secret may do so a moment after the endpoint has
        return self._refusal(provider, kind, response)

    async def _exchange(
        self, encoded: HttpRequest, secret: Mapping[str, str], again: Callable[[], None], seconds: float
    ) -> HttpResponse | Outcome:
        url = _url(encoded.url)
        headers = {
            "Host": url.netloc.decode("ascii"),
            "User-Agent": "dbt_ai",
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "Content-Length": str(len(encoded.body)),
            **encoded.headers,
            **secret,
        }
        # The transport takes the read timeout as the deadline of the whole exchange.
        extensions = {"timeout": {"connect": 10.0, "read": seconds, "write": seconds, "pool": None}, "again": again}
        # With a stream httpx adds no headers of its own, which took it longer than all of ours.
        request = httpx.Request("POST", url, headers=headers, stream=httpx.ByteStream(encoded.body), extensions=extensions)
        try:
            response = await self._transport.handle_async_request(request)
            body = await whole_body(response.stream)
        except ResponseTooLarge as error:
            return self._outcome(OutcomeKind.REFUSED, {}, str(error), too_large=True)
        except Encoded as error:
            return self._outcome(OutcomeKind.FOR_ALL, {}, f"{request.url.host}: {error}")
        except httpx.PoolTimeout as error:
            # Fewer at once: what refuses is the limit of open files, 256 on macOS, and no fault of the request.
            return self._outcome(OutcomeKind.BUSY, {}, str(error), reached=False)
        except httpx.ReadTimeout:
            outcome = self._outcome(OutcomeKind.AGAIN, {}, f"{request.url.host}: no whole answer within {seconds:.0f} s", reached=True)
            return replace(outcome, late=True)
        except RefusedByProxy as error:
            return self._outcome(OutcomeKind.FOR_ALL, {}, str(error), reached=False)
        except httpx.TransportError as error:
            reached = not isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError))
            said = str(error) if request.url.host in str(error) else f"{request.url.host}: {error}"
            return self._outcome(OutcomeKind.AGAIN, {}, said, reached=reached)
        answered = {name.lower().decode("latin-1"): value.decode("latin-1") for name, value in response.headers.raw}
        return HttpResponse(response.status_code, answered, body)

    def _decoded(self, provider: EndpointProvider, call: Call, inputs: Sequence[str], response: HttpResponse) -> Outcome:
        try:
            decoded = provider.decode(call, inputs, response)
        except ProviderError as error:
            return self._unusable(error, response)
        except _UNREADABLE as error:
            # JSON of another shape than the format has: the endpoint's fault, and no reason to end the node.
            return self._unusable(ProviderError(f"the answer cannot be read as {provider.api_format}: {error!r}"), response)
        failures = {
            position: Failure(self._shown(failure.cause), self._shown(failure.message)) for position, failure in decoded.failures.items()
        }
        values = decoded.values if call.embeds else [text and self._written(text) for text in decoded.values]
        answered = Responses(values, failures, decoded.tokens, decoded.truncated)
        return Outcome(OutcomeKind.ANSWERED, response.headers, answered, tokens=decoded.tokens, share=share_of_price(call.model))

    def _refusal(self, provider: EndpointProvider, kind: OutcomeKind, response: HttpResponse) -> Outcome:
        try:
            said, answer, lacks_model = provider.refusal(response), provider.written(response), provider.lacks_model(response)
        except (*_UNREADABLE, ProviderError):  # not what the provider expects there: a page of a gateway
            said, answer, lacks_model = words_of(response.status, response.body).words, None, False
        message = f"{response.status} {_explained(said, response.status)}{_elsewhere(response)}"
        refusal = self._outcome(kind, response.headers, message, too_large=response.status == 413)
        return replace(refusal, status=response.status, answer=answer and self._written(answer), lacks_model=lacks_model)

    def _unusable(self, error: ProviderError, response: HttpResponse) -> Outcome:
        """A 2xx response that holds no answer. An error inside of it is judged as the status that its code means."""
        if response.status in STATUSES:  # once more would be paid once more
            accepted = STATUSES[response.status]
            refusal = self._outcome(accepted.kind, response.headers, f"{response.status} {accepted.reason}")
            return replace(refusal, status=response.status)
        if error.for_all:
            kind = OutcomeKind.FOR_ALL
        elif error.retryable:
            kind = OutcomeKind.AGAIN
        elif error.status:
            kind = kind_of(error.status, _beginning(response), retry_after(response.headers))
        else:
            kind = OutcomeKind.REFUSED  # the endpoint's confusion about what this bundle holds
        message = f"{error.status} {error}" if error.status else str(error)
        outcome = self._outcome(kind, response.headers, message, too_large=error.too_large or error.status == 413)
        status = error.status or response.status
        answer = error.answer and self._written(error.answer)
        return replace(outcome, status=status, answer=answer, lacks_model=status == 404, tokens=error.tokens or NO_TOKENS)

    def _outcome(
        self, kind: OutcomeKind, headers: Mapping[str, str], message: str, *, too_large: bool = False, reached: bool = True
    ) -> Outcome:
        message = self._shown(message)
        return Outcome(kind, headers, None, message, message, too_large=too_large, reached=reached)

    def _shown(self, text: str) -> str:
        return shown(self._credentials.redaction.redact(text))

    def _written(self, text: str) -> str:
        """What a model wrote, as it is kept."""
        return self._credentials.redaction.redact_answer(storable(text))


def _beginning(response: HttpResponse) -> str:
    return response.body[:4096].decode("utf-8", "replace")


def _explained(said: str, status: int) -> str:
    """The endpoint's words, and what the status means where they do not tell."""
    reason = status_of(status).reason
    if not said:
        return reason
    if said.startswith(HTML_PAGE):
        return f"{reason} ({said})"
    return f"{said}; {reason}" if status < 400 else said


def _elsewhere(response: HttpResponse) -> str:
    """Where a redirect leads to."""
    if not 300 <= response.status < 400 or not response.headers.get("location"):
        return ""
    return f" (it leads to {shown_url(response.headers['location'][:300])!r})"


# What reading JSON of another shape than was expected raises: also numbers beyond all bounds, and brackets nested too deep.
_UNREADABLE = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError)


def _rejects(response: HttpResponse | Outcome) -> bool:
    return isinstance(response, HttpResponse) and response.status in (401, 403)


# Reading a URL takes as long as sending a short request to it; a run has few of them.
_url = lru_cache(maxsize=256)(httpx.URL)
