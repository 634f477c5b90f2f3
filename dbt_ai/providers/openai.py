"""OpenAI's embeddings and chat completions, as spoken by OpenAI and everything compatible with it.

Formats: https://platform.openai.com/docs/api-reference/embeddings and …/chat.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from dbt_ai.errors import ProviderError
from dbt_ai.external_model import ExternalModel
from dbt_ai.providers._chat import chat_body
from dbt_ai.providers._means import OPENAI_MEANS, OPENAI_VECTORS, Means
from dbt_ai.providers._usage import UsageNames, read_usage
from dbt_ai.providers._vectors import in_order, read_vectors
from dbt_ai.providers.base import EndpointProvider, HttpRequest, HttpResponse, called_url, wrong_location
from dbt_ai.request import Call, Failure, Responses, TokenCount
from dbt_ai.return_type.thoughts import without_thoughts

# Where it stands with OpenAI, then with those who follow it: DeepSeek, Moonshot, LiteLLM.
USAGE = UsageNames(
    input=(("prompt_tokens",), ("input_tokens",)),
    output=(("completion_tokens",), ("output_tokens",)),
    total=(("total_tokens",),),
    cached_input=(("prompt_tokens_details", "cached_tokens"), ("prompt_cache_hit_tokens",), ("cached_tokens",)),
    cache_write=(("prompt_tokens_details", "cache_write_tokens"), ("cache_creation_input_tokens",)),
    reasoning=(("completion_tokens_details", "reasoning_tokens"), ("reasoning_tokens",)),
)


class OpenAI(EndpointProvider):
    api_format = "OpenAI"
    model_types: ClassVar[tuple[str, ...]] = ("EMBEDDINGS", "CHAT")

    def check(self, model: ExternalModel) -> None:
        operation = ("embeddings",) if model.model_type == "EMBEDDINGS" else ("chat", "completions")
        # What comes before differs among compatible servers: /v1, /api/v1, /v1beta/openai, nothing.
        if called_url(model).path[-len(operation) :] != operation:
            raise wrong_location(model, f"https://{{server}}/v1/{'/'.join(operation)}")

    def means(self, call: Call) -> Sequence[Means]:
        return OPENAI_VECTORS if call.embeds else OPENAI_MEANS

    def encode(self, call: Call, inputs: Sequence[str]) -> HttpRequest:
        body: dict[str, Any] = {"model": call.model.model, **call.parameters}
        if call.embeds:
            body["input"] = list(inputs)
        else:
            body.update(chat_body(call, inputs[0]))
            body.setdefault("temperature", 0.0)
        body = without_nulls(body)
        return HttpRequest(call.model.location, json.dumps(body).encode(), {"Content-Type": "application/json"})

    def decode(self, call: Call, inputs: Sequence[str], response: HttpResponse) -> Responses:
        document = read_json(response)
        if call.embeds:
            return read_embeddings(document, inputs, read_usage(document.get("usage"), USAGE, call, inputs))
        try:
            choice = document["choices"][0]
            text, reason = choice["message"].get("content"), choice.get("finish_reason")
            refusal = choice["message"].get("refusal")
        except (KeyError, IndexError, TypeError):
            raise ProviderError("the answer holds no choices[0].message; is the location a chat completions endpoint?") from None
        text = text_of(text)
        tokens = read_usage(document.get("usage"), USAGE, call, inputs, text)
        return read_text(text, reason, refusal, tokens, call.parameters)

    def refusal(self, response: HttpResponse) -> str:
        return error_message(response) or super().refusal(response)

    def lacks_model(self, response: HttpResponse) -> bool:
        # LiteLLM answers 400 with neither a code nor a type of its own: https://github.com/BerriAI/litellm, proxy/route_llm_request.py
        return super().lacks_model(response) or "Invalid model name passed in" in (error_message(response) or "")


def without_nulls(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """A parameter that is null is left out: the endpoint's own default holds."""
    return {name: value for name, value in parameters.items() if value is not None}


def read_json(response: HttpResponse) -> dict[str, Any]:
    """The answer's JSON object. Raises ProviderError for anything else, quoting its beginning."""
    try:
        document = json.loads(response.body)
    except ValueError:
        raise ProviderError(f"the answer is not JSON but begins {response.body[:80].decode('utf-8', 'replace')!r}") from None
    if not isinstance(document, dict):
        raise ProviderError("the answer is JSON but not an object")
    return document


def error_message(response: HttpResponse) -> str | None:
    """The sentence that an error answer carries under error.message, error, message or detail."""
    try:
        document = json.loads(response.body)
    except ValueError:
        return None
    if not isinstance(document, dict):
        return None
    error = document.get("error") or document.get("message") or document.get("detail")
    if isinstance(error, Mapping):
        error = error.get("message")
    return str(error)[:300] if error else None


def read_embeddings(document: Mapping[str, Any], inputs: Sequence[str], tokens: TokenCount) -> Responses:
    """Vectors under data[i].embedding. Raises ProviderError for what are no vectors, one for each input."""
    data = document.get("data")
    if not isinstance(data, list):
        raise ProviderError("the answer holds no list under 'data'; is the location an embeddings endpoint?")
    return read_vectors([item["embedding"] for item in in_order(data)], inputs, tokens)


def read_text(text: str | None, reason: str | None, refusal: str | None, tokens: TokenCount, parameters: Mapping[str, Any]) -> Responses:
    """One chat answer, without the thoughts before it. Cut off, empty and refused answers are failures: stored, they would be wrong
    forever."""
    answer = text and without_thoughts(text)
    failure = None
    if reason == "length":
        limit = parameters.get("max_completion_tokens") or parameters.get("max_tokens")
        where = f"at {limit} tokens" if limit else "at the model's limit"
        failure = Failure("answer was cut off", f"answer was cut off {where}: raise max_tokens")
    elif refusal or reason == "content_filter":
        failure = Failure("refused", f"the model refused: {refusal or 'content filter'}")
    elif not answer or answer.isspace():
        thought = bool(text) and not answer
        failure = Failure("empty answer", "the model wrote thoughts and no answer" if thought else "the model answered nothing")
    return Responses([answer], {0: failure} if failure else {}, tokens)


def text_of(content: Any) -> str | None:
    """A content is text, or a list of parts of which some are text: with Anthropic, and models that think aloud (Mistral, Databricks)."""
    if isinstance(content, list):
        return "".join(str(part.get("text") or "") for part in content if part.get("type") == "text")
    if content is None or isinstance(content, str):
        return content
    raise ProviderError("the answer's content is no text")
