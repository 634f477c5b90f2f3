"""What jobs of batch APIs could not answer, from the moment their results are read until a node has heard of it."""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta, timezone

from dbt_ai.response import Failure
from dbt_ai.store.jobs import Job, JobLog

# Failures that no node has asked for in this time are forgotten: their rows are gone, or their prompt is another.
KEPT = timedelta(days=30)
# In the place of what a provider said, which may quote a row.
REDACTED = Failure("failed in a job", "it failed in a job; what the provider said of it is not kept, because redact_rows is set")


class JobFailures:
    """Keeps failures in the log, in the place of their job. Thread-safe. redact_rows: see the setting of this name.

    Whoever reads the results of a job may not be the node that asked: `dbt-ai batches wait`, or a node that shares some of the rows. The
    node hears of its failures when it runs next, and asks nothing for them; the run after that asks again, as after any failure.
    """

    def __init__(self, log: JobLog, redact_rows: bool = False) -> None:
        self._log = log
        self._redact_rows = redact_rows
        self._lock = threading.Lock()

    def shown(self, failure: Failure) -> Failure:
        """The failure as it may be kept and printed where the text of its row is not known."""
        return REDACTED if self._redact_rows else failure

    def keep(self, job: Job, failures: Mapping[bytes, Failure]) -> None:
        """The answers of a job are stored: remember in its place what failed, unless another thread has done so."""
        with self._lock:
            for other in self._log.open_jobs():
                if other.name == job.name and not other.has_ended:
                    self._replace(job.failed({key: self.shown(failure) for key, failure in failures.items()}))
                elif other.has_ended and datetime.now(timezone.utc) - other.created_at > KEPT:
                    self._log.forget_job(other.name)

    def heard(self, digest: str, keys: Collection[bytes]) -> None:
        """A node that asked for these keys of a call has ended, and said why some failed."""
        told = set(keys)
        with self._lock:
            for job in self._log.open_jobs():
                if job.has_ended and job.call.digest == digest and not told.isdisjoint(job.keys):
                    self._replace(job.without(told))

    def _replace(self, job: Job) -> None:
        if job.keys:
            self._log.save_job(job)
        else:
            self._log.forget_job(job.name)
