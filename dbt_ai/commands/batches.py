"""`dbt-ai batches`: the jobs that earlier runs handed to batch APIs: where they stand, wait for them, end them."""

from __future__ import annotations

import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field

from dbt_ai.commands.store import StorePlace, find_store, table
from dbt_ai.counted import counted, most_frequent
from dbt_ai.dbt_project import DbtOptions, read_settings, read_target
from dbt_ai.errors import ConfigurationError, DbtAiError, StoreInUse
from dbt_ai.execution.batch_api import BatchApi, api_of
from dbt_ai.execution.job_failures import JobFailures
from dbt_ai.execution.job_results import JobResults, Line, NotOurs
from dbt_ai.execution.job_sender import JobSender, Lost
from dbt_ai.execution.node_jobs import FIRST_LOOK, LONGEST_LOOK
from dbt_ai.execution.sender import Sender
from dbt_ai.execution.transport import KeepAliveTransport
from dbt_ai.ledger import Ledger, Usage
from dbt_ai.pricing import CHEAPER, Prices
from dbt_ai.providers._jobs import JobState
from dbt_ai.response import Failure
from dbt_ai.security.credentials import Credentials
from dbt_ai.settings import Settings
from dbt_ai.store.answer_store import AnswerStore
from dbt_ai.store.duckdb_file import open_file
from dbt_ai.store.duckdb_store import DuckDBStore
from dbt_ai.store.jobs import Job, JobLog


@dataclass(frozen=True, slots=True)
class OpenJobs:
    """The jobs of one store, and whoever talks about them to the batch APIs.

    failures: keeps what they could not answer for the next run. ledger: counts what their answers took.
    write_usage: keeps that under the name of an invocation.
    """

    log: JobLog
    answers: AnswerStore
    failures: JobFailures
    credentials: Credentials
    ledger: Ledger
    write_usage: Callable[[str, Sequence[Usage]], None]
    invocation: str = field(default_factory=lambda: str(uuid.uuid4()))

    def open(self) -> list[Job]:
        """All jobs whose answers are not stored yet, oldest first."""
        return [job for job in self.log.open_jobs() if not job.has_ended]

    def api_of(self, job: Job) -> BatchApi:
        """Who has a job, as the external model was when it was handed over. Raises ConfigurationError as `batch_api.api_of` does."""
        return api_of(job.call.model, self.log, JobSender(self.credentials), Sender(self.credentials, KeepAliveTransport()).judge)


@contextmanager
def jobs_of(options: DbtOptions) -> Iterator[OpenJobs]:
    """The jobs of a project's target."""
    place = find_store(options)
    if isinstance(place, StorePlace):
        settings = Settings.from_config(read_target(options).plugin or {})
        if not place.path.is_file():
            raise ConfigurationError(f"database {str(place.path)!r} does not exist; run dbt once")
        with open_file(place.path, read_only=False) as connection:
            store = DuckDBStore(connection.cursor, place.tables)
            yield _open_jobs(store, store, settings, store.write_usage)
    else:
        from dbt_ai.engines.warehouse.jobs import DirectAnswers, WarehouseJobs
        from dbt_ai.engines.warehouse.transfer import tables_of

        with tables_of(options) as tables:
            tables.prepare()
            answers = DirectAnswers(tables)
            yield _open_jobs(WarehouseJobs(tables), answers, Settings.from_vars(read_settings(options)), answers.write_usage)


