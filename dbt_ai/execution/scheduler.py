"""Sends jobs to where they are answered and hands every batch back as it arrives."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Protocol

from dbt_ai.request import Answered, Job

Deliver = Callable[[Sequence[Answered]], None]


class Scheduler(Protocol):
    def execute(self, jobs: Sequence[Job], deliver: Deliver, cancelled: threading.Event, node: str = "") -> None:
        """Execute every request of every job for a node, then return.

        deliver: called from this thread with everything that was answered since it was last called; every request is
        delivered once, also one that could not be answered, with its Failure.
        cancelled: when set, nothing new is sent and execute returns within a second.
        Raises BudgetExceeded when the invocation's budget is used up, ConfigurationError when nothing could be sent.
        """
        ...

    def close(self) -> None:
        """End what waits for work."""
        ...
