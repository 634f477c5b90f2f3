"""The live bar."""

import io
import re

import pytest

from dbt_ai.display.terminal import Terminal, bar


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("done", "shown"), [(0, "░" * 20 + " 0 %"), (1, "█" * 10 + "░" * 10 + " 50 %"), (2, "█" * 20 + " 100 %")])
def test_a_bar_fills_with_what_is_done(done: int, shown: str):
    assert bar(done, 2) == shown


def test_nodes_that_run_in_parallel_have_a_line_each_and_leave_when_they_are_done():
    screen = Screen()
    terminal = Terminal(screen)
    terminal.show("labels", "labels 25 %")
    terminal.show("embeddings", "embeddings 50 %")
    terminal.clear("labels")
    terminal.clear("embeddings")
    assert screen.getvalue().split("\r\x1b[J")[1:] == [
        "\nlabels 25 %\x1b[1A\r",
        "\nlabels 25 %\nembeddings 50 %\x1b[2A\r",
        "\nembeddings 50 %\x1b[1A\r",
        "\r",
    ]


def test_a_line_that_dbt_writes_stands_above_the_bars(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COLUMNS", "12")
    screen = Screen()
    terminal = Terminal(screen)
    terminal.show("labels", "labels is a long line")
    screen.write("1 of 2 OK\n")
    terminal.redraw()
    assert displayed(screen.getvalue()) == ["1 of 2 OK", "", "labels is a"]


def displayed(written: str) -> list[str]:
    """What stands on a terminal after this, which knows the few controls that we use."""
    rows, row, column = [""], 0, 0
    for part in re.findall(r"\x1b\[[0-9]*[A-Z]|.", written, re.DOTALL):
        if part == "\n":
            row, column = row + 1, 0
            rows += [""] * (row + 1 - len(rows))
        elif part == "\r":
            column = 0
        elif part == "\x1b[J":
            rows = [*rows[:row], rows[row][:column]]
        elif part.startswith("\x1b["):
            row -= int(part[2:-1])
        else:
            rows[row] = rows[row][:column].ljust(column) + part + rows[row][column + 1 :]
            column += 1
    return rows


@pytest.mark.parametrize(("screen", "quiet"), [(io.StringIO(), False), (Screen(), True)])
def test_nothing_is_drawn_into_a_file_or_when_dbt_is_quiet(screen: io.StringIO, quiet: bool):
    terminal = Terminal(screen, quiet)
    terminal.show("labels", "labels 25 %")
    assert screen.getvalue() == "" and not terminal.live
