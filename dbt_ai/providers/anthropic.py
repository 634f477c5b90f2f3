"""Anthropic's messages. The credential's `x-api-key` header authorises.

Format: https://docs.claude.com/en/api/messages
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from dbt_ai.call import Call
from dbt_ai.external_model import ExternalModel
from dbt_ai.providers._anthropic_jobs import AnthropicJobs
from dbt_ai.providers._chat import chat_body
from dbt_ai.providers._errors import missing
from dbt_ai.providers._jobs import JobFormat
from dbt_ai.providers._json import read_json
from dbt_ai.providers._means import Means, in_prompt, natively
from dbt_ai.providers._prompt_cache import shared_turns
from dbt_ai.providers._text import Elsewhere, read_text, text_of, unfinished
from dbt_ai.providers._usage import UsageNames, read_usage
from dbt_ai.providers.base import EndpointProvider, HttpRequest, HttpResponse, called_url, wrong_location
from dbt_ai.providers.openai import without_nulls
from dbt_ai.response import Responses

API_VERSION = "2023-06-01"
# The format requires a limit; enough for a paragraph or a record, and what is cut off says how to raise it.
DEFAULT_MAX_TOKENS = 1024

# A tool that must be used is the structured output that every model and every gateway of this format knows.
_ANSWER_TOOL = "answer"
# OpenAI's names, so that a parameter means the same whatever the api_format.
_NAMES = {"max_completion_tokens": "max_tokens", "stop": "stop_sequences"}

# What was read from or written to the prompt cache is counted apart from input_tokens.
USAGE = UsageNames(
    input=(("input_tokens",),),
    output=(("output_tokens",),),
    cached_input=(("cache_read_input_tokens",),),
    cache_write=(("cache_creation_input_tokens",),),
    cache_write_1h=(("cache_creation", "ephemeral_1h_input_tokens"),),
    apart=True,
)

# The shortest beginning that is cached, by the names of models; a mark on a shorter one does nothing. Of a model that is not known the
# longest is taken. https://docs.claude.com/en/docs/build-with-claude/prompt-caching#cache-limitations
_LEAST_CACHED = (
    (re.compile(r"haiku-4-5|opus-4-[5-9]\b"), 4096),
    (re.compile(r"sonnet-4-6|haiku-3|3-haiku|3-5-haiku"), 2048),
    (re.compile(r"(sonnet|opus)-4-([015]\b|20[0-9]{6})|3-[57]-sonnet"), 1024),
)
_LONGEST_LEAST = 4096
# How long it is kept after it was last read: five minutes, unless the mark says an hour, for which writing costs more.
_MINUTES = {"type": "ephemeral"}
_HOUR = {"type": "ephemeral", "ttl": "1h"}


class Anthropic(EndpointProvider):
    """CHAT at …/v1/messages.

    >>> Anthropic().model_types
    ('CHAT',)
    """

    api_format = "Anthropic"
    model_types = ("CHAT",)

    def check(self, model: ExternalModel) -> None:
        if called_url(model).path[-2:] != ("v1", "messages"):
            raise wrong_location(model, "https://{server}/v1/messages")

    def least_cached(self, call: Call) -> int | None:
        """A `cache_control` of the user's own, also null, is left alone."""
        return None if "cache_control" in call.parameters else _least_cached(call.model.model)

    def jobs(self, model: ExternalModel) -> JobFormat | None:
        return AnthropicJobs()

    def means(self, call: Call) -> Sequence[Means]:
        return (natively, in_prompt)

    def encode(self, call: Call, inputs: Sequence[str]) -> HttpRequest:
        body: dict[str, Any] = without_nulls({"model": call.model.model, "temperature": 0.0, **_parameters(call)})
        messages = chat_body(call, inputs[0])["messages"]
        system = "\n\n".join(message["content"] for message in messages if message["role"] == "system")
        if system:
            body["system"] = system
        body["messages"] = [dict(message) for message in messages if message["role"] != "system"]
        if call.schema is not None:
            body["tools"] = [{"name": _ANSWER_TOOL, "description": "Give the answer.", "input_schema": call.schema}]
            body["tool_choice"] = {"type": "tool", "name": _ANSWER_TOOL}
        if call.caching is not None:
            _mark_the_beginning(body, _HOUR if call.cached_for_an_hour else _MINUTES, *shared_turns(call, inputs[0]))
        headers = {"Content-Type": "application/json", "anthropic-version": API_VERSION}
        return HttpRequest(call.model.location, json.dumps(body).encode(), headers)

    def decode(self, call: Call, inputs: Sequence[str], response: HttpResponse) -> Responses:
        document = read_json(response)
        content = document.get("content")
        if not isinstance(content, list):
            raise missing(document, "the answer holds no list under 'content'; is the location a messages endpoint?")
        text, elsewhere = _written(content)
        reason = document.get("stop_reason")
        refusal = "the safety filter stopped it" if reason == "refusal" else None
        tokens = read_usage(document.get("usage"), USAGE, call, inputs, text)
        if not reason:
            # "In non-streaming mode this value is always non-null": https://docs.claude.com/en/api/messages
            raise unfinished("stop_reason", tokens)
        return read_text(text, reason, refusal, tokens, _parameters(call), elsewhere)


