"""What was paid for and could not be stored is held in memory, and written as soon as the store takes it again."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from datetime import datetime

from dbt_ai.budget import Used
from dbt_ai.errors import MEMORY_USED_UP, StoreError
from dbt_ai.ledger import Usage
from dbt_ai.request import Requests
from dbt_ai.response import Delivery
from dbt_ai.store.answer_store import StoredAnswers
from dbt_ai.store.jobs import Job
from dbt_ai.store.store import Store


class Holding:
    """A Store around another one, which loses nothing that the other could not write.

    While it holds anything `check` raises, so that nothing more is asked.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._held: list[tuple[Sequence[Delivery], str | None]] = []
        self._checked = False
        self._lock = threading.Lock()

    def check_again(self) -> None:
        """Another invocation begins: much may have happened to the store since."""
        self._checked = False

    def check(self) -> None:
        """Write what is held, and look at the store once an invocation. Raises StoreError if answers cannot be kept."""
        with self._lock:
            self._write_held()
            if not self._checked:
                self._store.check()
                self._checked = True

    def lookup(self, requests: Requests) -> Iterator[StoredAnswers]:
        return self._store.lookup(requests)

    def put(self, deliveries: Sequence[Delivery], node: str | None) -> None:
        """Raises StoreError, with the number of answers that are held, if these or earlier ones cannot be written."""
        if not self._held:
            try:
                return self._store.put(deliveries, node)
            except (StoreError, MemoryError):
                pass  # tried again below, with what other threads hold by now
        with self._lock:
            self._held.append((deliveries, node))
            self._write_held()

    def write_usage(self, invocation: str, usages: Sequence[Usage]) -> None:
        self._store.write_usage(invocation, usages)

    def used_since(self, since: datetime, but: str) -> list[Used]:
        return self._store.used_since(since, but)

    def save_job(self, job: Job) -> None:
        self._store.save_job(job)

    def forget_job(self, name: str) -> None:
        self._store.forget_job(name)

    def open_jobs(self) -> list[Job]:
        return self._store.open_jobs()

    def is_being_submitted(self, job: Job) -> bool:
        return self._store.is_being_submitted(job)

    def _write_held(self) -> None:
        try:
            while self._held:
                self._store.put(*self._held[0])
                del self._held[0]
        except (StoreError, MemoryError) as error:
            count = sum(_answers(delivery) for deliveries, _ in self._held for delivery in deliveries)
            told = str(error) or MEMORY_USED_UP
            raise StoreError(f"{count:,} answers that were paid for are not stored, and nothing more is asked: {told}") from error


def _answers(delivery: Delivery) -> int:
    return 0 if delivery.stored else len(delivery.positions) - len(delivery.responses.failures)
