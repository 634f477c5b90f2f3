"""What every engine shares: settings, credentials, the store, the scheduler, and the plans of the nodes that are running."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path

from dbt_ai.display.progress import NodeProgress, node_line, short, summary
from dbt_ai.display.terminal import Terminal
from dbt_ai.errors import DbtAiError, PlanError
from dbt_ai.estimate import Estimate, estimate, refuse_beyond
from dbt_ai.execution.quotas import Quotas
from dbt_ai.execution.scheduler import Scheduler
from dbt_ai.known_answers import KnownAnswers
from dbt_ai.ledger import Budget, Ledger, cost_of
from dbt_ai.plan import PassFailed, PassKind, Plan
from dbt_ai.pricing import Prices
from dbt_ai.providers import provider_of
from dbt_ai.providers.base import LocalProvider
from dbt_ai.request import Call, Delivery, Requests
from dbt_ai.security.credentials import Credentials
from dbt_ai.settings import Settings
from dbt_ai.store.cassette import Cassette
from dbt_ai.store.duckdb_store import Store

# A node asks how its plan is doing once a second. One that has not asked for this long was interrupted: nobody waits any more.
ABANDONED_AFTER = 5.0


@dataclass(frozen=True, slots=True)
class PlanStatus:
    """What a node hears when it asks.

    state: running, done, on demand (its SQL cannot be planned), estimated (nothing may be built), or failed.
    message: what was asked for the node, or why not. expected: what it would ask.
    """

    state: str
    message: str = ""
    expected: Estimate | None = None


class Estimated(DbtAiError):
    """Ends a plan whose requests are not to be sent."""

    def __init__(self, expected: Estimate) -> None:
        super().__init__(str(expected))
        self.expected = expected


class Runtime:
    """invocation: names the current one; what belongs to an invocation begins anew when it changes. say: shows a line to the user.
    terminal: shows how far it is in between."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        *,
        invocation: Callable[[], str] = str,
        say: Callable[[str], None] = lambda line: None,
        terminal: Terminal | None = None,
    ) -> None:
        self.settings = settings
        self.store = store
        self.say = say
        self.terminal = terminal
        self.cassette = Cassette(Path(settings.cassette)) if settings.mode in ("record", "replay") else None
        self._name_invocation = invocation
        self._invocation = ""
        self._usage_written = 0.0
        self._lock = threading.Lock()
        self.credentials = Credentials.from_config(settings.credentials, settings.allowed_hosts)
        budget = Budget(settings.max_requests, settings.max_tokens, settings.max_cost_usd)
        self.ledger = Ledger(Prices.from_config(settings.prices), budget)
        self.scheduler = Scheduler(
            self.credentials,
            self.ledger,
            quotas=Quotas.from_config(settings.endpoints),
            recall=lambda call, keys: ((found.positions, found.values) for found in store.lookup(call, keys)),
            keep=store.put,
            node_seconds=settings.node_seconds,
        )
        self._plans: dict[str, PlanTask] = {}

    def close(self) -> None:
        self.scheduler.close()

    def enter(self) -> None:
        """Called whenever something is asked: dbt keeps the plugin, and so this object, from one invocation to the next."""
        invocation = self._name_invocation()
        with self._lock:
            if invocation != self._invocation:
                self._invocation = invocation
                self.ledger.begin()
                self.scheduler.forget_failures()

    def write_usage(self, every: float = 0.0) -> None:
        """Bring the table `usage` up to date, unless that was done less than `every` seconds ago."""
        with self._lock:
            now = time.monotonic()
            if now - self._usage_written < every:
                return
            self._usage_written = now
            if self.settings.mode not in ("replay", "estimate"):
                self.store.write_usage(self._invocation, self.ledger.usages())

    def summary(self) -> str:
        """The table shown at the end of a run; empty if nothing was asked. Writes what `usage` lacks."""
        self.enter()
        shown = summary(self.ledger.usages())
        if shown:
            self.write_usage()
        return shown

    def plan_of(self, node: str) -> Plan | None:
        task = self._plans.get(node)
        return task.plan if task else None

    def start_plan(
        self, node: str, owner: str, run_pass: Callable[[PassKind], int], interrupt: Callable[[], None], *, rows_guard: bool
    ) -> None:
        """Plan a node in a thread of its own, so that the caller stays free to be interrupted.

        owner: the dbt thread that runs the node; what it planned before is over and is forgotten.
        """
        self.enter()
        for finished in [name for name, task in list(self._plans.items()) if task.owner == owner]:
            del self._plans[finished]
        executor = NodeExecutor(self, node)
        plan = Plan(node, run_pass, executor, sample=self.settings.sample, rows_guard=rows_guard)
        self._plans[node] = PlanTask(plan, owner, executor, interrupt)
        self._plans[node].start()

    def wait(self, node: str, seconds: float) -> PlanStatus:
        return self._plans[node].wait(seconds)

    def answer_now(self, call: Call, inputs: Iterable[str], answers: KnownAnswers, node: str | None) -> None:
        """Add the answers to these distinct inputs, stored or executed, without a plan."""
        self.enter()
        executor = NodeExecutor(self, node)
        requests = executor.requests(call, [text for text in inputs if not answers.knows(text)])
        if not requests.inputs:
            return
        with executor.asking():
            executor.recall([requests], {call: answers})
            left = [(text, key) for text, key in zip(requests.inputs, requests.keys, strict=True) if not answers.knows(text)]
            if not left:
                return
            inputs, keys = zip(*left, strict=True)
            try:
                executor.execute([Requests(call, inputs, keys)], {call: answers}, exact=False, cancelled=threading.Event())
            except Estimated as ended:
                raise PlanError(f"{node or 'this query'}: mode is estimate, so nothing is sent; it needs {ended}") from None


