"""Gemini's own API: generateContent for text, batchEmbedContents for vectors. The credential's `x-goog-api-key` header authorises.

Formats: https://ai.google.dev/api/generate-content and https://ai.google.dev/api/embeddings. Vertex AI speaks generateContent too:
https://docs.cloud.google.com/vertex-ai/generative-ai/docs/model-reference/inference.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from dbt_ai.call import Call
from dbt_ai.errors import ConfigurationError, ProviderError
from dbt_ai.external_model import ExternalModel
from dbt_ai.providers._chat import chat_body
from dbt_ai.providers._errors import missing
from dbt_ai.providers._gemini_jobs import GeminiJobs
from dbt_ai.providers._jobs import JobFormat
from dbt_ai.providers._json import read_json
from dbt_ai.providers._means import Means, in_prompt
from dbt_ai.providers._schema_subset import GEMINI, told_in_words
from dbt_ai.providers._text import Elsewhere, read_text, unfinished
from dbt_ai.providers._usage import UsageNames, read_usage
from dbt_ai.providers._vectors import read_vectors
from dbt_ai.providers.base import EndpointProvider, HttpRequest, HttpResponse, Limits, called_url, wrong_location
from dbt_ai.providers.openai import without_nulls
from dbt_ai.response import Responses

_METHODS = {"EMBEDDINGS": "batchEmbedContents", "CHAT": "generateContent"}
# https://ai.google.dev/gemini-api/docs/embeddings: "at most 100 requests can be in one batch".
_MOST_TEXTS = 100

# What stands beside `generationConfig`; every other parameter of a chat stands in it.
_TOP_LEVEL = frozenset(("safetySettings", "tools", "toolConfig", "cachedContent", "serviceTier"))
# OpenAI's names, so that a parameter means the same whatever the api_format.
_CONFIG_NAMES = {
    "max_tokens": "maxOutputTokens",
    "max_completion_tokens": "maxOutputTokens",
    "stop": "stopSequences",
    "top_p": "topP",
    "top_k": "topK",
    "presence_penalty": "presencePenalty",
    "frequency_penalty": "frequencyPenalty",
}
_EMBEDDING_NAMES = {"dimensions": "outputDimensionality"}
# A turn of the model's has this name here.
_ROLES = {"assistant": "model"}

# The thoughts of a model are in the total and not in candidatesTokenCount.
USAGE = UsageNames(
    input=(("promptTokenCount",),),
    output=(("candidatesTokenCount",),),
    total=(("totalTokenCount",),),
    cached_input=(("cachedContentTokenCount",),),
    reasoning=(("thoughtsTokenCount",),),
)


class Gemini(EndpointProvider):
    """EMBEDDINGS at …/models/{model}:batchEmbedContents, CHAT at …/models/{model}:generateContent.

    >>> Gemini().model_types
    ('EMBEDDINGS', 'CHAT')
    """

    api_format = "Gemini"
    model_types = ("EMBEDDINGS", "CHAT")
    flex: ClassVar[bool] = True

    def check(self, model: ExternalModel) -> None:
        path, method = called_url(model).path, _METHODS[model.model_type]
        if path[-2:-1] != ("models",) or not path[-1].endswith(f":{method}"):
            raise wrong_location(model, f"https://generativelanguage.googleapis.com/v1beta/models/{{model}}:{method}")
        if path[-1] != f"{model.model}:{method}":
            named = path[-1].removesuffix(f":{method}")
            raise ConfigurationError(
                f"external model {model.name!r}: model {model.model!r} is not the one that its location names, {named!r}; write one name",
                model=model.name,
                field="model",
                value=model.model,
                accepted=(named,),
            )

    def limits(self, call: Call) -> Limits:
        return Limits(inputs=_MOST_TEXTS if call.embeds else 1)

    def jobs(self, model: ExternalModel) -> JobFormat | None:
        """None at Vertex AI, whose batches read from Cloud Storage and BigQuery."""
        return None if "projects" in called_url(model).path else GeminiJobs()

    def means(self, call: Call) -> Sequence[Means]:
        return () if call.embeds else (_response_json_schema, _json_mode, in_prompt)

    def encode(self, call: Call, inputs: Sequence[str]) -> HttpRequest:
        body = _embeddings(call, inputs) if call.embeds else _chat(call, inputs[0])
        return HttpRequest(call.model.location, json.dumps(body).encode(), {"Content-Type": "application/json"})

    def decode(self, call: Call, inputs: Sequence[str], response: HttpResponse) -> Responses:
        document = read_json(response)
        if call.embeds:
            return read_vectors(_vectors(document), inputs, read_usage(document.get("usageMetadata"), USAGE, call, inputs))
        candidate, blocked = _candidate(document)
        text, elsewhere = _written(candidate)
        tokens = read_usage(document.get("usageMetadata"), USAGE, call, inputs, text)
        if not blocked and not candidate.get("finishReason"):
            # "If empty, the model has not stopped generating tokens": https://ai.google.dev/api/generate-content#candidate
            raise unfinished("finishReason", tokens)
        limits = {"max_tokens": _generation_config(call).get("maxOutputTokens")}
        return read_text(text, candidate.get("finishReason"), blocked, tokens, limits, elsewhere)


def _response_json_schema(call: Call) -> Call:
    """The schema in the words that Gemini documents: https://ai.google.dev/gemini-api/docs/structured-output."""
    told = {"responseMimeType": "application/json", "responseJsonSchema": told_in_words(call.schema, GEMINI)}
    return replace(call, parameters={**told, **call.parameters})


