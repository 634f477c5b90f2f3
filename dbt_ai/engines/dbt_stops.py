"""dbt stops what is running, after Ctrl-C or under --fail-fast. Only its main thread hears the signal; its events tell everybody, once
every statement is cancelled. That takes a warehouse a second, in which much would still be asked."""

from __future__ import annotations

import signal
import threading
import weakref
from types import FrameType
from typing import Protocol

from dbt_common.events.base_types import EventMsg
from dbt_common.events.event_manager_client import add_callback_to_manager, get_event_manager

# What dbt says of each node whose statement it has cancelled, before it waits for the nodes to end; or that it cannot cancel any.
_STOPPING = ("LogCancelLine", "QueryCancelationUnsupported")


class Interruptible(Protocol):
    """stop_sending: returns at once. interrupt: returns when what is in flight is back and stored."""

    def stop_sending(self) -> None: ...

    def interrupt(self) -> None: ...


class Stop:
    """Interrupts a plugin when dbt stops. dbt waits meanwhile, with the database open."""

    def __init__(self, plugin: Interruptible) -> None:
        self._plugin = weakref.ref(plugin)  # dbt keeps who listens, and what that reaches, for as long as the process lives

    def listen(self) -> None:
        """To be called in each invocation: dbt forgets who listens between them."""
        if self._hear not in get_event_manager().callbacks:
            add_callback_to_manager(self._hear)

    def hear_the_signal(self) -> None:
        """Stop sending as soon as the signal is there. In another thread than the main one, or where somebody else handles it, the event
        has to do."""
        is_main = threading.current_thread() is threading.main_thread()
        if is_main and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, self._interrupted)

    def _interrupted(self, number: int, frame: FrameType | None) -> None:
        plugin = self._plugin()
        if plugin is not None:
            plugin.stop_sending()
        signal.default_int_handler(number, frame)

    def _hear(self, event: EventMsg) -> None:
        plugin = self._plugin()
        if event.info.name in _STOPPING and plugin is not None:
            plugin.interrupt()
