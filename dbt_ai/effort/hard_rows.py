"""Answers the rows of one call: easy ones by a proxy, as far as the promise allows, and all others by the large model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from dbt_ai.call import Call
from dbt_ai.effort.bound import lowest_threshold
from dbt_ai.effort.proxy import Classifier, Guess, fitted, guess_of_probabilities, require_fitting
from dbt_ai.effort.record import Record, in_use, read_records, record_call
from dbt_ai.effort.sampling import WORTH_IT, Trial, best_check, in_random_order, smallest_check, tolerated_errors, trial_size
from dbt_ai.known_answers import KnownAnswers
from dbt_ai.request import Requests

# Vectors that are in memory at once.
_CHUNK = 20_000
# A proxy that may answer less than this share of what it could answer before is fitted anew at the next run.
_STILL_GOOD = 0.5


class RowSource(Protocol):
    """Where answers to rows come from and go to."""

    def ask(self, call: Call, inputs: Sequence[str]) -> KnownAnswers:
        """The answers to these inputs, stored or asked now. Raises PlanError when the node is interrupted."""

    def stored(self, call: Call, inputs: Sequence[str]) -> KnownAnswers:
        """Those of the answers that are stored."""

    def keep(self, call: Call, inputs: Sequence[str], values: Sequence[str], answered_by: str) -> None:
        """Store what no model was asked for."""

    def count(self, call: Call, answers: int, answered_by: str) -> None:
        """Count answers that a proxy gave in the place of the call's model."""

    def weights_of(self, call: Call) -> str:
        """Revision or hash of a local model's weights; empty for an endpoint."""

    def say(self, line: str) -> None:
        """Show a line to the user."""


class NoPromise(Exception):
    """Why the proxy may answer nothing, as the end of a sentence."""


