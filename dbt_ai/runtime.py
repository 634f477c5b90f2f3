"""What every engine shares: settings, credentials, the store, the scheduler, and the plans of the nodes that are running."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from dbt_ai.answers import Answers
from dbt_ai.credentials import Credentials
from dbt_ai.errors import DbtAiError
from dbt_ai.execution.engine import Engine
from dbt_ai.execution.quotas import Quotas
from dbt_ai.execution.scheduler import Scheduler
from dbt_ai.ledger import Budget, Ledger
from dbt_ai.plan import PassFailed, Passing, Plan
from dbt_ai.pricing import Prices
from dbt_ai.providers import provider_of
from dbt_ai.providers.base import LocalProvider
from dbt_ai.request import Answered, Call, Job
from dbt_ai.settings import Settings
from dbt_ai.store import Store

# A node asks how its plan is doing once a second. One that has not asked for this long was interrupted: nobody waits any more.
ABANDONED_AFTER = 5.0


@dataclass(frozen=True, slots=True)
class Progress:
    """What a node hears when it asks. state: running, done, on demand (its SQL cannot be planned), or failed."""

    state: str
    message: str = ""


class Runtime:
    def __init__(self, settings: Settings, store: Store, scheduler: Scheduler | None = None) -> None:
        self.settings = settings
        self.store = store
        self.credentials = Credentials.from_config(settings.credentials, settings.allowed_hosts)
        budget = Budget(settings.max_requests, settings.max_tokens, settings.max_cost_usd)
        self.ledger = Ledger(Prices.from_config(settings.prices), budget)
        self.scheduler = scheduler or Engine(
            self.credentials,
            self.ledger,
            quotas=Quotas.from_config(settings.endpoints),
            recall=lambda call, keys: ((found.positions, found.values) for found in store.lookup(call, keys)),
            node_seconds=settings.node_seconds,
        )
        self._plans: dict[str, PlanTask] = {}

    def close(self) -> None:
        self.scheduler.close()

    def plan_of(self, node: str) -> Plan | None:
        task = self._plans.get(node)
        return task.plan if task else None

    def start_plan(
        self, node: str, owner: str, run_pass: Callable[[Passing], int], interrupt: Callable[[], None], *, rows_guard: bool
    ) -> None:
        """Plan a node in a thread of its own, so that the caller stays free to be interrupted.

        owner: the dbt thread that runs the node; what it planned before is over and is forgotten.
        """
        for finished in [name for name, task in self._plans.items() if task.owner == owner]:
            del self._plans[finished]
        plan = Plan(node, run_pass, NodeExecutor(self, node), sample=self.settings.sample, rows_guard=rows_guard)
        self._plans[node] = PlanTask(plan, owner, interrupt)
        self._plans[node].start()

    def wait(self, node: str, seconds: float) -> Progress:
        return self._plans[node].wait(seconds)

    def answer_now(self, call: Call, inputs: Iterable[str], answers: Answers, node: str | None) -> None:
        """Add the answers to these distinct inputs, stored or executed, without a plan."""
        executor = NodeExecutor(self, node)
        job = executor.job(call, [text for text in inputs if not answers.knows(text)])
        if job.inputs:
            executor.recall([job], {call: answers})
            left = executor.job(call, [text for text in job.inputs if not answers.knows(text)])
            if left.inputs:
                executor.execute([left], {call: answers}, exact=False, cancelled=threading.Event())


class NodeExecutor:
    """Gets the answers that one node needs and keeps them: in the store for good, in memory for its last pass."""

    def __init__(self, runtime: Runtime, node: str | None) -> None:
        self._runtime = runtime
        self._node = node

    def job(self, call: Call, inputs: Iterable[str]) -> Job:
        inputs = list(inputs)
        return Job(call, inputs, call.keys(inputs, self._weights(call)))

    def recall(self, jobs: Sequence[Job], answers: Mapping[Call, Answers]) -> None:
        for job in jobs:
            meter = self._runtime.ledger.meter(self._node or "", job.call.model)
            for stored in self._runtime.store.lookup(job.call, job.keys):
                meter.found(len(stored.positions), stored.tokens)
                answers[job.call].add([job.inputs[position] for position in stored.positions], stored.values, {})

    def execute(self, jobs: Sequence[Job], answers: Mapping[Call, Answers], exact: bool, cancelled: threading.Event) -> None:
        def deliver(answered: Sequence[Answered]) -> None:
            fitting = [replace(part, answer=answers[part.job.call].fitting(part.answer)) for part in answered]
            self._runtime.store.put([part for part in fitting if not part.stored], self._node)
            for part in fitting:
                inputs = [part.job.inputs[position] for position in part.positions]
                answers[part.job.call].add(inputs, part.answer.values, part.answer.failures)

        self._runtime.scheduler.execute(jobs, deliver, cancelled, self._node or "")

    def _weights(self, call: Call) -> str:
        provider = provider_of(call.model)
        return provider.weights(call.model) if isinstance(provider, LocalProvider) else ""


class PlanTask:
    """A plan running in a thread, and what its node is told of it."""

    def __init__(self, plan: Plan, owner: str, interrupt: Callable[[], None]) -> None:
        self.plan = plan
        self.owner = owner
        self._interrupt = interrupt
        self._progress = Progress("running")
        self._finished = threading.Event()
        self._asked_at = time.monotonic()

    def start(self) -> None:
        threading.Thread(target=self._run, name=f"dbt_ai plan {self.plan.node}", daemon=True).start()
        threading.Thread(target=self._watch, name=f"dbt_ai watch {self.plan.node}", daemon=True).start()

    def wait(self, seconds: float) -> Progress:
        self._asked_at = time.monotonic()
        self._finished.wait(seconds)
        self._asked_at = time.monotonic()
        return self._progress

    def _run(self) -> None:
        try:
            self.plan.run()
            self._progress = Progress("done")
        except PassFailed as error:
            self._progress = Progress("on demand", str(error))
        except DbtAiError as error:
            self._progress = Progress("failed", str(error))
        except BaseException as error:
            self._progress = Progress("failed", f"{self.plan.node}: planning broke: {type(error).__name__}: {error}")
            raise
        finally:
            self._finished.set()

    def _watch(self) -> None:
        while not self._finished.wait(1.0):
            if time.monotonic() - self._asked_at > ABANDONED_AFTER:
                self.plan.cancelled.set()
                self._interrupt()
                return
