"""Ollama's own API: /api/embed for vectors, /api/chat and /api/generate for text.

Format: https://github.com/ollama/ollama/blob/main/docs/api.md
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from dbt_ai.call import Call
from dbt_ai.errors import ProviderError
from dbt_ai.external_model import ExternalModel
from dbt_ai.providers._chat import chat_body, with_text
from dbt_ai.providers._errors import missing
from dbt_ai.providers._json import read_json
from dbt_ai.providers._means import Means, in_prompt, natively
from dbt_ai.providers._text import elsewhere_in, read_text, text_of
from dbt_ai.providers._usage import UsageNames, read_usage
from dbt_ai.providers._vectors import read_vectors
from dbt_ai.providers.base import EndpointProvider, HttpRequest, HttpResponse, called_url, wrong_location
from dbt_ai.providers.openai import without_nulls
from dbt_ai.response import Responses

_PATHS = {"EMBEDDINGS": (("api", "embed"),), "CHAT": (("api", "chat"), ("api", "generate"))}

# What Ollama reads beside `options`; every other parameter is an option of the model.
_TOP_LEVEL = frozenset(
    ("format", "keep_alive", "think", "template", "raw", "suffix", "images", "tools", "truncate", "dimensions", "logprobs", "top_logprobs")
)
# OpenAI's names for two limits, so that a parameter means the same whatever the api_format.
_OPTION_NAMES = {"max_tokens": "num_predict", "max_completion_tokens": "num_predict"}

# Where the whole prompt was still in memory, some versions leave prompt_eval_count out.
USAGE = UsageNames(input=(("prompt_eval_count",),), output=(("eval_count",),))


class Ollama(EndpointProvider):
    """EMBEDDINGS at …/api/embed, CHAT at …/api/chat and …/api/generate.

    >>> Ollama().model_types
    ('EMBEDDINGS', 'CHAT')
    """

    api_format = "Ollama"
    model_types = ("EMBEDDINGS", "CHAT")

    def check(self, model: ExternalModel) -> None:
        paths = _PATHS[model.model_type]
        if called_url(model).path[-2:] not in paths:
            raise wrong_location(model, *(f"https://localhost:{{port}}/{'/'.join(path)}" for path in paths))

    def means(self, call: Call) -> Sequence[Means]:
        return () if call.embeds else (natively, _format_json, in_prompt)

    def encode(self, call: Call, inputs: Sequence[str]) -> HttpRequest:
        body: dict[str, Any] = {"model": call.model.model, **_body_parameters(call)}
        if call.embeds:
            body["input"] = list(inputs)
        else:
            body["stream"] = False
            if call.schema is not None:
                body["format"] = call.schema
            if _generates(call.model):
                body.update(_prompt(with_text(call.messages, inputs[0])))
            else:
                body["messages"] = chat_body(call, inputs[0])["messages"]
        return HttpRequest(call.model.location, json.dumps(body).encode(), {"Content-Type": "application/json"})

    def decode(self, call: Call, inputs: Sequence[str], response: HttpResponse) -> Responses:
        document = read_json(response)
        if call.embeds:
            return read_vectors(_vectors(document, inputs), inputs, read_usage(document, USAGE, call, inputs))
        if document.get("done") is False:
            raise ProviderError("the endpoint streams although it was asked not to; is there a proxy in between?", for_all=True)
        message = {**document, "content": document.get("response")} if _generates(call.model) else _said(document)
        text = text_of(message.get("content"))
        tokens = read_usage(document, USAGE, call, inputs, text)
        limits = {"max_tokens": _options(call.parameters).get("num_predict")}
        return read_text(text, document.get("done_reason"), None, tokens, limits, elsewhere_in(message))


def _format_json(call: Call) -> Call:
    """Ollama before 0.5, and what imitates it, take no schema in `format`."""
    told = in_prompt(call)
    return replace(told, parameters={"format": "json", **told.parameters})


def _generates(model: ExternalModel) -> bool:
    return called_url(model).path[-1] == "generate"


def _options(parameters: Mapping[str, Any]) -> dict[str, Any]:
    flat = {_OPTION_NAMES.get(name, name): value for name, value in parameters.items() if name not in _TOP_LEVEL and name != "options"}
    return {**flat, **(parameters.get("options") or {})}


def _body_parameters(call: Call) -> dict[str, Any]:
    body = {name: value for name, value in call.parameters.items() if name in _TOP_LEVEL}
    options = _options(call.parameters)
    if not call.embeds:
        options.setdefault("temperature", 0.0)
    options = without_nulls(options)
    return {**body, "options": options} if options else body


def _prompt(messages: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """/api/generate knows one system text and one prompt: earlier turns are written out before the input."""
    system = "\n\n".join(message["content"] for message in messages if message["role"] == "system")
    said = [message for message in messages if message["role"] != "system"]
    turns = [f"{message['role'].capitalize()}: {message['content']}" for message in said]
    prompt = "\n\n".join([*turns, "Assistant:"]) if len(said) > 1 else said[0]["content"]
    return {"prompt": prompt, "system": system} if system else {"prompt": prompt}


def _vectors(document: Mapping[str, Any], inputs: Sequence[str]) -> list[Any]:
    vectors = document.get("embeddings")
    if vectors is None and len(inputs) == 1 and isinstance(document.get("embedding"), list):
        return [document["embedding"]]  # as the older /api/embeddings
    if not isinstance(vectors, list):
        raise missing(document, "the answer holds no list under 'embeddings'; is the location Ollama's /api/embed?")
    return vectors


def _said(document: Mapping[str, Any]) -> Mapping[str, Any]:
    message = document.get("message")
    if not isinstance(message, Mapping):
        raise missing(document, "the answer holds no 'message'; is the location Ollama's /api/chat?")
    return message
