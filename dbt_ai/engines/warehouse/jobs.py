"""Jobs that were handed to batch APIs, as rows of the warehouse: whatever machine runs the project next takes them up."""

from __future__ import annotations

import base64
import json
import random
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from functools import partial
from typing import Any

import pyarrow as pa

from dbt_ai.counted import counted
from dbt_ai.engines.warehouse.columns import JOBS
from dbt_ai.engines.warehouse.tables import WarehouseTables
from dbt_ai.errors import PlanError
from dbt_ai.keys import KEY_LENGTH
from dbt_ai.ledger import Usage
from dbt_ai.request import Requests
from dbt_ai.response import Delivery
from dbt_ai.store import answer_rows, usage
from dbt_ai.store.answer_store import StoredAnswers
from dbt_ai.store.jobs import Job, call_of, call_text, failures_of, failures_text
from dbt_ai.store.schema import Kind, arrow_schema

# Characters of a row: Redshift's longest text has 65,535 bytes.
_PIECE = 30_000
# Seconds after which the rows are read again, for what other machines have submitted.
_READ_AGAIN = 30.0
# How often, and after how many seconds at most, runs that hand over the same at once try to be the first.
_CLAIMS = 5
_LONGEST_PAUSE = 2.0
# A job that was written and has no id of the provider's is being handed over, or its process was killed meanwhile. Nobody takes it up
# before so much time has passed; whoever uploads for longer does not submit. What is between the two is for the submission.
_HANDED_OVER = timedelta(minutes=30)
_LONGEST_UPLOAD = 15 * 60.0


class WarehouseJobs:
    """A JobLog. Thread-safe.

    A job is a text in pieces, the parts from 1 on, and what is learnt of it later, part 0. A process that is killed while it writes part 0
    again leaves a job whose submission is looked for.
    """

    def __init__(self, tables: WarehouseTables) -> None:
        self._tables = tables
        self._jobs: dict[str, Job] = {}
        # When this process wrote its own jobs, by its clock; and when others wrote theirs.
        self._mine: dict[str, float] = {}
        self._theirs: dict[str, datetime] = {}
        self._read_at = -_READ_AGAIN
        self._lock = threading.Lock()

    def save_job(self, job: Job) -> None:
        learnt = {"upload": job.upload, "remote": job.remote, "guessed": job.guessed, "saved_at": _now().isoformat()}
        rows = [(job.name, 0, json.dumps(learnt))]
        with self._lock:
            if job.has_ended:
                self._keep(job, rows + _pieces(job))
                return
            if job.name in self._jobs:
                self._require_in_time(job)
                self._keep(job, rows)
                return
        self._claim(job, rows + _pieces(job))

    def forget_job(self, name: str) -> None:
        with self._lock:
            self._take_back(name)

    def open_jobs(self) -> list[Job]:
        with self._lock:
            if time.monotonic() >= self._read_at + _READ_AGAIN:
                read = list(_jobs(self._tables.connection.aside(self._rows)))
                self._jobs = {job.name: job for job, _ in read}
                self._theirs = {job.name: saved_at for job, saved_at in read}
                self._read_at = time.monotonic()
            return sorted(self._jobs.values(), key=lambda job: job.created_at)

    def is_being_submitted(self, job: Job) -> bool:
        with self._lock:
            if job.remote or job.name in self._mine:
                return False
            return _now() - self._theirs.get(job.name, job.created_at) < _HANDED_OVER

    def _claim(self, job: Job, rows: Sequence[tuple[str, int, str]]) -> None:
        """Write a job that no other run is handing over.

        It is written first, and then others are looked for, so that of two runs at once at least one sees the other. A run that sees
        another takes its rows back, and tries again after a random pause, in which nothing else waits.

        Raises PlanError where another run was first.
        """
        for attempt in range(_CLAIMS):
            with self._lock:
                if attempt and self._others(job):
                    break
                self._keep(job, rows)
                if not self._others(job):
                    return
                self._take_back(job.name)
            time.sleep(random.uniform(0, _LONGEST_PAUSE))
        raise PlanError(
            f"{job.node}: another run hands over some of the same {counted(len(job.keys), 'request')} at this moment;"
            " run it again, which waits for its job"
        )

    def _keep(self, job: Job, rows: Sequence[tuple[str, int, str]]) -> None:
        self._tables.connection.aside(partial(self._write, job.name, rows))
        self._mine[job.name] = time.monotonic()
        self._jobs[job.name] = job

    def _take_back(self, name: str) -> None:
        self._tables.connection.aside(partial(self._write, name, []))
        self._mine.pop(name, None)
        self._jobs.pop(name, None)

    def _others(self, job: Job) -> bool:
        """Whether the warehouse has another job with some of the same requests."""
        keys = set(job.keys)
        return any(
            other.name != job.name and not keys.isdisjoint(other.keys) for other, _ in _jobs(self._tables.connection.aside(self._rows))
        )

    def _require_in_time(self, job: Job) -> None:
        """Raises PlanError where another run may have taken the job up because nothing was heard of this one."""
        written = self._mine.get(job.name)
        if not job.remote and written is not None and time.monotonic() - written > _LONGEST_UPLOAD:
            raise PlanError(f"{job.node}: uploading {job.name} took longer than {_LONGEST_UPLOAD / 60:.0f} minutes; run it again later")

    def _write(self, name: str, rows: Sequence[tuple[str, int, str]]) -> None:
        """Replace part 0 of a job, or all parts where there are others; no rows: delete it."""
        dialect = self._tables.dialect
        own = f"{dialect.column('name')} = {dialect.literal(name, Kind.TEXT)}"
        if len(rows) == 1:
            own += f" and {dialect.column('part')} = 0"
        written = pa.table([list(column) for column in zip(*rows, strict=True)], arrow_schema(JOBS)) if rows else None
        with self._tables.connection.opened("dbt_ai jobs"):
            self._tables.replace("jobs", own, written)

    def _rows(self) -> list[Sequence[Any]]:
        with self._tables.connection.opened("dbt_ai jobs"):
            return self._tables.read("jobs")


