"""The wiring: settings, credentials, the store, the scheduler, and the plans of the nodes that are running."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from dbt_ai.admission import Estimated
from dbt_ai.budget import Budget, Budgets
from dbt_ai.call import Call
from dbt_ai.call_constant import parse_call
from dbt_ai.display.node_display import NodeDisplay
from dbt_ai.display.progress import node_counts, node_line, summary
from dbt_ai.errors import ConfigurationError, PlanError
from dbt_ai.execution.endpoint_memory import EndpointMemory
from dbt_ai.execution.quotas import Quotas
from dbt_ai.execution.scheduler import Scheduler
from dbt_ai.invocation import Invocation
from dbt_ai.known_answers import KnownAnswers
from dbt_ai.ledger import DbtNode, Ledger
from dbt_ai.named_settings import NamedSettings
from dbt_ai.node_answers import NodeAnswers
from dbt_ai.node_plan import NodePlan, PlanStatus
from dbt_ai.plan import AnswerSource, Plan
from dbt_ai.pricing import Prices
from dbt_ai.providers import provider_of
from dbt_ai.request import Requests
from dbt_ai.security.credentials import Credentials
from dbt_ai.settings import Settings, cache_dir
from dbt_ai.store.answer_store import AnswerStore
from dbt_ai.store.holding import Holding
from dbt_ai.store.recorded import recorded
from dbt_ai.store.store import Store
from dbt_ai.store.version_1 import Version1
from dbt_ai.telemetry import Telemetry


class Runtime:
    """invocation: names the current one; what belongs to an invocation begins anew when it changes. display: what the user sees.
    began: called when another invocation has begun. version_1: whose answers are those that an earlier version recorded.
    through: what answers pass on their way from and to the store."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        *,
        invocation: Callable[[], str] = str,
        display: NodeDisplay | None = None,
        began: Callable[[], None] = lambda: None,
        version_1: Version1 | None = None,
        through: Callable[[AnswerStore], AnswerStore] = lambda store: store,
    ) -> None:
        self.settings = settings
        self.credentials = Credentials.from_config(settings.credentials, settings.allowed_hosts)
        self._display = display or NodeDisplay()
        self._began = began
        self._holding = Holding(store)
        self._store = through(recorded(self._holding, settings.mode, Path(settings.cassette), version_1))
        whole_run = Budget(settings.max_requests, settings.max_tokens, settings.max_cost_usd)
        others = [Budget.from_config(entry, number) for number, entry in enumerate(settings.budgets, start=1)]
        self._prices = Prices.from_config(settings.prices)
        self._quotas = Quotas.from_config(settings.endpoints)
        ledger = Ledger(Prices() if settings.mode.mocks else self._prices, Budgets([whole_run, *others]), settings.mode.name)
        self.scheduler = Scheduler(
            self.credentials,
            ledger,
            through(self._holding),
            jobs=self._holding,
            redact_rows=settings.redact_rows,
            quotas=self._quotas,
            node_seconds=settings.node_seconds,
            memory=EndpointMemory(cache_dir() / "endpoints.json"),
        )
        self._telemetry: Telemetry | None = None
        if settings.otlp_endpoint and settings.mode.sends:
            self._telemetry = Telemetry.from_config(settings.otlp_endpoint, settings.allowed_hosts)
        self.invocation = Invocation(invocation, ledger, store, settings.mode.keeps_usage, began=self._begin)
        self._plans: dict[str, NodePlan] = {}
        self._mock_calls: dict[str, Call] = {}

    def _begin(self) -> None:
        self.scheduler.resume()
        self.scheduler.forget_failures()
        self._holding.check_again()
        self._mock_calls.clear()
        self._began()

    def named_settings(self, of_project: bool) -> NamedSettings:
        """The settings that hold for what they name. of_project: they are those of one project."""
        return NamedSettings(self.invocation.ledger.budgets.budgets, self._prices, self._quotas, of_project)

    def stop_sending(self) -> None:
        """Send nothing more in this invocation."""
        self.scheduler.interrupt()

    def interrupt(self) -> None:
        """Send nothing more in this invocation, and return once what is in flight is back and stored: after a few seconds at most."""
        self.stop_sending()
        running = list(self._plans.values())
        for plan in running:
            plan.interrupt()
        for plan in running:
            plan.wait(0.0)

    def close(self) -> None:
        """End what is under way. The runtime may be used again."""
        self.scheduler.close()

    def call(self, text: str) -> Call:
        """Read a call as a macro wrote it, in the mode of this run. Raises ConfigurationError."""
        if not self.settings.mode.mocks:
            return _live_call(text)
        # Kept for the invocation: calls are read for each vector of rows, and a model's length is looked up in its folder.
        if text not in self._mock_calls:
            self._mock_calls[text] = _mock_call(text)
        return self._mock_calls[text]

    def summary(self) -> str:
        """The table shown at the end of a run; empty if nothing was asked. Writes what `usage` lacks."""
        self.invocation.enter()
        shown = summary(self.invocation.ledger.usages())
        if not shown:
            return ""
        self.invocation.write_usage()
        problem = self._telemetry.send(self.invocation.name, self.invocation.ledger.usages()) if self._telemetry else ""
        return "\n".join(line for line in (shown, self.invocation.problem, problem) if line)

    def plan_of(self, node: str) -> Plan | None:
        """The plan of a node, if it has one that is running."""
        running = self._plans.get(node)
        return running.plan if running else None

    def start_plan(
        self, node: str, owner: str, plan: Callable[[AnswerSource], Plan], interrupt: Callable[[], None], about: DbtNode | None = None
    ) -> None:
        """Plan a node in a thread of its own; `wait` tells how it goes.

        owner: the dbt thread that runs the node; what it planned before is over and is forgotten.
        plan: makes the plan, given where its answers come from. about: what dbt knows of the node.
        """
        self.invocation.enter()
        self.invocation.ledger.describe(node, about or DbtNode())
        for finished in [name for name, plan in list(self._plans.items()) if plan.owner == owner]:
            del self._plans[finished]
        answers = self._answers_of(node)
        self._plans[node] = NodePlan(plan(answers), owner, answers, interrupt)
        self._plans[node].start()

    def wait(self, node: str, seconds: float) -> PlanStatus:
        """How the plan of a node is doing, after so many seconds at most."""
        return self._plans[node].wait(seconds)

    def counts(self, node: str) -> dict[str, Any]:
        """What a node has asked in this invocation, in words and as figures; empty ones if it asked nothing."""
        usages = [usage for usage in self.invocation.ledger.usages() if usage.node == node]
        plan = self.plan_of(node)
        return {"message": node_line(usages), "counts": node_counts(usages, plan.rows if plan else None)}

    def answer_now(self, call: Call, inputs: Iterable[str], answers: KnownAnswers, node: str | None) -> None:
        """Add the answers to these distinct inputs, stored or executed, without a plan."""
        self.invocation.enter()
        source = self._answers_of(node)
        requests = source.requests(call, [text for text in inputs if not answers.knows(text)])
        if not requests.inputs:
            return
        if call.effort is not None:
            self._without_plan(source, requests, answers, node)
            return
        with source.asking():
            source.recall([requests], {call: answers})
            left = answers.left_of(requests)
            if not left.inputs:
                return
            try:
                source.execute([left], {call: answers}, exact=False, cancelled=threading.Event())
            except Estimated as ended:
                raise PlanError(f"{node or 'this query'}: mode is estimate, so nothing is sent; it needs {ended}") from None

    def _without_plan(self, source: NodeAnswers, requests: Requests, answers: KnownAnswers, node: str | None) -> None:
        """Which rows are easy only a plan knows, which has seen all of them. Raises PlanError for one that has no answer yet."""
        with source.asking():
            source.recall([requests], {requests.call: answers})
        left = len(answers.left_of(requests).inputs)
        if left:
            raise PlanError(
                f"{node or 'this query'}: {requests.call.function} with effort has no answer to {left:,} inputs, and only a plan of all"
                " rows gets them; build the model as an ai_table, or with ai_prefetch() as its pre-hook"
            )

    def _answers_of(self, node: str | None) -> NodeAnswers:
        return NodeAnswers(node, self.settings, self._store, self.scheduler, self.invocation, self._display)


