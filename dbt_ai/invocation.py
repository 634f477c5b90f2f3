"""What belongs to one invocation of dbt: its ledger, and the table `usage` that is written from it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from dbt_ai.budget import Used
from dbt_ai.errors import StoreError
from dbt_ai.ledger import Ledger, Usage


class UsageStore(Protocol):
    """Where the table `usage` is written."""

    def write_usage(self, invocation: str, usages: Sequence[Usage]) -> None:
        """Replace what the table `usage` says of this invocation."""

    def used_since(self, since: datetime, but: str) -> list[Used]:
        """What was used since then, in all invocations but one."""


class Invocation:
    """Thread-safe. dbt keeps the plugin between invocations, so everything here starts anew when the name changes.

    name: of the current invocation; what is given tells it. store: where usage is kept. keeps_usage: whether this invocation adds to it.
    began: called when another invocation has begun.
    problem: why the table is not up to date; empty if it is.
    """

    def __init__(self, name: Callable[[], str], ledger: Ledger, store: UsageStore, keeps_usage: bool, began: Callable[[], None]) -> None:
        self.ledger = ledger
        self._current = name
        self._store = store
        self._keeps_usage = keeps_usage
        self._began = began
        self.name = ""
        self.problem = ""
        self._written = 0.0
        self._counted = False
        self._said: set[str] = set()
        self._lock = threading.Lock()

    def enter(self) -> None:
        """Called whenever something is asked."""
        name = self._current()
        with self._lock:
            if name != self.name:
                self.name = name
                self.problem = ""
                self._counted = False
                self._said.clear()
                self.ledger.begin()
                self._began()

    def is_first(self, what: str) -> bool:
        """Whether this is asked for the first time in this invocation, for what is said once."""
        with self._lock:
            first = what not in self._said
            self._said.add(what)
            return first

    def count_earlier(self) -> None:
        """Let the budgets of days and months know what earlier invocations have used. Raises StoreError where that cannot be read."""
        with self._lock:
            since = self.ledger.budgets.since
            if since is not None and not self._counted:
                self.ledger.budgets.count(self._store.used_since(since, self.name))
                self._counted = True

    def write_usage(self, every: float = 0.0) -> None:
        """Bring the table `usage` up to date, unless that was done less than `every` seconds ago."""
        with self._lock:
            now = time.monotonic()
            if now - self._written < every:
                return
            self._written = now
            if not self._keeps_usage:
                return
            try:
                self._store.write_usage(self.name, self.ledger.usages())
                self.problem = ""
            except StoreError as error:  # told at the end of the run: a problem with this table must not cost an answer
                self.problem = f"The table `usage` is not up to date: {error}"
