"""OpenAI's embeddings and chat completions, as spoken by OpenAI and everything compatible with it.

Formats: https://platform.openai.com/docs/api-reference/embeddings and …/chat.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from dbt_ai.call import Call
from dbt_ai.errors import ProviderError
from dbt_ai.external_model import ExternalModel
from dbt_ai.providers._chat import chat_body
from dbt_ai.providers._ending import Ending, ending_of, reason_in
from dbt_ai.providers._errors import error_in, missing
from dbt_ai.providers._jobs import JobFormat
from dbt_ai.providers._json import read_json
from dbt_ai.providers._logprobs import logprobs_parameters, read_logprobs, require_one_question
from dbt_ai.providers._means import OPENAI_MEANS, OPENAI_VECTORS, Means
from dbt_ai.providers._openai_jobs import OpenAIJobs
from dbt_ai.providers._text import elsewhere_in, read_text, refusal_in, text_of
from dbt_ai.providers._usage import UsageNames, read_usage
from dbt_ai.providers._vectors import in_order, read_vectors
from dbt_ai.providers.base import EndpointProvider, HttpRequest, HttpResponse, called_url, wrong_location
from dbt_ai.response import Responses
from dbt_ai.tokens import TokenCount

# Where it stands with OpenAI, then with those who follow it: DeepSeek, Moonshot, LiteLLM.
USAGE = UsageNames(
    input=(("prompt_tokens",), ("input_tokens",)),
    output=(("completion_tokens",), ("output_tokens",)),
    total=(("total_tokens",),),
    cached_input=(("prompt_tokens_details", "cached_tokens"), ("prompt_cache_hit_tokens",), ("cached_tokens",)),
    cache_write=(("prompt_tokens_details", "cache_write_tokens"), ("cache_creation_input_tokens",)),
    reasoning=(("completion_tokens_details", "reasoning_tokens"), ("reasoning_tokens",)),
)

# https://platform.openai.com/docs/guides/prompt-caching. Who is compatible may refuse its key; the parameter `prompt_cache_key` sends it.
_CACHING = frozenset(("api.openai.com", "eu.api.openai.com", "us.api.openai.com"))
_LEAST_CACHED = 1024


class OpenAI(EndpointProvider):
    """EMBEDDINGS at …/embeddings, CHAT at …/chat/completions.

    >>> OpenAI().model_types
    ('EMBEDDINGS', 'CHAT')
    """

    api_format = "OpenAI"
    model_types: ClassVar[tuple[str, ...]] = ("EMBEDDINGS", "CHAT")
    flex: ClassVar[bool] = True

    def check(self, model: ExternalModel) -> None:
        operation = ("embeddings",) if model.model_type == "EMBEDDINGS" else ("chat", "completions")
        # What comes before differs among compatible servers: /v1, /api/v1, /v1beta/openai, nothing.
        if called_url(model).path[-len(operation) :] != operation:
            raise wrong_location(model, f"https://{{server}}/v1/{'/'.join(operation)}")

    def jobs(self, model: ExternalModel) -> JobFormat | None:
        return OpenAIJobs()

    def least_cached(self, call: Call) -> int | None:
        """OpenAI's own servers cache by themselves, and tell what they read there."""
        return _LEAST_CACHED if called_url(call.model).host in _CACHING else None

    def check_questions(self, call: Call) -> None:
        require_one_question(call)

    def means(self, call: Call) -> Sequence[Means]:
        return OPENAI_VECTORS if call.embeds else OPENAI_MEANS

    def encode(self, call: Call, inputs: Sequence[str]) -> HttpRequest:
        body: dict[str, Any] = {"model": call.model.model, **(logprobs_parameters(call) if call.questions else call.parameters)}
        if call.embeds:
            body["input"] = inputs[0] if call.bare else list(inputs)
        else:
            body.update(chat_body(call, inputs[0]))
            body.setdefault("temperature", 0.0)
        if call.model.execution == "flex":
            body["service_tier"] = "flex"
        if call.caching is not None:
            # What has one key is sent to one machine, whose cache then has the beginning.
            body.setdefault("prompt_cache_key", call.digest[:32])
        body = without_nulls(body)
        return HttpRequest(call.model.location, json.dumps(body).encode(), {"Content-Type": "application/json"})

    def decode(self, call: Call, inputs: Sequence[str], response: HttpResponse) -> Responses:
        document = read_json(response)
        if call.embeds:
            read = read_embeddings(document, inputs, read_usage(document.get("usage"), USAGE, call, inputs))
            _check_length(read, call)
            return read
        choice = _choice(document)
        message = choice["message"] or {}
        content, reason = message.get("content"), reason_in(choice)
        text = text_of(content, typed=call.return_type is not None or "response_format" in call.parameters)
        refusal = message.get("refusal") or refusal_in(content)
        tokens = read_usage(document.get("usage"), USAGE, call, inputs, text)
        error = error_in(choice)  # OpenRouter, of a provider that broke off
        if error is not None:
            raise error.raised(tokens)
        if call.questions and not refusal and ending_of(reason) not in (Ending.REFUSED, Ending.FAILED):
            return read_logprobs(call, choice, tokens)
        return read_text(text, reason, refusal, tokens, call.parameters, elsewhere_in(message))

    def lacks_model(self, response: HttpResponse) -> bool:
        # LiteLLM answers 400 with neither a code nor a type of its own: https://github.com/BerriAI/litellm, proxy/route_llm_request.py
        return super().lacks_model(response) or "Invalid model name passed in" in self.refusal(response)


