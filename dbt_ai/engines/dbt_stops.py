"""dbt stops what is running, after Ctrl-C or under --fail-fast.

Its main thread gets the signal when Python comes to it, and tells of it by an event once every statement is cancelled: that takes a
warehouse a second, in which much would still be asked. So a thread of ours hears of the signal too.
"""

from __future__ import annotations

import signal
import socket
import threading
import weakref
from typing import Protocol

from dbt_common.events.base_types import EventMsg
from dbt_common.events.event_manager_client import add_callback_to_manager, get_event_manager

from dbt_ai.engines.end_signals import end_signals

# What dbt says of each node whose statement it has cancelled, before it waits for the nodes to end; or that it cannot cancel any.
_STOPPING = ("LogCancelLine", "QueryCancelationUnsupported")


class Interruptible(Protocol):
    """What is told that dbt stops."""

    def stop_sending(self) -> None:
        """Send nothing more. Returns at once."""

    def interrupt(self) -> object:
        """Send nothing more. Returns when what is in flight is back and stored."""


class Stop:
    """Interrupts a plugin when dbt stops. dbt waits meanwhile, with the database open."""

    def __init__(self, plugin: Interruptible) -> None:
        self._plugin = weakref.ref(plugin)  # dbt keeps who listens, and what that reaches, for as long as the process lives

    def listen(self) -> None:
        """To be called in each invocation: dbt forgets who listens between them."""
        if self._hear not in get_event_manager().callbacks:
            add_callback_to_manager(self._hear)

    def listen_for_the_signal(self) -> None:
        """Where it cannot be heard, outside the main thread or because somebody else does, the event has to do."""
        _signal.tells(self._plugin)

    def _hear(self, event: EventMsg) -> None:
        plugin = self._plugin()
        if event.info.name in _STOPPING and plugin is not None:
            plugin.interrupt()


class _Signal:
    """Python writes the number of each signal to a socket in the moment in which it comes; this reads it. The rest is left to others."""

    def __init__(self) -> None:
        self._plugins: list[weakref.ref[Interruptible]] = []
        self._written_to: socket.socket | None = None

    def tells(self, plugin: weakref.ref[Interruptible]) -> None:
        if plugin not in self._plugins:
            self._plugins.append(plugin)
        if self._written_to is not None or threading.current_thread() is not threading.main_thread():
            return
        read_from, written_to = socket.socketpair()
        written_to.setblocking(False)
        others = signal.set_wakeup_fd(written_to.fileno(), warn_on_full_buffer=False)
        if others != -1:
            signal.set_wakeup_fd(others)
            return
        self._written_to = written_to
        threading.Thread(target=self._read, args=(read_from,), name="dbt_ai signal", daemon=True).start()

    def _read(self, read_from: socket.socket) -> None:
        while number := read_from.recv(1):
            # Whoever has a handler of his own may not want dbt to stop.
            if end_signals.interrupts(number[0]):
                self._tell()

    def _tell(self) -> None:
        """Apart, for a thread that waits must hold nothing: what its stack reaches would be reported as leaked by DuckDB's bindings."""
        for reference in list(self._plugins):
            plugin = reference()
            if plugin is not None:
                plugin.stop_sending()


_signal = _Signal()
