"""Jobs that were handed to batch APIs, as rows of the warehouse: whatever machine runs the project next takes them up."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Any

import pyarrow as pa

from dbt_ai.engines.warehouse.columns import JOBS
from dbt_ai.engines.warehouse.connection import aside
from dbt_ai.engines.warehouse.tables import WarehouseTables
from dbt_ai.errors import PlanError
from dbt_ai.request import Delivery, Requests
from dbt_ai.store import answer_rows
from dbt_ai.store.answer_store import StoredAnswers
from dbt_ai.store.jobs import KEY_LENGTH, Job, call_of, call_text
from dbt_ai.store.schema import Kind, arrow_schema

# Characters of a row: Redshift's longest text has 65,535 bytes.
_PIECE = 30_000
# Seconds after which the rows are read again, for what other machines have submitted.
_READ_AGAIN = 30.0


class WarehouseJobs:
    """A JobLog. Thread-safe.

    A job is a text in pieces, the parts from 1 on, and what is learnt of it later, part 0. A process that is killed while it writes part 0
    again leaves a job whose submission is looked for.
    """

    def __init__(self, tables: WarehouseTables) -> None:
        self._tables = tables
        self._jobs: dict[str, Job] = {}
        self._read_at = -_READ_AGAIN
        self._lock = threading.Lock()

    def save_job(self, job: Job) -> None:
        with self._lock:
            rows = [(job.name, 0, json.dumps({"upload": job.upload, "remote": job.remote, "guessed": job.guessed}))]
            is_new = job.name not in self._jobs
            if is_new:
                text = _text(job)
                rows += [(job.name, 1 + start // _PIECE, text[start : start + _PIECE]) for start in range(0, len(text), _PIECE)]
            aside(partial(self._write, job.name, rows))
            if is_new:
                self._require_alone(job)
            self._jobs[job.name] = job

    def forget_job(self, name: str) -> None:
        with self._lock:
            aside(partial(self._write, name, []))
            self._jobs.pop(name, None)

    def open_jobs(self) -> list[Job]:
        with self._lock:
            if time.monotonic() >= self._read_at + _READ_AGAIN:
                self._jobs = {job.name: job for job in _jobs(aside(self._rows))}
                self._read_at = time.monotonic()
            return sorted(self._jobs.values(), key=lambda job: job.created_at)

    def _require_alone(self, job: Job) -> None:
        """Written first, then looked for: of two runs that hand over the same at once, one at least sees the other, and leaves it alone."""
        keys = set(job.keys)
        others = [other for other in _jobs(aside(self._rows)) if other.name != job.name and not keys.isdisjoint(other.keys)]
        if others:
            aside(partial(self._write, job.name, []))
            raise PlanError(
                f"{job.node}: another run hands over some of the same {len(keys):,} requests at this moment; run it again, which waits for"
                " its job"
            )

    def _write(self, name: str, rows: Sequence[tuple[str, int, str]]) -> None:
        """Replace part 0 of a job, add the others; no rows: delete it."""
        dialect = self._tables.dialect
        own = f"{dialect.column('name')} = {dialect.literal(name, Kind.TEXT)}"
        if rows:
            own += f" and {dialect.column('part')} in ({', '.join(str(part) for _, part, _ in rows)})"
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


def _text(job: Job) -> str:
    """What is known of a job before it is submitted."""
    keys = base64.b64encode(b"".join(job.keys)).decode()
    about = {"node": job.node, "reserved_usd": job.reserved_usd, "created_at": job.created_at.isoformat()}
    return json.dumps({**about, "call": call_text(job.call), "keys": keys, "sizes": list(job.sizes)})


def _jobs(rows: Sequence[Sequence[Any]]) -> Iterator[Job]:
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
        yield Job(name, call_of(whole["call"]), keys, whole["sizes"], whole["node"], reserved_usd=reserved, created_at=made, **learnt)