class HardRows:
    """requests: the rows of a call with effort that have no answer yet. known: what the node knows of that call."""

    def __init__(self, requests: Requests, known: KnownAnswers, source: RowSource) -> None:
        self._call = requests.call
        self._new = list(requests.inputs)
        self._known = known
        self._source = source
        assert requests.call.effort is not None, "rows of a call with effort"
        self._effort = requests.call.effort
        self._large = requests.call.without_effort()

    def answer(self) -> None:
        """Answer every row, and keep the answers."""
        try:
            easy = self._easy()
        except NoPromise as why:
            self._source.say(f"all {len(self._new):,} new inputs of {self._call.function} go to {self._large.model.name!r}: {why}")
        else:
            self._source.say(easy)
        self._ask_large([text for text in self._new if not self._known.knows(text)])

    def _easy(self) -> str:
        """Have the proxy answer what it may. Returns what to tell of it; raises NoPromise."""
        records = read_records(self._source.stored(record_call(self._call), Record.inputs()))
        record = in_use(records, self._effort, self._source.weights_of(self._effort.proxy))
        return self._by_fitted_proxy(record, len(records)) if record else self._by_new_proxy(len(records))

    def _by_new_proxy(self, number: int) -> str:
        """Fit or try a proxy on some rows, and have it answer what it may of all."""
        rows = in_random_order(self._large, [*answered_before(self._large, self._known, self._source), *self._new])
        trial_rows = rows[: trial_size(len(rows))]
        others = rows[len(trial_rows) :]
        tolerated = tolerated_errors(self._effort, len(rows))
        if smallest_check(len(others), tolerated, self._effort.confidence) is None:
            raise NoPromise(f"{len(rows):,} are too few to check a proxy on some of them")
        if self._effort.proxy.embeds:
            require_fitting()
        vectors = self._proxy_answers(rows)
        answers = self._ask_large(trial_rows)
        tried = [text for text in trial_rows if text in answers and text in vectors.slots]
        right_answers = [answers[text] for text in tried]
        if len(set(right_answers)) < 2:
            raise NoPromise(
                f"it gave the same answer to all of the {len(tried):,} that it was asked first"
                if tried
                else f"{self._who} has no answer to the {len(trial_rows):,} that it was asked first{_because(vectors, trial_rows)}"
            )
        if self._effort.proxy.embeds:
            classifier, guess = fitted(_vectors(vectors, tried), right_answers)
        else:
            classifier, guess = None, _guess(None, vectors, tried)
        trial = Trial.of(guess.confidences, guess.right(right_answers))
        record = Record(classifier, trial, -1.0, self._source.weights_of(self._effort.proxy))
        return self._checked(record, number, others, vectors, tolerated, None, len(rows))

    def _by_fitted_proxy(self, record: Record, number: int) -> str:
        """Check the proxy of an earlier run on some of the new rows, and have it answer what it may of them."""
        rows = in_random_order(self._large, self._new)
        vectors = self._proxy_answers(rows)
        if record.classifier is not None and record.classifier.dimensions != vectors.width:  # the endpoint has another model now
            return self._by_new_proxy(number)
        return self._checked(record, number, rows, vectors, tolerated_errors(self._effort, len(rows)), record.threshold, len(rows))

    def _checked(
        self, record: Record, number: int, rows: Sequence[str], vectors: KnownAnswers, tolerated: int, floor: float | None, promised: int
    ) -> str:
        rows = [text for text in rows if text in vectors.slots]
        guess = _guess(record.classifier, vectors, rows)
        check = best_check(guess.confidences, record.trial, tolerated, self._effort.confidence, floor)
        if check is None or check.answered < WORTH_IT * promised:
            if floor is not None:  # to try another costs nothing more: what it is tried on has to be asked anyway
                return self._by_new_proxy(number)
            raise NoPromise(f"{self._who} is expected to answer too few of {promised:,} as {self._large.model.name!r} does")
        sure = np.flatnonzero(guess.confidences > check.floor).tolist()
        sample, others = sure[: check.size], sure[check.size :]
        answers = self._ask_large([rows[position] for position in sample])
        checked = guess.take(sample)
        right = [answers.get(rows[position]) == answer for position, answer in zip(sample, checked.answers, strict=True)]
        threshold = max(check.floor, lowest_threshold(checked.confidences.tolist(), right, check.allowed))
        easy = [position for position in others if guess.confidences[position] > threshold and not self._known.knows(rows[position])]
        differed = f"{right.count(False):,} of {len(right):,} that were checked"
        holds = len(easy) >= _STILL_GOOD * check.answered if floor is not None else bool(easy)
        if not holds and floor is not None:
            self._keep_record(number, Record(None, record.trial, threshold, record.weights, dropped=True))
        if not holds:
            raise NoPromise(f"{self._who} differed from {self._large.model.name!r} in {differed}")
        if floor is None:
            self._keep_record(number, Record(record.classifier, record.trial, threshold, record.weights))
        texts, given = [rows[position] for position in easy], [guess.answers[position] for position in easy]
        self._source.keep(self._call, texts, given, self._who)
        self._source.count(self._call, len(texts), self._who)
        self._known.add(texts, given, {})
        return (
            f"{len(easy):,} of {promised:,} inputs of {self._call.function} are answered by {self._who}, which differed from"
            f" {self._large.model.name!r} in {differed}"
        )

    def _ask_large(self, inputs: Sequence[str]) -> dict[str, str]:
        """The large model's answers; failures have none."""
        if not inputs:
            return {}
        found = self._source.ask(self._large, inputs)
        answers = {text: str(found.texts[slot]) for text, slot in found.slots.items()}
        failed = {index: found.failures[text] for index, text in enumerate(inputs) if text in found.failures}
        self._known.add(list(inputs), [answers.get(text) for text in inputs], failed)
        return answers

    def _proxy_answers(self, rows: Sequence[str]) -> KnownAnswers:
        """Vectors, or what the smaller model answers."""
        return self._source.ask(self._effort.proxy, rows)

    def _keep_record(self, number: int, record: Record) -> None:
        self._source.keep(record_call(self._call), [Record.input(number)], [record.to_text()], self._who)

    @property
    def _who(self) -> str:
        return self._effort.answered_by


def answered_before(large: Call, known: KnownAnswers, source: RowSource) -> list[str]:
    """Rows of the node that the large model has answered. A new proxy is tried on them too: a sample that is asked again costs nothing."""
    return list(source.stored(large, list(known.slots)).slots) if known.slots else []


def _because(found: KnownAnswers, inputs: Sequence[str]) -> str:
    failure = next((found.failures[text] for text in inputs if text in found.failures), None)
    return f" ({failure.message})" if failure else ""


def _vectors(found: KnownAnswers, inputs: Sequence[str]) -> NDArray[np.float32]:
    return found.vectors(np.array([found.slots[text] for text in inputs], dtype=np.int64))


def _guess(classifier: Classifier | None, found: KnownAnswers, inputs: Sequence[str]) -> Guess:
    if classifier is None:
        return guess_of_probabilities([str(found.texts[found.slots[text]]) for text in inputs])
    parts = [classifier.guess(_vectors(found, inputs[start : start + _CHUNK])) for start in range(0, len(inputs), _CHUNK)]
    if not parts:
        return Guess([], np.zeros(0))
    return Guess([answer for part in parts for answer in part.answers], np.concatenate([part.confidences for part in parts]))
