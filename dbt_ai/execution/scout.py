"""The bundle that finds out how an endpoint wants to be asked, while the others wait for a moment: they would be refused as it is."""

from __future__ import annotations

from dataclasses import dataclass, field

from dbt_ai.call import Call
from dbt_ai.conversation.asking import Asker
from dbt_ai.conversation.knowledge import EndpointKnowledge
from dbt_ai.execution.bundle import Bundle
from dbt_ai.providers import provider_of
from dbt_ai.providers.base import EndpointProvider

# Endpoints check parameters before they work: what has not been refused by now is being answered. A temperature and a limit are hardly
# ever refused, and no endpoint is idle for them longer than a server nearby takes to say so.
HEAD_START = {"means": 0.5, "system": 0.5, "temperature": 0.05, "limit": 0.05}
# After so many that found out nothing, waiting for another one is not worth it.
MOST_SCOUTS = 4


@dataclass(slots=True)
class Scout:
    """Pure: the caller passes the time in, and holds a lock."""

    _bundle: Bundle | None = field(init=False, default=None)
    _until: float = field(init=False, default=0.0)
    _head_start: float = field(init=False, default=0.0)
    _left: int = field(init=False, default=MOST_SCOUTS)
    _proven: Call | None = field(init=False, default=None)

    def wait(self, now: float, bundle: Bundle) -> float:
        """Seconds until this bundle may leave."""
        return 0.0 if self._bundle is None or bundle is self._bundle else max(0.0, self._until - now)

    def leaves(self, now: float, bundle: Bundle, knowledge: EndpointKnowledge) -> None:
        """A bundle leaves. It is the scout if nobody else is, and what it asks may be refused for how it is asked."""
        if bundle is self._bundle:
            self._until = now + self._head_start
        elif self._bundle is None and self._left and bundle.requests.call is not self._proven:
            self._head_start = max((HEAD_START[name] for name in _unproven(bundle, knowledge)), default=0.0)
            if self._head_start:
                self._bundle, self._until = bundle, now + self._head_start
                self._left -= 1
            else:
                self._proven = bundle.requests.call

    def goes_on(self, now: float, bundle: Bundle) -> bool:
        """A bundle was refused and will be put in another way. Whether it finds out how for all; another one that does is waited for."""
        if self._bundle is None or now >= self._until:
            self._bundle, self._head_start = bundle, max(HEAD_START.values())
        if bundle is not self._bundle:
            return False
        self._until = now + self._head_start
        return True

    def looks_again(self, now: float, bundle: Bundle) -> None:
        """A bundle was answered as if its schema had not been read, and is asked once more. That may tell how for all."""
        if bundle is self._bundle or (self._left and (self._bundle is None or now >= self._until)):
            self._left -= bundle is not self._bundle
            self._bundle, self._head_start = bundle, max(HEAD_START.values())
            self._until = now + self._head_start

    def returned(self, bundle: Bundle) -> None:
        """What became of a bundle is settled."""
        if bundle is self._bundle:
            self._bundle = None

    def forget(self) -> None:
        """The scout may never come back."""
        self._bundle = None


def _unproven(bundle: Bundle, knowledge: EndpointKnowledge) -> set[str]:
    call = bundle.requests.call
    provider = provider_of(call.model)
    return knowledge.unproven(Asker(provider.means(call), knowledge).stakes(call)) if isinstance(provider, EndpointProvider) else set()
