"""One batch over the wire: encode, authorise, exchange, judge, decode. Never sleeps and never repeats."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

import httpx

from dbt_ai.credentials import Credentials
from dbt_ai.errors import ProviderError
from dbt_ai.execution.connection import AnswerTooLarge
from dbt_ai.execution.outcome import Kind, Outcome, kind_of
from dbt_ai.external_model import ExternalModel
from dbt_ai.providers.base import EndpointProvider, HttpAnswer, HttpRequest
from dbt_ai.request import Answer, Call, Failure

# Models that think take minutes; nothing that takes longer than this is still being worked on.
REQUEST_SECONDS = 600.0


class Sender:
    """transport: replaceable, as in httpx; it follows no redirect. Used in the one event loop that the transport belongs to."""

    def __init__(self, credentials: Credentials, transport: httpx.AsyncBaseTransport, request_seconds: float = REQUEST_SECONDS) -> None:
        self._credentials = credentials
        self._transport = transport
        # The transport takes the read timeout as the deadline of the whole exchange.
        self._extensions = {"timeout": {"connect": 10.0, "read": request_seconds, "write": request_seconds, "pool": None}}

    async def send(self, provider: EndpointProvider, call: Call, inputs: Sequence[str]) -> Outcome:
        """What became of one request for these inputs.

        Raises ConfigurationError for a URL that may not be called and CredentialError for a secret that cannot be read.
        """
        try:
            encoded = provider.encode(call, inputs)
        except ProviderError as error:
            return self._outcome(Kind.REFUSED, {}, str(error), too_large=error.too_large, reached=False)
        secret = await self._secret(call.model, encoded.url)
        answer = await self._exchange(encoded, secret)
        rotates = _rejects(answer) and self._credentials.rotates(call.model)
        if rotates and await asyncio.to_thread(self._credentials.rejected, call.model, secret):
            # Another secret is there: it goes at once, for a token that expired is no failure of the request.
            answer = await self._exchange(encoded, await self._secret(call.model, encoded.url))
            return replace(self._judged(provider, call, inputs, answer), renewed=True)
        return self._judged(provider, call, inputs, answer)

    async def _secret(self, model: ExternalModel, url: str) -> Mapping[str, str]:
        if self._credentials.at_hand(model):
            return self._credentials.headers_for(model, url)
        # A command, a metadata endpoint, a file that is just being replaced: other requests do not wait for it.
        return await asyncio.to_thread(self._credentials.headers_for, model, url)

    def _judged(self, provider: EndpointProvider, call: Call, inputs: Sequence[str], answer: HttpAnswer | Outcome) -> Outcome:
        if isinstance(answer, Outcome):
            return answer
        if 200 <= answer.status < 300:
            return self._decoded(provider, call, inputs, answer)
        kind = kind_of(answer.status, answer.body)
        if _rejects(answer) and self._credentials.rotates(call.model):
            kind = Kind.AGAIN  # who replaces a secret may do so a moment after the endpoint has
        return self._refusal(provider, kind, answer)

    async def _exchange(self, encoded: HttpRequest, secret: Mapping[str, str]) -> HttpAnswer | Outcome:
        url = _url(encoded.url)
        headers = {
            "Host": url.netloc.decode("ascii"),
            "User-Agent": "dbt_ai",
            "Accept": "application/json",
            "Content-Length": str(len(encoded.body)),
            **encoded.headers,
            **secret,
        }
        # With a stream httpx adds no headers of its own, which took it longer than all of ours.
        request = httpx.Request("POST", url, headers=headers, stream=httpx.ByteStream(encoded.body), extensions=self._extensions)
        try:
            response = await self._transport.handle_async_request(request)
            assert isinstance(response.stream, httpx.AsyncByteStream)
            body = b"".join([part async for part in response.stream])
        except AnswerTooLarge as error:
            return self._outcome(Kind.REFUSED, {}, str(error), too_large=True)
        except httpx.PoolTimeout as error:
            # Fewer at once: what refuses is the limit of open files, 256 on macOS, and no fault of the request.
            return self._outcome(Kind.BUSY, {}, str(error), reached=False)
        except httpx.TransportError as error:
            reached = not isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout))
            return self._outcome(Kind.AGAIN, {}, f"{request.url.host}: {error}", reached=reached)
        answered = {name.lower().decode("latin-1"): value.decode("latin-1") for name, value in response.headers.raw}
        return HttpAnswer(response.status_code, answered, body)

    def _decoded(self, provider: EndpointProvider, call: Call, inputs: Sequence[str], answer: HttpAnswer) -> Outcome:
        try:
            decoded = provider.decode(call, inputs, answer)
        except ProviderError as error:
            # Undecided errors are the endpoint's confusion about what this batch holds; one that says so goes again.
            kind = Kind.AGAIN if error.retryable else Kind.REFUSED
            return self._outcome(kind, answer.headers, str(error), too_large=error.too_large)
        except _UNREADABLE as error:
            # JSON of another shape than the format has: the endpoint's fault, and no reason to end the node.
            return self._outcome(Kind.REFUSED, answer.headers, f"the answer cannot be read as {provider.api_format}: {error!r}")
        failures = {
            position: Failure(self._shown(failure.cause), self._shown(failure.message)) for position, failure in decoded.failures.items()
        }
        values = decoded.values if call.embeds else [text and _whole(text) for text in decoded.values]
        answered = Answer(values, failures, decoded.tokens, decoded.truncated)
        return Outcome(Kind.ANSWERED, answer.headers, answered, tokens=decoded.tokens)

    def _refusal(self, provider: EndpointProvider, kind: Kind, answer: HttpAnswer) -> Outcome:
        try:
            said = provider.refusal(answer)
        except _UNREADABLE:
            said = "no message that can be read"
        hint = "; redirects are not followed, give the final URL as location" if 300 <= answer.status < 400 else ""
        refusal = self._outcome(kind, answer.headers, f"{answer.status} {said}{hint}", too_large=answer.status == 413)
        return replace(refusal, status=answer.status)

    def _outcome(self, kind: Kind, headers: Mapping[str, str], message: str, *, too_large: bool = False, reached: bool = True) -> Outcome:
        message = self._shown(message)
        return Outcome(kind, headers, None, message, message, too_large=too_large, reached=reached)

    def _shown(self, text: str) -> str:
        return _whole(self._credentials.redact(text))


# What reading JSON of another shape than was expected raises: also numbers beyond all bounds, and brackets nested too deep.
_UNREADABLE = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError)


def _whole(text: str) -> str:
    """The text without halves of UTF-16 surrogate pairs, which JSON may spell but neither the store nor SQL can hold."""
    if text.isascii():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _rejects(answer: HttpAnswer | Outcome) -> bool:
    return isinstance(answer, HttpAnswer) and answer.status in (401, 403)


# Reading a URL takes as long as sending a short request to it; a run has few of them.
_url = lru_cache(maxsize=256)(httpx.URL)
