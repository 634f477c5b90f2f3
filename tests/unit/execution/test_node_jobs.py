"""The jobs of one node, beside what tests/functional/test_jobs.py runs against a server."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from remembered import Remembered
from test_batch_api import CHAT, submitted

from dbt_ai.execution.bundle import Bundle, Lane
from dbt_ai.execution.job_failures import JobFailures
from dbt_ai.execution.node_jobs import JobContext, NodeJobs
from dbt_ai.pricing import Prices
from dbt_ai.request import Requests
from dbt_ai.store.jobs import Job


class Postponed:
    """A BundleOwner that notes what is postponed."""

    message = ""

    def postpone(self, bundles: list[Bundle], message: str) -> None:
        self.message = message

    def __getattr__(self, name: str) -> Any:
        return lambda *arguments: None


def test_a_job_that_never_arrived_and_is_handed_over_again_is_named_where_the_node_does_not_wait() -> None:
    class StoppedMeanwhile(Remembered):
        looks = 0

        def is_being_submitted(self, job: Job) -> bool:
            self.looks += 1
            return self.looks == 1

    api, sender, _, job = submitted({"data": []}, {"data": []}, {"id": "file-2"}, {"id": "batch-2"})
    model = replace(CHAT, execution="batch", wait=0.0)
    call = replace(job.call, model=model)
    log = StoppedMeanwhile(replace(job, call=call))
    owner = Postponed()
    bundle = Bundle(Requests(call, ["a"], call.keys(["a"])), [0], tokens=1)
    context = JobContext(log, log, sender, api.judge, Prices(), JobFailures(log))
    NodeJobs(model, context, Lane(owner), lambda: True).run([bundle], [], log.open_jobs())
    assert "1 request to external model 'llm' is in 1 job: batch-2 (handed over)" in owner.message
