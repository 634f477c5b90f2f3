"""The requests that one node needs, found by running its SQL before it is materialized.

A *collect* pass answers NULL for what is not known and notes what was asked. If anything new was asked, a *rehearse* pass gives
mock answers for it. A request that both passes make depends on no missing answer, so it is safe to pay for. When both passes ask for
the same, the plan is complete. When they differ, there are two reasons. Calls may be nested: what is certain is executed, and
another round follows. Or the SQL is not deterministic, which a second collect pass shows: planning ends in an error before
anything is paid.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from dbt_ai.call import Call
from dbt_ai.counted import counted, most_frequent
from dbt_ai.errors import INTERRUPTED, DbtAiError, PlanError
from dbt_ai.known_answers import SAMPLED_OUT, KnownAnswers
from dbt_ai.request import Requests
from dbt_ai.response import Failure

# A query that needs more rounds most likely never settles; nobody nests calls this deep.
MAX_ROUNDS = 12
# A plan with this many requests for each row usually pays for rows that a limit throws away.
MAX_REQUESTS_PER_ROW = 10
SMALL_PLAN = 100


# Inputs by call, both in the order in which they were first asked; true where a failure must fail the node.
Asked = dict[Call, dict[str, bool]]


class PassKind(Enum):
    """What a pass answers for what is not known: COLLECT answers NULL, REHEARSE a mock answer."""

    COLLECT = "collect"
    REHEARSE = "rehearse"


@dataclass(slots=True)
class Pass:
    """What one pass over a node's SQL asked for that is not known: inputs by call, in the order they were first asked."""

    kind: PassKind
    asked: Asked = field(default_factory=dict)
    rows: int = 0


class PassFailed(DbtAiError):
    """The node's SQL raised while answers were missing. refused: before a row of it was read, so that it would raise with answers too.
    hint: what to do about it, where the database's words do not say so."""

    def __init__(self, message: str, refused: bool = False, hint: str = "") -> None:
        super().__init__(message)
        self.refused = refused
        self.hint = hint


class AnswerSource(Protocol):
    """Where a plan gets answers from: the store first, then the scheduler."""

    def recall(self, work: Sequence[Requests], answers: Mapping[Call, KnownAnswers]) -> None:
        """Add every stored answer to these requests."""

    def execute(self, work: Sequence[Requests], answers: Mapping[Call, KnownAnswers], exact: bool, cancelled: threading.Event) -> None:
        """Execute the requests and add their answers. exact: nothing more will be asked after them."""

    def requests(self, call: Call, inputs: Iterable[str]) -> Requests:
        """Requests of a call for these inputs, with their keys."""

    def named(self, text: str) -> str:
        """A row's text as messages show it."""


