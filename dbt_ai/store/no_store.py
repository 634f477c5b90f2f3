"""Where nothing is kept, as on the executors of Spark."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from dbt_ai.budget import Used
from dbt_ai.errors import StoreError
from dbt_ai.ledger import Usage
from dbt_ai.request import Requests
from dbt_ai.response import Delivery
from dbt_ai.store.answer_store import StoredAnswers
from dbt_ai.store.jobs import Job


class NoStore:
    """Keeps nothing: what is asked twice is paid twice."""

    def check(self) -> None: ...

    def lookup(self, requests: Requests) -> Iterator[StoredAnswers]:
        return iter(())

    def put(self, deliveries: Sequence[Delivery], node: str | None) -> None: ...

    def write_usage(self, invocation: str, usages: Sequence[Usage]) -> None: ...

    def used_since(self, since: datetime, but: str) -> list[Used]:
        return []

    def save_job(self, job: Job) -> None:
        """Raises StoreError: a job that is not remembered would be paid for nothing."""
        raise StoreError("execution 'batch' needs a place that remembers its jobs, and there is none here; use execution='live'")

    def forget_job(self, name: str) -> None: ...

    def open_jobs(self) -> list[Job]:
        return []

    def is_being_submitted(self, job: Job) -> bool:
        return False
