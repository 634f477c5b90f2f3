"""One answer to many texts: the texts in parts that fit into the model's context, then the answers in parts, until one is left."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Protocol

from dbt_ai.call import Call, Input
from dbt_ai.conversation.asking import Asker, Asking
from dbt_ai.errors import ProviderError
from dbt_ai.response import Responses
from dbt_ai.tokens import TokenCount

# A part is not made smaller than this.
LEAST_BYTES = 500

_SPEAKS_OF_CONTEXT = re.compile(r"context|too (?:long|large|many tokens)|maximum .{0,80}tokens|token limit|input length", re.IGNORECASE)


class KeptParts(Protocol):
    """Where the answers to parts are kept until the whole is answered: what was paid for survives whatever ends the run."""

    def find(self, call: Call, part: str) -> str | None:
        """The answer to a part, if it is kept."""

    def keep(self, call: Call, part: str, responses: Responses) -> None:
        """Keep what came back for a part; a failure is not kept."""


def aggregate(asker: Asker, call: Call, input: str, kept: KeptParts | None = None) -> Asking:
    """What to ask to get one answer to a JSON list of texts; see Asker.ask for the protocol.

    Nothing is truncated: a text that is too long by itself is cut into pieces that are all read. Raises ProviderError where a
    part cannot be answered, or where answers are no shorter than what they are about.
    """
    texts = [text for text in json.loads(input) if text]
    call = replace(call, input=Input.TEXT)
    tokens = TokenCount()
    while True:
        size = asker.knowledge.largest_part
        parts = list(split_texts(texts, size))
        answers: list[str] = []
        try:
            for part in map(_numbered, parts):
                # The only part is the whole, which is stored by whoever asked for it.
                found = kept.find(call, part) if kept and len(parts) > 1 else None
                if found is None:
                    responses = yield from asker.ask(call, [part])
                    tokens += responses.tokens
                    if responses.failures:
                        return replace(responses, tokens=tokens)
                    found = str(responses.values[0])
                    if kept and len(parts) > 1:
                        kept.keep(call, part, responses)
                answers.append(found)
        except ProviderError as refusal:
            if refusal.retryable or not _SPEAKS_OF_CONTEXT.search(str(refusal)) or size // 2 < LEAST_BYTES:
                raise
            asker.knowledge.too_large(size)
            continue
        if len(parts) == 1:
            return Responses(answers, tokens=tokens)
        if _size(answers) >= _size(texts):
            raise ProviderError(
                f"the answers to {len(parts)} parts are no shorter than the {len(texts)} texts they are about;"
                " ask for something shorter, or use a model with a larger context"
            )
        texts = answers


def split_texts(texts: Sequence[str], size: int) -> Iterator[list[str]]:
    """Cut texts into parts of at most `size` bytes, in order. Every character of every text is in exactly one part."""
    part: list[str] = []
    left = size
    for text in texts:
        for piece in _pieces(text, size):
            length = len(piece.encode("utf-8", "surrogatepass"))
            if part and length > left:
                yield part
                part, left = [], size
            part.append(piece)
            left -= length
    if part:
        yield part


def _pieces(text: str, size: int) -> Iterator[str]:
    """The text in pieces of at most `size` bytes, cut after white space where there is some in the last half."""
    while len(text.encode("utf-8", "surrogatepass")) > size:
        end = min(len(text), size)
        while len(text[:end].encode("utf-8", "surrogatepass")) > size:
            end -= max(1, end // 8)
        space = max(text.rfind(sign, end // 2, end) for sign in " \n\t")
        cut = space + 1 if space >= 0 else end
        yield text[:cut]
        text = text[cut:]
    yield text


def _numbered(part: Sequence[str]) -> str:
    return "\n\n".join(f"Text {number}:\n{text}" for number, text in enumerate(part, 1))


def _size(texts: Sequence[str]) -> int:
    return sum(len(text) for text in texts)
