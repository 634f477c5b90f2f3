"""The text that a chat model answered, or why there is none."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dbt_ai.errors import ProviderError
from dbt_ai.providers._ending import Ending, ending_of
from dbt_ai.response import Failure, Responses
from dbt_ai.return_type.control_tokens import without_control_tokens
from dbt_ai.return_type.thoughts import without_thoughts
from dbt_ai.tokens import TokenCount

# Where servers put thoughts that they keep apart: DeepSeek, vLLM and llama.cpp; OpenRouter and Groq; Ollama.
_THOUGHTS = ("reasoning_content", "reasoning", "thinking")
_BESIDE = frozenset((*_THOUGHTS, "tool_calls", "function_call"))
# How models write that they want a tool called, where the server does not read that: Qwen and Hermes, Mistral, Llama, Granite, DeepSeek.
_TOOL_CALLS = ("<tool_call>", "[TOOL_CALLS]", "<|python_tag|>", "<function=", "<|tool_call|>", "<｜tool▁calls▁begin｜>")


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What a model wrote beside the text of its answer. tools: the names of those that it wants called.
    thoughts: how many characters it thought, where they are kept apart, under the name `kept_in`."""

    tools: Sequence[str] = ()
    thoughts: int = 0
    kept_in: str = ""


NOTHING = Elsewhere()


def elsewhere_in(message: Mapping[str, Any]) -> Elsewhere:
    """Tools and thoughts of a message in OpenAI's or Ollama's chat."""
    if _BESIDE.isdisjoint(message):
        return NOTHING
    kept = [(name, message[name]) for name in _THOUGHTS if isinstance(message.get(name), str)]
    kept_in, thoughts = max(kept, key=lambda found: len(found[1]), default=("", ""))
    called = message.get("tool_calls") or message.get("function_call") or []
    return Elsewhere([_tool(tool) for tool in (called if isinstance(called, list) else [called])], len(thoughts), kept_in)


def text_of(content: Any, *, typed: bool = True) -> str | None:
    """A content is text, or a list of parts of which some are text: with Anthropic, and models that think aloud (Mistral, Databricks).

    typed: JSON was asked for. An object is then what a server made of the JSON that the model wrote.
    Raises ProviderError for anything else.
    """
    if content is None or isinstance(content, str):
        return content
    if isinstance(content, Mapping) and typed and content.get("type") != "text":
        return json.dumps(content, ensure_ascii=False)
    if isinstance(content, list) and typed and content and not any(map(_is_part, content)):
        return json.dumps(content[0] if len(content) == 1 else content, ensure_ascii=False)
    if isinstance(content, list) or (isinstance(content, Mapping) and content.get("type") == "text"):
        return "".join(_parts(content if isinstance(content, list) else [content]))
    raise ProviderError("the answer's content is not text")


def refusal_in(content: Any) -> str | None:
    """The words of a refusal among the parts of a content, where OpenAI writes it too."""
    parts = content if isinstance(content, list) else ()
    return next((said for part in parts if isinstance(part, Mapping) and isinstance(said := part.get("refusal"), str) and said), None)


def unfinished(name: str, tokens: TokenCount) -> ProviderError:
    """The error for an answer without a reason to end, in a format that writes one behind every whole answer."""
    return ProviderError(f"the answer broke off: it says no {name}", retryable=True, tokens=tokens)


def read_text(
    text: str | None, reason: Any, refusal: str | None, tokens: TokenCount, parameters: Mapping[str, Any], elsewhere: Elsewhere = NOTHING
) -> Responses:
    """One chat answer, without the thoughts before it. What is cut off, empty or refused is a failure: stored, it would be wrong forever.

    reason: why the model stopped, in the format's word. refusal: the model's own words for not answering.
    Raises ProviderError for a generation that failed and may succeed when it is tried again.

    >>> read_text("yes", "stop", None, TokenCount(2, 1), {}).values
    ['yes']
    >>> read_text("ye", "length", None, TokenCount(2, 1), {"max_tokens": 1}).failures[0].message
    'answer was cut off at 1 tokens: raise max_tokens'
    """
    ending = ending_of(reason)
    if ending is Ending.FAILED:
        raise ProviderError(f"the generation failed, it ended with {_shown(reason)}", retryable=True, tokens=tokens)
    limit = parameters.get("max_completion_tokens") or parameters.get("max_tokens")
    if reason in (None, "") and isinstance(limit, int) and 0 < limit <= tokens.output and not tokens.estimated:
        ending = Ending.CUT_OFF  # nothing is said, and it took as many tokens as it might: Ollama before 0.2, and gateways
    said = text and without_thoughts(text)
    answer = said and without_control_tokens(said)
    empty = not any(sign.isprintable() and not sign.isspace() for sign in answer or "")
    thought = _thought(elsewhere) if empty else ""
    failure = None
    if ending is Ending.CUT_OFF:
        where = f"at {limit} tokens" if limit else "at the model's limit"
        failure = Failure("answer was cut off", f"answer was cut off {where}: raise max_tokens{thought}")
    elif ending is Ending.CONTEXT_FULL:
        failure = Failure("answer was cut off", "answer was cut off: the model's context is full; ask for less or use another model")
    elif refusal or ending is Ending.REFUSED:
        words = refusal or ("content filter" if reason == "content_filter" else f"it ended with {_shown(reason)}")
        failure = Failure("refused", f"the model refused: {words}")
    elif ending is Ending.UNKNOWN:
        failure = Failure("unknown finish reason", f"the answer ended with {_shown(reason)}, which is not known to be a good end")
    elif elsewhere.tools or (ending is Ending.TOOL and not _may_be_json(answer)) or (answer or "").lstrip().startswith(_TOOL_CALLS):
        tool = f"the tool {_shown(elsewhere.tools[0])}" if elsewhere.tools else "a tool"
        failure = Failure("called a tool", f"the model called {tool} instead of answering")
    elif empty:
        only_thoughts = bool(text) and not said
        failure = Failure(
            "empty answer", "the model wrote thoughts and no answer" if only_thoughts else f"the model answered nothing{thought}"
        )
    return Responses([answer], {0: failure} if failure else {}, tokens)


def _may_be_json(answer: str | None) -> bool:
    """Some servers get JSON by way of a tool, write it where an answer stands, and leave the word for the tool behind."""
    return (answer or "").lstrip().startswith(("{", "["))


def _thought(elsewhere: Elsewhere) -> str:
    if not elsewhere.thoughts:
        return ""
    return f"; {elsewhere.thoughts:,} characters of thoughts stand in {elsewhere.kept_in!r}: raise max_tokens, or have the model think less"


def _parts(content: Sequence[Any]) -> Iterator[str]:
    for part in content:
        if isinstance(part, str):
            yield part
        elif isinstance(part, Mapping) and part.get("type", "text") in ("text", "output_text"):
            text = part.get("text")
            if text is not None and not isinstance(text, str):
                raise ProviderError("a part of the answer's content is not text")
            yield text or ""


def _is_part(item: Any) -> bool:
    """Whether this is a part of a content, and not of an answer that a server has read as JSON."""
    return not isinstance(item, Mapping) or "type" in item or "text" in item


def _tool(called: Any) -> str:
    function = called.get("function", called) if isinstance(called, Mapping) else None
    return str(function.get("name"))[:60] if isinstance(function, Mapping) else "?"


def _shown(reason: Any) -> str:
    return repr(reason if isinstance(reason, str) else json.dumps(reason, default=str))[:80]
