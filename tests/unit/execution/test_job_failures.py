"""What failed in jobs is remembered until a node has heard of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from remembered import Remembered

from dbt_ai.call import Call
from dbt_ai.execution.job_failures import KEPT, REDACTED, JobFailures
from dbt_ai.external_model import ExternalModel
from dbt_ai.response import Failure
from dbt_ai.store.jobs import Job

MODEL = ExternalModel("llm", "https://api.openai.com/v1/chat/completions", "OpenAI", "CHAT", "m", execution="batch")
CALL = Call("ai_query", MODEL)
REFUSED = Failure("refused", "refused: content filter")


def job(name: str = "job") -> Job:
    return Job(name, CALL, CALL.keys(["a", "b", "c"]), [3], "node", remote="batch_0", reserved_usd=1.0)


def test_a_job_without_failures_is_forgotten() -> None:
    log = Remembered(job())
    JobFailures(log).keep(job(), {})
    assert log.jobs == {}


def test_what_one_node_has_heard_is_still_told_to_the_other() -> None:
    log = Remembered(job())
    a, b, c = job().keys
    failures = JobFailures(log)
    failures.keep(job(), {a: REFUSED, c: Failure("busy", "busy: 529")})
    assert log.jobs["job"].has_ended and log.jobs["job"].reserved_usd is None
    failures.heard("another call", [a, c])
    failures.heard(CALL.digest, [a, b])
    assert (log.jobs["job"].keys, log.jobs["job"].failures) == ([c], [Failure("busy", "busy: 529")])
    failures.keep(job(), {a: REFUSED, c: REFUSED})  # another thread has read the results as well
    assert log.jobs["job"].keys == [c]
    failures.heard(CALL.digest, [c])
    assert log.jobs == {}


def test_what_nobody_asks_for_any_more_is_forgotten_after_a_month() -> None:
    old, young = (replace(job(name).failed({job().keys[0]: REFUSED}), created_at=job().created_at - age) for name, age in AGES.items())
    log = Remembered(old, young, job())
    JobFailures(log).keep(job(), {})
    assert list(log.jobs) == ["young"]


AGES = {"old": KEPT + timedelta(hours=1), "young": KEPT - timedelta(hours=1)}


@pytest.mark.parametrize("redact_rows", [True, False])
def test_what_a_provider_said_is_kept_unless_rows_are_redacted(redact_rows: bool) -> None:
    log = Remembered(job())
    JobFailures(log, redact_rows).keep(job(), {job().keys[0]: REFUSED})
    assert log.jobs["job"].failures == [REDACTED if redact_rows else REFUSED]
