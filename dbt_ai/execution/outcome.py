"""What became of one HTTP request: see `http_status.py` for what a status means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from dbt_ai.response import Responses
from dbt_ai.tokens import NO_TOKENS, TokenCount


class OutcomeKind(Enum):
    """What follows from an exchange."""

    ANSWERED = "answered"
    GO_ON = "go on"  # the conversation has another question: a schema told in another way, or an answer to be repaired
    BUSY = "busy"  # not now: the endpoint cools down, the bundle goes again as it is, no attempt is used up
    AGAIN = "again"  # it broke: the bundle goes again, at most as often as the call allows
    REFUSED = "refused"  # this bundle, as it is: smaller pieces tell which input is to blame
    FOR_ALL = "for all"  # nothing that this call asks will be answered


@dataclass(frozen=True, slots=True)
class Outcome:
    """cause: what failures of the same kind share; message: the same with the endpoint's own words. Both without secrets.

    tokens: what this one exchange took. too_large: the bundle was refused for its size, not for what it holds.
    reached: something answered, if only with an error.
    status: of HTTP, or what an error that came with status 200 has as its code; 0 where nothing was answered.
    answer: what the model wrote, where the endpoint itself could not read that as the JSON it was asked for.
    lacks_model: the endpoint says that the model is not there.
    ask_one: one text of these may be taken where several are not.
    share: what it costs, as a part of the model's price.
    late: it took all the time that a request may take.
    """

    kind: OutcomeKind
    headers: Mapping[str, str]
    responses: Responses | None = None
    cause: str = ""
    message: str = ""
    tokens: TokenCount = NO_TOKENS
    too_large: bool = False
    reached: bool = True
    status: int = 0
    answer: str | None = None
    lacks_model: bool = False
    ask_one: bool = False
    share: float = 1.0
    late: bool = False
