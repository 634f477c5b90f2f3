"""What every place implements that keeps answers for good: a DuckDB database, or tables of a warehouse."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from dbt_ai.budget import Used
from dbt_ai.ledger import Usage
from dbt_ai.store.answer_store import AnswerStore
from dbt_ai.store.jobs import JobLog


class Store(AnswerStore, JobLog, Protocol):
    """Thread-safe. Answers are written as they arrive and found again by the content of their request."""

    def write_usage(self, invocation: str, usages: Sequence[Usage]) -> None:
        """Replace what the table `usage` says of this invocation."""

    def used_since(self, since: datetime, but: str) -> list[Used]:
        """What the table `usage` says of this time, but for the invocation of this name. Raises StoreError."""
