"""The endpoints that are asked, each with one queue for all nodes."""

from __future__ import annotations

import threading

from dbt_ai.execution.endpoint import Endpoint, Exchange
from dbt_ai.execution.loop import Loop
from dbt_ai.execution.quotas import Quotas
from dbt_ai.external_model import ExternalModel


class Endpoints:
    """Thread-safe. What is learnt of an endpoint lasts as long as this object."""

    def __init__(self, exchange: Exchange, loop: Loop, quotas: Quotas) -> None:
        self._exchange = exchange
        self._loop = loop
        self._quotas = quotas
        self._made: dict[tuple[str, str, str | None], Endpoint] = {}
        self._lock = threading.Lock()

    def of(self, model: ExternalModel) -> Endpoint:
        """The endpoint of this model, always the same object."""
        key = (model.location, model.model, model.credential)
        with self._lock:
            if key not in self._made:
                self._made[key] = Endpoint(self._exchange, self._loop, self._quotas.of(model))
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
        for endpoint in made.values():
            endpoint.close()
