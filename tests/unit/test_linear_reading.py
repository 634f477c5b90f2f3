"""Whatever reads a text from outside passes over it a fixed number of times: an answer of 100 KB must not stop everything else."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest
from steps import counting

from dbt_ai.execution.rate_limit_headers import limits_left, retry_after
from dbt_ai.outside_text import shown
from dbt_ai.providers import read_text
from dbt_ai.providers._errors import words_of
from dbt_ai.return_type import parse_return_type
from dbt_ai.return_type.thoughts import without_thoughts
from dbt_ai.security.redaction import Redaction
from dbt_ai.tokens import TokenCount

# What made a reader slow was always the repetition of something that could begin something.
REPEATED = (
    "```x\n", "`", "```\n\n", " ", "\n", "\t", '\\"', '"', "\\", "[", "{", '{"a":', ",", "1", "1.", "e", "a, ", "]", "[,",
    "<think>", "</think>", "x</think>", "{</think>", '"</think>"', "<answer>", "<|channel|>", "<|channel|>final",
    "<|channel|>final<|message|>", "<|end|>", "<|im_end|> ", "x<|im_end|>",
    "assistantfinal", "maximum ", "context", "-", ":", "1h", "é", "\x1b[", "\u202e",
)  # fmt: skip
AROUND = (("", ""), ('{"a": "', ""), ("", "[1]"), ("", "\\"), ("<think>", "\n```"), ("analysis", "</think>x"))


def _typed(written: str) -> Callable[[str], object]:
    read = parse_return_type(written).read
    return lambda text: read(text)


REDACTION = Redaction()
REDACTION.learn("https://api.test", 'Bearer a, {"a":1<think>-e')
READERS: dict[str, Callable[[str], object]] = {
    "INT": _typed("INT"),
    "ENUM": _typed("ENUM('a', 'b')"),
    "struct": _typed("STRUCT<a STRING, b INT>"),
    "schema": _typed('{"type": "array", "items": {"type": "object"}, "uniqueItems": true}'),
    "thoughts": without_thoughts,
    "chat text": lambda text: read_text(text, "stop", None, TokenCount(), {}),
    "error words": lambda text: words_of(400, text.encode()),
    "text of a message": lambda text: shown(text, 50),
    "secrets": REDACTION.redact,
    "retry-after": lambda text: retry_after({"retry-after": text}),
    "limits": lambda text: list(limits_left({"x-ratelimit-remaining-requests": "1", "x-ratelimit-reset-requests": text})),
}


@pytest.mark.parametrize("name", READERS)
def test_twice_the_text_takes_twice_the_steps(name: str):
    quadratic = {}
    with counting() as steps:
        for (beginning, end), repeated in itertools.product(AROUND, REPEATED):
            small, large = (steps(READERS[name], f"{beginning}{repeated * count}{end}") for count in (40, 80))
            if large > 2.4 * small + 100:
                quadratic[beginning, repeated, end] = (small, large)
    assert not quadratic
