"""Row text is kept out of messages."""

import pytest

from dbt_ai.response import Failure
from dbt_ai.row_text import without_row

ROW = "Dear team, I am Ada Lovelace of 12 Mill Road and was charged twice."


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("400 input is too long", "400 input is too long"),
        (f"400 cannot read {ROW}", "400 cannot read [redacted]"),
        (f"400 flagged: {ROW[16:34]} and {ROW[:19]}!", "400 flagged: [redacted] and [redacted]!"),
        ("the answer \"Ada\" is none of 'a', 'b'", "the answer [redacted] is none of [redacted], [redacted]"),
    ],
)
def test_what_a_message_quotes_of_a_row_or_of_its_answer_is_taken_out(said: str, left: str):
    failure = without_row(Failure(said, said), ROW)
    assert (failure.cause, failure.message) == (left, left)


def test_a_long_row_is_looked_for_in_a_moment():
    assert "[redacted]" in without_row(Failure("x", "x" * 500), "x" * 1_000_000).message