@lru_cache(maxsize=1024)
def _live_call(text: str) -> Call:
    """The call, whose questions its endpoint can answer. Read for each vector of rows."""
    call = parse_call(text)
    if call.effort is not None and call.effort.proxy.questions:
        provider_of(call.effort.proxy.model).check_questions(call.effort.proxy)
    if call.questions:
        provider_of(call.model).check_questions(call)
    elif call.model.model_type == "DECISIONS":
        raise ConfigurationError(
            f"{call.function}: external model {call.model.name!r} of model_type DECISIONS answers probabilities and writes no text;"
            " ask it with ai_decide, ai_rank, ai_score, or probabilities=true of ai_classify and ai_filter"
        )
    if call.model.model_type == "RERANKING" and call.function != "ai_rank":
        raise ConfigurationError(
            f"{call.function}: external model {call.model.name!r} of model_type RERANKING compares a text with a query; ask it with ai_rank"
        )
    return call


def _mock_call(text: str) -> Call:
    """The call to the mock. Its vectors are as long as the model's own, where that is known."""
    call = parse_call(text, mock=True)
    if not call.embeds or call.dimensions is not None:
        return call
    asked = parse_call(text)
    model = replace(asked.model, parameters=asked.parameters)
    try:
        return replace(call, dimensions=provider_of(model).dimensions_offline(model))
    except ConfigurationError:  # it need not be there
        return call
