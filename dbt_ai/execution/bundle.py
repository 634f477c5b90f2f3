"""What waits for an endpoint: bundles of requests, in the lane of the node that asks them."""

from __future__ import annotations

import heapq
import itertools
import math
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from dbt_ai.call import Call
from dbt_ai.conversation.conversation import Conversation
from dbt_ai.execution.backoff import attempts_of
from dbt_ai.execution.outcome import Outcome
from dbt_ai.request import Requests
from dbt_ai.response import Failure, Responses

# A piece of a bundle that broke again and again is tried less often than the bundle was. So is a bundle that made a custom model raise.
ATTEMPTS_OF_PIECES = 2
ATTEMPTS_OF_LATE = 2
# Answers that wait to be stored are lost if the process is killed. Beyond so many bundles, inputs or seconds, storing goes before asking: a
# disk that is busy takes seconds for a commit.
MOST_UNSTORED = 128
MOST_UNSTORED_INPUTS = 16_384
LONGEST_UNSTORED = 1.0


@dataclass(eq=False, slots=True)
class Cut:
    """A bundle that was cut into pieces. If all pieces are accepted, it was only too large.

    refused_for: the endpoint's words, where they cannot be about a text and it has never accepted any.
    """

    size: int
    pieces: int
    refused_for: str = ""
    accepted: int = 0


