"""Live lines on a terminal, below what dbt logs: one for each node that asks."""

from __future__ import annotations

import shutil
import threading
from typing import TextIO

BAR = 20


class Terminal:
    """Shows the running nodes, redrawn in place. Shows nothing where there is no terminal.

    The cursor stays on an empty line above, where the next line of dbt begins; whoever logs a line calls `redraw` after it.
    stream: standard error, so that output that is piped or parsed has no bar in it. live: whether there is a terminal to draw on.
    """

    def __init__(self, stream: TextIO, quiet: bool = False) -> None:
        self._stream = stream
        self.live = stream.isatty() and not quiet
        self._nodes: dict[str, str] = {}
        self._lock = threading.Lock()

    def show(self, node: str, line: str) -> None:
        """Draw the line of a node."""
        with self._lock:
            self._nodes[node] = line
            self._draw()

    def clear(self, node: str) -> None:
        """Take the node's line away."""
        with self._lock:
            if self._nodes.pop(node, None) is not None:
                self._draw()

    def redraw(self) -> None:
        """Draw the lines again: another one was written where they stood."""
        with self._lock:
            if self._nodes:
                self._draw()

    def _draw(self) -> None:
        if self.live:
            size = shutil.get_terminal_size()
            lines = [line[: size.columns - 1] for line in self._nodes.values()][: max(size.lines - 2, 1)]
            # Erase what is below the cursor, write, and go back up.
            up = f"\x1b[{len(lines)}A" if lines else ""
            self._stream.write("\r\x1b[J" + "".join(f"\n{line}" for line in lines) + up + "\r")
            self._stream.flush()


def bar(done: int, expected: int) -> str:
    """`██████████░░░░░░░░░░ 50 %`"""
    share = done / max(expected, 1)
    full = round(share * BAR)
    return f"{'█' * full}{'░' * (BAR - full)} {share:.0%}".replace("%", " %")
