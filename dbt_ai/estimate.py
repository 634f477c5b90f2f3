"""What requests would cost, before any of them is sent."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dbt_ai.budget import Spent
from dbt_ai.execution.packing import pack
from dbt_ai.pricing import Price, Prices, dollars, output_bound, share_of_price
from dbt_ai.providers import provider_of
from dbt_ai.providers.base import EndpointProvider
from dbt_ai.request import Call, Input, Requests, TokenCount
from dbt_ai.tokens import estimated_tokens


@dataclass(frozen=True, slots=True)
class Estimate:
    """New requests, and what they take.

    inputs: distinct requests by content. requests: HTTP requests that carry them if nothing is refused; 0 for a local model.
    input_tokens: estimated from the length of the texts. output_tokens: a bound, None where a call sets none.
    cost_usd: None where a price, or the bound of what is priced, is unknown. unpriced: models whose price is unknown.
    exact: nothing more will be asked after these; else they are the least there will be.
    most: where a proxy may answer instead, what is taken if it may not; these are then what is taken at least.

    >>> str(Estimate(inputs=300, requests=300, input_tokens=6_000, output_tokens=2_400, cost_usd=0.02, exact=False))
    '≥ 300 new inputs in ≥ 300 requests, ~6,000 input tokens, ≤ 2,400 output tokens, cost ≤ $0.02'
    """

    inputs: int = 0
    requests: int = 0
    input_tokens: int = 0
    output_tokens: int | None = 0
    cost_usd: float | None = 0.0
    unpriced: tuple[str, ...] = ()
    exact: bool = True
    most: Estimate | None = None

    @classmethod
    def from_json(cls, figures: Mapping[str, Any]) -> Estimate:
        """Read what `dataclasses.asdict` made of one, also by way of JSON."""
        most = figures["most"]
        return cls(**{**figures, "unpriced": tuple(figures["unpriced"]), "most": cls.from_json(most) if most else None})

    def __add__(self, other: Estimate) -> Estimate:
        return Estimate(
            self.inputs + other.inputs,
            self.requests + other.requests,
            self.input_tokens + other.input_tokens,
            None if self.output_tokens is None or other.output_tokens is None else self.output_tokens + other.output_tokens,
            None if self.cost_usd is None or other.cost_usd is None else self.cost_usd + other.cost_usd,
            tuple(dict.fromkeys([*self.unpriced, *other.unpriced])),
            self.exact and other.exact,
            (self.most or self) + (other.most or other) if self.most or other.most else None,
        )

    @property
    def spent(self) -> Spent:
        """What this would take of a budget. A bound that nobody knows counts as nothing: `Budget.refuse_next` watches what is sent."""
        return Spent(self.requests, self.input_tokens + (self.output_tokens or 0), self.cost_usd or 0.0)

    def figures(self) -> dict[str, Any]:
        """By the names that commands and run_results.json give them."""
        return {
            "new_inputs": self.inputs,
            "requests": self.requests,
            "exact": self.exact,
            "input_tokens": self.input_tokens,
            "max_output_tokens": self.output_tokens,
            "max_cost_usd": self.cost_usd,
            "unpriced": list(self.unpriced),
            **({"at_most": self.most.figures()} if self.most else {}),
        }

    def __str__(self) -> str:
        shown = self.shown()
        return (
            f"{shown['inputs']} new inputs in {shown['requests']} requests, {shown['input_tokens']} input tokens,"
            f" {shown['output_tokens']} output tokens, cost {shown['cost']}"
        )

    def shown(self) -> Mapping[str, str]:
        """The figures as people read them; a range where a proxy may answer."""
        least = self._shown()
        if self.most is None:
            return least
        most = replace(self.most, most=None).shown()
        return {name: least[name] if least[name] == most[name] else f"{least[name]} to {most[name]}" for name in least}

    def _shown(self) -> Mapping[str, str]:
        least = "" if self.exact else "≥ "
        return {
            "inputs": f"{least}{self.inputs:,}",
            "requests": f"{least}{self.requests:,}",
            "input_tokens": f"~{self.input_tokens:,}",
            "output_tokens": "unbounded" if self.output_tokens is None else f"≤ {self.output_tokens:,}",
            "cost": _at_most(self.cost_usd) if self.cost_usd is not None else "unknown" if self.unpriced else "unbounded",
        }


def _at_most(cost: float) -> str:
    shown = dollars(cost)
    return shown if shown.startswith("<") else f"≤ {shown}"


def estimate(work: Iterable[Requests], prices: Prices, exact: bool = True) -> Estimate:
    """What these jobs, none of whose answers are stored, would take."""
    return sum((_estimate(requests, prices) for requests in work), Estimate(exact=exact))


def _estimate(requests: Requests, prices: Prices) -> Estimate:
    call, provider = requests.call, provider_of(requests.call.model)
    # What an aggregate asks in several rounds is sent at once: a job has one.
    new = None if call.input is Input.TEXT_LIST else len(requests.inputs)
    share = share_of_price(call.model, new)
    http_requests = 0
    if isinstance(provider, EndpointProvider):
        form = provider.jobs(call.model) if call.model.execution == "batch" and share < 1 else None
        limits = provider.limits(call)
        if form is not None and form.texts_in_a_line:
            limits = replace(limits, inputs=min(limits.inputs, form.texts_in_a_line))
        http_requests = sum(1 for _ in pack(requests.inputs, range(len(requests.inputs)), limits))
    told = _told(call)
    fixed = estimated_tokens(json.dumps(told, ensure_ascii=False)) if any(told) else 0
    times = len(call.questions) if call.one_by_one else 1  # a chat model reads the text again for each question
    read = [estimated_tokens(text) * times + fixed for text in requests.inputs]
    bound = output_bound(call, len(requests.inputs))
    price = prices.of(call.model)
    cost = None
    if price is not None and (bound is not None or not price.output_per_million):
        cost = _cost(price, read, bound or 0) * share
    return Estimate(len(requests.inputs), http_requests * times, sum(read), bound, cost, () if price else (call.model.model,))


def _told(call: Call) -> list[Any]:
    """What is sent beside each text."""
    if call.one_by_one:
        return [question["messages"] for question in call.questions]
    return [*call.questions] if call.model.model_type == "DECISIONS" else [call.messages, call.schema]


def _cost(price: Price, read: Sequence[int], output: int) -> float:
    """Nobody knows what an endpoint will find in its cache, so all input is priced as read anew, or written there.

    read: input tokens of each request.
    """
    if not price.above or not read:
        return price.at_most(TokenCount(sum(read), output))
    return sum(price.at_most(TokenCount(tokens, output // len(read))) for tokens in read)
