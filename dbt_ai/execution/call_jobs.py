"""The requests of one call on their way through jobs of a batch API: handed over, waited for, taken up again by a later run."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from dbt_ai.errors import DbtAiError, PlanError, ProviderError
from dbt_ai.execution.bundle import Bundle, Lane
from dbt_ai.execution.job_runs import JobRuns, Judge, Line
from dbt_ai.execution.job_sender import JobSender, Lost
from dbt_ai.pricing import CHEAPER, Prices, output_bound
from dbt_ai.providers import provider_of
from dbt_ai.providers._jobs import JobFormat, JobState
from dbt_ai.providers.base import EndpointProvider, HttpRequest
from dbt_ai.request import Call, Failure, Input, Responses, TokenCount
from dbt_ai.store.answer_store import AnswerStore
from dbt_ai.store.jobs import Job, JobLog

# Jobs take minutes to a day: seldom asked, but soon at first, since a small one may be quick.
FIRST_LOOK = 1.0
LONGEST_LOOK = 60.0
# How long a thread sleeps before it looks whether anybody still wants the answers.
TICK = 0.1


@dataclass(frozen=True, slots=True)
class JobParts:
    """What every CallJobs works with. sleep: waits; a test turns a day into a second."""

    log: JobLog
    store: AnswerStore
    sender: JobSender
    judge: Judge
    prices: Prices
    sleep: Callable[[float], None] = time.sleep


class CallJobs:
    """Thread-safe. Each bundle that it takes is settled or postponed, by a thread of its own for each node."""

    def __init__(self, call: Call, form: JobFormat, parts: JobParts) -> None:
        provider = provider_of(call.model)
        assert isinstance(provider, EndpointProvider)
        self._call = call
        self._parts = parts
        self._runs = JobRuns(call.model, provider, form, parts.log, parts.sender, parts.judge)
        self._wanted: set[int] = set()
        self._lock = threading.Lock()

    def has_open(self) -> bool:
        """Whether a job of this call is under way, from this run or an earlier one."""
        return bool(self._open_jobs())

    def take(self, lane: Lane, bundles: Sequence[Bundle]) -> list[Bundle]:
        """Begin with what belongs into jobs. Returns the bundles that are to be sent at once."""
        open_jobs = self._open_jobs()
        known = {key for job in open_jobs for key in job.keys}
        waiting, new = [], []
        for bundle in bundles:
            inside = [position for position in bundle.positions if bundle.requests.keys[position] in known]
            outside = [position for position in bundle.positions if bundle.requests.keys[position] not in known]
            waiting += [bundle.piece(inside)] if inside else []
            new += [bundle if not inside else bundle.piece(outside)] if outside else []
        at_once: list[Bundle] = []
        if self._call.model.execution != "batch" or sum(map(len, new)) <= self._call.model.batch_above:
            at_once, new = new, []
        if waiting or new:
            with self._lock:
                self._wanted.add(id(lane))
            threading.Thread(target=self._run, args=(lane, waiting, new, open_jobs), name="dbt_ai jobs", daemon=True).start()
        return at_once

    def stored(self, lane: Lane, bundles: int) -> None:
        """Nothing waits for that here: see Endpoint.stored."""

    def withdraw(self, lane: Lane) -> None:
        """Nobody waits any longer. What was handed over stays where it is."""
        with self._lock:
            self._wanted.discard(id(lane))

    def close(self) -> None:
        """Nobody waits any longer."""
        with self._lock:
            self._wanted.clear()

    def _open_jobs(self) -> list[Job]:
        return [job for job in self._parts.log.open_jobs() if job.call.digest == self._call.digest]

    def _run(self, lane: Lane, waiting: Sequence[Bundle], new: Sequence[Bundle], open_jobs: Sequence[Job]) -> None:
        try:
            _Watch(self._runs, self._parts, lane, lambda: self._is_wanted(lane)).run(waiting, new, open_jobs)
        except BaseException as error:  # whatever it is, the node that waits must hear of it
            lane.owner.abort(error if isinstance(error, DbtAiError) else PlanError(f"its jobs broke: {type(error).__name__}: {error}"))

    def _is_wanted(self, lane: Lane) -> bool:
        return id(lane) in self._wanted


class JobsOfCalls:
    """One CallJobs for each call. Thread-safe. parts: None where no place remembers jobs: then nothing travels so."""

    def __init__(self, parts: JobParts | None) -> None:
        self._parts = parts
        self._made: dict[Call, CallJobs] = {}
        self._lock = threading.Lock()

    def of(self, call: Call) -> CallJobs | None:
        """Who hands the requests of this call over as jobs, or waits for one that is under way; None where they are sent at once."""
        provider = provider_of(call.model)
        form = provider.jobs(call.model) if isinstance(provider, EndpointProvider) else None
        if form is None or self._parts is None:
            return None
        with self._lock:
            if call not in self._made:
                self._made[call] = CallJobs(call, form, self._parts)
            jobs = self._made[call]
        wanted = call.model.execution == "batch" and call.input is not Input.TEXT_LIST
        return jobs if wanted or jobs.has_open() else None

    def close(self) -> None:
        """Nobody waits any longer."""
        with self._lock:
            for jobs in self._made.values():
                jobs.close()


class _Watch:
    """One node's look at its jobs, from their submission until every request is settled or postponed."""

    def __init__(self, runs: JobRuns, parts: JobParts, lane: Lane, wanted: Callable[[], bool]) -> None:
        self._runs = runs
        self._parts = parts
        self._lane = lane
        self._wanted = wanted
        self._slept = 0.0
        self._places: dict[bytes, tuple[Bundle, int]] = {}

    def run(self, waiting: Sequence[Bundle], new: Sequence[Bundle], open_jobs: Sequence[Job]) -> None:
        jobs = [job for job in map(self._again, open_jobs) if job is not None]
        found = {key for job in jobs for key in job.keys}
        self._expect(waiting)
        lost = [bundle for bundle in waiting if not any(bundle.requests.keys[position] in found for position in bundle.positions)]
        jobs += self._submit([*new, *lost])
        self._wait_for(jobs)

    def _again(self, job: Job) -> Job | None:
        """A job of an earlier run; None if it never arrived."""
        found = self._runs.find(job)
        if found is None:
            self._parts.log.forget_job(job.name)
        elif job.reserved_usd:
            self._lane.owner.reserve(job.call, job.reserved_usd)
        return found

    def _expect(self, bundles: Sequence[Bundle]) -> None:
        for bundle in bundles:
            for position in bundle.positions:
                self._places[bundle.requests.keys[position]] = (bundle, position)

    def _submit(self, bundles: Sequence[Bundle]) -> list[Job]:
        if not bundles:
            return []
        jobs: list[Job] = []
        self._expect(bundles)
        call = bundles[0].requests.call
        bundles, requests = self._encoded(call, bundles)
        for positions, lines, name in self._runs.cut(requests, [len(bundle) if call.embeds else 0 for bundle in bundles]):
            if not self._wanted():
                break
            held = [bundles[position] for position in positions]
            for bundle in held:
                self._lane.owner.allow(bundle)
            keys = [[bundle.requests.keys[position] for position in bundle.positions] for bundle in held]
            cost = self._expected_cost(call, held)
            job = Job(name, call, [key for line in keys for key in line], list(map(len, keys)), held[0].node, reserved_usd=cost)
            try:
                jobs.append(self._runs.submit(job, lines))
            except ProviderError as refusal:
                failure = Failure("the batch API refused the job", f"the batch API refused the job: {refusal}")
                for bundle in held:
                    self._settle(bundle, bundle.failed(failure))
            else:
                self._lane.owner.reserve(call, cost or 0.0)
        return jobs

    def _encoded(self, call: Call, bundles: Sequence[Bundle]) -> tuple[list[Bundle], list[HttpRequest]]:
        """The bundles that can be asked, and how. What the format cannot encode fails alone."""
        able, requests = [], []
        for bundle in bundles:
            try:
                requests.append(self._runs.encode(call, bundle.inputs))
                able.append(bundle)
            except ProviderError as error:
                self._settle(bundle, bundle.failed(Failure(str(error), str(error))))
        return able, requests

    def _expected_cost(self, call: Call, bundles: Sequence[Bundle]) -> float | None:
        price = self._parts.prices.of(call.model)
        if price is None:
            return None
        output = output_bound(call, sum(map(len, bundles))) or 0
        return CHEAPER * price.cost(TokenCount(sum(bundle.tokens for bundle in bundles), output))

    def _wait_for(self, jobs: Sequence[Job]) -> None:
        states: dict[str, JobState] = {}
        left, pause = list(jobs), FIRST_LOOK
        wait = self._runs.model.wait
        while left and self._wanted():
            for job in list(left):
                states[job.name] = self._runs.look(job)
                if states[job.name].ended and self._collect(job, states[job.name]):
                    left.remove(job)
            if not left:
                break
            if wait is not None and self._slept >= wait:
                return self._postpone(left, states)
            self._sleep(pause if wait is None else min(pause, wait - self._slept))
            pause = min(pause * 1.5, LONGEST_LOOK)
        if not left:
            failure = Failure("in none of the jobs", "none of the jobs has an answer to it; run it again")
            for bundle, position in list(self._places.values()):
                self._settle(_one(bundle, position), Responses([None], {0: failure}))

    def _sleep(self, seconds: float) -> None:
        """In pieces, so that a node that nobody waits for ends at once."""
        left = seconds
        while left > 0 and self._wanted():
            self._parts.sleep(min(TICK, left))
            left -= TICK
        self._slept += seconds

    def _collect(self, job: Job, state: JobState) -> bool:
        """Store every answer and settle what waits for it. False if the download broke: it is read again."""
        try:
            self._runs.keep(job, state, self._parts.store, self._tell)
        except Lost:
            return False
        self._lane.owner.reserve(job.call, -(job.reserved_usd or 0.0))
        return True

    def _tell(self, lines: Sequence[Line]) -> None:
        for line in lines:
            places = [(index, self._places.pop(key)) for index, key in enumerate(line.keys) if key in self._places]
            if places:
                self._lane.owner.spent(places[0][1][0], replace(line.outcome, share=CHEAPER))
            for index, (bundle, position) in places:
                failure = line.responses.failures.get(index)
                responses = Responses(line.responses.values[index : index + 1], {0: failure} if failure else {})
                self._settle(_one(bundle, position), responses)

    def _settle(self, bundle: Bundle, responses: Responses) -> None:
        for position in bundle.positions:
            self._places.pop(bundle.requests.keys[position], None)
        self._lane.owner.settle(self._lane, bundle, responses, True)

    def _postpone(self, jobs: Sequence[Job], states: dict[str, JobState]) -> None:
        shown = ", ".join(f"{job.remote} ({states[job.name].shown})" for job in jobs[:3])
        more = f" and {len(jobs) - 3:,} more" if len(jobs) > 3 else ""
        count = len(self._places)
        message = f"{count:,} requests to external model {self._runs.model.name!r} are in {len(jobs):,} jobs: {shown}{more}"
        self._lane.owner.postpone([_one(bundle, position) for bundle, position in self._places.values()], message)


def _one(bundle: Bundle, position: int) -> Bundle:
    return Bundle(bundle.requests, [position], 1, bundle.node)
