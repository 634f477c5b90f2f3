"""The scheduler: every node's requests, each sent once, through one queue for each endpoint."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import AbstractContextManager

import httpx

from dbt_ai.execution.claims import Claims
from dbt_ai.execution.endpoint import Endpoint, Exchange
from dbt_ai.execution.endpoint_memory import EndpointMemory
from dbt_ai.execution.job_failures import JobFailures
from dbt_ai.execution.job_router import JobRouters
from dbt_ai.execution.job_sender import JobSender
from dbt_ai.execution.loop import Loop
from dbt_ai.execution.node_execution import Deliver, NodeExecution
from dbt_ai.execution.node_jobs import JobContext
from dbt_ai.execution.quotas import Quotas
from dbt_ai.execution.sender import Sender
from dbt_ai.execution.transport import KeepAliveTransport
from dbt_ai.execution.turns import Turns
from dbt_ai.external_model import ExternalModel
from dbt_ai.ledger import Ledger
from dbt_ai.providers import provider_of
from dbt_ai.providers.base import EndpointProvider
from dbt_ai.request import Requests
from dbt_ai.security.credentials import Credentials
from dbt_ai.store.answer_store import AnswerStore
from dbt_ai.store.jobs import JobLog


class Scheduler:
    """Thread-safe: each node executes from a thread of its own. What it learns of an endpoint lasts as long as it does.

    store: looked into again for what another node stored since a node looked; keeps the answers to parts of aggregates.
    jobs: remembers what was handed to batch APIs; without it nothing is. redact_rows: it keeps no text that may quote a row.
    node_seconds: the longest that the requests of one node may take.
    memory: what endpoints bore in earlier runs; without it each run finds it out.
    """

    def __init__(
        self,
        credentials: Credentials,
        ledger: Ledger,
        store: AnswerStore,
        *,
        jobs: JobLog | None = None,
        redact_rows: bool = False,
        quotas: Quotas | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        node_seconds: float | None = None,
        memory: EndpointMemory | None = None,
    ) -> None:
        self.ledger = ledger
        self._credentials = credentials
        self._store = store
        self._node_seconds = node_seconds
        self._transport = transport or KeepAliveTransport()
        self._loop = Loop()
        quotas = quotas or Quotas()
        sender = Sender(credentials, self._transport, quotas=quotas)
        self._endpoints = Endpoints(Turns(sender, store).take, self._loop, quotas, memory)
        self._jobs = JobRouters(
            JobContext(jobs, store, JobSender(credentials), sender.judge, ledger.prices, JobFailures(jobs, redact_rows))
            if jobs is not None
            else None
        )
        self._claims: Claims[NodeExecution] = Claims()
        self._interrupted = threading.Event()

    def execute(self, work: Sequence[Requests], deliver: Deliver, cancelled: threading.Event, node: str = "") -> None:
        """Execute every request for a node, then return.

        deliver: called from this thread with everything that came back since it was last called; every request is delivered once,
        also one that has no answer, with its Failure.
        cancelled: when set, nothing new is sent, and execute returns once what is in flight is back: after two seconds at most.
        Raises BudgetExceeded when the invocation's budget is used up, ConfigurationError when nothing could be sent, and
        PlanError after `interrupt`.
        """
        for requests in work:
            model = requests.call.model
            if isinstance(provider_of(model), EndpointProvider):
                self._credentials.headers_for(model, model.location)
        NodeExecution(
            node,
            deliver,
            cancelled,
            interrupted=self._interrupted,
            claims=self._claims,
            store=self._store,
            endpoint_of=self._endpoints.of,
            jobs_of=self._jobs.of,
            ledger=self.ledger,
            seconds=self._node_seconds,
        ).run(work)

    def not_handed_over(self, requests: Requests) -> Requests:
        """The requests without those that are in a job of a batch API already, from an earlier run."""
        return self._jobs.in_none(requests)

    def asking(self) -> AbstractContextManager[None]:
        """Around a look into the store and the execution of what it did not have: nobody then asks what another one stored in between."""
        return self._claims.asking()

    def forget_failures(self) -> None:
        """What failed may be asked again: a new invocation begins."""
        self._claims.forget_failures()

    def interrupt(self) -> None:
        """Nothing more is sent until `resume`, for any node. Those that execute end as one does that is cancelled."""
        self._interrupted.set()

    def resume(self) -> None:
        """Requests may be sent again, after `interrupt`."""
        self._interrupted.clear()

    def next_try(self) -> float:
        """Seconds until a request leaves, while all are refused as busy; else 0."""
        return self._endpoints.next_try()

    def close(self) -> None:
        """End what is under way, and the thread. Who asks afterwards begins anew."""
        self._jobs.close()
        self._endpoints.close()
        self._loop.close(self._transport.aclose)


class Endpoints:
    """The endpoints that are asked, each with one queue for all nodes. Thread-safe; lasts as long as what is learnt of them."""

    def __init__(self, exchange: Exchange, loop: Loop, quotas: Quotas, memory: EndpointMemory | None = None) -> None:
        self._exchange = exchange
        self._loop = loop
        self._quotas = quotas
        self._memory = memory
        self._made: dict[tuple[str, str, str | None], Endpoint] = {}
        self._lock = threading.Lock()

    def of(self, model: ExternalModel) -> Endpoint:
        """The endpoint of this model, always the same object."""
        key = (model.location, model.model, model.credential)
        with self._lock:
            if key not in self._made:
                remembered = self._memory.recall(key) if self._memory else None
                self._made[key] = Endpoint(self._exchange, self._loop, self._quotas.of(model), remembered)
            return self._made[key]

    def in_flight(self) -> int:
        """Requests that are out now, of all endpoints."""
        return sum(endpoint.in_flight for endpoint in list(self._made.values()))

    def next_try(self) -> float:
        """Seconds until a request leaves, while every endpoint that is asked refuses all of them as busy; else 0."""
        return (
            0.0 if self.in_flight() else min((wait for endpoint in list(self._made.values()) if (wait := endpoint.next_try())), default=0.0)
        )

    def close(self) -> None:
        """End what is under way. Who asks afterwards begins anew."""
        with self._lock:
            made, self._made = self._made, {}
        if self._memory:
            self._memory.keep({key: found for key, endpoint in made.items() if (found := endpoint.found())})
        for endpoint in made.values():
            endpoint.close()
