"""What one endpoint takes, as its answers and refusals taught."""

from __future__ import annotations

import re
import threading
from collections import Counter
from dataclasses import dataclass, replace

from dbt_ai.conversation.subject import Subject, subject_of
from dbt_ai.errors import ProviderError

# Bytes of a part of an aggregate: about 8,000 tokens of English, which every current model takes.
FIRST_PART = 24_000
# A server that broke once may have broken by chance: what it broke on is given up when it does so again.
BREAKS_THAT_TEACH = 2
# A plainer way of asking that was refused as well is not tried again for the same words, nor, after so many, for any.
MOST_IN_VAIN = 3

# What is told of an embedding is how to write it.
VECTORS = "vectors"

_NUMBER = re.compile(r"\b[0-9a-f-]*[0-9][0-9a-z-]*\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Manner:
    """How something is asked. means: position among the format's means of telling a schema, best first.
    temperature: our default is sent. system: a system message is a message of its own. limit: the limit on an answer has the name that
    the user gave it, max_tokens or max_completion_tokens.

    >>> EndpointKnowledge().manner(Stakes(schema=None, last=0, temperature=True, system=True)) == Manner()
    True
    """

    means: int = 0
    temperature: bool = True
    system: bool = True
    limit: bool = True


@dataclass(frozen=True, slots=True)
class Stakes:
    """What of a call an endpoint may refuse besides its content.

    schema: what the means tell, None where nothing is told. last: position of the plainest means.
    temperature: our default is sent unless it is refused. system: there is a system message. limit: there is a limit on the answer.
    """

    schema: str | None
    last: int
    temperature: bool
    system: bool
    limit: bool = False


class EndpointKnowledge:
    """Thread-safe. Belongs to one endpoint: a location, a model and a credential.

    A plainer way is tried only for what the endpoint never accepted, and learnt only when it worked: so a refusal that is about one text
    stays one request, and what is refused to all is refused a few times.

    largest_part: bytes of an aggregate's part that it takes at once. takes_lists: several texts may travel in one request.

    >>> knowledge, stakes = EndpointKnowledge(), Stakes(schema=None, last=0, temperature=True, system=False)
    >>> refusal = ProviderError("'temperature' does not support 0.0 with this model.", status=400)
    >>> plainer = knowledge.plainer(stakes, knowledge.manner(stakes), refusal)
    >>> knowledge.learn(stakes, knowledge.manner(stakes), plainer, refusal)
    >>> knowledge.manner(stakes).temperature
    False
    """

    def __init__(self) -> None:
        self.largest_part = FIRST_PART
        self.takes_lists = True
        self._manner = Manner()
        self._means_of: dict[str, int] = {}
        self._accepted_means: dict[str, set[int]] = {}
        self._kept_means: set[int] = set()
        self._accepted: set[str] = set()
        self._breaks: Counter[Manner] = Counter()
        self._in_vain: Counter[str] = Counter()
        self._lock = threading.Lock()

    def manner(self, stakes: Stakes) -> Manner:
        """The best way that is not known to be refused."""
        with self._lock:
            means = min(max(self._manner.means, self._means_of.get(stakes.schema or "", 0)), stakes.last)
            if stakes.schema == VECTORS and not self.takes_lists:
                means = stakes.last
            # Asked for each request, and hardly ever another one than the last.
            return self._manner if means == self._manner.means else replace(self._manner, means=means)

    def unproven(self, stakes: Stakes) -> set[str]:
        """What of a call may still be refused for how it is asked: "means", "system", "temperature", "limit"."""
        manner = self.manner(stakes)
        with self._lock:
            told = any(manner.means in means for means in self._accepted_means.values())
            at_stake = {
                "means": stakes.schema is not None and not told,
                "system": stakes.system and manner.system,
                "temperature": stakes.temperature and manner.temperature,
                "limit": stakes.limit and manner.limit,
            }
            return {name for name, is_at_stake in at_stake.items() if is_at_stake} - self._accepted

    def plainer(self, stakes: Stakes, manner: Manner, refusal: ProviderError) -> Manner | None:
        """The way to try after this refusal of a manner; None where the refusal is about what was asked."""
        subject = subject_of(refusal)
        with self._lock:
            means = stakes.schema is not None and manner.means < stakes.last and not self._proven(stakes.schema, manner)
            temperature = stakes.temperature and manner.temperature and "temperature" not in self._accepted
            system = stakes.system and manner.system and "system" not in self._accepted
            if self._in_vain[_without_numbers(refusal)]:
                return None
            if subject is Subject.MEANS and means:
                return replace(manner, means=manner.means + 1)
            if subject is Subject.TEMPERATURE and temperature:
                return replace(manner, temperature=False)
            if subject is Subject.LIMIT and stakes.limit and manner.limit and "limit" not in self._accepted:
                return replace(manner, limit=False)
            if subject is Subject.SYSTEM and system:
                return replace(manner, system=False)
            if subject is not Subject.UNEXPLAINED or self._in_vain.total() >= MOST_IN_VAIN:
                return None
            if means:  # of a schema the plainest means is taken at once; a vector costs less to find out about than to ask for badly
                return replace(manner, means=manner.means + 1 if stakes.schema == VECTORS else stakes.last)
            if system:
                return replace(manner, system=False)
            return replace(manner, temperature=False) if temperature else None

    def accepted(self, stakes: Stakes, manner: Manner) -> None:
        """What was asked so was answered."""
        with self._lock:
            if stakes.schema is not None:
                self._accepted_means.setdefault(stakes.schema, set()).add(manner.means)
            if stakes.temperature and manner.temperature:
                self._accepted.add("temperature")
            if stakes.system and manner.system:
                self._accepted.add("system")
            if stakes.limit and manner.limit:
                self._accepted.add("limit")

    def learn(self, stakes: Stakes, refused: Manner, worked: Manner, refusal: ProviderError) -> None:
        """One manner was refused, and a plainer one was not."""
        with self._lock:
            if (refusal.status or 0) >= 500 and subject_of(refusal) is Subject.UNEXPLAINED:
                self._breaks[refused] += 1
                if self._breaks[refused] < BREAKS_THAT_TEACH:
                    return
            if refused.means < worked.means:
                self._learn_means(stakes.schema or "", refused.means, worked.means)
            self._manner = replace(
                self._manner,
                temperature=self._manner.temperature and (worked.temperature or not refused.temperature),
                system=self._manner.system and (worked.system or not refused.system),
                limit=self._manner.limit and (worked.limit or not refused.limit),
            )

    def _learn_means(self, schema: str, refused: int, worked: int) -> None:
        best = min((means for accepted in self._accepted_means.values() for means in accepted), default=worked)
        if best <= refused:  # it was too much for this schema
            self._means_of[schema] = max(worked, self._means_of.get(schema, 0))
        else:
            self._manner = replace(self._manner, means=max(worked, self._manner.means))

    def learn_in_vain(self, first: ProviderError, last: ProviderError) -> None:
        """What was refused was refused in a plainer way too."""
        if str(first) == str(last) or subject_of(last) is not Subject.CONTENT:
            with self._lock:
                self._in_vain[_without_numbers(first)] += 1

    def kept(self, manner: Manner) -> None:
        """An answer kept to the schema that was told so."""
        with self._lock:
            self._kept_means.add(manner.means)

    def doubts(self, stakes: Stakes, manner: Manner) -> bool:
        """Whether the endpoint may ignore a schema that is told so: no answer has kept to it, and there is another way to tell it."""
        with self._lock:
            return stakes.schema is not None and manner.means not in self._kept_means and self._manner.means <= manner.means < stakes.last

    def ignored(self, stakes: Stakes, manner: Manner) -> None:
        """The endpoint took the schema and did not keep to it, as it did when it was told in another way."""
        with self._lock:
            self._manner = replace(self._manner, means=min(max(self._manner.means, manner.means + 1), stakes.last))

    def _proven(self, schema: str, manner: Manner) -> bool:
        return manner.means in self._accepted_means.get(schema, ())

    def too_large(self, size: int) -> None:
        """A part of so many bytes does not fit into the model's context."""
        with self._lock:
            self.largest_part = min(self.largest_part, size // 2)


def _without_numbers(refusal: ProviderError) -> str:
    """The words of a refusal, which may name the request by a number of its own."""
    return _NUMBER.sub("#", str(refusal))
