"""Shows how far the running nodes are: a bar on a terminal, a line in the log now and then."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from dbt_ai.display.progress import NodeProgress, short
from dbt_ai.display.terminal import Terminal
from dbt_ai.ledger import Usage


class NodeDisplay:
    """say: shows a line to the user. terminal: shows the bar, where there is one."""

    def __init__(self, say: Callable[[str], None] = lambda line: None, terminal: Terminal | None = None) -> None:
        self._say = say
        self._terminal = terminal

    def show(self, node: str, progress: NodeProgress, in_flight: int, next_try: float, usages: Sequence[Usage]) -> None:
        """Draw the bar, and say a line if it is time for one."""
        now = time.monotonic()
        if self._terminal is not None:
            self._terminal.show(short(node), progress.done, progress.expected)
        if progress.is_due(now):
            progress.said = now
            self._say(progress.line(node, in_flight, next_try, usages, now))

    def say(self, line: str) -> None:
        """Show a line at once."""
        self._say(line)

    def clear(self, node: str) -> None:
        """The node has ended: take its bar away."""
        if self._terminal is not None:
            self._terminal.clear(short(node))
