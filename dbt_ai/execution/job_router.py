"""Which requests of a call travel in jobs of a batch API, and which are sent at once."""

from __future__ import annotations

import threading
from collections.abc import Collection, Container, Sequence

from dbt_ai.call import Call, Input
from dbt_ai.errors import DbtAiError, PlanError
from dbt_ai.execution.bundle import Bundle, Lane
from dbt_ai.execution.node_jobs import JobContext, NodeJobs
from dbt_ai.providers import provider_of
from dbt_ai.providers.base import EndpointProvider
from dbt_ai.request import Requests
from dbt_ai.response import Responses
from dbt_ai.store.jobs import Job


class JobRouter:
    """Takes the bundles of one call, in the place of an Endpoint. Thread-safe.

    Each bundle that it keeps is settled or postponed by a thread of its own for each node.
    """

    def __init__(self, call: Call, context: JobContext) -> None:
        self._call = call
        self._context = context
        self._wanted: set[int] = set()
        self._lock = threading.Lock()

    def has_open(self) -> bool:
        """Whether a job of this call is under way, from this run or an earlier one, or failures of one are still to be told."""
        return bool(self._open_jobs())

    def keys_under_way(self) -> set[bytes]:
        """What such jobs of this call hold."""
        return {key for job in self._open_jobs() for key in job.keys}

    def take(self, lane: Lane, bundles: Sequence[Bundle]) -> list[Bundle]:
        """Begin with what belongs into jobs. Returns the bundles that are to be sent at once."""
        wanted = {bundle.requests.keys[position] for bundle in bundles for position in bundle.positions}
        jobs = [job for job in self._open_jobs() if not wanted.isdisjoint(job.keys)]
        bundles = self._tell_failures(lane, bundles, [job for job in jobs if job.has_ended])
        open_jobs = [job for job in jobs if not job.has_ended]
        known = {key for job in open_jobs for key in job.keys}
        waiting, new = [], []
        for bundle in bundles:
            inside, outside = _divided(bundle, known)
            waiting += inside
            new += outside
        at_once: list[Bundle] = []
        if self._call.model.execution != "batch" or sum(map(len, new)) <= self._call.model.batch_above:
            at_once, new = new, []
        if waiting or new:
            with self._lock:
                self._wanted.add(id(lane))
            threading.Thread(target=self._run, args=(lane, waiting, new, open_jobs), name="dbt_ai jobs", daemon=True).start()
        return at_once

    def heard(self, keys: Collection[bytes]) -> None:
        """A node that asked for these has ended, and has said what failed."""
        self._context.failures.heard(self._call.digest, keys)

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

    def _tell_failures(self, lane: Lane, bundles: Sequence[Bundle], ended: Sequence[Job]) -> Sequence[Bundle]:
        """What failed in a job, and nobody has heard of yet, has failed. Returns the bundles without that."""
        failures = {key: failure for job in ended for key, failure in zip(job.keys, job.failures, strict=True)}
        if not failures:
            return bundles
        left = []
        for bundle in bundles:
            inside, outside = _divided(bundle, failures)
            left += outside
            for piece in inside:
                found = dict(enumerate(failures[piece.requests.keys[position]] for position in piece.positions))
                lane.owner.settle(lane, piece, Responses([None] * len(piece), found), True)
        return left

    def _open_jobs(self) -> list[Job]:
        return [job for job in self._context.log.open_jobs() if job.call.digest == self._call.digest]

    def _run(self, lane: Lane, waiting: Sequence[Bundle], new: Sequence[Bundle], open_jobs: Sequence[Job]) -> None:
        try:
            NodeJobs(self._call.model, self._context, lane, lambda: self._is_wanted(lane)).run(waiting, new, open_jobs)
        except BaseException as error:  # whatever it is, the node that waits must hear of it
            lane.owner.abort(error if isinstance(error, DbtAiError) else PlanError(f"its jobs broke: {type(error).__name__}: {error}"))

    def _is_wanted(self, lane: Lane) -> bool:
        return id(lane) in self._wanted


def _divided(bundle: Bundle, keys: Container[bytes]) -> tuple[list[Bundle], list[Bundle]]:
    """The part of a bundle that has these keys, and the other one; none where it would be empty."""
    inside = [position for position in bundle.positions if bundle.requests.keys[position] in keys]
    if not inside:
        return [], [bundle]
    outside = [position for position in bundle.positions if bundle.requests.keys[position] not in keys]
    return [bundle.piece(inside)], [bundle.piece(outside)] if outside else []


class JobRouters:
    """One JobRouter for each call. Thread-safe. context: None where no place remembers jobs: then nothing travels so."""

    def __init__(self, context: JobContext | None) -> None:
        self._context = context
        self._made: dict[Call, JobRouter] = {}
        self._lock = threading.Lock()

    def of(self, call: Call) -> JobRouter | None:
        """Who hands the requests of this call over as jobs, or waits for one that is under way; None where they are sent at once."""
        provider = provider_of(call.model)
        if self._context is None or not isinstance(provider, EndpointProvider) or provider.jobs(call.model) is None:
            return None
        with self._lock:
            if call not in self._made:
                self._made[call] = JobRouter(call, self._context)
            jobs = self._made[call]
        wanted = call.model.execution == "batch" and call.input is not Input.TEXT_LIST and not call.one_by_one
        return jobs if wanted or jobs.has_open() else None

    def in_none(self, requests: Requests) -> Requests:
        """The requests without those that a job under way holds: these are handed over already, and not asked again."""
        jobs = self.of(requests.call)
        keys = jobs.keys_under_way() if jobs is not None else set()
        return requests.subset([position for position, key in enumerate(requests.keys) if key not in keys]) if keys else requests

    def close(self) -> None:
        """Nobody waits any longer."""
        with self._lock:
            for jobs in self._made.values():
                jobs.close()
