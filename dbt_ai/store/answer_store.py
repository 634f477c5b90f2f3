"""What the runtime asks of every place where answers are kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from dbt_ai.request import Requests
from dbt_ai.response import Delivery
from dbt_ai.tokens import TokenCount


@dataclass(frozen=True, slots=True)
class StoredAnswers:
    """Answers that were found: values[i] belongs to inputs[positions[i]] of the requests; tokens is what they took when asked.

    in_warehouse: they need not be brought to where SQL reads them.

    >>> found = StoredAnswers(np.array([1]), ["hi"], TokenCount(12, 1))
    >>> dict(zip(found.positions.tolist(), found.values, strict=True))
    {1: 'hi'}
    """

    positions: NDArray[np.int64]
    values: NDArray[np.float32] | Sequence[str]
    tokens: TokenCount
    in_warehouse: bool = False


class AnswerStore(Protocol):
    """Thread-safe. Nodes look up before they ask, and the scheduler looks again for what another node stored in between."""

    def check(self) -> None:
        """Raises StoreError, in one sentence, if answers could not be kept. Asked before anything is paid."""

    def lookup(self, requests: Requests) -> Iterator[StoredAnswers]:
        """Find the answers to these requests; yields them in pieces, in any order."""

    def put(self, deliveries: Sequence[Delivery], node: str | None) -> None:
        """Keep what was answered, all of it together. Failures are left out, and so is what is stored already.

        Raises StoreError if it cannot be written.
        """
