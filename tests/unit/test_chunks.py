"""Where texts are cut: whatever the text and the sizes, nothing is lost and nothing is too long; and in which places."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbt_ai.chunks import Chunking, chunks, read_cut

ALL = ("headings", "paragraphs", "sentences", "words")
TEXT = """# Returns

Send it back within 30 days. Keep the receipt! We pay the postage.

Parcels that are larger than 60 cm go by freight.

# Shipping

We ship on Mondays.
"""


def cut(text: str, size: int, shared: int = 0, places: Sequence[str] = ALL, tokens: Sequence[int] | None = None) -> list[str]:
    return [text[start:end] for start, end in chunks(text, Chunking(size, shared, tuple(places)), tokens)]


def words(text: str) -> list[int]:
    return [word.start() for word in re.finditer(r"\S+", text)]


def test_a_chunk_ends_at_the_last_heading_within_reach():
    assert cut(TEXT, 150)[1] == "# Shipping\n\nWe ship on Mondays.\n"


def test_where_no_heading_is_within_reach_it_ends_after_a_paragraph_then_a_sentence_then_a_word_then_anywhere():
    assert cut(TEXT, 100)[0] == TEXT[: TEXT.index("Parcels")]
    assert cut("One. Two! " + "a" * 30, 20) == ["One. Two! ", "a" * 20, "a" * 10]
    assert cut("one two threeeeeeeeee", 10) == ["one two ", "threeeeeee", "eee"]


def test_sentences_of_chinese_and_of_quotes_end_too():
    assert cut("他来了。她走了。好", 5, places=("sentences",)) == ["他来了。", "她走了。好"]
    assert cut('He said "no." And left.', 16, places=("sentences",)) == ['He said "no." ', "And left."]


def test_a_chunk_begins_with_the_first_sentence_in_what_it_may_repeat():
    text = "One is here. Two is here. Three is here. Four is here."
    assert cut(text, 34, 17, ("sentences", "words")) == [
        "One is here. Two is here. ",
        "Two is here. Three is here. ",
        "Three is here. Four is here.",
    ]


def test_tokens_are_counted_where_they_are_given():
    text = "one two three four five six seven"
    assert cut(text, 3, tokens=words(text), places=()) == ["one two three ", "four five six ", "seven"]
    assert cut(text, 4, 2, tokens=words(text), places=()) == ["one two three four ", "three four five six ", "five six seven"]


def test_a_text_without_tokens_is_one_chunk():
    assert cut("   ", 2, 1, tokens=[]) == ["   "]
    assert cut("", 2) == []


def test_a_character_of_several_tokens_is_not_cut():
    assert cut("🙂🙂", 1, tokens=[0, 0, 0, 1, 1], places=()) == ["🙂", "🙂"]


@pytest.mark.parametrize("counted", ["characters", "tokens"])
@given(
    text=st.text(alphabet="aé字。.!? \n\t#\r", max_size=200),
    size=st.integers(1, 40),
    percent=st.integers(0, 50),
    first=st.integers(0, 4),
)
def test_nothing_is_lost_no_chunk_is_too_long_and_each_ends_later_than_the_one_before(
    counted: str, text: str, size: int, percent: int, first: int
):
    tokens = words(text) if counted == "tokens" else None
    found = list(chunks(text, Chunking(size, size * percent // 100, ALL[first:]), tokens))
    ends = [0, *(end for _, end in found)]
    assert ends[-1] == len(text) and ends == sorted(set(ends))
    for before, (start, end) in zip(ends, found, strict=False):
        assert start <= before < end
        held = end - start if tokens is None else sum(start <= token < end for token in tokens)
        assert held <= size


def test_the_constant_of_the_macro_is_read():
    assert read_cut('{"size": 9, "shared": 1, "places": ["words"]}') == Chunking(9, 1, ("words",))
    assert read_cut('{"size": 9, "shared": 1, "places": [], "call": {"function": "ai_embed"}}').call == '{"function": "ai_embed"}'