def _open_jobs(log: JobLog, answers: AnswerStore, settings: Settings, write_usage: Callable[[str, Sequence[Usage]], None]) -> OpenJobs:
    credentials = Credentials.from_config(settings.credentials, settings.allowed_hosts)
    ledger = Ledger(Prices.from_config(settings.prices), mode="live")
    return OpenJobs(log, answers, JobFailures(log, settings.redact_rows), credentials, ledger, write_usage)


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of requests whose jobs have ended.

    >>> str(Kept(59, 1) + Kept(40))
    '99 answers stored, 1 request failed'
    """

    answers: int = 0
    failed: int = 0

    def __add__(self, other: Kept) -> Kept:
        return Kept(self.answers + other.answers, self.failed + other.failed)

    def __str__(self) -> str:
        stored = f"{counted(self.answers, 'answer')} stored"
        return f"{stored}, {counted(self.failed, 'request')} failed" if self.failed else stored


def listed(jobs: OpenJobs) -> str:
    """A table of the open jobs; what the batch API says of each, or why it says nothing."""
    rows = [
        (job.remote or job.name, job.call.model.name, job.node, len(job.keys), str(job.created_at)[:19], _state(jobs, job))
        for job in jobs.log.open_jobs()
    ]
    return table(["job", "external model", "node", "requests", "since", "state"], rows) if rows else "no jobs are open"


def wait(
    opened: Callable[[], AbstractContextManager[OpenJobs]], say: Callable[[str], None], sleep: Callable[[float], None] = time.sleep
) -> Kept:
    """Wait until every job has ended, and store what was answered.

    opened: opens the store. It is closed between two looks: a job takes hours, and DuckDB lets no other process in.
    Raises ConfigurationError at the end if a job has a problem, which is said when it comes up: the others are waited for all the same.
    """
    waiting, pause = Waiting(say), FIRST_LOOK
    with opened() as jobs:
        are_left = waiting.look_at_all(jobs)
    while are_left:
        sleep(pause)
        pause = min(pause * 1.5, LONGEST_LOOK)
        try:
            with opened() as jobs:
                are_left = waiting.look_at_all(jobs)
        except StoreInUse:
            say("another process uses the database; the jobs are looked at again when it has ended")
    if waiting.problems:
        raise ConfigurationError(f"{waiting.kept}; the jobs that have a problem stay open")
    return waiting.kept


class Waiting:
    """One `dbt-ai batches wait`. say: hears how it goes. kept: what came of the jobs so far. problems: names of jobs that are given up."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self.kept = Kept()
        self.problems: set[str] = set()
        self._say = say
        self._said: dict[str, str] = {}
        self._results: dict[str, JobResults] = {}

    def look_at_all(self, jobs: OpenJobs) -> bool:
        """Store the answers of jobs that have ended. Returns whether others are under way."""
        for job in jobs.open():
            try:
                if job.name not in self.problems:
                    self.kept += self._look(jobs, job)
            except DbtAiError as error:
                self.problems.add(job.name)
                self._say(f"{job.remote or job.name}: {error}")
        return any(job.name not in self.problems for job in jobs.open())

    def _look(self, jobs: OpenJobs, job: Job) -> Kept:
        api = jobs.api_of(job)
        found = api.find(job)
        if found is None and api.may_arrive(job):
            self._say_once(job, f"{job.name}: another run is handing it over, or was stopped while it did")
            return Kept()
        if found is None:
            self._forget(jobs, job)
            return Kept()
        state = api.look(found)
        if not state.ended:
            self._say_once(job, f"{found.remote}: {state.shown}")
            return Kept()
        return self._keep(jobs, api, found, state)

    def _keep(self, jobs: OpenJobs, api: BatchApi, job: Job, state: JobState) -> Kept:
        meter, failures = jobs.ledger.meter(job.node, job.call.model), jobs.failures

        def count(lines: Sequence[Line]) -> None:
            for line in lines:
                failed = line.responses.failures.values()
                meter.tokens(line.outcome.tokens, CHEAPER)
                meter.settled(len(line.keys), len(failed), mine=True)
                meter.failed(failures.shown(failure).cause for failure in failed)

        results = self._results.setdefault(job.remote, JobResults(api, job))
        try:
            results.keep(state, jobs.answers, failures, count)
        except Lost as error:
            self._say(f"{job.remote}: the download broke, and what is left is read again: {error}")
            return Kept()
        except NotOurs as error:
            self._say(str(error))
            if api.find_another(job) is None:
                self._forget(jobs, job)
            return Kept()
        finally:
            jobs.write_usage(jobs.invocation, jobs.ledger.usages())
        kept = Kept(len(job.keys) - len(results.failures), len(results.failures))
        failed = _causes(map(failures.shown, results.failures.values()))
        self._say(f"{job.remote}: {kept}{f': {failed}' if failed else ''}")
        return kept

    def _forget(self, jobs: OpenJobs, job: Job) -> None:
        self._say(f"{job.name} never arrived, and is forgotten")
        jobs.log.forget_job(job.name)

    def _say_once(self, job: Job, line: str) -> None:
        """A job is looked at every minute of a day: what is said of it is said when it changes."""
        if self._said.get(job.name) != line:
            self._said[job.name] = line
            self._say(line)


def _causes(failures: Iterable[Failure]) -> str:
    """The most frequent causes with an example of each."""
    causes, examples = Counter[str](), dict[str, str]()
    for failure in failures:
        causes[failure.cause] += 1
        examples.setdefault(failure.cause, failure.message)
    return most_frequent(causes, examples)


def cancel(jobs: OpenJobs, named: Sequence[str], agreed: Callable[[int], bool], say: Callable[[str], None]) -> int:
    """End jobs early, all of them or those that are named; what they answered by then is stored by `wait` or the next run.

    say: hears why one is not cancelled. Returns how many are.
    """
    chosen = [job for job in jobs.log.open_jobs() if job.remote in named or job.name in named] if named else jobs.open()
    unknown = set(named) - {name for job in chosen for name in (job.remote, job.name)}
    if unknown:
        raise ConfigurationError(f"no open job is named {sorted(unknown)[0]!r}; see `dbt-ai batches list`")
    if not chosen or not agreed(len(chosen)):
        return 0
    return sum(_cancel(jobs, job, say) for job in chosen)


def _cancel(jobs: OpenJobs, job: Job, say: Callable[[str], None]) -> bool:
    who = job.remote or job.name
    if job.has_ended:
        say(f"{who} is not cancelled: it has ended, and its answers are stored")
        return False
    try:
        api = jobs.api_of(job)
        found = api.find(job)
        if found is None:
            say(f"{who} is not cancelled: the provider does not know it (yet)")
            return False
        state = api.look(found)
        if state.ended:
            say(f"{found.remote} is not cancelled: it has ended ({state.shown}); `dbt-ai batches wait` stores what it answered")
            return False
        api.cancel(found)
    except DbtAiError as error:
        say(f"{who}: {error}")
        return False
    return True


def _state(jobs: OpenJobs, job: Job) -> str:
    if job.has_ended:
        return f"has ended; the next run of the node says what failed: {_causes(job.failures)}"
    try:
        api = jobs.api_of(job)
        found = api.find(job)
        return "never arrived" if found is None else api.look(found).shown
    except DbtAiError as error:
        return str(error)