class NodeExecutor:
    """Gets the answers that one node needs and keeps them: in the store for good, in memory for its last pass."""

    def __init__(self, runtime: Runtime, node: str | None) -> None:
        self._runtime = runtime
        self._node = node or ""
        self._rounds: NodeProgress | None = None

    def requests(self, call: Call, inputs: Iterable[str]) -> Requests:
        inputs = list(inputs)
        return Requests(call, inputs, call.keys(inputs, self._weights(call)))

    def asking(self) -> AbstractContextManager[None]:
        return self._runtime.scheduler.asking()

    def recall(self, work: Sequence[Requests], answers: Mapping[Call, KnownAnswers]) -> None:
        runtime = self._runtime
        replayed = runtime.cassette if runtime.settings.mode == "replay" else None
        for requests in work:
            meter = runtime.ledger.meter(self._node, requests.call.model)
            for stored in (replayed or runtime.store).lookup(requests.call, requests.keys):
                meter.found(len(stored.positions), stored.tokens)
                if runtime.cassette and not replayed:
                    runtime.cassette.add(requests, stored.positions.tolist(), stored.values)
                answers[requests.call].add([requests.inputs[position] for position in stored.positions], stored.values, {})

    def execute(self, work: Sequence[Requests], answers: Mapping[Call, KnownAnswers], exact: bool, cancelled: threading.Event) -> None:
        """Raises BudgetExceeded before anything is sent if it would not hold, Estimated if nothing is to be sent at all."""
        runtime = self._runtime
        if self.estimates or runtime.ledger.budget.limited:
            expected = estimate(work, runtime.ledger.prices, exact)
            if self.estimates:
                raise Estimated(expected)
            refuse_beyond(runtime.ledger.budget, runtime.ledger, expected)
        if runtime.cassette and runtime.settings.mode == "replay" and any(requests.inputs for requests in work):
            runtime.cassette.refuse(work, self._node)
        self._rounds = NodeProgress(sum(len(requests.inputs) for requests in work))
        try:
            runtime.scheduler.execute(work, lambda deliveries: self._deliver(deliveries, answers), cancelled, self._node)
        finally:
            self._rounds = None
            if runtime.terminal is not None:
                runtime.terminal.clear(short(self._node))
            runtime.write_usage(every=0.0 if exact else 1.0)

    @property
    def estimates(self) -> bool:
        return self._runtime.settings.mode == "estimate"

    def tell_progress(self) -> None:
        """Show how far it is: on a terminal always, in the log if that was not said for a while."""
        rounds, now = self._rounds, time.monotonic()
        if rounds is not None and self._runtime.terminal is not None:
            self._runtime.terminal.show(short(self._node), rounds.done, rounds.expected)
        if rounds is not None and rounds.due(now):
            runtime = self._runtime
            used, cost = runtime.ledger.total(self._node), cost_of([usage for usage in runtime.ledger.usages() if usage.node == self._node])
            runtime.say(rounds.line(self._node, runtime.scheduler.in_flight(), used, cost, now))

    def told(self) -> str:
        """What the node asked, for its result."""
        self._runtime.write_usage()
        return node_line([usage for usage in self._runtime.ledger.usages() if usage.node == self._node])

    def _deliver(self, deliveries: Sequence[Delivery], answers: Mapping[Call, KnownAnswers]) -> None:
        runtime = self._runtime
        fitting = [replace(part, responses=answers[part.requests.call].fitting(part.responses)) for part in deliveries]
        # The store first: what was paid for is kept whatever happens next.
        runtime.store.put([part for part in fitting if not part.stored], self._node)
        for part in fitting:
            requests, responses = part.requests, part.responses
            answers[requests.call].add([requests.inputs[position] for position in part.positions], responses.values, responses.failures)
            if runtime.cassette:
                good = [index for index in range(len(part.positions)) if index not in responses.failures]
                runtime.cassette.add(requests, [part.positions[index] for index in good], [responses.values[index] for index in good])
            if self._rounds is not None:
                self._rounds.done += len(part.positions)
        runtime.write_usage(every=1.0)

    def _weights(self, call: Call) -> str:
        provider = provider_of(call.model)
        return provider.weights(call.model) if isinstance(provider, LocalProvider) else ""


