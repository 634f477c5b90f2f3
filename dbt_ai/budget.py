"""Budgets: what an invocation, or all of a day or a month, may use, and the two moments when a budget says no."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from dbt_ai.counted import counted
from dbt_ai.errors import BudgetExceeded, ConfigurationError
from dbt_ai.pricing import dollars, where_prices_come_from
from dbt_ai.project_names import ProjectNames, named_in, short_name
from dbt_ai.yaml_values import instead, read_number, read_text, read_whole_number, refuse_unknown

_KEPT = "; what was answered is stored, and the next run goes on from there"
_LIMITS = ("max_cost_usd", "max_requests", "max_tokens")
_PERIODS = ("run", "day", "month")


@dataclass(frozen=True, slots=True)
class Spent:
    """What was used of a budget, or is expected to be. requests: of HTTP, repeated ones included. tokens: input and output."""

    requests: int = 0
    tokens: int = 0
    cost_usd: float = 0.0

    def __add__(self, other: Spent) -> Spent:
        return Spent(self.requests + other.requests, self.tokens + other.tokens, self.cost_usd + other.cost_usd)


@dataclass(frozen=True, slots=True)
class Told:
    """What is expected, in words for each limit: the subject of a sentence that refuses it."""

    requests: str
    tokens: str
    cost: str


# Where the figures stand beside the sentence.
THIS = Told("this", "this", "this")


@dataclass(frozen=True, slots=True)
class Payer:
    """Whose requests count, as a budget names it. node: its id. models: the name of the external model, and that of what it calls."""

    node: str
    models: tuple[str, ...]
    tags: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Budget:
    """The most that may be used; None is no limit. requests: HTTP requests, repeated ones included.

    node, model, tag: whose requests count; None is everybody's. per: run, day or month, the last two in UTC.

    >>> Budget(requests=10).refuse_next(Spent(requests=10))
    Traceback (most recent call last):
    dbt_ai.errors.BudgetExceeded: max_requests of 10 is reached; what was answered is stored, and the next run goes on from there
    """

    requests: int | None = None
    tokens: int | None = None
    cost_usd: float | None = None
    node: str | None = None
    model: str | None = None
    tag: str | None = None
    per: str = "run"

    @classmethod
    def from_config(cls, entry: object, number: int) -> Budget:
        """Read an entry of `budgets`, which limits at least one thing.

        node: the node whose requests count; every node's unless given.
        model: the external model whose requests count, by its name or by that of what it calls; every model's unless given.
        tag: the tag of the nodes whose requests count.
        per: run, day or month, the last two in UTC; run unless given.
        max_cost_usd: US dollars; what has no known price counts as nothing.
        max_requests: HTTP requests, repeated ones included.
        max_tokens: input and output.

        Raises ConfigurationError naming the entry, the field, the value and what would be accepted.
        """
        place = f"plugin dbt_ai: entry {number} of budgets"
        if not isinstance(entry, Mapping):
            raise ConfigurationError(f"{place} is {entry!r}; write it as {{model: llm, per: month, max_cost_usd: 20}}")
        refuse_unknown(place, entry, ("node", "model", "tag", "per", *_LIMITS))
        given: dict[str, Any] = {name: read_text(f"{place}: {name}", entry[name]) for name in ("node", "model", "tag") if name in entry}
        per = entry.get("per", "run")
        if per not in _PERIODS:
            raise ConfigurationError(f"{place}: per {per!r} is not known; {instead(per, _PERIODS)}")
        if not any(name in entry for name in _LIMITS):
            raise ConfigurationError(f"{place} limits nothing; give {', '.join(_LIMITS[:-1])} or {_LIMITS[-1]}")
        for name in ("requests", "tokens"):
            if f"max_{name}" in entry:
                given[name] = read_whole_number(f"{place}: max_{name}", entry[f"max_{name}"])
        if "max_cost_usd" in entry:
            given["cost_usd"] = read_number(f"{place}: max_cost_usd", entry["max_cost_usd"])
        return cls(**given, per=per)

    def covers(self, payer: Payer) -> bool:
        """Whether requests of this payer count."""
        return (
            (self.node is None or self.node in (payer.node, short_name(payer.node), named_in(payer.node)))
            and (self.model is None or self.model in payer.models)
            and (self.tag is None or self.tag in payer.tags)
        )

    def unknown_name(self, names: ProjectNames) -> str:
        """A sentence if this names what is not there: it would count nothing, and so limit nothing. Else empty."""
        ids = {node: short_name(node) for node in names.nodes}
        for kind, name, known in (
            ("node", self.node, {*ids, *ids.values()}),
            ("model", self.model, names.models),
            ("tag", self.tag, names.tags),
        ):
            if name is not None and name not in known:
                # A hook or a test may be meant too, but nobody writes their names, which end in a hash.
                listed = {ids[id] for id in ids if id.split(".")[0] in ("model", "snapshot")} if kind == "node" else known
                said = instead(name, sorted(listed))
                return f"dbt_ai: a budget names the {kind} {name!r}, which this project does not have; {said}"
        return ""

    @property
    def of_whom(self) -> str:
        """` a month for model 'llm'`; empty for the budget of a whole run."""
        whose = [f"{kind} {name!r}" for kind, name in (("node", self.node), ("model", self.model), ("tag", self.tag)) if name]
        return (f" a {self.per}" if self.per != "run" else "") + (f" for {' and '.join(whose)}" if whose else "")

    def refuse_next(self, spent: Spent) -> None:
        """Before each request. Raises BudgetExceeded if it would be one too many."""
        if self.requests is not None and spent.requests >= self.requests:
            raise BudgetExceeded(f"max_requests of {self.requests:,}{self.of_whom} is reached{_KEPT}")
        if self.tokens is not None and spent.tokens >= self.tokens:
            raise BudgetExceeded(f"max_tokens of {self.tokens:,}{self.of_whom} is reached: {spent.tokens:,} tokens are used{_KEPT}")
        if self.cost_usd is not None and spent.cost_usd >= self.cost_usd:
            raise BudgetExceeded(f"max_cost_usd of ${self.cost_usd:g}{self.of_whom} is reached: {dollars(spent.cost_usd)} are spent{_KEPT}")

    def refuse_node(self, spent: Spent, expected: Spent, told: Told, unpriced: tuple[str, ...] = ()) -> None:
        """Before a node sends anything. Raises BudgetExceeded if what is expected would go beyond what is left.

        told: what is expected, in words. unpriced: models whose price nobody knows; with a limit on dollars they are a refusal.
        """
        if refused := self.refusal(spent, expected, told, unpriced):
            raise BudgetExceeded(f"{refused}; nothing was sent")

    def refusal(self, spent: Spent, expected: Spent, told: Told, unpriced: tuple[str, ...] = ()) -> str:
        """Why `refuse_node` would refuse this; empty if it would not."""
        if self.requests is not None and spent.requests + expected.requests > self.requests:
            used = self._used(spent.requests, counted(spent.requests, "request"))
            return f"{told.requests} would exceed max_requests of {self.requests:,}{used}"
        if self.tokens is not None and spent.tokens + expected.tokens > self.tokens:
            used = self._used(spent.tokens, counted(spent.tokens, "token"))
            return f"{told.tokens} would exceed max_tokens of {self.tokens:,}{used}"
        if self.cost_usd is not None and unpriced:
            price = f"the price of {', '.join(map(repr, unpriced))} is not known"
            return f"max_cost_usd of ${self.cost_usd:g}{self.of_whom} is set, and {price}; {where_prices_come_from()}"
        if self.cost_usd is not None and spent.cost_usd + expected.cost_usd > self.cost_usd:
            return f"{told.cost} would exceed max_cost_usd of ${self.cost_usd:g}{self._used(spent.cost_usd, dollars(spent.cost_usd))}"
        return ""

    def _used(self, amount: float, what: str) -> str:
        return self.of_whom + (f" with {what} used in this {self.per}" if amount else "")


@dataclass(frozen=True, slots=True)
class Used:
    """What an earlier invocation used: a row of the table `usage`, or several that add up."""

    payer: Payer
    spent: Spent
    at: datetime


@dataclass(slots=True)
class Budgets:
    """All budgets, and what earlier invocations have used of those that go on from one to the next."""

    budgets: Sequence[Budget] = ()
    before: Sequence[Spent] = field(init=False)

    def __post_init__(self) -> None:
        self.budgets = [budget for budget in self.budgets if (budget.requests, budget.tokens, budget.cost_usd) != (None, None, None)]
        self.forget()

    def forget(self) -> None:
        """Another invocation begins: nothing is known of those before it."""
        self.before = [Spent() for _ in self.budgets]

    @property
    def since(self) -> datetime | None:
        """From when on earlier invocations count; None if none does."""
        starts = [_start(budget.per) for budget in self.budgets if budget.per != "run"]
        return min(starts, default=None)

    def count(self, used: Sequence[Used]) -> None:
        """Take in what earlier invocations have used."""
        self.before = [
            sum((one.spent for one in used if budget.per != "run" and budget.covers(one.payer) and one.at >= _start(budget.per)), Spent())
            for budget in self.budgets
        ]


def _start(per: str) -> datetime:
    today = datetime.now(timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0)
    return today.replace(day=1) if per == "month" else today