def _json_mode(call: Call) -> Call:
    told = in_prompt(call)
    return replace(told, parameters={"responseMimeType": "application/json", **told.parameters})


def _generation_config(call: Call) -> dict[str, Any]:
    beside = {*_TOP_LEVEL, "generationConfig"}
    flat = {_CONFIG_NAMES.get(name, name): value for name, value in call.parameters.items() if name not in beside}
    config = {"temperature": 0.0, **flat, **(call.parameters.get("generationConfig") or {})}
    if isinstance(config.get("stopSequences"), str):
        config["stopSequences"] = [config["stopSequences"]]
    return without_nulls(config)


def _chat(call: Call, input: str) -> dict[str, Any]:
    messages = chat_body(call, input)["messages"]
    body: dict[str, Any] = {name: value for name, value in call.parameters.items() if name in _TOP_LEVEL}
    system = [part for message in messages if message["role"] == "system" for part in _parts(message["content"])]
    if system:
        body["systemInstruction"] = {"parts": system}
    body["contents"] = [
        {"role": _ROLES.get(message["role"], message["role"]), "parts": _parts(message["content"])}
        for message in messages
        if message["role"] != "system"
    ]
    body["generationConfig"] = _generation_config(call)
    if call.model.execution == "flex":
        body["serviceTier"] = "flex"
    return without_nulls(body)


def _parts(content: str | Sequence[Any]) -> list[Any]:
    """A text is one part. Of a list, OpenAI's parts of text become Gemini's; the others are Gemini's own."""
    if isinstance(content, str):
        return [{"text": content}]
    return [{"text": part.get("text")} if isinstance(part, Mapping) and part.get("type") == "text" else part for part in content]


def _embeddings(call: Call, inputs: Sequence[str]) -> dict[str, Any]:
    parameters = without_nulls({_EMBEDDING_NAMES.get(name, name): value for name, value in call.parameters.items()})
    named = f"models/{call.model.model}"
    return {"requests": [{"model": named, "content": {"parts": [{"text": text}]}, **parameters} for text in inputs]}


def _vectors(document: Mapping[str, Any]) -> list[Any]:
    """Of an answer to several texts, or to one, as which it stands in the results of a job."""
    embeddings = document.get("embeddings", [document["embedding"]] if "embedding" in document else None)
    if not isinstance(embeddings, list) or not all(isinstance(embedding, Mapping) for embedding in embeddings):
        raise missing(document, "the answer holds no list under 'embeddings'; is the location Gemini's batchEmbedContents?")
    return [embedding.get("values") for embedding in embeddings]


def _candidate(document: Mapping[str, Any]) -> tuple[Mapping[str, Any], str | None]:
    """The first candidate, or why the prompt was blocked before there was one."""
    candidates, feedback = document.get("candidates"), document.get("promptFeedback")
    if isinstance(candidates, list) and candidates and isinstance(candidates[0], Mapping):
        return candidates[0], None
    if isinstance(feedback, Mapping) and feedback.get("blockReason"):
        return {}, f"the prompt was blocked ({str(feedback['blockReason'])[:60]})"
    if "usageMetadata" in document or "candidates" in document:
        raise ProviderError("the endpoint answered no candidates", retryable=True)
    raise missing(document, "the answer holds no list under 'candidates'; is the location Gemini's generateContent?")


def _written(candidate: Mapping[str, Any]) -> tuple[str | None, Elsewhere]:
    """The text of the answer, and what else there is."""
    content = candidate.get("content")
    parts = content.get("parts") if isinstance(content, Mapping) else None
    listed = [part for part in parts if isinstance(part, Mapping)] if isinstance(parts, list) else []
    texts = [str(part["text"]) for part in listed if isinstance(part.get("text"), str) and part.get("thought") is not True]
    thoughts = sum(len(str(part.get("text") or "")) for part in listed if part.get("thought") is True)
    called = [part["functionCall"] for part in listed if isinstance(part.get("functionCall"), Mapping)]
    tools = [str(call.get("name"))[:60] for call in called]
    return "".join(texts) if texts else None, Elsewhere(tools, thoughts, "thought" if thoughts else "")
