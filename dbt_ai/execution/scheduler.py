"""Sends jobs to where they are answered and hands every batch back as it arrives."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Protocol

from dbt_ai.request import Answered, Job

Deliver = Callable[[Answered], None]


class Scheduler(Protocol):
    def execute(self, jobs: Sequence[Job], deliver: Deliver, cancelled: threading.Event) -> None:
        """Execute every request of every job, then return.

        deliver: called once for every request, from any thread, as soon as its batch is answered; a request that
        could not be answered is delivered with its Failure.
        cancelled: when set, nothing new is sent and execute returns within a second.
        Raises BudgetExceeded when the invocation's budget is used up, ConfigurationError when nothing could be sent.
        """
        ...
