"""Live lines on a terminal, below what dbt logs: one for each node that asks."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TextIO

# A bar with less says nothing.
SHORTEST_BAR = 8
# On a narrow terminal a name takes at most one of so many parts of the line.
_NAMES = 3


@dataclass(frozen=True, slots=True)
class Figure:
    """One of the figures beside a bar. rank: the lowest is left out first where there is no room."""

    text: str
    rank: int = 0


@dataclass(frozen=True, slots=True)
class NodeBar:
    """How far a node is."""

    name: str
    done: int
    expected: int
    figures: Sequence[Figure] = ()

    def fitted(self, columns: int, names: int) -> str:
        """As wide as the terminal: the bar takes what the words leave. names: characters of the longest name beside it.

        >>> node = NodeBar("labels", 1, 2, [Figure("1/2", 2), Figure("64 in flight", 1)])
        >>> node.fitted(50, names=6)
        'labels  ████████░░░░░░░░  50 %  1/2 · 64 in flight'
        >>> node.fitted(30, names=6)
        'labels  ██████░░░░░  50 %  1/2'
        """
        width = min(names, columns // _NAMES)
        name = self.name if len(self.name) <= width else self.name[: width - 1] + "…"
        percent = f"{self.done / max(self.expected, 1):4.0%}".replace("%", " %")
        figures = list(self.figures)
        while True:
            told = " · ".join(figure.text for figure in figures)
            length = columns - width - len(percent) - len(told) - len("  " * 2) - 1
            if length >= SHORTEST_BAR or not figures:
                return f"{name:{width}}  {bar(self.done, self.expected, max(length, 0))} {percent}  {told}"[:columns].rstrip()
            figures.remove(min(figures, key=lambda figure: figure.rank))


class Terminal:
    """Shows the running nodes, redrawn in place. Shows nothing where there is no terminal.

    The cursor stays on an empty line above, where the next line of dbt begins; whoever logs a line does so within `cleared`.
    stream: standard error, so that output that is piped or parsed has no bar in it. quiet: draw nothing.
    live: whether there is a terminal to draw on. What runs in CI is read as a log, even where it has a terminal.
    """

    def __init__(self, stream: TextIO, quiet: bool = False) -> None:
        self._stream = stream
        self.live = stream.isatty() and not quiet and os.environ.get("TERM") != "dumb" and not os.environ.get("CI")
        self._nodes: dict[str, NodeBar] = {}
        self._lock = threading.RLock()

    def show(self, node: str, bar: NodeBar) -> None:
        """Draw the line of a node."""
        with self._lock:
            self._nodes[node] = bar
            self._draw()

    def clear(self, node: str) -> None:
        """Take the node's line away."""
        with self._lock:
            if self._nodes.pop(node, None) is not None:
                self._draw()

    @contextmanager
    def cleared(self) -> Iterator[None]:
        """Around a line that somebody else writes: the bars make room for it, and stand below it afterwards."""
        with self._lock:
            if self._nodes:
                self._write([])
            try:
                yield
            finally:
                if self._nodes:
                    self._draw()

    def _draw(self) -> None:
        size = shutil.get_terminal_size()
        names = max((len(bar.name) for bar in self._nodes.values()), default=0)
        # A line that fills the last column may wrap.
        lines = [bar.fitted(size.columns - 1, names) for bar in self._nodes.values()]
        self._write(lines[: max(size.lines - 2, 1)])

    def _write(self, lines: Sequence[str]) -> None:
        """Erase what is below the cursor, write, and go back up."""
        if self.live:
            up = f"\x1b[{len(lines)}A" if lines else ""
            self._stream.write("\r\x1b[J" + "".join(f"\n{line}" for line in lines) + up + "\r")
            self._stream.flush()


def bar(done: int, expected: int, length: int) -> str:
    """`██████████░░░░░░░░░░`"""
    full = min(round(length * done / max(expected, 1)), length)
    return "█" * full + "░" * (length - full)
