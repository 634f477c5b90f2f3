"""Claims on requests that are under way. Nodes that run in parallel send the same request once."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

from dbt_ai.request import Requests
from dbt_ai.response import Failure

Owner = TypeVar("Owner")


@dataclass(frozen=True, slots=True)
class Waiter(Generic[Owner]):
    """An owner that waits for a request that another owner sends."""

    owner: Owner
    requests: Requests
    position: int


@dataclass(frozen=True, slots=True)
class ClaimResult:
    """The positions of some requests, by who sends them.

    mine: the claimant sends them and settles them. answered: answered since the claimant may have looked, so the store has them.
    failed: failed in this invocation, and not asked again. Somebody else settles all others, and the claimant is told.
    """

    mine: list[int]
    answered: list[int]
    failed: dict[int, Failure]


class Claims(Generic[Owner]):
    """Which requests are under way, and who asked first. Thread-safe. A claim ends with `settle` or, unanswered, with `abandon`.

    An answered key is remembered for owners that looked into the store before it was answered. These keys are kept in two generations,
    so that a server that is never idle forgets too: the older keys go when the last owner of the older generation has ended.

    >>> from dbt_ai.external_model import ExternalModel
    >>> from dbt_ai.call import Call
    >>> call = Call("ai_query", ExternalModel("llm", "https://api.openai.com/v1/chat/completions", "OpenAI", "CHAT", "gpt-4o-mini"))
    >>> requests, claims = Requests(call, ["hello"], call.keys(["hello"])), Claims[str]()
    >>> claims.claim("one node", requests).mine, claims.claim("another", requests).mine
    ([0], [])
    >>> [waiter.owner for waiter in claims.settle(requests.keys, failures={})[0]]
    ['another']
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._owners: dict[bytes, Owner] = {}
        self._waiters: dict[bytes, list[Waiter[Owner]]] = {}
        self._answered: set[bytes] = set()
        self._answered_before: set[bytes] = set()
        self._generation = 0
        self._asking = {0: 0, -1: 0}
        self._failed: dict[bytes, Failure] = {}

    def forget_failures(self) -> None:
        """Allow requests that failed to be sent again."""
        with self._lock:
            self._failed.clear()

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Wraps a look into the store and the claim of what was not found there."""
        with self._lock:
            generation = self._generation
            self._asking[generation] += 1
        try:
            yield
        finally:
            with self._lock:
                self._asking[generation] -= 1
                if not self._asking[self._generation - 1]:
                    del self._asking[self._generation - 1]
                    self._generation += 1
                    self._asking[self._generation] = 0
                    self._answered, self._answered_before = set(), self._answered

    def claim(self, owner: Owner, requests: Requests) -> ClaimResult:
        """Take the requests that nobody sends, and wait for those that somebody else does."""
        claimed = ClaimResult([], [], {})
        with self._lock:
            for position, key in enumerate(requests.keys):
                holder = self._owners.get(key)
                if holder is not None:
                    self._waiters.setdefault(key, []).append(Waiter(owner, requests, position))
                elif key in self._answered or key in self._answered_before:
                    claimed.answered.append(position)
                elif key in self._failed:
                    claimed.failed[position] = self._failed[key]
                else:
                    self._owners[key] = owner
                    claimed.mine.append(position)
        return claimed

    def settle(self, keys: Sequence[bytes], failures: dict[int, Failure]) -> dict[int, list[Waiter[Owner]]]:
        """These keys are answered and stored, or have failed for good. Returns their waiters, by index in keys."""
        waiting = {}
        with self._lock:
            for index, key in enumerate(keys):
                self._owners.pop(key, None)
                if index in failures:
                    self._failed[key] = failures[index]
                else:
                    self._answered.add(key)
                if key in self._waiters:
                    waiting[index] = self._waiters.pop(key)
        return waiting

    def abandon(self, owner: Owner, keys: Iterable[bytes]) -> list[Waiter[Owner]]:
        """The owner will not settle these keys. The first waiter of each becomes its owner; returns these waiters.

        That may be the owner itself, with other requests. An owner that ends calls `leave` first.
        """
        heirs = []
        with self._lock:
            for key in keys:
                if self._owners.get(key) is not owner:
                    continue
                waiters = self._waiters.pop(key, [])
                if not waiters:
                    del self._owners[key]
                    continue
                heir, *others = waiters
                self._owners[key] = heir.owner
                if others:
                    self._waiters[key] = others
                heirs.append(heir)
        return heirs

    def leave(self, owner: Owner) -> None:
        """Remove the owner from all waiters."""
        with self._lock:
            for key in list(self._waiters):
                self._waiters[key] = [waiter for waiter in self._waiters[key] if waiter.owner is not owner]
                if not self._waiters[key]:
                    del self._waiters[key]
