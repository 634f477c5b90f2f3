"""The signals that end a process: orchestrators send SIGTERM, a terminal that closes sends SIGHUP. To dbt each of them is Ctrl-C."""

from __future__ import annotations

import math
import signal
import threading
import time
from types import FrameType
from typing import Any

from dbt_common.events.base_types import EventMsg
from dbt_common.events.event_manager_client import add_callback_to_manager, get_event_manager

# As long as ENDING_SECONDS of dbt_ai.node_plan, whose import would cost every run half a second.
WAITED_OUT = 5.0
# Windows has no SIGHUP.
_ENDING = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
# Python's own answer to a signal. Whoever has another one knows better what is to be done, and `nohup` wants nothing to be done.
_OF_NOBODY = (signal.SIG_DFL, signal.default_int_handler)


class EndSignals:
    """During an invocation the first of these signals interrupts dbt, which would die of SIGTERM with all that is in flight. Those that
    follow while what is in flight comes back and is stored change nothing: people press Ctrl-C twice. Later ones do what they always did.
    """

    def __init__(self) -> None:
        self._before: dict[int, Any] = {}
        self._first = math.inf

    def take_over(self) -> None:
        """To be called in each invocation. Signals can be taken over in the main thread only, and elsewhere stay as they are."""
        if threading.current_thread() is not threading.main_thread():
            return
        self._first = math.inf
        for number in _ENDING:
            if signal.getsignal(number) in _OF_NOBODY:
                self._before[number] = signal.signal(number, self._end)
        if self._hear not in get_event_manager().callbacks:
            add_callback_to_manager(self._hear)

    def interrupts(self, number: int) -> bool:
        """Whether dbt is interrupted by this signal."""
        return number in _ENDING and signal.getsignal(number) in (self._end, signal.default_int_handler)

    def _hear(self, event: EventMsg) -> None:
        if event.info.name == "CommandCompleted":
            self._give_back()

    def _give_back(self) -> None:
        if threading.current_thread() is threading.main_thread():
            for number, before in self._before.items():
                signal.signal(number, before)
            self._before.clear()

    def _end(self, number: int, frame: FrameType | None) -> None:
        now = time.monotonic()
        if self._first == math.inf:
            self._first = now
            raise KeyboardInterrupt
        if now - self._first > WAITED_OUT:
            self._give_back()
            signal.raise_signal(number)


end_signals = EndSignals()
