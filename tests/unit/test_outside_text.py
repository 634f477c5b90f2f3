"""What somebody else wrote can be shown in one line, whatever it holds."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbt_ai.errors import DbtAiError, ProviderError
from dbt_ai.outside_text import MESSAGE, SAID, shown
from dbt_ai.response import Failure


@pytest.mark.parametrize(
    ("text", "visible"),
    [
        ("model not found", "model not found"),
        ("Modèle « llm » introuvable, 模型不存在 👍🏽", "Modèle « llm » introuvable, 模型不存在 👍🏽"),
        ("\x1b[2J\x1b]0;title\x07", "\\x1b[2J\\x1b]0;title\\x07"),
        ("busy\r\nDone. PASS=99", "busy\\r\\nDone. PASS=99"),
        ("\x9b31m and \x85 and \x00", "\\x9b31m and \\x85 and \\x00"),
        ("\u202egpj.exe\u2069", "\\u202egpj.exe\\u2069"),
        ("sk\u200b-\ufeffkey\u00ad", "sk\\u200b-\\ufeffkey\\xad"),
        ("one\u2028two", "one\\u2028two"),
        ("100\u202f000\u00a0tokens", "100 000 tokens"),
        ("\U000e0041\ue000", "\\U000e0041\\ue000"),
    ],
)
def test_what_is_not_visible_is_written_as_its_escape(text: str, visible: str):
    assert shown(text) == visible


@given(st.text(st.characters(categories=None), max_size=200), st.integers(20, 100))
def test_whatever_is_said_is_one_line_of_bounded_length(text: str, limit: int):
    line = shown(text, limit)
    assert len(line) <= limit and line.splitlines() in ([line], [])
    assert not any(unicodedata.category(sign)[0] == "C" for sign in line)
    assert shown(line, limit) == line


def test_a_long_text_keeps_its_beginning_and_its_end():
    line = shown("begins " + "x" * 2_000_000 + " ends")
    assert line.startswith("begins ") and line.endswith(" ends") and len(line) == SAID


def test_a_failure_and_an_error_hold_no_more_than_can_be_shown():
    failure = Failure("\x07" * 2_000_000, "\x1b[31m" * 2_000_000)
    assert max(len(failure.cause), len(failure.message)) <= SAID and failure.message.isprintable()
    assert ProviderError("no\nDone. PASS=99").args == ("no\\nDone. PASS=99",)
    assert str(DbtAiError("add these lines:\nplugins:\r\n")) == "add these lines:\nplugins:\\r\n"
    assert len(str(DbtAiError("x\n" * 2_000_000))) <= 2 * MESSAGE
