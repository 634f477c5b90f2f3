"""The batch API of one external model: jobs are submitted, found again, looked at. A job is written down before it leaves, so
that it is found again by whoever runs next."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

from dbt_ai.call import Call, Input
from dbt_ai.conversation.asking import Asker
from dbt_ai.conversation.knowledge import EndpointKnowledge
from dbt_ai.errors import ConfigurationError, ProviderError
from dbt_ai.execution.job_sender import JobSender, Lost
from dbt_ai.execution.outcome import Outcome
from dbt_ai.external_model import ExternalModel
from dbt_ai.providers import provider_of
from dbt_ai.providers._jobs import JobFormat, JobState, Seen
from dbt_ai.providers.base import EndpointProvider, HttpRequest, HttpResponse
from dbt_ai.store.jobs import Job, JobLog

# Clocks differ: a job that was submitted after its row was written may be older by the provider's clock.
CLOCKS_DIFFER = timedelta(minutes=5)

# Seconds before each look for a job whose submission broke off: a gateway may give up before the provider has made it.
LISTED_LATE = (0.0, 1.0, 4.0, 15.0)
# Pages of the provider's list, of a hundred jobs each, that are read to find one.
MOST_PAGES = 1_000
# What says that the provider does not have something any more.
GONE = (404, 410)

# Bytes of a line besides its request: custom_id, method and url.
LINE_AROUND_A_REQUEST = 500

# Reads one answer as its call says: the sender's own judgement.
Judge = Callable[[EndpointProvider, Call, Sequence[str], HttpResponse], Outcome]


@dataclass(frozen=True, slots=True)
class BatchApi:
    """What is said to the batch API of one external model.

    log: where jobs are written down. sender: sends, and judge reads what comes back.
    foreign: the provider's ids of jobs that were taken for ours and are not.
    """

    model: ExternalModel
    provider: EndpointProvider
    format: JobFormat
    log: JobLog
    sender: JobSender
    judge: Judge
    foreign: set[str] = field(default_factory=set)

    def encode(self, call: Call, inputs: Sequence[str]) -> HttpRequest:
        """The request for these inputs, as it is asked in a job. Raises ProviderError for a text that the format cannot encode."""
        return self.provider.encode(as_in_a_job(self.provider, call), inputs)

    def cut(self, requests: Sequence[HttpRequest], inputs: Sequence[int]) -> Iterator[tuple[Sequence[int], Sequence[bytes], str]]:
        """Jobs within the format's limits: the positions of their requests, their lines, and the job's name.

        inputs: how many texts each request carries.
        """
        positions: list[int] = []
        lines: list[bytes] = []
        name, size, texts = _name(), 0, 0
        for position, (request, count) in enumerate(zip(requests, inputs, strict=True)):
            # What a line has besides the request is short.
            longer = size + len(request.body) + LINE_AROUND_A_REQUEST > self.format.size
            if lines and (len(lines) >= self.format.lines or longer or texts + count > (self.format.inputs or texts + count)):
                yield positions, lines, name
                positions, lines, name, size, texts = [], [], _name(), 0, 0
            line = self.format.line(self.model, f"{name}-{len(lines)}", request)
            positions.append(position)
            lines.append(line)
            size += len(line) + 1
            texts += count
        if lines:
            yield positions, lines, name

    def submit(self, job: Job, lines: Sequence[bytes]) -> Job:
        """Hand a job over, once: it is written down first, so that whoever is stopped in between finds it again.

        Raises ProviderError for a refusal, after which it is forgotten, and Lost where nobody knows.
        """
        self.log.save_job(job)
        try:
            upload = self.format.upload(self.model, job.name, lines)
            if upload is not None:
                job = replace(job, upload=self.format.uploaded(self.sender.send(self.model, upload)))
                self.log.save_job(job)
            submission = self.format.submit(self.model, job.name, job.upload, lines)
            try:
                return self._submitted(job, submission)
            except Lost:
                return self._find_late(job) or self._submitted(job, submission)
        except ProviderError:
            self.log.forget_job(job.name)
            raise

    def _submitted(self, job: Job, submission: HttpRequest) -> Job:
        try:
            remote = self.format.submitted(self.sender.send(self.model, submission, once=True))
        except ProviderError as error:
            if error.status is not None and error.status >= 300:
                raise
            # It was taken, and nobody can read what was said of it: a page of a gateway.
            raise Lost(f"the submission of {job.name} was answered, but: {error}") from None
        job = replace(job, remote=remote)
        self.log.save_job(job)
        return job

    def _find_late(self, job: Job) -> Job | None:
        """A job whose submission was not answered: it may be listed a while later. Raises Lost where the batch API lists none."""
        for seconds in LISTED_LATE:
            self.sender.pause(seconds)
            try:
                found = self.find(job)
            except ProviderError as error:
                raise Lost(f"the submission of {job.name} was not answered, and its batch API does not list jobs: {error}") from None
            if found:
                return found
        return None

    def find(self, job: Job) -> Job | None:
        """The job with the provider's id; None if its submission never arrived.

        Where jobs have no names, one of the same size that was made since is taken for ours: a guess, which its results decide.
        """
        if job.remote:
            return job
        known = self.foreign | {other.remote for other in self.log.open_jobs() if other.remote}
        for seen, is_young in self._seen(job.created_at - CLOCKS_DIFFER):
            named = seen.name == job.name
            alike = seen.lines == len(job.sizes) and is_young and seen.id not in known
            if named if self.format.has_names else alike:
                found = replace(job, remote=seen.id, guessed=not named)
                self.log.save_job(found)
                return found
        return None

    def may_arrive(self, job: Job) -> bool:
        """Whether a job that was not found may be on its way: another process hands it over at this moment."""
        return self.log.is_being_submitted(job)

    def find_another(self, job: Job) -> Job | None:
        """After NotOurs: another job that may be this one; None if its submission never arrived."""
        self.foreign.add(job.remote)
        job = replace(job, remote="", guessed=False)
        self.log.save_job(job)
        return self.find(job)

    def _seen(self, ours: datetime) -> Iterator[tuple[Seen, bool]]:
        """The jobs that the provider lists, page by page, as far back as ours may stand, and whether each is young enough to be ours.

        ours: the moment from which on it may have been made, by this machine's clock.
        """
        after = ""
        for _ in range(MOST_PAGES):
            response = self.sender.send(self.model, self.format.listing(self.model, after))
            page, since = self.format.listed(response), ours - _behind(response)
            yield from ((seen, seen.made is not None and seen.made >= since) for seen in page.jobs)
            older = page.jobs and page.jobs[-1].made is not None and page.jobs[-1].made < since
            if not page.after or page.after == after or (older and self.format.newest_first):
                return
            after = page.after

    def look(self, job: Job) -> JobState:
        """How far a job is. Raises ProviderError or Lost where the batch API does not say."""
        try:
            response = self.sender.send(self.model, self.format.look(self.model, job.remote))
        except ProviderError as error:
            if error.status not in GONE:
                raise
            return JobState(True, "the provider does not have it any more")
        state = self.format.state(self.model, response)
        return replace(state, shown=self.sender.shown(state.shown))

    def cancel(self, job: Job) -> None:
        """End a job early. What it has answered is still collected. Raises ProviderError for one that may be somebody else's."""
        if job.guessed:
            raise ProviderError(f"{job.remote} may be somebody else's job, for it was found by its size and time; it is not cancelled")
        self.sender.send(self.model, self.format.cancel(self.model, job.remote))


