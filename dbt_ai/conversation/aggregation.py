"""One answer to many texts: the texts in parts that fit into the model's context, then the answers in parts, until one is left."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from typing import Protocol

from dbt_ai.errors import ProviderError
from dbt_ai.request import Call, Input, Responses, TokenCount

# Bytes of a part: about 8,000 tokens of English, which every current model takes. A smaller context is learnt from its refusals.
FIRST_BYTES = 24_000
LEAST_BYTES = 500

_SPEAKS_OF_CONTEXT = re.compile(r"context|too (?:long|large|many tokens)|maximum .*tokens|token limit|input length", re.IGNORECASE)


class ContextSizes:
    """How much each endpoint takes at once, as its refusals taught; kept for as long as the process lives."""

    def __init__(self) -> None:
        self._bytes: dict[tuple[str, str], int] = {}
        self._lock = threading.Lock()

    def of(self, call: Call) -> int:
        return self._bytes.get((call.model.location, call.model.model), FIRST_BYTES)

    def refused(self, call: Call, size: int) -> int:
        """Parts of this size are too large. Returns the size to try next."""
        with self._lock:
            self._bytes[call.model.location, call.model.model] = min(self.of(call), size // 2)
            return self.of(call)


CONTEXT_SIZES = ContextSizes()


class KeptParts(Protocol):
    """Where the answers to parts are kept until the whole is answered: what was paid for survives whatever ends the run."""

    def find(self, call: Call, part: str) -> str | None: ...

    def keep(self, call: Call, part: str, responses: Responses) -> None: ...


def aggregate(
    call: Call, input: str, kept: KeptParts | None = None, sizes: ContextSizes = CONTEXT_SIZES
) -> Generator[tuple[Call, Sequence[str]], Responses, Responses]:
    """What to ask to get one answer to a JSON list of texts; see structured_output.conversation for the protocol.

    Nothing is truncated: a text that is too long by itself is cut into pieces that are all read. Raises ProviderError where a
    part cannot be answered, or where answers are no shorter than what they are about.
    """
    texts = [text for text in json.loads(input) if text]
    call = replace(call, input=Input.TEXT)
    tokens = TokenCount()
    while True:
        size = sizes.of(call)
        parts = list(split_texts(texts, size))
        answers: list[str] = []
        try:
            for part in map(_numbered, parts):
                # The only part is the whole, which is stored by whoever asked for it.
                found = kept.find(call, part) if kept and len(parts) > 1 else None
                if found is None:
                    responses = yield call, [part]
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
            sizes.refused(call, size)
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
