"""What requests would cost, before any of them is sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dbt_ai.budget import Spent, Told
from dbt_ai.call import Input
from dbt_ai.counted import with_noun
from dbt_ai.execution.packing import pack
from dbt_ai.pricing import Price, Prices, dollars, output_bound, share_of_price, told_beside
from dbt_ai.providers import provider_of
from dbt_ai.providers._prompt_cache import shared_by_rows
from dbt_ai.providers.base import EndpointProvider
from dbt_ai.request import Requests
from dbt_ai.tokens import TokenCount, estimated_tokens


@dataclass(frozen=True, slots=True)
class Estimate:
    """New requests, and what they take.

    inputs: distinct requests by content. requests: HTTP requests that carry them if nothing is refused; 0 for a local model.
    input_tokens: estimated from the length of the texts. output_tokens: a bound, None where a call sets none.
    cost_usd: None where a price, or the bound of what is priced, is unknown. unpriced: models whose price is unknown.
    input_usd: what the input alone costs at least; nothing where the price is unknown.
    exact: nothing more will be asked after these; else they are the least there will be.
    most: where a proxy may answer instead, what is taken if it may not; these are then what is taken at least.

    >>> str(Estimate(inputs=300, requests=300, input_tokens=6_000, output_tokens=2_400, cost_usd=0.02))
    '300 new inputs in 300 requests, ~6,000 input tokens, ≤ 2,400 output tokens, cost ≤ $0.02'
    >>> str(Estimate(inputs=300, requests=300, input_tokens=6_000, output_tokens=2_400, cost_usd=0.02, exact=False))
    '≥ 300 new inputs in ≥ 300 requests, ≥ ~6,000 input tokens; these take ≤ 2,400 output tokens, cost ≤ $0.02; more may follow'
    """

    inputs: int = 0
    requests: int = 0
    input_tokens: int = 0
    output_tokens: int | None = 0
    cost_usd: float | None = 0.0
    unpriced: tuple[str, ...] = ()
    exact: bool = True
    most: Estimate | None = None
    input_usd: float = 0.0

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
            self.input_usd + other.input_usd,
        )

    @property
    def spent(self) -> Spent:
        """What this would take of a budget. Output without a bound counts as nothing: `Budget.refuse_next` watches what is sent."""
        return Spent(
            self.requests, self.input_tokens + (self.output_tokens or 0), self.input_usd if self.cost_usd is None else self.cost_usd
        )

    @property
    def told(self) -> Told:
        """What this would take of each limit, in words."""
        shown = self._range()
        requests = with_noun(shown["requests"], "request")
        output = "" if self.output_tokens is None else f" and {shown['output_tokens']} output"
        input_alone = f"the input of {requests} for {dollars(self.input_usd, estimated=True)}"
        cost = input_alone if self.cost_usd is None else f"{requests} for {shown['cost']}"
        return Told(requests, f"{shown['input_tokens']} input{output} tokens", cost)

    def figures(self) -> dict[str, Any]:
        """By the names that commands and run_results.json give them. Nothing bounds what may follow, so there is no most then."""
        return {
            "new_inputs": self.inputs,
            "requests": self.requests,
            "exact": self.exact,
            "input_tokens": self.input_tokens,
            "max_output_tokens": self.output_tokens if self.exact else None,
            "max_cost_usd": self.cost_usd if self.exact else None,
            "unpriced": list(self.unpriced),
            **({"at_most": self.most.figures()} if self.most else {}),
        }

    def __str__(self) -> str:
        shown = self._range()
        inputs, requests = with_noun(shown["inputs"], "new input"), with_noun(shown["requests"], "request")
        least = f"{inputs} in {requests}, {shown['input_tokens']} input tokens"
        most = f"{shown['output_tokens']} output tokens, cost {shown['cost']}"
        return f"{least}, {most}" if self.exact else f"{least}; these take {most}; more may follow"

    def shown(self) -> Mapping[str, str]:
        """The figures as people read them, each by itself; a range where a proxy may answer."""
        shown = self._range()
        if self.exact:
            return shown
        return {**shown, **{name: f"{shown[name]} for these" for name in ("output_tokens", "cost") if "≤" in shown[name]}}

    def _range(self) -> Mapping[str, str]:
        least = _figures(self)
        if self.most is None:
            return least
        most = _figures(self.most)
        return {name: least[name] if least[name] == most[name] else f"{least[name]} to {most[name]}" for name in least}


def _figures(expected: Estimate) -> Mapping[str, str]:
    least = "" if expected.exact else "≥ "
    known = expected.cost_usd is not None
    return {
        "inputs": f"{least}{expected.inputs:,}",
        "requests": f"{least}{expected.requests:,}",
        "input_tokens": f"{least}~{expected.input_tokens:,}",
        "output_tokens": "unbounded" if expected.output_tokens is None else f"≤ {expected.output_tokens:,}",
        "cost": f"≤ {dollars(expected.cost_usd).removeprefix('<')}" if known else "unknown" if expected.unpriced else "unbounded",
    }


def estimate(work: Iterable[Requests], prices: Prices, exact: bool = True) -> Estimate:
    """What these jobs, none of whose answers are stored, would take."""
    return sum((_estimate(requests, prices) for requests in work), Estimate(exact=exact))


def _estimate(requests: Requests, prices: Prices) -> Estimate:
    if not requests.inputs:  # all of them are in jobs: without a price, or a bound of the output, they still take nothing more
        return Estimate()
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
    fixed = told_beside(call)
    times = len(call.questions) if call.one_by_one else 1  # a chat model reads the text again for each question
    read = [estimated_tokens(text) * times + fixed for text in requests.inputs]
    bound = output_bound(call, len(requests.inputs))
    price = prices.of(call.model)
    cost = None
    if price is not None and (bound is not None or not price.output_per_million):
        cost = _cost(price, read, bound or 0, _kept_for_an_hour(requests, share)) * share
    unpriced = () if price else (call.model.model,)
    least = price.cost(TokenCount(sum(read)), len(read)) * share if price else 0.0
    return Estimate(len(requests.inputs), http_requests * times, sum(read), bound, cost, unpriced, input_usd=least)


def _kept_for_an_hour(requests: Requests, share: float) -> bool:
    """Whether the beginning of these requests may be written to a prompt cache for an hour: see NodeJobs."""
    call, provider = requests.call, provider_of(requests.call.model)
    if call.model.execution != "batch" or share == 1 or call.model.wait == 0 or not isinstance(provider, EndpointProvider):
        return False
    form, least = provider.jobs(call.model), provider.least_cached(call)
    return form is not None and form.caches_for_an_hour and least is not None and shared_by_rows(requests, least) is not None


def _cost(price: Price, read: Sequence[int], output: int, for_an_hour: bool) -> float:
    """Nobody knows what an endpoint will find in its cache, so all input is priced as read anew, or written there.

    read: input tokens of each request.
    """
    if not price.above or not read:
        return price.at_most(TokenCount(sum(read), output), for_an_hour)
    return sum(price.at_most(TokenCount(tokens, output // len(read)), for_an_hour) for tokens in read)
