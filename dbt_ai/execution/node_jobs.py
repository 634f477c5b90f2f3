"""The jobs of one node, from their submission until every request in them is settled or postponed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from dbt_ai.call import Call
from dbt_ai.counted import counted, some_of
from dbt_ai.errors import DbtAiError, PlanError, ProviderError
from dbt_ai.execution.batch_api import BatchApi, Judge, api_of
from dbt_ai.execution.bundle import Bundle, Lane
from dbt_ai.execution.job_failures import JobFailures
from dbt_ai.execution.job_results import JobResults, Line, NotOurs
from dbt_ai.execution.job_sender import JobSender, Lost
from dbt_ai.external_model import ExternalModel
from dbt_ai.pricing import CHEAPER, Prices, output_bound, told_beside
from dbt_ai.providers._jobs import JobState
from dbt_ai.providers.base import HttpRequest
from dbt_ai.request import Requests
from dbt_ai.response import Failure, Responses
from dbt_ai.store.answer_store import AnswerStore
from dbt_ai.store.jobs import Job, JobLog
from dbt_ai.tokens import TokenCount

# Jobs take minutes to a day: seldom asked, but soon at first, since a small one may be quick.
FIRST_LOOK = 1.0
LONGEST_LOOK = 60.0
# How long a thread sleeps before it looks whether anybody still wants the answers.
TICK = 0.1


@dataclass(frozen=True, slots=True)
class JobContext:
    """What the jobs of all nodes share. sleep: waits; a test turns a day into a second."""

    log: JobLog
    store: AnswerStore
    sender: JobSender
    judge: Judge
    prices: Prices
    failures: JobFailures
    sleep: Callable[[float], None] = time.sleep


class NodeJobs:
    """Used by one thread. model: whom it hands jobs to. lane: who asks. wanted: whether anybody still waits."""

    def __init__(self, model: ExternalModel, context: JobContext, lane: Lane, wanted: Callable[[], bool]) -> None:
        self._context = context
        self._api = api_of(model, context.log, context.sender, context.judge)
        self._apis = {(model.api_format, model.location): self._api}
        self._lane = lane
        self._wanted = wanted
        self._node = ""
        self._slept = 0.0
        self._states: dict[str, JobState] = {}
        self._results: dict[str, JobResults] = {}
        self._places: dict[bytes, tuple[Bundle, int]] = {}
        # Whether lines are marked for the prompt cache, and the tokens that went through it so far.
        self._caching = False
        self._cached = 0

    def run(self, waiting: Sequence[Bundle], new: Sequence[Bundle], open_jobs: Sequence[Job]) -> None:
        """waiting: what is in a job of an earlier run. new: what is in none. open_jobs: those of earlier runs."""
        self._node = [*waiting, *new][0].node
        jobs = [job for job in map(self._again, open_jobs) if job is not None]
        found = {key for job in jobs for key in job.keys}
        self._expect(waiting)
        lost = [bundle for bundle in waiting if not any(bundle.requests.keys[position] in found for position in bundle.positions)]
        bundles = [*new, *lost]
        if len(bundles) > 1 and self._api.model.wait != 0 and bundles[0].caching is not None:
            jobs, bundles = self._fill_the_cache(jobs, bundles)
        self._wait_for([*jobs, *self._submit(bundles)])

    def _fill_the_cache(self, jobs: Sequence[Job], bundles: list[Bundle]) -> tuple[list[Job], list[Bundle]]:
        """A job of one line goes first, where the provider caches the beginning of the prompt: the lines of one job see nothing of what
        it writes to the cache, and each would pay for writing. Chats that are sent at once fill a cache of their own.
        https://github.com/Bike4Mind/bike4mind/pull/2741, https://github.com/anthropics/skills/pull/1498

        It is kept for an hour where that can be had. A job takes longer than five minutes, after which each of its lines would write anew.

        Returns the jobs that are still under way, and the bundles that are in none.
        """
        first = [job for job in jobs if len(job.sizes) == 1]
        others = [job for job in jobs if len(job.sizes) > 1]
        if not first:
            self._caching = True
            first, bundles = self._submit(bundles[:1]), bundles[1:]
        left = self._until_ended(first)
        self._caching = not left and self._cached > 0
        return [*others, *left], bundles

    def _again(self, job: Job) -> Job | None:
        """A job of an earlier run; None if it never arrived."""
        api = self._api_of(job)
        found = api.find(job)
        if found is None and api.may_arrive(job):
            self._states[job.name] = JobState(False, "another run is handing it over, or was stopped while it did")
            found = job
        if found is None:
            self._context.log.forget_job(job.name)
        elif job.reserved_usd:
            self._lane.owner.reserve(job.call, job.reserved_usd)
        return found

    def _api_of(self, job: Job) -> BatchApi:
        """Who has a job. A model with an `identity` may have moved since it was handed over, and its new place does not know the job."""
        model, context = job.call.model, self._context
        place = (model.api_format, model.location)
        if place not in self._apis:
            self._apis[place] = api_of(model, context.log, context.sender, context.judge)
        return self._apis[place]

    def _expect(self, bundles: Iterable[Bundle]) -> None:
        for bundle in bundles:
            for position in bundle.positions:
                self._places[bundle.requests.keys[position]] = (bundle, position)

    def _submit(self, bundles: Sequence[Bundle]) -> list[Job]:
        if not bundles:
            return []
        jobs: list[Job] = []
        self._expect(bundles)
        call = bundles[0].requests.call
        sent = replace(bundles[0].sent_call, cached_for_an_hour=self._api.format.caches_for_an_hour) if self._caching else call
        bundles, requests = self._encoded(sent, list(self._cut_to_lines(bundles)))
        for positions, lines, name in self._api.cut(requests, [len(bundle) if call.embeds else 0 for bundle in bundles]):
            if not self._wanted():
                break
            held = [bundles[position] for position in positions]
            for bundle in held:
                self._lane.owner.allow(bundle)
            keys = [[bundle.requests.keys[position] for position in bundle.positions] for bundle in held]
            cost = self._expected_cost(call, held)
            job = Job(name, call, [key for line in keys for key in line], list(map(len, keys)), held[0].node, reserved_usd=cost)
            try:
                jobs.append(self._api.submit(job, lines))
                self._states[name] = JobState(False, "handed over")
            except ProviderError as refusal:
                failure = Failure("the batch API refused the job", f"the batch API refused the job: {refusal}")
                for bundle in held:
                    self._settle(bundle, bundle.failed(failure))
            else:
                self._lane.owner.reserve(call, cost or 0.0)
        return jobs

    def _cut_to_lines(self, bundles: Iterable[Bundle]) -> Iterator[Bundle]:
        """Bundles that a line takes."""
        most = self._api.format.texts_in_a_line
        for bundle in bundles:
            if most is None or len(bundle) <= most:
                yield bundle
            else:
                yield from (bundle.piece(bundle.positions[start : start + most]) for start in range(0, len(bundle), most))

    def _encoded(self, call: Call, bundles: Sequence[Bundle]) -> tuple[list[Bundle], list[HttpRequest]]:
        """The bundles that can be asked, and how. What the format cannot encode fails alone."""
        able, requests = [], []
        for bundle in bundles:
            try:
                requests.append(self._api.encode(call, bundle.inputs))
                able.append(bundle)
            except ProviderError as error:
                self._settle(bundle, bundle.failed(Failure(str(error), str(error))))
        return able, requests

    def _expected_cost(self, call: Call, bundles: Sequence[Bundle]) -> float | None:
        price = self._context.prices.of(call.model)
        if price is None:
            return None
        output = output_bound(call, sum(map(len, bundles))) or 0
        read = sum(bundle.tokens for bundle in bundles) + len(bundles) * told_beside(call)
        return CHEAPER * price.cost(TokenCount(read, output), len(bundles))

    def _wait_for(self, jobs: Sequence[Job]) -> None:
        left = self._until_ended(jobs)
        if left and self._wanted():
            self._postpone(left)
        if not left:
            failure = Failure("in none of the jobs", "none of the jobs has an answer to it; run it again")
            for bundle, position in list(self._places.values()):
                self._settle(bundle.piece([position]), Responses([None], {0: failure}))

    def _until_ended(self, jobs: Sequence[Job]) -> list[Job]:
        """Keep what jobs have answered as they end. Returns those that are left when nobody waits any longer."""
        left, pause, wait = list(jobs), FIRST_LOOK, self._api.model.wait
        while left and self._wanted():
            left = self._look_at(left)
            if not left or (wait is not None and self._slept >= wait):
                break
            self._lane.owner.waits_for(left[0].call, self._said_of(left))
            self._sleep(pause if wait is None else min(pause, wait - self._slept))
            pause = min(pause * 1.5, LONGEST_LOOK)
        if jobs:
            self._lane.owner.waits_for(jobs[0].call, "")
        return left

    def _said_of(self, jobs: Sequence[Job]) -> str:
        """How far jobs are, of the first three."""
        said = [f"{job.remote or job.name} ({self._states[job.name].shown})" for job in jobs]
        return f"{counted(len(jobs), 'job')}: {some_of(said, most=3)}"

    def _look_at(self, jobs: Sequence[Job]) -> list[Job]:
        """Keep what those that have ended answered. Returns the jobs to wait for. Raises what goes wrong with one, after the others."""
        left = list[Job]()
        problem: DbtAiError | None = None
        for job in jobs:
            try:
                left += self._look(job)
            except (ProviderError, Lost) as error:
                problem = problem or PlanError(f"external model {self._api.model.name!r}: {job.remote or job.name} stays open: {error}")
            except DbtAiError as error:
                problem = problem or error
        if problem:
            raise problem
        return left

    def _look(self, job: Job) -> list[Job]:
        """Keep what a job has answered, if it has ended. Returns the jobs to wait for in its place: mostly itself, or none."""
        api = self._api_of(job)
        found = api.find(job)
        if found is None:
            if api.may_arrive(job):
                return [job]
            self._context.log.forget_job(job.name)
            return self._submit_again(job)
        job = found
        state = self._states[job.name] = api.look(job)
        if not state.ended:
            return [job]
        results = self._results.setdefault(job.remote, JobResults(api, job))
        try:
            results.keep(state, self._context.store, self._context.failures, partial(self._tell, job))
        except Lost:  # the download broke: what is left is read again
            return [job]
        except NotOurs:
            found = api.find_another(job)
            if found is not None:
                return self._look(found)
            self._context.log.forget_job(job.name)
            return self._submit_again(job)
        self._lane.owner.reserve(job.call, -(job.reserved_usd or 0.0))
        return []

    def _submit_again(self, job: Job) -> list[Job]:
        """What was in a job that is not there."""
        self._lane.owner.reserve(job.call, -(job.reserved_usd or 0.0))
        places = [self._places[key] for key in job.keys if key in self._places]
        return self._submit([bundle.piece([position]) for bundle, position in places])

    def _sleep(self, seconds: float) -> None:
        """In pieces, so that a node that nobody waits for ends at once."""
        left = seconds
        while left > 0 and self._wanted():
            self._context.sleep(min(TICK, left))
            left -= TICK
        self._slept += seconds

    def _tell(self, job: Job, lines: Sequence[Line]) -> None:
        for line in lines:
            self._cached += line.outcome.tokens.cached_input + line.outcome.tokens.cache_write
            places = [(index, self._places.pop(key)) for index, key in enumerate(line.keys) if key in self._places]
            if places:
                self._lane.owner.spent(places[0][1][0], replace(line.outcome, share=CHEAPER))
            elif job.node == self._node:  # its rows are gone since it was handed over
                self._lane.owner.spent(Bundle(Requests(job.call, (), ()), (), 0), replace(line.outcome, share=CHEAPER))
            for index, (bundle, position) in places:
                failure = line.responses.failures.get(index)
                responses = Responses(line.responses.values[index : index + 1], {0: failure} if failure else {})
                self._settle(bundle.piece([position]), responses)

    def _settle(self, bundle: Bundle, responses: Responses) -> None:
        for position in bundle.positions:
            self._places.pop(bundle.requests.keys[position], None)
        self._lane.owner.settle(self._lane, bundle, responses, True)

    def _postpone(self, jobs: Sequence[Job]) -> None:
        count = len(self._places)
        asked = f"{counted(count, 'request')} to external model {self._api.model.name!r} {'is' if count == 1 else 'are'}"
        message = f"{asked} in {self._said_of(jobs)}"
        self._lane.owner.postpone([bundle.piece([position]) for bundle, position in self._places.values()], message)
