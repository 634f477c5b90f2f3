"""Lines in dbt's log: on the screen, in logs/dbt.log, and for whoever listens to dbt's events."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager

from dbt import flags
from dbt_common.events.base_types import EventLevel
from dbt_common.events.functions import fire_event
from dbt_common.events.types import Note

from dbt_ai.display.terminal import Terminal

# What dbt calls its log on the screen.
_SCREEN = "stdout_log"


def say(line: str) -> None:
    """Tell the user. dbt's logger for adapters would put a second name before the line."""
    fire_event(Note(msg=line), EventLevel.INFO)


def warn(line: str) -> None:
    """Tell the user that something is most likely not as it should be."""
    fire_event(Note(msg=line), EventLevel.WARN)


def terminal() -> Terminal:
    """The terminal of this command. Nothing is drawn on one where dbt is quiet, or writes JSON for a program."""
    given = flags.GLOBAL_FLAGS
    return Terminal(sys.stderr, quiet=getattr(given, "QUIET", False) or getattr(given, "LOG_FORMAT", "") == "json")


def around_each_line(around: Callable[[], AbstractContextManager[None]]) -> None:
    """Do something around each line that dbt writes on the screen. To be called in each invocation: dbt sets its log up anew."""
    log = logging.getLogger(_SCREEN)
    if not any(isinstance(handler, _Around) for handler in log.handlers):
        log.handlers[:] = [_Around(handler, around) for handler in log.handlers]


class _Around(logging.Handler):
    """Hands lines to another handler."""

    def __init__(self, handler: logging.Handler, around: Callable[[], AbstractContextManager[None]]) -> None:
        super().__init__(handler.level)
        self._handler = handler
        self._around = around

    def handle(self, record: logging.LogRecord) -> bool:
        with self._around():
            return bool(self._handler.handle(record))

    def flush(self) -> None:
        self._handler.flush()
