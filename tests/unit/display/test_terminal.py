"""The live bar."""

import io

import pytest

from dbt_ai.display.terminal import Terminal, bar


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("done", "shown"), [(0, "░" * 12 + " 0 %"), (1, "██████░░░░░░ 50 %"), (2, "█" * 12 + " 100 %")])
def test_a_bar_fills_with_what_is_done(done: int, shown: str):
    assert bar(done, 2) == shown


def test_nodes_that_run_in_parallel_share_a_line_and_leave_it_when_they_are_done():
    screen = Screen()
    terminal = Terminal(screen)
    terminal.show("labels", 1, 4)
    terminal.show("embeddings", 1, 2)
    terminal.clear("labels")
    terminal.clear("embeddings")
    lines = screen.getvalue().split("\x1b[K\r")
    assert lines == [
        "\rlabels ███░░░░░░░░░ 25 %",
        "\rlabels ███░░░░░░░░░ 25 %  embeddings ██████░░░░░░ 50 %",
        "\rembeddings ██████░░░░░░ 50 %",
        "\r",
        "",
    ]


@pytest.mark.parametrize(("screen", "quiet"), [(io.StringIO(), False), (Screen(), True)])
def test_nothing_is_drawn_into_a_file_or_when_dbt_is_quiet(screen: io.StringIO, quiet: bool):
    Terminal(screen, quiet).show("labels", 1, 4)
    assert screen.getvalue() == ""
