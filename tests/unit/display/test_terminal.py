"""The live bars."""

import io
import re

import pytest

from dbt_ai.display.terminal import Figure, NodeBar, Terminal, bar

FIGURES = [Figure("15/60", 5), Figure("64 in flight", 2), Figure("0 tokens", 0), Figure("$0.02", 3), Figure("00:12 left", 4)]


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def terminal_of_a_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "31")


@pytest.mark.parametrize(("done", "shown"), [(0, "░" * 20), (1, "█" * 10 + "░" * 10), (2, "█" * 20), (3, "█" * 20)])
def test_a_bar_fills_with_what_is_done(done: int, shown: str):
    assert bar(done, 2, 20) == shown


@pytest.mark.parametrize("columns", [79, 120, 199])
def test_a_line_is_as_wide_as_the_terminal(columns: int):
    line = NodeBar("labels", 15, 60, FIGURES).fitted(columns, names=10)
    assert len(line) == columns and line.startswith("labels      █") and line.endswith("00:12 left")


def test_a_narrow_terminal_keeps_the_bar_and_what_says_most():
    node = NodeBar("a_long_name_of_a_node", 15, 60, FIGURES)
    assert node.fitted(60, names=21) == f"a_long_name_of_a_no…  {bar(1, 4, 12)}  25 %  15/60 · 00:12 left"
    assert node.fitted(39, names=21) == f"a_long_name_…  {bar(1, 4, 11)}  25 %  15/60"
    assert node.fitted(20, names=21) == f"a_lon…  {bar(1, 4, 4)}  25 %"
    assert all(len(node.fitted(columns, names=21)) <= columns for columns in range(1, 200))


def test_nodes_that_run_in_parallel_have_a_line_each_and_leave_when_they_are_done():
    screen = Screen()
    terminal = Terminal(screen)
    terminal.show("labels", NodeBar("labels", 1, 4))
    terminal.show("embeddings", NodeBar("embeddings", 1, 2))
    terminal.clear("labels")
    terminal.clear("embeddings")
    assert screen.getvalue().split("\r\x1b[J")[1:] == [
        f"\nlabels  {bar(1, 4, 14)}  25 %\x1b[1A\r",
        f"\nlabels      {bar(1, 4, 10)}  25 %\nembeddings  {bar(1, 2, 10)}  50 %\x1b[2A\r",
        f"\nembeddings  {bar(1, 2, 10)}  50 %\x1b[1A\r",
        "\r",
    ]


def test_a_line_that_dbt_writes_stands_above_the_bars_and_nothing_of_them_is_left_in_it():
    screen = Screen()
    terminal = Terminal(screen)
    terminal.show("labels", NodeBar("labels", 1, 4))
    with terminal.cleared():
        screen.write("1 of 2 OK\nand a second line\n")
    assert displayed(screen.getvalue()) == ["1 of 2 OK", "and a second line", "", f"labels  {bar(1, 4, 14)}  25 %"]


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
    terminal.show("labels", NodeBar("labels", 1, 4))
    assert screen.getvalue() == "" and not terminal.live


@pytest.mark.parametrize(("name", "value"), [("CI", "true"), ("TERM", "dumb")])
def test_a_terminal_that_is_read_as_a_log_gets_lines_instead_of_bars(name: str, value: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(name, value)
    assert not Terminal(Screen()).live
