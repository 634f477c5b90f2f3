"""What was asked, what it cost and what it saved: the sums of the table `usage`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dbt_ai.outside_json import parse
from dbt_ai.pricing import dollars
from dbt_ai.project_names import NAMED_IN
from dbt_ai.store.schema import USAGE, Kind

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

_SUMS = """count(distinct invocation_id), sum(requests), sum(distinct_requests), sum(from_store), sum(executed), sum(failed), sum(retried),
    sum(input_tokens + output_tokens), sum(cost_usd), bool_or(cost_usd is null and requests > 0), sum(saved_usd), coalesce(sum(seconds), 0),
    sum(latency_p50 * requests) / nullif(sum(requests) filter (where latency_p50 is not null), 0), max(latency_p95)"""


@dataclass(frozen=True, slots=True)
class Spending:
    """The sums of one external model, node or day.

    runs: dbt commands. cost, saved: None where no price is known. unpriced: a part of it has no known price, so that cost is a lower bound.
    seconds: of nodes, each from its first to its last request.
    latency_p50: seconds of a request, the mean of the runs' medians. latency_p95: the highest of the runs.

    >>> Spending("llm", executed=300, seconds=60.0).answers_a_minute
    300.0
    """

    name: str
    runs: int = 0
    requests: int = 0
    distinct: int = 0
    from_store: int = 0
    executed: int = 0
    failed: int = 0
    retried: int = 0
    tokens: int = 0
    cost: float | None = None
    unpriced: bool = False
    saved: float | None = None
    seconds: float = 0.0
    latency_p50: float | None = None
    latency_p95: float | None = None

    @property
    def cost_shown(self) -> str:
        """The cost in words."""
        return f"≥ {dollars(self.cost)}" if self.unpriced and self.cost else dollars(None if self.unpriced else self.cost)

    @property
    def saved_shown(self) -> str:
        """What was saved, in words."""
        return "unknown" if self.saved is None else dollars(self.saved)

    @property
    def answers_a_minute(self) -> float:
        """Answers a minute, from the first to the last."""
        return 60 * self.executed / self.seconds if self.executed and self.seconds else 0.0


@dataclass(frozen=True, slots=True)
class FailureCause:
    """Requests without an answer, for one reason."""

    node: str
    external_model: str
    cause: str
    count: int
    last: str


def cleaned(found: pa.Table) -> duckdb.DuckDBPyConnection:
    """The table `usage` in memory, for the functions below. It may have been written by hand: a number that cannot be is not known."""
    import duckdb

    columns = [
        f"case when isfinite({column.name}) and {column.name} >= 0 then {column.name} end as {column.name}"
        if column.kind is Kind.REAL
        else f"greatest({column.name}, 0) as {column.name}"
        if column.kind is Kind.INTEGER
        else column.name
        for column in USAGE
    ]
    connection = duckdb.connect()
    connection.register("found", found)
    connection.execute(f"create table usage as select {', '.join(columns)} from found")
    return connection


def total(usage: duckdb.DuckDBPyConnection) -> Spending:
    """All of it."""
    [found] = _spendings(usage, "'all'") or [Spending("all")]
    return found


def by_model(usage: duckdb.DuckDBPyConnection) -> list[Spending]:
    """One Spending for each external model."""
    return _spendings(usage, "external_model")


def by_node(usage: duckdb.DuckDBPyConnection) -> list[Spending]:
    """One Spending for each node."""
    return _spendings(usage, _NODE)


def by_day(usage: duckdb.DuckDBPyConnection) -> list[Spending]:
    """In the order of the days, as the clock of this machine has them."""
    return sorted(_spendings(usage, "cast(cast(started_at as date) as varchar)"), key=lambda day: day.name)


def of_invocation(usage: duckdb.DuckDBPyConnection, invocation: str) -> dict[str, Spending]:
    """By the id of the node."""
    return {each.name: each for each in _spendings(usage, "node", " and invocation_id = ?", [invocation])}


def failures(usage: duckdb.DuckDBPyConnection) -> list[FailureCause]:
    """The most frequent first."""
    rows = usage.execute(
        f"select {_NODE}, external_model, failure_causes, cast(cast(started_at as date) as varchar) from usage"
        " where failure_causes is not null"
    ).fetchall()
    counts: Counter[tuple[str, str, str]] = Counter()
    last: dict[tuple[str, str, str], str] = {}
    for node, model, causes, day in rows:
        for cause, count in _causes(causes):
            counts[node, model, cause] += count
            last[node, model, cause] = max(day, last.get((node, model, cause), ""))
    return [FailureCause(*key, count, last[key]) for key, count in counts.most_common()]


_NODE = f"coalesce(nullif({NAMED_IN}, ''), '(ad hoc)')"


def _spendings(usage: duckdb.DuckDBPyConnection, name: str, where: str = "", values: Sequence[str] = ()) -> list[Spending]:
    rows = usage.execute(
        f"select {name} as name, {_SUMS} from usage where distinct_requests + requests > 0{where} group by name"
        " order by sum(cost_usd) desc nulls last, sum(distinct_requests) desc, name",
        list(values),
    ).fetchall()
    return [Spending(str(name), *sums) for name, *sums in rows]


def _causes(text: str) -> list[tuple[str, int]]:
    """The table may have been written by hand."""
    try:
        found = parse(text)
    except ValueError:
        return []
    if not isinstance(found, dict):
        return []
    return [(str(cause), count) for cause, count in found.items() if isinstance(count, int) and count > 0]
