"""What every place implements that keeps answers for good: a DuckDB database, or tables of a warehouse."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from dbt_ai.ledger import Usage
from dbt_ai.store.answer_store import AnswerStore
from dbt_ai.store.jobs import JobLog


class Store(AnswerStore, JobLog, Protocol):
    """Thread-safe. Answers are written as they arrive and found again by the content of their request."""

    def write_usage(self, invocation: str, usages: Sequence[Usage]) -> None:
        """Replace what the table `usage` says of this invocation."""