class Plan:
    """One node's plan: passes over its SQL until nothing unknown is asked.

    run_pass: runs the node's SQL to its end, its AI functions calling `note`; returns the number of rows. Raises PassFailed.
    sample: execute at most this many requests, 0 for all.
    rows_guard: refuse a plan more than MAX_REQUESTS_PER_ROW times larger than the node's rows.
    rows: that the last pass gave; None before it, and where passes give none.
    """

    def __init__(
        self, node: str, run_pass: Callable[[PassKind], int], source: AnswerSource, *, sample: int = 0, rows_guard: bool = True
    ) -> None:
        self.node = node
        self.answers: dict[Call, KnownAnswers] = {}
        self.cancelled = threading.Event()
        self.rows: int | None = None
        self._run_pass = run_pass
        self._source = source
        self._rows_guard = rows_guard
        self._sample = sample
        self._executed = 0
        self._pass: Pass | None = None
        self._failed: dict[Call, dict[str, Failure]] = {}
        self._lock = threading.Lock()

    def answers_to(self, call: Call) -> KnownAnswers:
        """What is known of this call. Later answers are added to the same object."""
        with self._lock:
            return self.answers.setdefault(call, KnownAnswers(call))

    def note(self, call: Call, inputs: Collection[str], strict: bool) -> None:
        """Note inputs that a pass asked and that have no value. The SQL engine calls this from any of its threads.

        strict: the call has fail_on_error.
        """
        answers = self.answers_to(call)
        with self._lock:
            asked = self._pass.asked.setdefault(call, {}) if self._pass else {}
            if strict and not answers.failures:  # the usual case, and a million rows have many vectors
                asked.update(dict.fromkeys(inputs, True))
                return
            for text in inputs:
                if text not in answers.failures:
                    asked[text] = strict or asked.get(text, False)
                elif strict:
                    self._failed.setdefault(call, {})[text] = answers.failures[text]

    def run(self) -> None:
        """Plan and execute until every answer the node needs is known.

        Raises PlanError for SQL that asks for something else on every run, for a plan out of proportion, for too many
        rounds, for a plan that is cancelled, and at the end for failed requests of calls with fail_on_error.
        """
        for _ in range(MAX_ROUNDS):
            complete = not self.cancelled.is_set() and self._round()
            if self.cancelled.is_set():  # its SQL must not go on: to it, what is not known is NULL
                raise PlanError(INTERRUPTED)
            if complete:
                break
        else:
            raise PlanError(f"{self.node}: still asking for new answers after {MAX_ROUNDS} rounds; are AI calls nested that deep?")
        self._raise_failures()

    def _round(self) -> bool:
        """One round; true when the plan is complete."""
        collected = self._run(PassKind.COLLECT)
        if not _count(collected.asked):
            return True
        work = self._requests(collected.asked)
        self._source.recall(work, self.answers)
        unknown = self._unknown(collected.asked)
        if not unknown:
            return False
        certain, exact = self._certain(unknown, recalled=_count(unknown) < _count(collected.asked), rows=collected.rows)
        certain = self._not_stored(certain, unknown)
        if not certain:
            return exact
        self._source.execute(self._requests(self._sampled(certain), work), self.answers, exact, self.cancelled)
        for call, inputs in certain.items():
            failed = self.answers_to(call).failures
            self._failed.setdefault(call, {}).update((text, failed[text]) for text in failed if inputs.get(text))
        return exact

    def _certain(self, unknown: Asked, recalled: bool, rows: int) -> tuple[Asked, bool]:
        """The unknown inputs that depend on no unknown answer, and whether these are all that there is to ask."""
        try:
            rehearsed = self._run(PassKind.REHEARSE)
        except PassFailed:  # SQL that cannot take a mock answer, such as a cast to a number, tells nothing
            rehearsed = Pass(PassKind.REHEARSE)
        if self._rows_guard:
            self._check_proportion(_count(unknown), max(rows, rehearsed.rows))
        if _sets(unknown) == _sets(rehearsed.asked):
            return unknown, True
        again = self._run(PassKind.COLLECT).asked
        # Stored answers may have opened nested calls since the first pass: compare passes that knew the same.
        before = self._run(PassKind.COLLECT).asked if recalled else unknown
        if _sets(again) != _sets(before):
            raise PlanError(
                f"{self.node}: the query asks for different inputs each time it runs (a sample, random(), the current time, or a limit"
                " without a total order?); materialize those rows in a model of their own first"
            )
        if not _count(again):
            # Only stored answers were missing. What was asked without them, as by the ELSE of a CASE, is not needed.
            return {}, True
        shared = {
            call: {text: strict for text, strict in inputs.items() if text in rehearsed.asked.get(call, ())}
            for call, inputs in again.items()
        }
        shared = {call: inputs for call, inputs in shared.items() if inputs}
        # If the passes have nothing in common: what was asked first cannot depend on what was asked later.
        return shared or dict([next(iter(again.items()))]), False

    def _not_stored(self, certain: Asked, looked_up: Asked) -> Asked:
        """Look up what only a later pass asked, with the answers that the first one did not have, and leave out what is stored."""
        later = {call: [text for text in inputs if text not in looked_up.get(call, ())] for call, inputs in certain.items()}
        later = {call: inputs for call, inputs in later.items() if inputs}
        if not later:
            return certain
        self._source.recall(self._requests(later), self.answers)
        return self._unknown(certain)

    def _sampled(self, asked: Asked) -> Asked:
        """Keep what is left of the node's sample. The other requests fail without being sent."""
        if not self._sample:
            return asked
        chosen: Asked = {}
        for call, inputs in asked.items():
            room = max(self._sample - self._executed, 0)
            chosen[call] = dict(list(inputs.items())[:room])
            self._executed += len(chosen[call])
            self.answers_to(call).failures.update(dict.fromkeys((text for text in inputs if text not in chosen[call]), SAMPLED_OUT))
        return {call: inputs for call, inputs in chosen.items() if inputs}

    def _run(self, kind: PassKind) -> Pass:
        current = Pass(kind)
        with self._lock:
            self._pass = current
        try:
            self.rows = current.rows = self._run_pass(kind)
        except PassFailed:
            if self.cancelled.is_set():  # the pass was interrupted
                raise PlanError(INTERRUPTED) from None
            raise
        finally:
            with self._lock:
                self._pass = None
        return current

    def _unknown(self, asked: Asked) -> Asked:
        left = {}
        for call, inputs in asked.items():
            answers = self.answers_to(call)
            left[call] = {text: strict for text, strict in inputs.items() if not answers.knows(text)}
        return {call: inputs for call, inputs in left.items() if inputs}

    def _requests(self, asked: Mapping[Call, Iterable[str]], made: Iterable[Requests] = ()) -> list[Requests]:
        """made: requests that are used again if the same is asked. The keys of a million inputs take half a second."""
        known = {requests.call: requests for requests in made}
        return [
            known[call] if call in known and known[call].inputs == list(inputs) else self._source.requests(call, inputs)
            for call, inputs in asked.items()
        ]

    def _check_proportion(self, requests: int, rows: int) -> None:
        if rows and requests > SMALL_PLAN and requests > MAX_REQUESTS_PER_ROW * rows:
            raise PlanError(
                f"{self.node}: {requests:,} requests for {rows:,} rows; the query calls the model for rows that it then throws away"
                " (an order by … limit, an aggregate or a distinct above the call): put the limit into a subquery below the call,"
                " or allow it with config(meta={'dbt_ai': {'allow_large_plan': true}})"
            )

    def _raise_failures(self) -> None:
        causes, examples = Counter[str](), dict[str, str]()
        for failed in self._failed.values():
            for text, failure in failed.items():
                if failure is not SAMPLED_OUT:
                    causes[failure.cause] += 1
                    if failure.cause not in examples:
                        examples[failure.cause] = f"{failure.message.rstrip('.')}: {self._source.named(text)}"
        if not causes:
            return
        total = sum(causes.values())
        answered = sum(len(self.answers_to(call).slots) for call in self._failed)
        raise PlanError(
            f"{self.node}: {total:,} of {counted(total + answered, 'request')} failed ({most_frequent(causes, examples)})."
            f" {counted(answered, 'answer')} {'is' if answered == 1 else 'are'} stored; the next run asks for {total:,}."
        )


def _sets(asked: Asked) -> dict[Call, set[str]]:
    return {call: set(inputs) for call, inputs in asked.items() if inputs}


def _count(asked: Asked) -> int:
    return sum(map(len, asked.values()))
