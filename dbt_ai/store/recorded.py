"""Stores of the modes that use a cassette: `record` writes every answer to it, `replay` reads nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from dbt_ai.modes import Mode
from dbt_ai.request import Requests
from dbt_ai.response import Delivery
from dbt_ai.store.answer_store import AnswerStore, StoredAnswers
from dbt_ai.store.cassette import Cassette
from dbt_ai.store.version_1 import Version1


def recorded(store: AnswerStore, mode: Mode, path: Path, version_1: Version1 | None = None) -> AnswerStore:
    """Where a node's answers come from and go to in this mode. path, version_1: of the cassette, where the mode has one."""
    if mode.records:
        return Recording(store, Cassette(path, version_1))
    return Replaying(Cassette(path, version_1)) if mode.replays else store


class Recording:
    """A store whose answers, found or new, are also written to a cassette."""

    def __init__(self, store: AnswerStore, cassette: Cassette) -> None:
        self._store = store
        self._cassette = cassette

    def check(self) -> None:
        self._cassette.check()
        self._store.check()

    def lookup(self, requests: Requests) -> Iterator[StoredAnswers]:
        for stored in self._store.lookup(requests):
            self._cassette.add(requests, stored.positions.tolist(), stored.values)
            yield stored

    def put(self, deliveries: Sequence[Delivery], node: str | None) -> None:
        self._store.put(deliveries, node)
        for delivery in deliveries:
            responses = delivery.responses
            good = [index for index in range(len(delivery.positions)) if index not in responses.failures]
            positions = [delivery.positions[index] for index in good]
            self._cassette.add(delivery.requests, positions, [responses.values[index] for index in good])


class Replaying:
    """The answers of a cassette."""

    def __init__(self, cassette: Cassette) -> None:
        self._cassette = cassette

    def check(self) -> None: ...

    def lookup(self, requests: Requests) -> Iterator[StoredAnswers]:
        return self._cassette.lookup(requests)

    def put(self, deliveries: Sequence[Delivery], node: str | None) -> None: ...
