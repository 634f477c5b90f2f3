"""`dbt-ai batches`: the jobs that earlier runs handed to batch APIs: where they stand, wait for them, end them."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from dbt_ai.commands.store import StorePlace, find_store, table
from dbt_ai.counted import counted
from dbt_ai.dbt_project import DbtOptions, read_settings, read_target
from dbt_ai.errors import ConfigurationError, DbtAiError
from dbt_ai.execution.batch_api import BatchApi, Line, NotOurs
from dbt_ai.execution.job_sender import JobSender
from dbt_ai.execution.node_jobs import FIRST_LOOK, LONGEST_LOOK
from dbt_ai.execution.sender import Sender
from dbt_ai.execution.transport import KeepAliveTransport
from dbt_ai.ledger import Ledger, Usage
from dbt_ai.pricing import CHEAPER, Prices
from dbt_ai.providers import provider_of
from dbt_ai.providers.base import EndpointProvider
from dbt_ai.security.credentials import Credentials
from dbt_ai.settings import Settings
from dbt_ai.store.answer_store import AnswerStore
from dbt_ai.store.duckdb_file import open_file
from dbt_ai.store.duckdb_store import DuckDBStore
from dbt_ai.store.jobs import Job, JobLog


@dataclass(frozen=True, slots=True)
class OpenJobs:
    """The jobs of one store, and whoever talks about them to the batch APIs.

    ledger: counts what their answers took. write_usage: keeps that under the name of an invocation.
    """

    log: JobLog
    answers: AnswerStore
    credentials: Credentials
    ledger: Ledger
    write_usage: Callable[[str, Sequence[Usage]], None]
    invocation: str = field(default_factory=lambda: str(uuid.uuid4()))

    def open(self) -> list[Job]:
        """All jobs whose answers are not stored yet, oldest first."""
        return self.log.open_jobs()

    def api_of(self, job: Job) -> BatchApi:
        """Raises ConfigurationError for a model whose format has no batch API any more."""
        model = job.call.model
        provider = provider_of(model)
        form = provider.jobs(model) if isinstance(provider, EndpointProvider) else None
        if form is None or not isinstance(provider, EndpointProvider):
            raise ConfigurationError(f"external model {model.name!r}: api_format {model.api_format!r} has no batch API")
        judge = Sender(self.credentials, KeepAliveTransport()).judge
        return BatchApi(model, provider, form, self.log, JobSender(self.credentials), judge)


@contextmanager
def jobs_of(options: DbtOptions) -> Iterator[OpenJobs]:
    """The jobs of a project's target."""
    place = find_store(options)
    if isinstance(place, StorePlace):
        settings = Settings.from_config(read_target(options).plugin or {})
        with open_file(place.path, read_only=False) as connection:
            store = DuckDBStore(connection.cursor, place.tables)
            yield OpenJobs(store, store, _credentials(settings), _ledger(settings), store.write_usage)
    else:
        from dbt_ai.engines.warehouse.jobs import DirectAnswers, WarehouseJobs
        from dbt_ai.engines.warehouse.transfer import tables_of

        with tables_of(options) as tables:
            tables.prepare()
            settings, answers = Settings.from_vars(read_settings(options)), DirectAnswers(tables)
            yield OpenJobs(WarehouseJobs(tables), answers, _credentials(settings), _ledger(settings), answers.write_usage)


def _credentials(settings: Settings) -> Credentials:
    return Credentials.from_config(settings.credentials, settings.allowed_hosts)


def _ledger(settings: Settings) -> Ledger:
    return Ledger(Prices.from_config(settings.prices), mode="live")


def listed(jobs: OpenJobs) -> str:
    """A table of the open jobs; what the batch API says of each, or why it says nothing."""
    rows = [
        (job.remote or job.name, job.call.model.name, job.node, len(job.keys), str(job.created_at)[:19], _state(jobs, job))
        for job in jobs.open()
    ]
    return table(["job", "external model", "node", "requests", "since", "state"], rows) if rows else "no jobs are open"


def wait(jobs: OpenJobs, say: Callable[[str], None], sleep: Callable[[float], None] = time.sleep) -> int:
    """Wait until every job has ended, and store what was answered. Returns how many answers those are."""
    answers, pause = 0, FIRST_LOOK
    while left := jobs.open():
        problem: DbtAiError | None = None
        for job in left:
            try:
                answers += _look(jobs, job, say)
            except DbtAiError as error:  # the others are looked at all the same
                problem = error
                say(f"{job.remote or job.name}: {error}")
        if problem:
            raise ConfigurationError(f"{counted(answers, 'answer')} stored; the jobs that have a problem stay open")
        if jobs.open():
            sleep(pause)
            pause = min(pause * 1.5, LONGEST_LOOK)
    return answers


def _look(jobs: OpenJobs, job: Job, say: Callable[[str], None]) -> int:
    """Store the answers of a job that has ended. Returns how many those are."""
    api = jobs.api_of(job)
    found = api.find(job)
    if found is None and api.may_arrive(job):
        say(f"{job.name}: another run is handing it over, or was stopped while it did")
        return 0
    if found is None:
        say(f"{job.name} never arrived, and is forgotten")
        jobs.log.forget_job(job.name)
        return 0
    state = api.look(found)
    if not state.ended:
        say(f"{found.remote}: {state.shown}")
        return 0
    meter = jobs.ledger.meter(job.node, job.call.model)

    def count(lines: Sequence[Line]) -> None:
        for line in lines:
            meter.tokens(line.outcome.tokens, CHEAPER)
            meter.settled(len(line.keys), len(line.responses.failures), mine=True)

    try:
        kept = api.keep(found, state, jobs.answers, count)
    except NotOurs as error:
        say(str(error))
        if api.find_another(found) is None:
            say(f"{job.name} never arrived, and is forgotten")
            jobs.log.forget_job(job.name)
        return 0
    finally:
        jobs.write_usage(jobs.invocation, jobs.ledger.usages())
    say(f"{found.remote}: {counted(kept, 'answer')} stored")
    return kept


def cancel(jobs: OpenJobs, named: Sequence[str], agreed: Callable[[int], bool], say: Callable[[str], None]) -> int:
    """End jobs early, all of them or those that are named; what they answered by then is stored by `wait` or the next run.

    say: hears why one is not cancelled. Returns how many are.
    """
    chosen = [job for job in jobs.open() if not named or job.remote in named or job.name in named]
    unknown = set(named) - {name for job in chosen for name in (job.remote, job.name)}
    if unknown:
        raise ConfigurationError(f"no open job is named {sorted(unknown)[0]!r}; see `dbt-ai batches list`")
    if not chosen or not agreed(len(chosen)):
        return 0
    return sum(_cancel(jobs, job, say) for job in chosen)


def _cancel(jobs: OpenJobs, job: Job, say: Callable[[str], None]) -> bool:
    try:
        api = jobs.api_of(job)
        found = api.find(job)
        if found is not None:
            api.cancel(found)
    except DbtAiError as error:
        say(f"{job.remote or job.name}: {error}")
        return False
    return found is not None


def _state(jobs: OpenJobs, job: Job) -> str:
    try:
        api = jobs.api_of(job)
        found = api.find(job)
        return "never arrived" if found is None else api.look(found).shown
    except DbtAiError as error:
        return str(error)
