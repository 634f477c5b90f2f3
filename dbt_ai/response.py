"""Responses: what came back for requests, a value or a failure for each input, and tokens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dbt_ai.outside_text import shown
from dbt_ai.request import Requests
from dbt_ai.tokens import NO_TOKENS, TokenCount


@dataclass(frozen=True, slots=True)
class Failure:
    """Why one request has no answer. cause groups failures in messages; message may quote the endpoint.

    >>> Failure("answer was cut off", "answer was cut off at 8 tokens: raise max_tokens").cause
    'answer was cut off'
    """

    cause: str
    message: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "cause", shown(self.cause))
        object.__setattr__(self, "message", shown(self.message))


@dataclass(frozen=True, slots=True)
class Responses:
    """What came back for one bundle of inputs, in their order.

    values: float32[len(inputs), dimensions] for embeddings, else one text an input; what stands at a failed position means nothing.
    failures: position in the bundle -> why there is no value.
    truncated: inputs of which the model read only the beginning.

    >>> Responses(["billing", None], {1: Failure("refused", "the model refused: content filter")}, TokenCount(20, 3)).values[0]
    'billing'
    """

    values: NDArray[np.float32] | Sequence[str | None]
    failures: Mapping[int, Failure] = field(default_factory=dict)
    tokens: TokenCount = NO_TOKENS
    truncated: int = 0


@dataclass(frozen=True, slots=True)
class Delivery:
    """What came back for some of the requests: responses.values[i] belongs to requests.inputs[positions[i]].

    stored: another node asked the same at the same time and has stored the answer.
    answered_by: who gave it, if not the call's own model.

    >>> from dbt_ai.call import Call
    >>> from dbt_ai.external_model import ExternalModel
    >>> call = Call("ai_query", ExternalModel("llm", "https://api.openai.com/v1/chat/completions", "OpenAI", "CHAT", "gpt-4o-mini"))
    >>> requests = Requests(call, ["one", "two"], call.keys(["one", "two"]))
    >>> delivery = Delivery(requests, [1], Responses(["zwei"]))
    >>> {requests.inputs[delivery.positions[0]]: delivery.responses.values[0]}
    {'two': 'zwei'}
    """

    requests: Requests
    positions: Sequence[int]
    responses: Responses
    stored: bool = False
    answered_by: str = ""
