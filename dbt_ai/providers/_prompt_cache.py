"""The beginning that all requests of a call share: providers keep it in a prompt cache, and charge a tenth for what is read from there.

What is constant comes first: the schema, the call's own messages, then what the rows share: a long instruction before each text, or the
first messages of a conversation.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from dbt_ai.call import Call, Input
from dbt_ai.request import Requests
from dbt_ai.tokens import size_of

# Of English; other texts have more tokens. A beginning that is counted too short is not cached, and costs what it always did.
_BYTES_PER_TOKEN = 4
# Rows that are looked at. One that begins in another way writes a beginning of its own to the cache: a quarter more for that row.
_MOST_COMPARED = 1_000
# A text, or messages as JSON.
_Sequence = TypeVar("_Sequence", str, list[str])
_UP_TO_A_WORD = re.compile(r".*\s", re.DOTALL)


def shared_by_rows(requests: Requests, least: int) -> int | None:
    """How much of their inputs the requests share, as `Call.caching` has it. None where they begin with fewer than `least` tokens alike."""
    call, count = requests.call, len(requests.inputs)
    if count < 2 or call.embeds or call.input is Input.TEXT_LIST:
        return None
    sample = [requests.inputs[position] for position in range(0, count, -(-count // _MOST_COMPARED))]
    conversations = [_own_messages(call, text) for text in sample]
    if all(messages is not None for messages in conversations):
        same = _common_beginning([[json.dumps(message) for message in messages or ()] for messages in conversations])
        shared, bytes_of_rows = len(same), sum(map(size_of, same))
    else:
        begun = _UP_TO_A_WORD.match(_common_beginning(sample))
        shared, bytes_of_rows = (len(begun[0]), size_of(begun[0])) if begun else (0, 0)
    told = [message.get("content") for message in call.messages] + ([json.dumps(call.schema)] if call.schema else [])
    whole = bytes_of_rows + sum(size_of(text) for text in told if isinstance(text, str))
    return shared if whole // _BYTES_PER_TOKEN >= least else None


def shared_turns(call: Call, input: str) -> tuple[int, int]:
    """What a request shares with the others of its call: whole turns, system messages not counted, and characters of the next turn."""
    assert call.caching is not None
    turns = [message for message in call.messages if message["role"] != "system"]
    own = _own_messages(call, input)
    if own is not None:
        return len(turns) + sum(message.get("role") != "system" for message in own[: call.caching]), 0
    # A prompt may end in what stands before each text: see with_text.
    begun = turns[-1]["content"] if turns and call.messages[-1]["role"] == "user" else None
    return (len(turns), call.caching) if begun is None else (len(turns) - 1, len(begun) + call.caching)


def _common_beginning(sequences: Sequence[_Sequence]) -> _Sequence:
    """What all of them begin with: as much as the smallest and the largest have in common."""
    smallest, largest = min(sequences), max(sequences)
    same = next((place for place, (one, other) in enumerate(zip(smallest, largest, strict=False)) if one != other), len(smallest))
    return smallest[:same]


def _own_messages(call: Call, input: str) -> Sequence[Mapping[str, Any]] | None:
    """The messages of a row that is a conversation; None for any other."""
    document = json.loads(input) if call.input is Input.JSON else None
    messages = document.get("messages") if isinstance(document, Mapping) else None
    return messages if isinstance(messages, list) and all(isinstance(message, Mapping) for message in messages) else None
