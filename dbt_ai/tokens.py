"""How many tokens a text takes, without the tokenizer of its model."""

from __future__ import annotations

# Byte-pair tokenizers take about four bytes of English and fewer of anything else; the endpoint's own count is the truth.
BYTES_PER_TOKEN = 3


def size_of(text: str) -> int:
    """Bytes of a text in UTF-8."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def estimated_tokens(text: str) -> int:
    return size_of(text) // BYTES_PER_TOKEN + 1
