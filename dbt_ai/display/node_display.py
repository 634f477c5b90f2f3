"""Shows how far the running nodes are: a bar for each on a terminal, elsewhere a line in the log now and then."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from dbt_ai.display.progress import NodeProgress
from dbt_ai.display.terminal import NodeBar, Terminal
from dbt_ai.ledger import Usage
from dbt_ai.project_names import short_name


class NodeDisplay:
    """say: shows a line to the user. terminal: shows the bars, where there is one."""

    def __init__(self, say: Callable[[str], None] = lambda line: None, terminal: Terminal | None = None) -> None:
        self._say = say
        self._terminal = terminal

    def show(self, node: str, progress: NodeProgress, next_try: float, usages: Sequence[Usage]) -> None:
        """Draw the bar, or say a line if it is time for one. next_try: seconds until a request leaves, where all are refused as busy."""
        now = time.monotonic()
        if self._terminal is not None and self._terminal.live:
            figures = progress.figures(next_try, usages, now)
            self._terminal.show(node, NodeBar(short_name(node), progress.done, progress.expected, figures))
        elif progress.is_due(usages, now):
            progress.has_told(usages, now)
            self._say(f"dbt_ai {short_name(node)}: {progress.told(next_try, usages, now)}")

    def say(self, line: str) -> None:
        """Show a line at once."""
        self._say(line)

    def clear(self, node: str) -> None:
        """The node has ended: take its bar away."""
        if self._terminal is not None:
            self._terminal.clear(node)
