"""What an invocation asked, of whom and for which node, and what it cost."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial

from dbt_ai.budget import NO_LIMIT, Budget, Spent
from dbt_ai.external_model import ExternalModel
from dbt_ai.pricing import Price, Prices
from dbt_ai.request import TokenCount

# Causes of failure that are kept of one node and model: an endpoint may word every refusal anew.
MOST_CAUSES = 20


@dataclass(slots=True)
class Usage:
    """What one node asked of one external model in one invocation: a row of the table `usage`.

    requests: HTTP requests that left, those that were refused (429, 503) or broke included; retried of them repeat another.
    distinct: requests by content that the node needed; from_store were known, executed answered now, failed without an answer.
    truncated: executed ones of which a local model read only the beginning.
    input_tokens, output_tokens: as the endpoint counted them, answers that were not usable included.
    cached_input_tokens, cache_write_tokens: parts of the input; reasoning_tokens: a part of the output.
    estimated: exchanges of which the endpoint did not say what they took, so that their tokens are estimated.
    cost_usd, saved_usd: None where the price is unknown. saved: what the stored answers had cost.
    reserved: what jobs are expected to cost that were submitted and are not paid yet, in dollars. It counts against the budget.
    started: in Unix time. first, last: when the first and the last thing happened, by a clock that nobody sets.
    mode: how answers were got. causes: why requests failed, and how many for that reason.
    """

    node: str
    external_model: str
    model: str
    find_price: Callable[[], Price | None] = lambda: None
    requests: int = 0
    refused: int = 0
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
    mode: str = ""
    causes: Counter[str] = field(default_factory=Counter)

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
    def seconds(self) -> float:
        """From the first to the last thing that happened."""
        return self.last - self.first


class Ledger:
    """Thread-safe. Begins anew with every invocation; refuses what the budget does not cover."""

    def __init__(self, prices: Prices | None = None, budget: Budget = NO_LIMIT, mode: str = "") -> None:
        self.prices = prices or Prices()
        self.budget = budget
        self.mode = mode
        self._lock = threading.Lock()
        self._usages: dict[tuple[str, str], Usage] = {}

    def begin(self) -> None:
        """Forget everything: an invocation begins."""
        with self._lock:
            self._usages.clear()

    def meter(self, node: str, model: ExternalModel) -> Meter:
        """What counts the requests of a node to a model. Every call gives one for the same counts."""
        key = (node, model.name)
        with self._lock:
            if key not in self._usages:
                self._usages[key] = Usage(node, model.name, model.model, partial(self.prices.of, model), mode=self.mode)
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

    def spent(self) -> Spent:
        """What the invocation has used so far of its budget."""
        with self._lock:
            return _spent(self._usages.values())

    def refuse_beyond_budget(self) -> None:
        """Raises BudgetExceeded when the next request is one too many. The caller holds the lock."""
        if self.budget.limited:
            self.budget.refuse_next(_spent(self._usages.values()))


@dataclass(frozen=True, slots=True)
class Meter:
    """Counts what one node asks of one model. Thread-safe."""

    ledger: Ledger
    usage: Usage
    lock: threading.Lock

    def sends(self, again: bool) -> None:
        """A request is about to leave. Raises BudgetExceeded instead if it is one too many."""
        with self.lock:
            self.ledger.refuse_beyond_budget()
            self.usage.requests += 1
            self.usage.retried += again
            self.usage.last = time.monotonic()

    def busy(self) -> None:
        """The endpoint was busy (429, 503)."""
        with self.lock:
            self.usage.refused += 1

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

    def reserve(self, dollars: float) -> None:
        """A job was submitted that is expected to cost this; less than nothing once it is paid."""
        with self.lock:
            self.usage.reserved = max(0.0, self.usage.reserved + dollars)

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
    "requests", "refused", "broken", "retried", "from_store", "executed", "failed", "truncated", "input_tokens", "output_tokens",
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


def _spent(usages: Collection[Usage]) -> Spent:
    requests, tokens = sum(usage.requests for usage in usages), sum(usage.tokens for usage in usages)
    reserved = sum(usage.reserved for usage in usages)
    return Spent(requests, tokens, (cost_of(usages) or 0.0) + reserved)