def api_of(model: ExternalModel, log: JobLog, sender: JobSender, judge: Judge) -> BatchApi:
    """The batch API of an external model. Raises ConfigurationError for a format that has none."""
    provider = provider_of(model)
    form = provider.jobs(model) if isinstance(provider, EndpointProvider) else None
    if form is None or not isinstance(provider, EndpointProvider):
        raise ConfigurationError(f"external model {model.name!r}: api_format {model.api_format!r} has no batch API")
    return BatchApi(model, provider, form, log, sender, judge)


def as_in_a_job(provider: EndpointProvider, call: Call) -> Call:
    """The call as a job puts it: in the best way that the format has. Nothing is learnt from a job, so that it reads as it was asked."""
    told, _ = Asker(provider.means(call), EndpointKnowledge()).put(call, [any_input(call)])
    return told


def any_input(call: Call) -> str:
    """In the place of an input that nobody remembers: reading an answer takes only how many there were."""
    return "{}" if call.input is Input.JSON else ""


def _behind(response: HttpResponse) -> timedelta:
    """How far the provider's clock is behind this machine's, as its answer says; nothing where it is ahead or does not say."""
    try:
        theirs = parsedate_to_datetime(response.headers.get("date", ""))
        return max(timedelta(), datetime.now(timezone.utc) - theirs.astimezone(timezone.utc))
    except (TypeError, ValueError, OverflowError):
        return timedelta()


def _name() -> str:
    return f"dbt_ai-{uuid.uuid4().hex}"
