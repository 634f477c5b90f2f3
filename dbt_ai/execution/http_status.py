"""What follows from a status of HTTP: 429 waits, 500 is sent again, 400 is refused, 401 is the end for all."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from dbt_ai.execution.outcome import OutcomeKind


@dataclass(frozen=True, slots=True)
class Status:
    """What follows from a status of HTTP, and what it means where the endpoint has no words of its own.

    >>> kind_of(429, "slow down")
    <OutcomeKind.BUSY: 'busy'>
    """

    kind: OutcomeKind
    reason: str


_AGAIN, _BUSY, _REFUSED, _FOR_ALL = OutcomeKind.AGAIN, OutcomeKind.BUSY, OutcomeKind.REFUSED, OutcomeKind.FOR_ALL
# RFC 9110 and the registry of IANA; who means something else by a number, or has made it up, is named.
STATUSES: Mapping[int, Status] = {
    202: Status(_REFUSED, "the endpoint took the request and would answer later, elsewhere"),  # NVIDIA's, after a time
    204: Status(_REFUSED, "the endpoint answers nothing"),
    304: Status(_FOR_ALL, "the endpoint says that nothing changed, without an answer"),
    400: Status(_REFUSED, "the request was refused"),
    401: Status(_FOR_ALL, "the credential is missing or wrong"),
    402: Status(_FOR_ALL, "the account has no credit left"),
    403: Status(_FOR_ALL, "the credential may not do this"),
    404: Status(_FOR_ALL, "there is nothing at this location, or no such model"),
    405: Status(_FOR_ALL, "the location takes no POST"),
    406: Status(_FOR_ALL, "the endpoint does not answer JSON"),
    407: Status(_FOR_ALL, "the proxy wants to know who asks"),
    408: Status(_AGAIN, "the endpoint waited too long for the request"),
    409: Status(_AGAIN, "the endpoint is changing, or loads its model"),
    410: Status(_FOR_ALL, "the endpoint or the model is gone"),
    411: Status(_FOR_ALL, "the endpoint wants a length"),
    413: Status(_REFUSED, "the request is too large"),
    415: Status(_FOR_ALL, "the endpoint does not take JSON"),
    421: Status(_AGAIN, "the request reached another server than was meant"),
    422: Status(_REFUSED, "the request was not understood"),
    423: Status(_AGAIN, "the endpoint is locked"),
    424: Status(_AGAIN, "the model behind the endpoint failed"),  # Bedrock, Text Embeddings Inference
    425: Status(_AGAIN, "the endpoint does not want the request yet"),
    426: Status(_FOR_ALL, "the endpoint wants another protocol"),
    429: Status(_BUSY, "too many requests"),
    460: Status(_AGAIN, "the load balancer lost the connection"),  # AWS
    498: Status(_BUSY, "the endpoint has no capacity left at this service tier"),  # Groq
    499: Status(_AGAIN, "a proxy says that we hung up"),  # nginx
    500: Status(_AGAIN, "the endpoint broke"),
    501: Status(_FOR_ALL, "the endpoint cannot do this"),
    502: Status(_AGAIN, "the gateway got no good answer from the endpoint"),
    503: Status(_BUSY, "the endpoint is not available now"),
    504: Status(_AGAIN, "the gateway waited too long for the endpoint"),
    505: Status(_FOR_ALL, "the endpoint does not speak HTTP/1.1"),
    511: Status(_FOR_ALL, "the network wants a login"),
    520: Status(_AGAIN, "the gateway got an answer that it does not understand"),  # this and the next seven: Cloudflare
    521: Status(_AGAIN, "the endpoint refuses the gateway's connections"),
    522: Status(_AGAIN, "the gateway got no connection to the endpoint in time"),
    523: Status(_AGAIN, "the gateway finds no way to the endpoint"),
    524: Status(_AGAIN, "the gateway waited too long for the endpoint's answer"),
    525: Status(_AGAIN, "the gateway and the endpoint agree on no TLS"),
    526: Status(_AGAIN, "the endpoint's certificate is not valid"),
    530: Status(_AGAIN, "the gateway does not find the endpoint"),
    529: Status(_BUSY, "the endpoint is overloaded"),  # Anthropic
    598: Status(_AGAIN, "a proxy waited too long for the endpoint"),
    599: Status(_AGAIN, "a proxy got no connection to the endpoint in time"),
}
_REDIRECT = Status(_FOR_ALL, "redirects are not followed, give the final URL as location")
_OTHER_4XX = Status(_REFUSED, "the request was refused")
_OTHER_5XX = Status(_AGAIN, "the endpoint broke")

# What waiting does not heal, whatever the status: in the words of OpenAI and those who copy its codes, Anthropic, Google, Moonshot, One API
# and New API, DashScope.
_EXHAUSTED = (
    "insufficient_quota", "billing_hard_limit_reached", "credit balance is too low", "access_terminated", "api_key_invalid",
    "exceeded_current_quota_error", "insufficient_user_quota", "arrearage",
)  # fmt: skip
# A 429 of a quota of a day or a month, where nothing says that it is one of a minute too, or when to come back: Gemini, Cohere.
_LONG_QUOTA = re.compile(r"per[ _-]?(day|month)|/ ?(day|month)\b|\b(daily|monthly|rpd|tpd)\b")
_SHORT_QUOTA = re.compile(r"minute|second|hour|\b(rpm|tpm)\b")
# Statuses that mean something else where the words say so: a 403 that speaks of the text that was sent (OpenRouter's moderation, a
# firewall) or of a rate (GitHub, Google), a 500 that speaks of its length (llama.cpp, Ollama).
_BY_WORDS = (
    (403, re.compile(r"moderation|flagged|content policy|guardrail|have been blocked"), _REFUSED),
    (403, re.compile(r"rate.?limit|too many requests"), _BUSY),
    (500, re.compile(r"too (large|long|big)\b|context (length|size|window)|maximum context|input length|physical batch size"), _REFUSED),
)


def status_of(number: int) -> Status:
    """What a response without an answer means, by its status. A status that is in no table means what its class does."""
    if number in STATUSES:
        return STATUSES[number]
    return _REDIRECT if number < 400 else _OTHER_4XX if number < 500 else _OTHER_5XX


def kind_of(status: int, words: str, asked: float | None = None) -> OutcomeKind:
    """What follows from a status that is not 2xx. words: what the endpoint said, as it said it. asked: seconds that it wants to wait."""
    text = words.lower()
    if any(word in text for word in _EXHAUSTED):
        return OutcomeKind.FOR_ALL
    if status == 429 and asked is None and _LONG_QUOTA.search(text) and not _SHORT_QUOTA.search(text):
        return OutcomeKind.FOR_ALL
    for number, pattern, kind in _BY_WORDS:
        if status == number and pattern.search(text):
            return kind
    return status_of(status).kind
