"""Jobs as rows of a warehouse, read back by another process. The warehouse is DuckDB."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import duckdb
import pytest

from dbt_ai.call import Call
from dbt_ai.engines.warehouse import jobs as warehouse_jobs
from dbt_ai.engines.warehouse.connection import WarehouseConnection
from dbt_ai.engines.warehouse.dialect import dialect_of
from dbt_ai.engines.warehouse.jobs import WarehouseJobs
from dbt_ai.engines.warehouse.tables import WarehouseTables
from dbt_ai.errors import PlanError
from dbt_ai.external_model import ExternalModel
from dbt_ai.response import Failure
from dbt_ai.store.jobs import Job

MODEL = ExternalModel("llm", "https://api.openai.com/v1/chat/completions", "OpenAI", "CHAT", "m", execution="batch")


class Statements(WarehouseConnection):
    """A connection that runs what it is given."""

    def __init__(self, database: duckdb.DuckDBPyConnection) -> None:
        self.database = database

    @contextmanager
    def opened(self, name: str) -> Iterator[None]:
        yield

    @contextmanager
    def transaction(self) -> Iterator[None]:
        yield

    def execute(self, sql: str) -> None:
        self.database.cursor().execute(sql)

    def rows(self, sql: str) -> list[Sequence[Any]]:
        return list(self.database.cursor().execute(sql).fetchall())


class Tables(WarehouseTables):
    def name(self, table: str) -> str:
        return table


@pytest.fixture
def tables() -> Iterator[Tables]:
    database = duckdb.connect()
    database.execute("create table jobs (name varchar not null, part bigint not null, document varchar not null)")
    connection: Any = Statements(database)
    yield Tables(connection, dialect_of("duckdb"), "dbt_ai")
    database.close()


def job(name: str, count: int = 3) -> Job:
    call = Call("ai_query", MODEL, {"max_tokens": 8})
    return Job(
        name, call, call.keys([f"it's text {number} of {name}" for number in range(count)]), [1] * count, "model.p.n", reserved_usd=0.5
    )


def test_another_process_reads_a_job_as_it_was_last_saved(tables: Tables) -> None:
    mine, other = WarehouseJobs(tables), WarehouseJobs(tables)
    mine.save_job(job("a", count=5_000))
    mine.save_job(replace(mine.open_jobs()[0], upload="file-1", remote="batch-1", guessed=True))
    [found] = other.open_jobs()
    assert (found.name, found.upload, found.remote, found.guessed, found.node, found.reserved_usd) == (
        "a", "file-1", "batch-1", True, "model.p.n", 0.5
    )  # fmt: skip
    assert list(found.keys) == list(job("a", count=5_000).keys) and list(found.sizes) == [1] * 5_000
    assert found.call.digest == job("a").call.digest and found.created_at == mine.open_jobs()[0].created_at
    assert max(len(row[2]) for row in tables.read("jobs")) <= 30_000


def test_another_process_reads_what_failed_in_a_job_as_it_was_kept_and_what_is_left_to_tell(tables: Tables) -> None:
    mine, whole = WarehouseJobs(tables), job("a", count=5_000)
    mine.save_job(replace(whole, remote="batch-1"))
    failed = replace(whole, remote="batch-1").failed({key: Failure("refused", f"it's {key.hex()}") for key in whole.keys[:500]})
    mine.save_job(failed)
    [found] = WarehouseJobs(tables).open_jobs()
    assert found.has_ended and (found.remote, found.keys, found.failures) == ("batch-1", failed.keys, failed.failures)
    assert max(len(row[2]) for row in tables.read("jobs")) <= 30_000
    mine.save_job(found.without(found.keys[1:]))
    assert [left.keys for left in WarehouseJobs(tables).open_jobs()] == [found.keys[:1]]


def test_a_job_whose_answers_are_kept_is_gone_for_all(tables: Tables) -> None:
    mine = WarehouseJobs(tables)
    mine.save_job(job("a"))
    mine.save_job(job("b"))
    mine.forget_job("a")
    assert [found.name for found in mine.open_jobs()] == ["b"]
    assert [found.name for found in WarehouseJobs(tables).open_jobs()] == ["b"]


def test_of_two_runs_that_hand_over_the_same_at_once_one_leaves_it_alone(tables: Tables) -> None:
    mine, other = WarehouseJobs(tables), WarehouseJobs(tables)
    assert mine.open_jobs() == other.open_jobs() == []  # both have looked
    mine.save_job(job("mine", count=3))
    with pytest.raises(PlanError, match="model.p.n: another run hands over some of the same 5 requests at this moment; run it again"):
        other.save_job(replace(job("mine", count=5), name="other"))
    assert [found.name for found in WarehouseJobs(tables).open_jobs()] == ["mine"]
    mine.save_job(replace(mine.open_jobs()[0], remote="batch-1"))
    mine.forget_job("mine")
    other.save_job(replace(job("mine", count=5), name="other"))


def test_a_process_that_was_killed_while_it_wrote_leaves_a_job_to_look_for_or_none(tables: Tables) -> None:
    WarehouseJobs(tables).save_job(replace(job("a", count=5_000), remote="batch-1"))
    tables.connection.execute("delete from jobs where part = 0")
    [found] = WarehouseJobs(tables).open_jobs()
    assert (found.name, found.remote) == ("a", "")
    tables.connection.execute("delete from jobs where part = 2")
    assert WarehouseJobs(tables).open_jobs() == []


def test_two_runs_that_see_each_other_try_again_and_one_of_them_is_first(tables: Tables, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both have written before either looks: both take their rows back, and come again after pauses that differ."""
    monkeypatch.setattr(warehouse_jobs.time, "sleep", lambda seconds: threading.current_thread() is runs[1] and runs[0].join(60))
    together, looks = threading.Barrier(2), WarehouseJobs._others
    first: set[int] = set()

    def others(self: WarehouseJobs, job: Job) -> bool:
        if id(self) not in first:
            first.add(id(self))
            together.wait(60)
            found = looks(self, job)
            together.wait(60)
            return found
        return looks(self, job)

    monkeypatch.setattr(WarehouseJobs, "_others", others)
    refused: list[PlanError] = []

    def hand_over(name: str) -> None:
        try:
            WarehouseJobs(tables).save_job(replace(job("same"), name=name))
        except PlanError as error:
            refused.append(error)

    runs = [threading.Thread(target=hand_over, args=(name,)) for name in ("one", "two")]
    for run in runs:
        run.start()
    for run in runs:
        run.join(60)
    assert len(WarehouseJobs(tables).open_jobs()) == 1 and len(refused) == 1