def without_nulls(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """A parameter that is null is left out: the endpoint's own default holds."""
    return {name: value for name, value in parameters.items() if value is not None}


def read_embeddings(document: Mapping[str, Any], inputs: Sequence[str], tokens: TokenCount) -> Responses:
    """Vectors under data[i].embedding. Raises ProviderError for what are not vectors, one for each input."""
    data = document.get("data")
    if data is None and len(inputs) == 1 and isinstance(document.get("embedding"), list):
        data = [document]  # of one text there is one vector, and no list of them
    if not isinstance(data, list):
        raise missing(document, "the answer holds no list under 'data'; is the location an embeddings endpoint?")
    return read_vectors([item.get("embedding") for item in in_order(data)], inputs, tokens)


def _check_length(read: Responses, call: Call) -> None:
    """Refuse base64 of another length than was asked for: it may be of numbers of another type. As decimal numbers there is no doubt."""
    wanted, length = call.parameters.get("dimensions"), read.values.shape[1] if isinstance(read.values, np.ndarray) else None
    if "encoding_format" in call.parameters and wanted not in (None, length):
        raise ProviderError(f"the endpoint answered base64 of {length} float32 numbers where {wanted} dimensions were asked for")


def _first(choices: Sequence[Any]) -> Any:
    """The choice that is numbered as the first, else the one that stands first."""
    return next((choice for choice in choices if isinstance(choice, Mapping) and choice.get("index") == 0), choices[0])


def _choice(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """The first choice, which holds a message. Raises ProviderError with what stands there instead."""
    choices = document.get("choices")
    if "choices" in document and not choices:
        empty = missing(document, "")
        raise empty if empty.status else ProviderError("the endpoint answered no choices", retryable=True)
    choice = _first(choices) if isinstance(choices, list) else None
    if isinstance(choice, Mapping) and isinstance(choice.get("message", ""), (Mapping, type(None))):
        return choice  # without a message where the generation failed
    broken = error_in(choice)
    if broken is not None:
        raise broken.raised()
    if isinstance(choice, Mapping) and "text" in choice:
        raise ProviderError("the answer is one of OpenAI's completions; is the location a chat completions endpoint?", for_all=True)
    if isinstance(choice, Mapping) and "delta" in choice:
        raise ProviderError("the answer is a piece of a stream, although none was asked for; is there a proxy in between?", for_all=True)
    raise missing(document, "the answer holds no choices[0].message; is the location a chat completions endpoint?")
