"""A live bar on a terminal, on the line below what dbt logs."""

from __future__ import annotations

import threading
from typing import TextIO

# dbt's own lines are longer than this, so a line that is printed over the bar covers all of it.
WIDTH = 70
BAR = 12


class Terminal:
    """Shows the progress of the running nodes, redrawn in place. Shows nothing where there is no terminal.

    stream: standard error, so that output that is piped or parsed has no bar in it.
    """

    def __init__(self, stream: TextIO, quiet: bool = False) -> None:
        self._stream = stream
        self._live = stream.isatty() and not quiet
        self._nodes: dict[str, str] = {}
        self._lock = threading.Lock()

    def show(self, node: str, done: int, expected: int) -> None:
        """Draw how many of the expected requests of a node are done."""
        with self._lock:
            self._nodes[node] = f"{node} {bar(done, expected)}"
            self._draw()

    def clear(self, node: str) -> None:
        """Take the node out of the bar."""
        with self._lock:
            if self._nodes.pop(node, None) is not None:
                self._draw()

    def _draw(self) -> None:
        if self._live:
            # The cursor goes back to the start of the line, where dbt's next line begins.
            self._stream.write(f"\r{'  '.join(self._nodes.values())[:WIDTH]}\x1b[K\r")
            self._stream.flush()


def bar(done: int, expected: int) -> str:
    """`██████░░░░░░ 50 %`"""
    share = done / max(expected, 1)
    full = round(share * BAR)
    return f"{'█' * full}{'░' * (BAR - full)} {share:.0%}".replace("%", " %")