class DirectAnswers:
    """An AnswerStore that writes into the warehouse at once, for what runs outside of dbt."""

    def __init__(self, tables: WarehouseTables) -> None:
        self._tables = tables

    def check(self) -> None:
        self._tables.prepare()

    def lookup(self, requests: Requests) -> Iterator[StoredAnswers]:
        return iter(())

    def put(self, deliveries: Sequence[Delivery], node: str | None) -> None:
        rows = answer_rows.rows(deliveries, node)
        if rows is not None:
            self._tables.insert_answers(answer_rows.first_of_each_key(rows))

    def write_usage(self, invocation: str, usages: Sequence[Usage]) -> None:
        """Replace what the table `usage` says of this invocation."""
        if usages:
            self._tables.write_usage(invocation, usage.rows(invocation, usages))


def _pieces(job: Job) -> list[tuple[str, int, str]]:
    """The rows of what is known of a job before it is submitted, or after its results were read."""
    text = _text(job)
    return [(job.name, 1 + start // _PIECE, text[start : start + _PIECE]) for start in range(0, len(text), _PIECE)]


def _text(job: Job) -> str:
    keys = base64.b64encode(b"".join(job.keys)).decode()
    about = {"node": job.node, "reserved_usd": job.reserved_usd, "created_at": job.created_at.isoformat()}
    failures = failures_text(job.failures)
    return json.dumps({**about, "call": call_text(job.call), "keys": keys, "sizes": list(job.sizes), "failures": failures})


def _now() -> datetime:
    return datetime.now(timezone.utc)


def _jobs(rows: Sequence[Sequence[Any]]) -> Iterator[tuple[Job, datetime]]:
    """Jobs, and when they were last saved."""
    parts: dict[str, dict[int, str]] = {}
    for name, part, document in rows:
        parts.setdefault(name, {})[int(part)] = document
    for name, texts in parts.items():
        learnt = json.loads(texts.pop(0, "{}"))
        try:
            whole = json.loads("".join(texts[part] for part in sorted(texts)))
            packed = base64.b64decode(whole["keys"])
        except ValueError:
            continue  # its process was killed before all of it was written, so before it was submitted
        keys = [packed[start : start + KEY_LENGTH] for start in range(0, len(packed), KEY_LENGTH)]
        if len(keys) != sum(whole["sizes"]):
            continue  # the same, in the midst of the keys
        made, reserved = datetime.fromisoformat(whole["created_at"]), whole["reserved_usd"]
        saved_at = datetime.fromisoformat(learnt.pop("saved_at", whole["created_at"]))
        job = Job(name, call_of(whole["call"]), keys, whole["sizes"], whole["node"], reserved_usd=reserved, created_at=made, **learnt)
        yield replace(job, failures=failures_of(whole.get("failures"))), saved_at
