"""What is known of one call while SQL runs: a dictionary from inputs to their values."""

from __future__ import annotations

import errno
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dbt_ai.call import Call
from dbt_ai.errors import ProviderError, StoreError
from dbt_ai.request import Requests
from dbt_ai.response import Failure, Responses
from dbt_ai.spilling_vectors import SPILL_BYTES, SpillingVectors

EMPTY_INPUT = Failure("empty input", "empty input: an embedding needs some text")
NOT_A_NUMBER = Failure("not a number", "the model's vector holds NaN or infinity")
ALL_ZERO = Failure("vector of zeros", "the model's vector holds nothing but zeros")
SAMPLED_OUT = Failure("sampled out", "sampled out")


class KnownAnswers:
    """Values and failures by input. Adding is thread-safe and never disturbs a reader.

    slots: input -> position of its value, for `vectors` or `texts`.
    failures: input -> why it has no value.

    >>> from dbt_ai.external_model import ExternalModel
    >>> call = Call("ai_query", ExternalModel("llm", "https://api.openai.com/v1/chat/completions", "OpenAI", "CHAT", "gpt-4o-mini"))
    >>> known = KnownAnswers(call)
    >>> known.add(["hello", "bye"], ["hi", None], {1: Failure("refused", "the model refused")})
    >>> known.find(["hello", "bye"]).tolist(), known.failures["bye"].cause
    ([0, -1], 'refused')
    """

    def __init__(self, call: Call) -> None:
        self.call = call
        self.slots: dict[str, int] = {}
        self.failures: dict[str, Failure] = {"": EMPTY_INPUT} if call.embeds else {}
        self.texts: list[str | None] = []
        self._vectors: SpillingVectors | None = None
        self._expected: int | None = call.dimensions
        self._lock = threading.Lock()

    def knows(self, text: str) -> bool:
        """Whether the input has a value or a failure."""
        return text in self.slots or text in self.failures

    def left_of(self, requests: Requests) -> Requests:
        """Those of the requests that have neither a value nor a failure."""
        return requests.subset([position for position, text in enumerate(requests.inputs) if not self.knows(text)])

    def add(self, inputs: Sequence[str], values: NDArray[np.float32] | Sequence[str | None], failures: Mapping[int, Failure]) -> None:
        """Take in values[i] for inputs[i], or the failure at i. Raises ProviderError for vectors of another length."""
        with self._lock:
            self.failures.update((inputs[index], failure) for index, failure in failures.items())
            good = [index for index in range(len(inputs)) if index not in failures]
            if not good:
                return
            if isinstance(values, np.ndarray):
                start = self._append(values if len(good) == len(inputs) else values[good])
            else:
                start = len(self.texts)
                self.texts.extend(values[index] for index in good)
            # This comes last, so that a reader that finds a slot also finds its value.
            self.slots.update((inputs[index], start + offset) for offset, index in enumerate(good))

    def vectors(self, slots: NDArray[np.int64]) -> NDArray[np.float32]:
        """The vectors in these slots, float32[len(slots), dimensions]. Rows of negative slots are undefined."""
        if self._vectors is None:
            return np.zeros((len(slots), self.call.dimensions or 0), dtype=np.float32)
        return self._vectors.take(slots)

    @property
    def width(self) -> int | None:
        """Length of the vectors, if it is known yet."""
        return self._expected or (self._vectors.width if self._vectors is not None else None)

    def find(self, inputs: Iterable[Any]) -> NDArray[np.int64]:
        """The slot of each input, -1 for an input without one."""
        inputs = list(inputs)
        if not self.slots:
            return np.full(len(inputs), -1, dtype=np.int64)
        find = self.slots.get
        return np.array([find(text, -1) for text in inputs], dtype=np.int64)

    def fitting(self, responses: Responses) -> Responses:
        """The responses, or failures in their place if their vectors are not as long as those they would stand beside.

        The first vectors decide, even before they are added: what is stored together must fit together.
        """
        if not isinstance(responses.values, np.ndarray):
            return responses
        with self._lock:
            self._expected = self.width or responses.values.shape[1]
            problem = self._misfits(responses.values)
        if not problem:
            return responses
        failure = Failure("wrong dimensions", problem)
        return replace(responses, values=[None] * len(responses.values), failures=dict.fromkeys(range(len(responses.values)), failure))

    def _misfits(self, rows: NDArray[np.float32]) -> str:
        expected = self.width or rows.shape[1]
        if rows.shape[1] == expected:
            return ""
        return (
            f"external model {self.call.model.name!r} answered vectors of {rows.shape[1]} dimensions where {expected} were expected;"
            f" set parameters={{'dimensions': {rows.shape[1]}}} or use a model of {expected} dimensions"
        )

    def _append(self, rows: NDArray[np.float32]) -> int:
        """The position of the first of these rows. Raises StoreError where they cannot be written to a temporary file."""
        if self._misfits(rows):
            raise ProviderError(self._misfits(rows))
        try:
            if self._vectors is None:
                self._vectors = SpillingVectors(rows.shape[1])
            start = len(self._vectors)
            self._vectors.append(rows)
        except OSError as error:
            if error.errno == errno.ENOMEM:
                raise MemoryError from error
            raise StoreError(
                f"more vectors than memory is taken for ({SPILL_BYTES >> 20} MB) cannot be written to a temporary file"
                f" ({error.strerror or error}); set TMPDIR to a folder that may be written and has room"
            ) from None
        return start


class AnsweredInputs(KnownAnswers):
    """Which inputs have an answer, without its value: for SQL that reads values from a table."""

    def add(self, inputs: Sequence[str], values: NDArray[np.float32] | Sequence[str | None], failures: Mapping[int, Failure]) -> None:
        with self._lock:
            self.failures.update((inputs[index], failure) for index, failure in failures.items())
            self.slots.update((text, 0) for index, text in enumerate(inputs) if index not in failures)
