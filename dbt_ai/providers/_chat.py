"""What a chat model is told for one row: the call's own messages, then the row's."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from dbt_ai.call import Call, Input
from dbt_ai.errors import ProviderError


def with_text(messages: Sequence[Mapping[str, str]], text: str) -> list[Mapping[str, str]]:
    """The messages and then the row's text. Where the last message is the user's, its `content` stands before each text, and its `after`
    behind it."""
    begun = messages[-1] if messages and messages[-1]["role"] == "user" else None
    if begun is None:
        return [*messages, {"role": "user", "content": text}]
    return [*messages[:-1], {"role": "user", "content": begun["content"] + text + begun.get("after", "")}]


def chat_body(call: Call, input: str) -> dict[str, Any]:
    """{"messages": […]} and whatever else the row asks for.

    A text is what the user says. A struct (Input.JSON) that holds `messages` is a conversation, whose other fields
    travel beside it; any other struct is what the user says, as JSON.
    Raises ProviderError for messages that are not a list of {role, content}.

    >>> from dbt_ai.providers import ExternalModel
    >>> call = Call("ai_query", ExternalModel("llm", "https://ai.acme.example/v2/answer", "Acme", "CHAT", "acme-large"))
    >>> chat_body(call, "Hello?")
    {'messages': [{'role': 'user', 'content': 'Hello?'}]}
    """
    request = json.loads(input) if call.input is Input.JSON else None
    if not isinstance(request, Mapping) or "messages" not in request:
        return {"messages": with_text(call.messages, input)}
    messages = request["messages"]
    if not isinstance(messages, list) or not messages or not all(_is_message(message) for message in messages):
        raise ProviderError("the field 'messages' of the request is not a list of {role, content}; write it with dbt_ai.ai_messages(…)")
    return {**request, "messages": [*call.messages, *messages]}


def _is_message(message: Any) -> bool:
    return isinstance(message, Mapping) and isinstance(message.get("role"), str) and isinstance(message.get("content"), (str, list))