def test_other_nodes_look_for_their_jobs_while_one_waits_to_hand_over(tables: Tables, monkeypatch: pytest.MonkeyPatch) -> None:
    mine, other = WarehouseJobs(tables), WarehouseJobs(tables)
    mine.save_job(job("mine"))
    found: list[str] = []

    def pause(seconds: float) -> None:
        looking = threading.Thread(target=lambda: found.extend(job.name for job in other.open_jobs()), daemon=True)
        looking.start()
        looking.join(30)

    monkeypatch.setattr(warehouse_jobs.time, "sleep", pause)
    with pytest.raises(PlanError, match="another run hands over some of the same"):
        other.save_job(replace(job("mine"), name="other"))
    assert found == ["mine"]


def test_a_job_that_another_process_is_handing_over_is_left_to_it_for_half_an_hour(tables: Tables, monkeypatch: pytest.MonkeyPatch) -> None:
    mine, other = WarehouseJobs(tables), WarehouseJobs(tables)
    mine.save_job(job("a"))
    [seen] = other.open_jobs()
    assert other.is_being_submitted(seen) and not mine.is_being_submitted(seen)
    assert not other.is_being_submitted(replace(seen, remote="batch-1"))
    now = warehouse_jobs._now()
    monkeypatch.setattr(warehouse_jobs, "_now", lambda: now + timedelta(minutes=29))
    assert other.is_being_submitted(seen)
    monkeypatch.setattr(warehouse_jobs, "_now", lambda: now + timedelta(minutes=31))
    assert not other.is_being_submitted(seen)


def test_a_run_whose_upload_took_so_long_that_another_may_have_begun_does_not_submit(
    tables: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = WarehouseJobs(tables)
    mine.save_job(job("a"))
    monkeypatch.setattr(warehouse_jobs, "_LONGEST_UPLOAD", 0.0)
    with pytest.raises(PlanError, match="model.p.n: uploading a took longer than 0 minutes; run it again later"):
        mine.save_job(replace(job("a"), upload="file-1"))
