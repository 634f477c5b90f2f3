"""What became of one HTTP request, and what follows from it."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from dbt_ai.request import Call, Responses, TokenCount

# 408, 425 and every 5xx say that the same request may succeed later; 409 is what some gateways answer while a model loads.
_AGAIN = frozenset({408, 409, 425})
# The endpoint, the credential or the specification is wrong: no other input would fare better.
_FOR_ALL = frozenset({401, 402, 403, 404, 405, 406, 407, 410, 411, 415, 501, 505})
# 529 is Anthropic's "overloaded".
_BUSY = frozenset({429, 503, 529})
# A 429 that waiting does not heal, in the words of OpenAI and of those who copy its codes.
_EXHAUSTED = ("insufficient_quota", "billing_hard_limit_reached", "credit balance is too low", "access_terminated")

NOTHING = TokenCount()
ATTEMPTS = 6
FIRST_BACKOFF = 0.5
LONGEST_BACKOFF = 30.0


class OutcomeKind(Enum):
    ANSWERED = "answered"
    GO_ON = "go on"  # the conversation has another question: a schema told in another way, or an answer to be repaired
    BUSY = "busy"  # not now: the endpoint cools down, the batch goes again as it is, no attempt is used up
    AGAIN = "again"  # it broke: the batch goes again, at most as often as the call allows
    REFUSED = "refused"  # this batch, as it is: smaller pieces tell which input is to blame
    FOR_ALL = "for all"  # nothing that this call asks will be answered


@dataclass(frozen=True, slots=True)
class Outcome:
    """cause: what failures of the same kind share; message: the same with the endpoint's own words. Both without secrets.

    tokens: what this one exchange took. too_large: the batch was refused for its size, not for what it holds.
    reached: something answered, if only with an error.
    status: of an answer that is not 2xx, else 0. lacks_model: that answer says that the model is not there.
    renewed: the first secret was rejected, so the request left once more with another.
    """

    kind: OutcomeKind
    headers: Mapping[str, str]
    responses: Responses | None = None
    cause: str = ""
    message: str = ""
    tokens: TokenCount = NOTHING
    too_large: bool = False
    reached: bool = True
    status: int = 0
    lacks_model: bool = False
    renewed: bool = False


def kind_of(status: int, body: bytes) -> OutcomeKind:
    """What follows from a status that is not 2xx."""
    if status in _BUSY:
        text = body[:4096].decode("utf-8", "replace").lower()
        return OutcomeKind.FOR_ALL if any(word in text for word in _EXHAUSTED) else OutcomeKind.BUSY
    if status in _FOR_ALL or status < 400:
        return OutcomeKind.FOR_ALL
    return OutcomeKind.AGAIN if status in _AGAIN or status >= 500 else OutcomeKind.REFUSED


def attempts_of(call: Call) -> int:
    """How often a broken request is sent."""
    return ATTEMPTS if call.model.retry_count is None else call.model.retry_count + 1


def backoff(attempt: int, asked: float | None) -> float:
    """Seconds before attempt number `attempt` + 1, with full jitter; at least what the endpoint asked for.

    https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
    """
    return max(asked or 0.0, random.uniform(0.0, min(LONGEST_BACKOFF, FIRST_BACKOFF * 2**attempt)))