def _parameters(call: Call) -> dict[str, Any]:
    parameters = {_NAMES.get(name, name): value for name, value in call.parameters.items()}
    if isinstance(parameters.get("stop_sequences"), str):
        parameters["stop_sequences"] = [parameters["stop_sequences"]]
    parameters.setdefault("max_tokens", DEFAULT_MAX_TOKENS)
    return parameters


def _least_cached(model: str) -> int:
    """The fewest tokens of a beginning that this model caches."""
    name = model.replace(".", "-").replace("@", "-")
    return next((tokens for pattern, tokens in _LEAST_CACHED if pattern.search(name)), _LONGEST_LEAST)


def _mark_the_beginning(body: dict[str, Any], mark: Mapping[str, str], turns: int, characters: int) -> None:
    """Mark the last block that all requests of the call share: of so many turns and characters of the next, else the system text, else
    the tool. What comes up to it is cached."""

    def marked(block: dict[str, Any]) -> dict[str, Any]:
        return {**block, "cache_control": mark}

    messages = body["messages"]
    if characters and isinstance(messages[turns]["content"], str):
        text = messages[turns]["content"]
        row = [{"type": "text", "text": text[characters:]}] if text[characters:] else []
        messages[turns]["content"] = [marked({"type": "text", "text": text[:characters]}), *row]
    elif turns:
        content = messages[turns - 1]["content"]
        blocks = [{"type": "text", "text": content}] if isinstance(content, str) else list(content)
        messages[turns - 1]["content"] = [*blocks[:-1], *map(marked, blocks[-1:])]
    elif "system" in body:
        body["system"] = [marked({"type": "text", "text": body["system"]})]
    elif "tools" in body:
        body["tools"] = [*body["tools"][:-1], marked(body["tools"][-1])]


def _written(content: Sequence[Any]) -> tuple[str | None, Elsewhere]:
    """The answer, which is the input of the answer tool as JSON where that was used, else the text; and what else there is."""
    blocks = [block for block in content if isinstance(block, Mapping)]
    thoughts = sum(len(str(block.get("thinking") or "")) for block in blocks if block.get("type") == "thinking")
    uses = [(str(block.get("name"))[:60], block.get("input")) for block in blocks if block.get("type") == "tool_use"]
    # A model may use a tool more than once: two answers are none, which their reader says.
    answers = dict.fromkeys(json.dumps(input, ensure_ascii=False) for name, input in uses if name == _ANSWER_TOOL)
    if answers:
        return "\n".join(answers), Elsewhere(thoughts=thoughts, kept_in="thinking")
    return text_of(content), Elsewhere([name for name, _ in uses], thoughts, "thinking")
