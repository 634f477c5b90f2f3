"""A store that keeps jobs in memory, and nothing else."""

from __future__ import annotations

from dbt_ai.store.jobs import Job
from dbt_ai.store.no_store import NoStore


class Remembered(NoStore):
    """A log in memory."""

    def __init__(self, *jobs: Job) -> None:
        self.jobs = {job.name: job for job in jobs}

    def save_job(self, job: Job) -> None:
        self.jobs[job.name] = job

    def forget_job(self, name: str) -> None:
        self.jobs.pop(name, None)

    def open_jobs(self) -> list[Job]:
        return list(self.jobs.values())
