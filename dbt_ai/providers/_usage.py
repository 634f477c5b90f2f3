"""What an endpoint says that a request took: data from outside, which is never in the way of an answer."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dbt_ai.call import Call
from dbt_ai.tokens import TokenCount, estimated_tokens

# No request takes more: what is beyond is a broken counter.
MOST_TOKENS = 10**9

# A name, or the names on the way to it.
Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UsageNames:
    """Where a format says what. Of several paths the first that holds a number counts.

    apart: classes of input that this format counts beside its input instead of as part of it.

    >>> names = UsageNames(input=[("usage", "input_tokens")], output=[("usage", "output_tokens")])
    >>> from dbt_ai.external_model import ExternalModel
    >>> call = Call("ai_query", ExternalModel("llm", "https://api.openai.com/v1/chat/completions", "OpenAI", "CHAT", "gpt-4o-mini"))
    >>> read_usage({"usage": {"input_tokens": 20, "output_tokens": 3}}, names, call, ["hello"], "hi").input
    20
    """

    input: Sequence[Path]
    output: Sequence[Path]
    total: Sequence[Path] = ()
    cached_input: Sequence[Path] = ()
    cache_write: Sequence[Path] = ()
    cache_write_1h: Sequence[Path] = ()
    reasoning: Sequence[Path] = ()
    apart: bool = False


def read_usage(usage: Any, names: UsageNames, call: Call, inputs: Sequence[str], answer: str | None = None) -> TokenCount:
    """The tokens of one request. Whatever is missing or makes no sense is estimated from the texts; never raises.

    answer: the text that came back; None where vectors did.
    """
    said = _Said(usage)
    cached, written, reasoning = said.first(names.cached_input), said.first(names.cache_write), said.first(names.reasoning)
    read, wrote, total = said.first(names.input), said.first(names.output), said.first(names.total)
    if names.apart and read is not None:
        read += (cached or 0) + (written or 0)
    if total is not None and read is not None and call.embeds:
        wrote = 0
    elif total is not None and read is not None and total >= read + (wrote or 0):
        # Gemini and xAI count the thoughts of a model in the total only.
        reasoning = reasoning or (total - read - wrote if wrote is not None else None)
        wrote = total - read
    elif total is not None and read is None:
        wrote = 0 if call.embeds else min(total, _written(answer) if wrote is None else wrote)
        return TokenCount(total - wrote, wrote, estimated=not call.embeds)
    estimated = read is None or (wrote is None and not call.embeds)
    read = _read(call, inputs) if read is None else read
    wrote = _written(answer) if wrote is None else wrote
    if (cached or 0) + (written or 0) > read:
        cached = written = None
    hour = min(said.first(names.cache_write_1h) or 0, written or 0)
    return TokenCount(read, wrote, cached or 0, written or 0, min(reasoning or 0, wrote), estimated, hour)


@dataclass(frozen=True, slots=True)
class _Said:
    usage: Any

    def first(self, paths: Sequence[Path]) -> int | None:
        for path in paths:
            count = self._at(path)
            if count is not None:
                return count
        return None

    def _at(self, path: Path) -> int | None:
        value = self.usage
        for name in path:
            if not isinstance(value, dict):
                return None
            value = value.get(name)
        if value is None:
            return None
        if isinstance(value, float) and value.is_integer():  # false for NaN and infinity
            value = int(value)
        sensible = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_TOKENS
        return value if sensible else None


def _read(call: Call, inputs: Sequence[str]) -> int:
    told = json.dumps([list(call.messages), call.schema], ensure_ascii=False) if call.messages or call.schema else ""
    return sum(map(estimated_tokens, inputs)) + (estimated_tokens(told) if told else 0)


def _written(answer: str | None) -> int:
    return estimated_tokens(answer) if answer else 0
