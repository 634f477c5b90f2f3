"""dbt stops what is running, after Ctrl-C or under --fail-fast. Only its main thread hears the signal; its events tell everybody."""

from __future__ import annotations

import weakref
from typing import Protocol

from dbt_common.events.base_types import EventMsg
from dbt_common.events.event_manager_client import add_callback_to_manager, get_event_manager

# What dbt says of each node whose statement it has cancelled, before it waits for the nodes to end; or that it cannot cancel any.
_STOPPING = ("LogCancelLine", "QueryCancelationUnsupported")


class Interruptible(Protocol):
    def interrupt(self) -> None: ...


class Stop:
    """Interrupts a plugin when dbt stops. dbt waits meanwhile, with the database open."""

    def __init__(self, plugin: Interruptible) -> None:
        self._plugin = weakref.ref(plugin)  # dbt keeps who listens, and what that reaches, for as long as the process lives

    def listen(self) -> None:
        """To be called in each invocation: dbt forgets who listens between them."""
        if self._hear not in get_event_manager().callbacks:
            add_callback_to_manager(self._hear)

    def _hear(self, event: EventMsg) -> None:
        plugin = self._plugin()
        if event.info.name in _STOPPING and plugin is not None:
            plugin.interrupt()
