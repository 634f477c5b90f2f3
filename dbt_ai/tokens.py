"""Tokens: what requests took, and what texts will take, estimated without the tokenizer of their model."""

from __future__ import annotations

from dataclasses import dataclass

# Byte-pair tokenizers take about four bytes of English and fewer of anything else; the endpoint's own count is the truth.
BYTES_PER_TOKEN = 3


@dataclass(frozen=True, slots=True)
class TokenCount:
    """What requests took. The classes that are priced apart are parts of input and output, not added to them.

    input: everything the model read. cached_input: the part of it that came from a prompt cache; cache_write: the part that was
    written to one, cache_write_1h: the part of that which is kept for an hour.
    output: everything the model wrote, its thoughts included. reasoning: the part of it that is thoughts.
    estimated: the endpoint did not say, or made no sense, so input, output or both are estimated from the texts.

    >>> TokenCount(10, 2) + TokenCount(5, 1, estimated=True)
    TokenCount(input=15, output=3, cached_input=0, cache_write=0, reasoning=0, estimated=True, cache_write_1h=0)
    """

    input: int = 0
    output: int = 0
    cached_input: int = 0
    cache_write: int = 0
    reasoning: int = 0
    estimated: bool = False
    cache_write_1h: int = 0

    def __add__(self, other: TokenCount) -> TokenCount:
        return TokenCount(
            self.input + other.input,
            self.output + other.output,
            self.cached_input + other.cached_input,
            self.cache_write + other.cache_write,
            self.reasoning + other.reasoning,
            self.estimated or other.estimated,
            self.cache_write_1h + other.cache_write_1h,
        )

    @property
    def total(self) -> int:
        """Input and output together."""
        return self.input + self.output


NO_TOKENS = TokenCount()


def size_of(text: str) -> int:
    """Bytes of a text in UTF-8."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def estimated_tokens(text: str) -> int:
    """About how many tokens a text has: one for three bytes of UTF-8, and one more."""
    return size_of(text) // BYTES_PER_TOKEN + 1