class PlanTask:
    """A plan running in a thread, and what its node is told of it."""

    def __init__(self, plan: Plan, owner: str, executor: NodeExecutor, interrupt: Callable[[], None]) -> None:
        self.plan = plan
        self.owner = owner
        self._executor = executor
        self._interrupt = interrupt
        self._progress = PlanStatus("running")
        self._finished = threading.Event()
        self._asked_at = time.monotonic()

    def start(self) -> None:
        threading.Thread(target=self._run, name=f"dbt_ai plan {self.plan.node}", daemon=True).start()
        threading.Thread(target=self._watch, name=f"dbt_ai watch {self.plan.node}", daemon=True).start()

    def wait(self, seconds: float) -> PlanStatus:
        self._asked_at = time.monotonic()
        self._finished.wait(seconds)
        self._asked_at = time.monotonic()
        return self._progress

    def _run(self) -> None:
        try:
            with self._executor.asking():
                self.plan.run()
            if self._executor.estimates:
                raise Estimated(Estimate())
            self._progress = PlanStatus("done", self._executor.told())
        except Estimated as ended:
            self._progress = PlanStatus("estimated", str(ended), ended.expected)
        except PassFailed as error:
            self._progress = PlanStatus("estimated" if self._executor.estimates else "on demand", str(error))
        except DbtAiError as error:
            self._progress = PlanStatus("failed", str(error))
        except BaseException as error:
            self._progress = PlanStatus("failed", f"{self.plan.node}: planning broke: {type(error).__name__}: {error}")
            raise
        finally:
            self._finished.set()

    def _watch(self) -> None:
        while not self._finished.wait(1.0):
            self._executor.tell_progress()
            if time.monotonic() - self._asked_at > ABANDONED_AFTER:
                self.plan.cancelled.set()
                self._interrupt()
                return
