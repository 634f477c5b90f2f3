"""A query and a text, as one input: what ai_rank asks a reranking model about."""

from __future__ import annotations

import json


def read_pair(input: str) -> tuple[str, str]:
    """The query and the text of an input that macros/task_functions/ai_rank.sql wrote.

    >>> read_pair('{"query": "returns", "text": "Send it back."}')
    ('returns', 'Send it back.')
    """
    pair = json.loads(input)
    return str(pair["query"]), str(pair["text"])


def query_of(input: str) -> str:
    """The query of an input: texts to one query travel together."""
    return read_pair(input)[0]
