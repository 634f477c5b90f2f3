"""Lines in dbt's log: on the screen, in logs/dbt.log, and for whoever listens to dbt's events."""

from __future__ import annotations

from collections.abc import Callable

from dbt_common.events.base_types import EventLevel, EventMsg
from dbt_common.events.event_manager_client import add_callback_to_manager
from dbt_common.events.functions import fire_event
from dbt_common.events.types import Note


def say(line: str) -> None:
    """Tell the user. dbt's logger for adapters would put a second name before the line."""
    fire_event(Note(msg=line), EventLevel.INFO)


def warn(line: str) -> None:
    """Tell the user that something is most likely not as it should be."""
    fire_event(Note(msg=line), EventLevel.WARN)


def after_each_line(do: Callable[[], None]) -> None:
    """Do something after each line that dbt shows on the screen. To be called in each invocation: dbt forgets who listens between them."""

    def hear(event: EventMsg) -> None:
        if event.info.level != "debug":
            do()

    add_callback_to_manager(hear)
