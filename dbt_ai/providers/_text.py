"""The text that a chat model answered, or why there is none."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dbt_ai.errors import ProviderError
from dbt_ai.providers._ending import Ending, ending_of
from dbt_ai.request import Failure, Responses, TokenCount

# Where servers put thoughts that they keep apart: DeepSeek, vLLM and llama.cpp; OpenRouter and Groq; Ollama.
_THOUGHTS = ("reasoning_content", "reasoning", "thinking")


@dataclass(frozen=True, slots=True)
class Message:
    """What a model wrote. refusal: its own words for not answering. tools: the names of those that it wants called.
    thoughts: characters that it thought, where they are kept apart from the text, under the name `kept_in`."""

    text: str | None
    refusal: str | None = None
    tools: Sequence[str] = ()
    thoughts: int = 0
    kept_in: str = ""


def read_message(fields: Mapping[str, Any]) -> Message:
    """A message of OpenAI's or Ollama's chat. Raises ProviderError for a content that is no text."""
    kept_in, thoughts = next(((name, fields[name]) for name in _THOUGHTS if isinstance(fields.get(name), str) and fields[name]), ("", ""))
    refusal = fields.get("refusal")
    called = fields.get("tool_calls") or fields.get("function_call") or []
    tools = [_tool(tool) for tool in (called if isinstance(called, list) else [called])]
    return Message(text_of(fields.get("content")), refusal if isinstance(refusal, str) else None, tools, len(thoughts), kept_in)


def text_of(content: Any) -> str | None:
    """A content is text, or a list of parts of which some are text: with Anthropic, and models that think aloud (Mistral, Databricks).

    An object is what a server made of the JSON that the model wrote. Raises ProviderError for anything else.
    """
    if content is None or isinstance(content, str):
        return content
    if isinstance(content, Mapping) and content.get("type") != "text":
        return json.dumps(content, ensure_ascii=False)
    if isinstance(content, (list, Mapping)):
        return "".join(_parts(content if isinstance(content, list) else [content]))
    raise ProviderError("the answer's content is no text")


def read_text(message: Message, reason: Any, tokens: TokenCount, parameters: Mapping[str, Any]) -> Responses:
    """One chat answer. Cut off, empty and refused answers are failures: stored, they would be wrong forever.

    reason: the format's finish reason. Raises ProviderError for a generation that failed and may succeed when it is tried again.
    """
    ending = ending_of(reason)
    if ending is Ending.FAILED:
        raise ProviderError(f"the generation failed ({_shown(reason)})", retryable=True, tokens=tokens)
    failure = _failure(message, ending, reason, parameters)
    return Responses([message.text], {0: failure} if failure else {}, tokens)


def _failure(message: Message, ending: Ending, reason: Any, parameters: Mapping[str, Any]) -> Failure | None:
    empty = not message.text or message.text.isspace()
    if ending is Ending.CUT_OFF:
        limit = parameters.get("max_completion_tokens") or parameters.get("max_tokens")
        where = f"at {limit} tokens" if limit else "at the model's limit"
        return Failure("answer was cut off", f"answer was cut off {where}: raise max_tokens{_thought(message) if empty else ''}")
    if ending is Ending.CONTEXT_FULL:
        return Failure("answer was cut off", "answer was cut off: the model's context is full; ask for less or use another model")
    if message.refusal or ending is Ending.REFUSED:
        said = message.refusal or ("content filter" if reason == "content_filter" else f"it ended with {_shown(reason)}")
        return Failure("refused", f"the model refused: {said}")
    if ending is Ending.UNKNOWN:
        return Failure("unknown finish reason", f"the answer ended for a reason that is not known, {_shown(reason)}")
    if message.tools or (empty and ending is Ending.TOOL):
        tool = f"the tool {_shown(message.tools[0])}" if message.tools else "a tool"
        return Failure("called a tool", f"the model called {tool} instead of answering")
    if empty:
        return Failure("empty answer", f"the model answered nothing{_thought(message)}")
    return None


def _thought(message: Message) -> str:
    if not message.thoughts:
        return ""
    return f"; its {message.thoughts:,} characters of thoughts stand in {message.kept_in!r}: raise max_tokens, or have it think less"


def _parts(content: Sequence[Any]) -> Iterator[str]:
    for part in content:
        if isinstance(part, str):
            yield part
        elif isinstance(part, Mapping) and part.get("type", "text") in ("text", "output_text"):
            yield str(part.get("text") or "")


def _tool(called: Any) -> str:
    function = called.get("function", called) if isinstance(called, Mapping) else None
    return str(function.get("name"))[:60] if isinstance(function, Mapping) else "?"


def _shown(reason: Any) -> str:
    return repr(reason if isinstance(reason, str) else json.dumps(reason, default=str))[:80]
