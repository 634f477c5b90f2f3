"""Jobs that were handed to a batch API, as rows of the table `jobs`: written before a job is submitted, gone when its answers are kept and
its failures are told."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime, timezone
from itertools import groupby
from typing import TYPE_CHECKING, Any, Protocol

from dbt_ai.call import Call, Input
from dbt_ai.errors import StoreError
from dbt_ai.external_model import ExternalModel
from dbt_ai.keys import KEY_LENGTH
from dbt_ai.response import Failure
from dbt_ai.store.schema import JOBS, Tables

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True, slots=True)
class Job:
    """One job: what it asks, and how far it is.

    name: ours, told to the provider where that takes a name. sizes: how many keys each line has, in their order.
    upload, remote: the provider's ids of the file and of the job; empty until they are known.
    guessed: `remote` was found by size and time, so that it may be somebody else's job.
    reserved_usd: what it is expected to cost, where the price is known.
    failures: why the keys have no answer, one for each, once the results were read and no node has heard of it; then the keys are those
    that failed, and nothing of it is under way.

    >>> model = ExternalModel("m", "https://api.openai.com/v1/embeddings", "OpenAI", "EMBEDDINGS", "text-embedding-3-small")
    >>> call = Call("ai_embed", model)
    >>> job = Job("dbt_ai-1", call, call.keys(["one", "two", "three"]), sizes=[2, 1], node="model.shop.vectors")
    >>> [len(line) for line in job.lines()]
    [2, 1]
    >>> failed = job.failed({job.keys[1]: Failure("refused", "refused: content filter")})
    >>> failed.has_ended, len(failed.keys), failed.without(job.keys).keys
    (True, 1, [])
    """

    name: str
    call: Call
    keys: Sequence[bytes]
    sizes: Sequence[int]
    node: str
    upload: str = ""
    remote: str = ""
    guessed: bool = False
    reserved_usd: float | None = None
    created_at: datetime = field(default_factory=lambda: datetime.now(timezone.utc))
    failures: Sequence[Failure] = ()

    @property
    def has_ended(self) -> bool:
        """Whether its answers are stored, and only its failures are left to tell."""
        return bool(self.failures)

    def failed(self, failures: Mapping[bytes, Failure]) -> Job:
        """What is left of it once its answers are stored."""
        return replace(self, keys=list(failures), sizes=[1] * len(failures), failures=list(failures.values()), reserved_usd=None)

    def without(self, told: Collection[bytes]) -> Job:
        """What is left to tell of a job that has ended, after these keys."""
        return self.failed({key: failure for key, failure in zip(self.keys, self.failures, strict=True) if key not in told})

    def lines(self) -> Iterator[Sequence[bytes]]:
        """The keys of each line."""
        start = 0
        for size in self.sizes:
            yield self.keys[start : start + size]
            start += size


class JobLog(Protocol):
    """Where jobs are remembered. Thread-safe."""

    def save_job(self, job: Job) -> None:
        """Remember a job, or what is new of it. Raises StoreError."""

    def forget_job(self, name: str) -> None:
        """Its answers are kept and its failures told, or it never was submitted."""

    def open_jobs(self) -> list[Job]:
        """All that are remembered, oldest first."""

    def is_being_submitted(self, job: Job) -> bool:
        """Whether another process may be handing it over at this moment."""


def save(cursor: duckdb.DuckDBPyConnection, tables: Tables, job: Job) -> None:
    """Write a job, or what is new of it, in one transaction."""
    row = [
        job.name, call_text(job.call), b"".join(job.keys), json.dumps(list(job.sizes)), job.node, job.upload, job.remote,
        int(job.guessed), job.reserved_usd, job.created_at, failures_text(job.failures),
    ]  # fmt: skip
    cursor.execute("begin")
    cursor.execute(f"delete from {tables.jobs} where name = ?", [job.name])
    cursor.execute(f"insert into {tables.jobs} values ({', '.join('?' * len(JOBS))})", row)
    cursor.execute("commit")


def forget(cursor: duckdb.DuckDBPyConnection, tables: Tables, name: str) -> None:
    """Delete the row of a job."""
    cursor.execute(f"delete from {tables.jobs} where name = ?", [name])


def read(cursor: duckdb.DuckDBPyConnection, tables: Tables) -> list[Job]:
    """All jobs, oldest first."""
    rows = cursor.execute(f"select {', '.join(column.name for column in JOBS)} from {tables.jobs} order by created_at").fetchall()
    return [_job(*row) for row in rows]


def _job(
    name: str,
    call: str,
    keys: bytes,
    sizes: str,
    node: str,
    upload: str,
    remote: str,
    guessed: int,
    reserved: float | None,
    made: datetime,
    failures: str | None,
) -> Job:
    every = [keys[start : start + KEY_LENGTH] for start in range(0, len(keys), KEY_LENGTH)]
    failed = failures_of(failures)
    return Job(name, call_of(call), every, json.loads(sizes), node, upload, remote, bool(guessed), reserved, made, failed)


def call_text(call: Call) -> str:
    """A call as JSON, whole: `call_of` reads it back."""
    written: dict[str, Any] = {part.name: getattr(call, part.name) for part in fields(call) if part.init}
    return json.dumps({**written, "model": asdict(call.model), "input": call.input.value})


def call_of(text: str) -> Call:
    """The call that `call_text` wrote. Raises StoreError for what it did not write."""
    try:
        document = json.loads(text)
        return Call(**{**document, "model": ExternalModel(**document["model"]), "input": Input(document["input"])})
    except (ValueError, TypeError, KeyError) as error:
        raise StoreError(
            f"a job in the table jobs was written by another version of dbt_ai ({error}); let that version run"
            " `dbt-ai batches wait`, or delete the row"
        ) from None


def failures_text(failures: Sequence[Failure]) -> str | None:
    """Failures as JSON, in which each stands once with the number of keys in turn that it holds for. None if there is none.

    >>> failures_text([Failure("busy", "busy: 529"), Failure("busy", "busy: 529"), Failure("refused", "no")])
    '[["busy", "busy: 529", 2], ["refused", "no", 1]]'
    """
    runs = [(failure, len(list(same))) for failure, same in groupby(failures)]
    return json.dumps([[failure.cause, failure.message, count] for failure, count in runs]) if runs else None


def failures_of(text: str | None) -> list[Failure]:
    """The failures that `failures_text` wrote."""
    return [Failure(cause, message) for cause, message, count in json.loads(text or "[]") for _ in range(count)]
