"""Why a model stopped writing, in the words of every format. A word that nobody knows is never a good end."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from functools import lru_cache
from typing import Any


class Ending(Enum):
    """How an answer ended. GOOD: also where nothing is said. TOOL: the model wants a tool called, which nobody offered it.

    >>> ending_of("max_tokens"), ending_of("FINISH_REASON_STOP")
    (<Ending.CUT_OFF: 'cut off'>, <Ending.GOOD: 'good'>)
    """

    GOOD = "good"
    TOOL = "tool"
    CUT_OFF = "cut off"
    CONTEXT_FULL = "context full"
    REFUSED = "refused"
    FAILED = "failed"
    UNKNOWN = "unknown"


# Who writes it: OpenAI, Anthropic and Bedrock, Gemini, Cohere, Mistral, Ollama, Hugging Face and Together, DeepSeek, Z.ai, vLLM and SGLang,
# AI21, Baidu, DashScope ("null" while it writes). Case does not count, nor - against _, nor the prefix FINISH_REASON_, nor what
# Gemini writes behind a colon ("content_filter: RECITATION").
_WORDS = {
    Ending.GOOD: (
        "stop stopped end_turn stop_sequence stop_string stop_token eos eos_token complete completed done end finish finished success"
        " normal endoftext null none unspecified"
    ),
    Ending.TOOL: "tool_calls tool_call tool_use function_call unexpected_tool_call",
    Ending.CUT_OFF: "length max_tokens max_token max_length max_output_tokens max_completion_tokens token_limit limit incomplete",
    Ending.CONTEXT_FULL: "model_length model_context_window_exceeded context_length_exceeded context_length context_window error_limit",
    Ending.REFUSED: (
        "content_filter content_filtered refusal safety recitation language blocklist prohibited_content spii sensitive error_toxic"
        " guardrail_intervened image_safety model_armor moderation flagged blocked"
    ),
    Ending.FAILED: (
        "error failed failure abort aborted cancelled canceled user_cancel timeout time_limit other network_error load unload"
        " insufficient_system_resource malformed_function_call malformed_model_output malformed_tool_use too_many_tool_calls pause_turn"
        " server_error engine_error missing_thought_signature"
    ),
}
# Where it stands if not under finish_reason: OpenAI's first vision models; Bedrock's proxies and vLLM, which writes stop strings there too;
# OpenRouter; Vertex AI's proxies; a message of its own.
_BESIDE = ("finish_details", "stop_reason", "native_finish_reason", "finishReason", "finish_reason")
_ENDINGS = {word: ending for ending, words in _WORDS.items() for word in words.split()}


def reason_in(choice: Mapping[str, Any]) -> Any:
    """Why the model stopped. Where `finish_reason` is empty it may stand beside it, among other things: there, only known words count.

    >>> reason_in({"finish_reason": None, "stop_reason": "max_tokens"})
    'max_tokens'
    """
    reason = choice.get("finish_reason")
    if reason is not None and reason != "":
        return reason
    message = choice.get("message")
    found = [holder.get(name) for holder in (choice, message) if isinstance(holder, Mapping) for name in _BESIDE]
    return next((word for word in found if word and ending_of(word) is not Ending.UNKNOWN), None)


def ending_of(reason: Any) -> Ending:
    """What a finish reason says."""
    if isinstance(reason, Mapping):  # SGLang's own API: {"type": "stop", "matched": …}
        reason = reason.get("type")
    if reason is None or reason == "":
        return Ending.GOOD
    return _ending_of_text(reason[:100]) if isinstance(reason, str) else Ending.UNKNOWN


@lru_cache(maxsize=256)
def _ending_of_text(reason: str) -> Ending:
    """Cached: every answer says it, nearly always with the same word."""
    word = reason.partition(":")[0].strip().lower().replace("-", "_").replace(" ", "_").removeprefix("finish_reason_")
    return _ENDINGS.get(word, Ending.UNKNOWN)