@dataclass(eq=False, slots=True)
class Bundle:
    """Inputs that travel in one request. broken: attempts that broke.

    tries: how often to send a piece of a bundle that broke; None for as often as the call allows. piece_of: the cut that made it.
    node: who asks. caching: see Call. conversation: what is asked about them, once it has begun.
    took: seconds of its last exchange.

    >>> from dbt_ai.external_model import ExternalModel
    >>> call = Call("ai_query", ExternalModel("llm", "https://api.openai.com/v1/chat/completions", "OpenAI", "CHAT", "gpt-4o-mini"))
    >>> texts = ["one", "two", "three"]
    >>> bundle = Bundle(Requests(call, texts, call.keys(texts)), [0, 2], tokens=2)
    >>> bundle.inputs, bundle.piece([2]).inputs
    (['one', 'three'], ['three'])
    """

    requests: Requests
    positions: Sequence[int]
    tokens: int
    node: str = ""
    caching: int | None = None
    broken: int = 0
    sent: int = 0
    first_sent: float = math.inf
    tries: int | None = None
    piece_of: Cut | None = None
    conversation: Conversation | None = None
    took: float = 0.0

    def __len__(self) -> int:
        return len(self.positions)

    @property
    def inputs(self) -> list[str]:
        """The texts of the bundle, in the order of its positions."""
        return [self.requests.inputs[position] for position in self.positions]

    @property
    def sent_call(self) -> Call:
        """The call as it is sent."""
        call = self.requests.call
        return call if self.caching is None else replace(call, caching=self.caching)

    @property
    def seeks(self) -> bool:
        """Whether it is still to be found out how the endpoint wants to be asked."""
        return self.conversation is not None and not self.conversation.opened

    @property
    def in_doubt(self) -> bool:
        """Whether what it asks finds out if the endpoint ignores a schema that it took."""
        return self.conversation is not None and self.conversation.in_doubt

    def failed(self, failure: Failure) -> Responses:
        """The same failure for every input."""
        return Responses([None] * len(self), dict.fromkeys(range(len(self)), failure))

    def most_attempts(self, status: int, late: bool = False) -> int:
        """How often it is sent when it breaks with this status. A custom model that raises answers 500, and will do so again; so does what
        is too large, where a smaller piece was answered. late: it took all its time; it may do so again, and be paid each time."""
        most = attempts_of(self.requests.call)
        if late and self.requests.call.model.retry_count is None:
            most = min(most, ATTEMPTS_OF_LATE)
        too_large = self.piece_of is not None and self.piece_of.accepted > 0
        raised = status == 500 and len(self) > 1 and (too_large or self.requests.call.model.model_type == "CUSTOM")
        return min(most, ATTEMPTS_OF_PIECES if raised else most, self.tries or most)

    def piece(self, positions: Sequence[int]) -> Bundle:
        """A part of this bundle that travels alone. It keeps the history of the whole."""
        tokens = max(1, self.tokens * len(positions) // len(self))
        sent = self.sent and 1
        return Bundle(
            self.requests,
            positions,
            tokens,
            self.node,
            self.caching,
            broken=self.broken,
            sent=sent,
            first_sent=self.first_sent,
            tries=self.tries,
        )

    def cut_off(self, positions: Sequence[int], cut: Cut, tries: int | None) -> Bundle:
        """A part that is tried afresh, to find out which input the whole failed for."""
        piece = self.piece(positions)
        piece.broken, piece.tries, piece.piece_of = 0, tries, cut
        return piece


class BundleOwner(Protocol):
    """Who asks for bundles, and hears what becomes of them.

    Its methods are called under the endpoint's lock or in the loop, so they must not wait.
    """

    def allow(self, bundle: Bundle) -> None:
        """A bundle is about to leave. Raises when it must not."""

    def allow_again(self, bundle: Bundle) -> None:
        """It is about to leave once more before anything came back. Raises when it must not."""

    def spent(self, bundle: Bundle, outcome: Outcome) -> None:
        """One exchange is over, whatever its result."""

    def reserve(self, call: Call, dollars: float) -> None:
        """A job was submitted that is expected to cost this; less than nothing once its answers are there."""

    def waits_for(self, call: Call, jobs: str) -> None:
        """How far jobs are that are waited for; empty where that is over."""

    def postpone(self, bundles: Sequence[Bundle], message: str) -> None:
        """They are in a job that is not waited for any longer."""

    def settle(self, lane: Lane, bundle: Bundle, responses: Responses, sent: bool) -> None:
        """What became of a bundle's inputs. sent: the endpoint was really asked."""

    def held_up(self) -> None:
        """Nothing of it leaves until what came back is stored."""

    def abort(self, error: BaseException) -> None:
        """What `allow` or the sending raised; nothing more leaves."""


@dataclass(eq=False)
class Lane:
    """The bundles of one node in an endpoint's queue. Used under the endpoint's lock, but for looking at `flying`.

    ready: what may leave. flying: bundles that have left and not come back.
    """

    owner: BundleOwner
    ready: deque[Bundle] = field(default_factory=deque)
    flying: int = 0
    _unstored: deque[tuple[float, int]] = field(default_factory=deque)
    _unstored_inputs: int = 0
    _delayed: list[tuple[float, int, Bundle]] = field(default_factory=list)
    _order: Iterator[int] = field(default_factory=itertools.count)

    def __len__(self) -> int:
        return len(self.ready) + len(self._delayed)

    @property
    def due(self) -> float:
        """When the next delayed bundle is ready; infinite if none is delayed."""
        return self._delayed[0][0] if self._delayed else math.inf

    def delay(self, bundle: Bundle, until: float) -> None:
        """The bundle is ready at a moment to come, in seconds of the endpoint's clock."""
        heapq.heappush(self._delayed, (until, next(self._order), bundle))

    def let_due(self, now: float) -> None:
        """Make ready what has waited until now, before the others: it has waited longer."""
        while self.due <= now:
            self.ready.appendleft(heapq.heappop(self._delayed)[-1])

    def came_back(self, now: float, inputs: int) -> None:
        """What became of a bundle is known, and is to be stored."""
        self._unstored.append((now, inputs))
        self._unstored_inputs += inputs

    def stored(self, bundles: int) -> None:
        """The longest known of them are stored."""
        for _ in range(min(bundles, len(self._unstored))):
            self._unstored_inputs -= self._unstored.popleft()[1]

    def is_behind(self, now: float, most: float) -> bool:
        """Whether more than `most` bundles wait to be stored, or too many inputs, or one for too long."""
        if not self._unstored:
            return False
        many = len(self._unstored) >= most or self._unstored_inputs >= MOST_UNSTORED_INPUTS
        return many or now - self._unstored[0][0] > LONGEST_UNSTORED

    def clear(self) -> None:
        """Forget every bundle that has not left."""
        self.ready.clear()
        self._delayed.clear()

    def take(self, call: Call) -> list[Bundle]:
        """Take out what is queued for a call."""
        taken = [bundle for bundle in self.ready if bundle.requests.call == call]
        taken += [bundle for _, _, bundle in self._delayed if bundle.requests.call == call]
        self.ready = deque(bundle for bundle in self.ready if bundle.requests.call != call)
        self._delayed = [delayed for delayed in self._delayed if delayed[-1].requests.call != call]
        heapq.heapify(self._delayed)
        return taken
