"""The results of one job: read line by line, judged as answers that came at once, and stored."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from dbt_ai.call import Call
from dbt_ai.conversation.conversation import typed
from dbt_ai.errors import DbtAiError, ProviderError
from dbt_ai.execution.batch_api import GONE, BatchApi, any_input, as_in_a_job
from dbt_ai.execution.job_failures import JobFailures
from dbt_ai.execution.job_sender import Lost
from dbt_ai.execution.outcome import Outcome, OutcomeKind
from dbt_ai.outside_json import parse
from dbt_ai.providers._jobs import JobState
from dbt_ai.providers.base import HttpRequest, HttpResponse
from dbt_ai.request import Requests
from dbt_ai.response import Delivery, Failure, Responses
from dbt_ai.store.answer_store import AnswerStore
from dbt_ai.store.jobs import Job

# Lines whose answers are stored together.
STORED_TOGETHER = 1_000


class NotOurs(DbtAiError):
    """The job that was taken for ours, by its size and time, is somebody else's: none of its lines has a name of ours."""


@dataclass(frozen=True, slots=True)
class Line:
    """What became of one line: the keys of its inputs, and what came back for them."""

    keys: Sequence[bytes]
    outcome: Outcome
    responses: Responses


class JobResults:
    """What one job has answered. After a download that broke it goes on with the lines that are left, so that each is read once.

    failures: of the lines that were stored, by key.
    """

    def __init__(self, api: BatchApi, job: Job) -> None:
        self.failures: dict[bytes, Failure] = {}
        self._api = api
        self._job = job
        self._left = {f"{job.name}-{number}": keys for number, keys in enumerate(job.lines())}

    def keep(
        self, state: JobState, store: AnswerStore, failures: JobFailures, tell: Callable[[Sequence[Line]], None] = lambda lines: None
    ) -> None:
        """Store every answer, then forget the job but for its failures; those of one that somebody cancelled are no news.

        tell: hears of lines once they are stored. Raises Lost or ProviderError where the download breaks; what came before is stored.
        Raises NotOurs, before the first line, for a guess that was wrong.
        """
        gathered = list[Line]()
        try:
            for line in self.lines(state):
                gathered.append(line)
                if len(gathered) >= STORED_TOGETHER:
                    self._store(gathered, store, tell)
                    gathered = []
        except (Lost, ProviderError):  # what was read is paid, and not read again
            self._store(gathered, store, tell)
            raise
        self._store(gathered, store, tell)
        failures.keep(self._job, {} if state.cancelled else self.failures)

    def lines(self, state: JobState) -> Iterator[Line]:
        """What became of its lines, each once, in the order in which the results have them; at last the lines that have none."""
        job, api, others = self._job, self._api, 0
        asked, untouched = as_in_a_job(api.provider, job.call), len(self._left) == len(job.sizes)
        for name, response in self._read_all(state):
            keys = self._left.pop(name, None)
            if keys is None:  # it is not ours, unreadable, or there a second time
                others += 1
                continue
            outcome = api.judge(api.provider, asked, [any_input(job.call)] * len(keys), response)
            yield Line(keys, outcome, _responses(job.call, outcome, len(keys)))
        if job.guessed and others and untouched and len(self._left) == len(job.sizes):
            raise NotOurs(f"{job.remote} is somebody else's job")
        for name in list(self._left):
            keys = self._left.pop(name)
            failure = Failure("the job ended without an answer", f"the job ended without an answer to it: {state.shown}")
            yield Line(keys, _NOTHING, _failed(failure, len(keys)))

    def _store(self, lines: Sequence[Line], store: AnswerStore, tell: Callable[[Sequence[Line]], None]) -> None:
        call = self._job.call
        store.put(
            [Delivery(Requests(call, [""] * len(line.keys), line.keys), range(len(line.keys)), line.responses) for line in lines],
            self._job.node,
        )
        for line in lines:
            self.failures |= {line.keys[index]: failure for index, failure in line.responses.failures.items()}
        tell(lines)

    def _read_all(self, state: JobState) -> Iterator[tuple[str, HttpResponse]]:
        for request in state.results:
            try:
                yield from self._read(request)
            except ProviderError as error:  # results are not kept for ever
                if error.status not in GONE:
                    raise

    def _read(self, request: HttpRequest) -> Iterator[tuple[str, HttpResponse]]:
        """The lines of a file. Raises ProviderError for a file without any: a page of a gateway says nothing of answers that are paid."""
        sender, readable, strange = self._api.sender, False, ""
        for text in filter(str.strip, sender.lines(self._api.model, request)):
            result = self._result(text)
            readable, strange = readable or result is not None, strange or text
            yield result or _UNREADABLE
        if strange and not readable:
            raise ProviderError(f"the results of the job are not JSON lines: {sender.shown(strange[:100])}")

    def _result(self, text: str) -> tuple[str, HttpResponse] | None:
        """What a line says; None for one that is unreadable."""
        try:
            line = parse(text)
        except ValueError:
            return None
        return self._api.format.result(line) if isinstance(line, dict) else None


def _responses(call: Call, outcome: Outcome, count: int) -> Responses:
    if outcome.responses is None:
        return _failed(Failure(outcome.cause, outcome.message), count)
    if len(outcome.responses.values) != count:
        return _failed(Failure("another number of answers", "the line holds another number of answers than it asked for"), count)
    return typed(call, outcome.responses)


def _failed(failure: Failure, count: int) -> Responses:
    return Responses([None] * count, dict.fromkeys(range(count), failure))


_UNREADABLE = ("", HttpResponse(500, {}, b""))
_NOTHING = Outcome(OutcomeKind.REFUSED, {}, reached=False)
