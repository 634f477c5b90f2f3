"""What an invocation asked, of whom and for which node, and what it cost."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from dbt_ai.budget import Budget, Budgets, Payer, Spent
from dbt_ai.external_model import ExternalModel
from dbt_ai.latency import Latencies
from dbt_ai.pricing import Price, Prices
from dbt_ai.tokens import TokenCount

# Causes of failure that are kept of one node and model: an endpoint may word every refusal anew.
MOST_CAUSES = 20


@dataclass(slots=True)
class Usage:
    """What one node asked of one external model in one invocation: a row of the table `usage`.

    requests: HTTP requests that left. Of them throttled were told that the endpoint is busy (429, 503), broken broke, and retried
        repeat another.
    distinct: requests by content that the node needed; from_store were known, executed answered now, failed without an answer.
    truncated: executed ones of which a local model read only the beginning.
    input_tokens, output_tokens: as the endpoint counted them, answers that were not usable included.
    cached_input_tokens, cache_write_tokens: parts of the input; reasoning_tokens: a part of the output.
    estimated: exchanges of which the endpoint did not say what they took, so that their tokens are estimated.
    cost_usd, saved_usd: None where the price is unknown. saved: what the stored answers had cost.
    reserved: what jobs are expected to cost that were submitted and are not paid yet, in dollars. It counts against the budget.
    started: in Unix time. first, last: when the first and the last thing happened, by a clock that nobody sets.
    answered_by: the external model, or the proxy that answered in its place.
    mode: how answers were got. causes: why requests failed, and how many for that reason.
    target: of dbt; tags: of the node. Both are known of a node whose calls were planned.
    latencies: of requests that were answered. in_flight: requests that are out now. is_loading: a model is being loaded into this process.
    jobs: how far the jobs of batch APIs are that are waited for; empty where there is none.

    >>> Usage("model.shop.labels", "llm", "gpt-4o-mini", from_store=40, executed=2, failed=1).distinct
    43
    """

    node: str
    external_model: str
    model: str
    find_price: Callable[[], Price | None] = lambda: None
    requests: int = 0
    throttled: int = 0
    broken: int = 0
    retried: int = 0
    from_store: int = 0
    executed: int = 0
    failed: int = 0
    truncated: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cached_input_tokens: int = 0
    cache_write_tokens: int = 0
    reasoning_tokens: int = 0
    estimated: int = 0
    cost: float = 0.0
    saved: float = 0.0
    reserved: float = 0.0
    started: float = field(default_factory=time.time)
    first: float = field(default_factory=time.monotonic)
    last: float = field(default_factory=time.monotonic)
    answered_by: str = ""
    mode: str = ""
    causes: Counter[str] = field(default_factory=Counter)
    api_format: str = ""
    model_type: str = ""
    target: str | None = None
    tags: Sequence[str] = ()
    latencies: Latencies = field(default_factory=Latencies)
    in_flight: int = 0
    is_loading: bool = False
    jobs: str = ""

    @property
    def price(self) -> Price | None:
        """None where it is unknown. Found when something is to be priced: the catalogue takes longer to load than a request to leave."""
        return self.find_price()

    @property
    def distinct(self) -> int:
        """Distinct requests that the node needed."""
        return self.from_store + self.executed + self.failed

    @property
    def tokens(self) -> int:
        """Input and output together."""
        return self.input_tokens + self.output_tokens

    @property
    def payer(self) -> Payer:
        """Who asked whom, for budgets."""
        return Payer(self.node, (self.external_model, self.model), self.tags)

    @property
    def failure_causes(self) -> str | None:
        """As JSON, the most frequent first; None if nothing failed."""
        return json.dumps(dict(self.causes.most_common(MOST_CAUSES)), ensure_ascii=False) if self.causes else None

    @property
    def cost_usd(self) -> float | None:
        """What was paid in US dollars, None where the price is unknown."""
        return None if self.price is None else self.cost

    @property
    def saved_usd(self) -> float | None:
        """What the stored answers had cost in US dollars, None where the price is unknown."""
        return None if self.price is None else self.saved

    @property
    def latency_p50(self) -> float | None:
        """The seconds within which half of the requests were answered."""
        return self.latencies.percentile(50)

    @property
    def latency_p95(self) -> float | None:
        """The seconds within which 95 percent of the requests were answered."""
        return self.latencies.percentile(95)

    @property
    def seconds(self) -> float:
        """From the first to the last thing that happened."""
        return self.last - self.first


@dataclass(frozen=True, slots=True)
class DbtNode:
    """What dbt knows of a node: the target that it is built in, and its tags."""

    target: str | None = None
    tags: tuple[str, ...] = ()


class Ledger:
    """Thread-safe. Begins anew with every invocation; refuses what the budget does not cover.

    >>> ledger = Ledger()
    >>> model = ExternalModel("llm", "https://api.openai.com/v1/chat/completions", "OpenAI", "CHAT", "gpt-4o-mini")
    >>> meter = ledger.meter("model.shop.labels", model)
    >>> meter.sends(again=False)
    >>> ledger.total().requests
    1
    """

    def __init__(self, prices: Prices | None = None, budgets: Budgets | None = None, mode: str = "") -> None:
        self.prices = prices or Prices()
        self.budgets = budgets or Budgets()
        self.mode = mode
        self._lock = threading.Lock()
        self._usages: dict[tuple[str, ...], Usage] = {}
        self._nodes: dict[str, DbtNode] = {}
        self._counted: list[list[Usage]] = [[] for _ in self.budgets.budgets]  # what counts against each budget
        self._expected: dict[Budget, Spent] = {}

    def begin(self) -> None:
        """Forget everything: an invocation begins."""
        with self._lock:
            self._usages.clear()
            self._nodes.clear()
            self._counted = [[] for _ in self.budgets.budgets]
            self._expected.clear()
            self.budgets.forget()

    def describe(self, node: str, about: DbtNode) -> None:
        """Tell what is known of a node before it asks anything."""
        with self._lock:
            self._nodes[node] = about

    def tags_of(self, node: str) -> Sequence[str]:
        """The tags of a node that was described."""
        return self._nodes.get(node, DbtNode()).tags

    def meter(self, node: str, model: ExternalModel, answered_by: str = "") -> Meter:
        """What counts the requests of a node to a model. Every call gives one for the same counts.

        answered_by: a proxy whose answers in the model's place are counted by themselves.
        """
        answered_by = answered_by or model.name
        # Two packages may each have a model of this name.
        key = (node, model.name, model.model, model.location, answered_by)
        with self._lock:
            if key not in self._usages:
                about = self._nodes.get(node, DbtNode())
                used = Usage(node, model.name, model.model, partial(self.prices.of, model), answered_by=answered_by, mode=self.mode)
                used.target, used.tags = about.target, about.tags
                used.api_format, used.model_type = model.api_format, model.model_type
                self._usages[key] = used
                for budget, counted in zip(self.budgets.budgets, self._counted, strict=True):
                    if budget.covers(used.payer):
                        counted.append(used)
            return Meter(self, self._usages[key], self._lock)

    def usages(self) -> list[Usage]:
        """What each node asked of each model, so far."""
        with self._lock:
            return list(self._usages.values())

    def total(self, node: str | None = None) -> Usage:
        """The sums, of one node or of all, but for what they cost: see `cost_usd`."""
        return total([usage for usage in self.usages() if node is None or usage.node == node])

    def cost_usd(self) -> float | None:
        """What the invocation has cost so far; None if it used a model whose price is unknown."""
        return cost_of(self.usages())

    def expect(self, expected: Mapping[Budget, Spent]) -> None:
        """Count against budgets what a node would use that is estimated, and sends nothing."""
        with self._lock:
            for budget, spent in expected.items():
                self._expected[budget] = self._expected.get(budget, Spent()) + spent

    def spent(self) -> Sequence[Spent]:
        """What is used so far of each budget."""
        with self._lock:
            return [self._spent(number) for number in range(len(self._counted))]

    def refuse_beyond_budget(self, usage: Usage) -> None:
        """Raises BudgetExceeded when the next request is one too many. The caller holds the lock."""
        for number, budget in enumerate(self.budgets.budgets):
            if any(usage is counted for counted in self._counted[number]):
                budget.refuse_next(self._spent(number))

    def _spent(self, number: int) -> Spent:
        counted = self._counted[number]
        before = self.budgets.before[number] + self._expected.get(self.budgets.budgets[number], Spent())
        requests, tokens = sum(usage.requests for usage in counted), sum(usage.tokens for usage in counted)
        return before + Spent(requests, tokens, sum((usage.cost_usd or 0.0) + usage.reserved for usage in counted))


@dataclass(frozen=True, slots=True)
class Meter:
    """Counts what one node asks of one model. Thread-safe."""

    ledger: Ledger
    usage: Usage
    lock: threading.Lock

    def sends(self, again: bool) -> None:
        """A request is about to leave. Raises BudgetExceeded instead if it is one too many."""
        with self.lock:
            self.ledger.refuse_beyond_budget(self.usage)
            self.usage.requests += 1
            self.usage.in_flight += 1
            self.usage.retried += again
            self.usage.last = time.monotonic()

    def back(self) -> None:
        """A request is out no longer, whatever came of it."""
        with self.lock:
            self.usage.in_flight -= 1

    def loading(self, is_loading: bool) -> None:
        """A model is being loaded into this process, or is loaded."""
        with self.lock:
            self.usage.is_loading = is_loading

    def busy(self) -> None:
        """The endpoint was busy (429, 503)."""
        with self.lock:
            self.usage.throttled += 1

    def broken(self) -> None:
        """A request broke, or its response is of no use."""
        with self.lock:
            self.usage.broken += 1

    def tokens(self, tokens: TokenCount, share: float = 1.0) -> None:
        """What one exchange took. Priced alone: a long one may have a price of its own. share: the part of that price it costs."""
        usage = self.usage
        with self.lock:
            usage.input_tokens += tokens.input
            usage.output_tokens += tokens.output
            usage.cached_input_tokens += tokens.cached_input
            usage.cache_write_tokens += tokens.cache_write
            usage.reasoning_tokens += tokens.reasoning
            usage.estimated += tokens.estimated
            usage.cost += share * usage.price.cost(tokens) if usage.price else 0.0

    def took(self, seconds: float) -> None:
        """A request was answered in so many seconds."""
        with self.lock:
            self.usage.latencies.add(seconds)

    def reserve(self, dollars: float) -> None:
        """A job was submitted that is expected to cost this; less than nothing once it is paid."""
        with self.lock:
            self.usage.reserved = max(0.0, self.usage.reserved + dollars)

    def waits_for(self, jobs: str) -> None:
        """How far jobs are that are waited for; empty where that is over."""
        with self.lock:
            self.usage.jobs = jobs

    def truncated(self, count: int) -> None:
        """A local model read only the beginning of so many inputs."""
        with self.lock:
            self.usage.truncated += count

    def settled(self, count: int, failed: int, mine: bool) -> None:
        """Distinct requests that are over. mine: asked for by this node, not by one that asked the same at the same time."""
        with self.lock:
            self.usage.failed += failed
            if mine:
                self.usage.executed += count - failed
            else:
                self.usage.from_store += count - failed
            self.usage.last = time.monotonic()

    def failed(self, causes: Iterable[str]) -> None:
        """Why requests that are over have no answer."""
        with self.lock:
            self.usage.causes.update(causes)

    def find_price(self) -> None:
        """Have the price at hand before it is asked for. The caller has time; whoever counts tokens holds others up."""
        self.usage.find_price()

    def found(self, count: int, tokens: TokenCount) -> None:
        """Answers that the store had, and the tokens they had taken."""
        with self.lock:
            self.usage.from_store += count
            self.usage.saved += self.usage.price.cost(tokens, count) if self.usage.price else 0.0


_SUMMED = (
    "requests", "throttled", "broken", "retried", "from_store", "executed", "failed", "truncated", "input_tokens", "output_tokens",
    "cached_input_tokens", "cache_write_tokens", "reasoning_tokens", "estimated",
)  # fmt: skip


def total(usages: Sequence[Usage]) -> Usage:
    """The sums of all counts; its price, and so its cost, is unknown: see `cost_of`."""
    summed = Usage("", "", "")
    for usage in usages:
        for name in _SUMMED:
            setattr(summed, name, getattr(summed, name) + getattr(usage, name))
    return summed


def cost_of(usages: Iterable[Usage]) -> float | None:
    """None if tokens were used whose price is unknown."""
    costs = [usage.cost_usd for usage in usages if usage.tokens or usage.requests]
    return None if None in costs else sum(cost for cost in costs if cost is not None)
