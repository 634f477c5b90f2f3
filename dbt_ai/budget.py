"""The budget of an invocation: what it may use, and the two moments when it says no."""

from __future__ import annotations

from dataclasses import dataclass

from dbt_ai.errors import BudgetExceeded
from dbt_ai.pricing import dollars

_KEPT = "; what was answered is stored, and the next run goes on from there"


@dataclass(frozen=True, slots=True)
class Spent:
    """What was used of a budget, or is expected to be. requests: of HTTP, repeated ones included. tokens: input and output."""

    requests: int = 0
    tokens: int = 0
    cost_usd: float = 0.0


@dataclass(frozen=True, slots=True)
class Budget:
    """The most that one invocation may use; None is no limit. requests: HTTP requests, repeated ones included.

    >>> Budget(requests=10).refuse_next(Spent(requests=10))
    Traceback (most recent call last):
    dbt_ai.errors.BudgetExceeded: max_requests of 10 is reached; what was answered is stored, and the next run goes on from there
    """

    requests: int | None = None
    tokens: int | None = None
    cost_usd: float | None = None

    @property
    def limited(self) -> bool:
        """Whether there is any limit."""
        return self != NO_LIMIT

    def refuse_next(self, spent: Spent) -> None:
        """Before each request. Raises BudgetExceeded if it would be one too many."""
        if self.requests is not None and spent.requests >= self.requests:
            raise BudgetExceeded(f"max_requests of {self.requests:,} is reached{_KEPT}")
        if self.tokens is not None and spent.tokens >= self.tokens:
            raise BudgetExceeded(f"max_tokens of {self.tokens:,} is reached: {spent.tokens:,} tokens are used{_KEPT}")
        if self.cost_usd is not None and spent.cost_usd >= self.cost_usd:
            raise BudgetExceeded(f"max_cost_usd of ${self.cost_usd:g} is reached: {dollars(spent.cost_usd)} are spent{_KEPT}")

    def refuse_node(self, spent: Spent, expected: Spent, told: str, unpriced: tuple[str, ...] = ()) -> None:
        """Before a node sends anything. Raises BudgetExceeded if what is expected would go beyond what is left.

        told: what is expected, in words. unpriced: models whose price nobody knows; with a limit on dollars they are a refusal.
        """
        if self.requests is not None and spent.requests + expected.requests > self.requests:
            raise BudgetExceeded(f"{told} would exceed max_requests of {self.requests:,}{_used(f'{spent.requests:,} requests')}")
        if self.tokens is not None and spent.tokens + expected.tokens > self.tokens:
            raise BudgetExceeded(f"{told} would exceed max_tokens of {self.tokens:,}{_used(f'{spent.tokens:,} tokens')}")
        if self.cost_usd is None:
            return
        if unpriced:
            raise BudgetExceeded(
                f"max_cost_usd is set, and the price of {', '.join(map(repr, unpriced))} is not known;"
                " add it under `prices` of the dbt_ai plugin (or install dbt-ai-functions[prices])"
            )
        if spent.cost_usd + expected.cost_usd > self.cost_usd:
            raise BudgetExceeded(f"{told} would exceed max_cost_usd of ${self.cost_usd:g}{_used(dollars(spent.cost_usd))}")


NO_LIMIT = Budget()


def _used(what: str) -> str:
    return f" with {what} used in this run; nothing was sent"
