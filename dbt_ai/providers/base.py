"""The seam between what is asked and how it is asked: one provider speaks one api_format.

A provider that calls an endpoint turns a bundle of inputs into bytes and bytes into responses: it opens no socket, never sleeps,
retries nothing, and never sees a secret. A local provider computes.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

from dbt_ai.call import Call
from dbt_ai.errors import ConfigurationError
from dbt_ai.external_model import ExternalModel
from dbt_ai.providers._errors import words_of
from dbt_ai.providers._http import HttpRequest as HttpRequest
from dbt_ai.providers._http import HttpResponse as HttpResponse
from dbt_ai.providers._jobs import JobFormat
from dbt_ai.providers._means import Means
from dbt_ai.response import Responses
from dbt_ai.security.urls import Url, parse_url, shown_url


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that one request may carry. None: no limit is known.

    together: inputs for which it answers differently never travel together, such as those of different queries.

    >>> Limits(inputs=96, tokens=8192)
    Limits(inputs=96, tokens=8192, bytes=None, together=None)
    """

    inputs: int = 1
    tokens: int | None = None
    bytes: int | None = None
    together: Callable[[str], str] | None = None


class Tokens(Protocol):
    """The tokenizer of a model. reads: the most tokens that the model reads of a text; None where there is no limit."""

    reads: int | None

    def starts(self, texts: Sequence[str]) -> Iterator[Sequence[int]]:
        """For each text, the position of the character that each token begins with."""


# What an error says who has asked for probabilities where there are none.
GIVE_PROBABILITIES = (
    "OpenAI, vLLM and llama.cpp's server give log-probabilities in api_format OpenAI, and decision models probabilities in System One and"
    " OpenAI Decisions"
)


class Provider(ABC):
    """One api_format: what an EndpointProvider and a LocalProvider have in common.

    One object serves every thread. It is stateless where it calls an endpoint; a local provider may hold loaded models.

    >>> from dbt_ai.providers import provider_named
    >>> provider_named("OpenAI").model_types
    ('EMBEDDINGS', 'CHAT')
    """

    api_format: ClassVar[str]
    model_types: ClassVar[tuple[str, ...]]

    def check(self, model: ExternalModel) -> None:
        """Refuse a specification that cannot work with this format. Raises ConfigurationError."""

    def check_questions(self, call: Call) -> None:
        """Refuse questions that this format has no probabilities for. Raises ConfigurationError."""
        raise ConfigurationError(
            f"{call.function}: api_format {call.model.api_format!r} of external model {call.model.name!r} gives no probabilities;"
            f" {GIVE_PROBABILITIES}",
            model=call.model.name,
            field="api_format",
            value=call.model.api_format,
        )

    def dimensions(self, model: ExternalModel) -> int | None:
        """Length of the model's vectors if it is known without a request."""
        value = model.parameters.get("dimensions")
        return int(value) if value is not None else None

    def dimensions_offline(self, model: ExternalModel) -> int | None:
        """The same, if it is known without downloading anything."""
        return self.dimensions(model)

    def tokens(self, model: ExternalModel) -> Tokens | None:
        """The model's tokenizer, if it is in this process."""
        return None


class EndpointProvider(Provider):
    """An api_format that is spoken over HTTP: bytes in, bytes out. docs/your_own_api_format.md shows a whole one.

    >>> class Echo(EndpointProvider):
    ...     api_format = "Echo"
    ...     model_types = ("CHAT",)
    ...
    ...     def encode(self, call, inputs):
    ...         return HttpRequest(call.model.location, inputs[0].encode())
    ...
    ...     def decode(self, call, inputs, response):
    ...         return Responses([response.body.decode()])
    >>> Echo().refusal(HttpResponse(500, {}, b"no room"))
    'no room'
    """

    # Whether chats can be asked in a tier that is cheaper and slower.
    flex: ClassVar[bool] = False

    def limits(self, call: Call) -> Limits:
        """How much one request may carry."""
        # Embedding endpoints take lists; 256 is accepted by every server we know of. A chat request is one input.
        return Limits(inputs=256) if call.embeds else Limits(inputs=1)

    def means(self, call: Call) -> Sequence[Means]:
        """How this format can tell an endpoint the schema of the answer, best first."""
        return ()

    def least_cached(self, call: Call) -> int | None:
        """The fewest tokens of a common beginning of requests that the endpoint caches and charges less for; None where it does not.

        `encode` gets the call with `caching` set where there is such a beginning, and may say so to the endpoint.
        """
        return None

    def jobs(self, model: ExternalModel) -> JobFormat | None:
        """How a model's requests travel as jobs of a batch API; None where the format has none."""
        return None

    @abstractmethod
    def encode(self, call: Call, inputs: Sequence[str]) -> HttpRequest:
        """The request that asks for these inputs, at most `limits(call).inputs` of them."""

    @abstractmethod
    def decode(self, call: Call, inputs: Sequence[str], response: HttpResponse) -> Responses:
        """Read a 2xx answer. Raises ProviderError where the response as a whole cannot be read."""

    def refusal(self, response: HttpResponse) -> str:
        """The endpoint's own words for a response that is not 2xx, shortened; empty where there are none. Its body may be anything."""
        return words_of(response.status, response.body).words

    def written(self, response: HttpResponse) -> str | None:
        """What the model wrote, where the endpoint refused that because it is not the JSON that was asked for."""
        return words_of(response.status, response.body).answer

    def lacks_model(self, response: HttpResponse) -> bool:
        """Whether a non-2xx answer says that the model is not there."""
        return response.status == 404


def called_url(model: ExternalModel) -> Url:
    """The location as a URL. Raises ConfigurationError for one that cannot be called.

    >>> called_url(ExternalModel("llm", "https://ai.acme.example/v2/answer", "Acme", "CHAT", "acme-large")).path
    ('v2', 'answer')
    """
    try:
        return parse_url(model.location)
    except ValueError as error:
        raise _wrong_location(model, f"cannot be called: {error}") from None


def wrong_location(model: ExternalModel, *shapes: str) -> ConfigurationError:
    """The error for a URL that is not one of these shapes, in which {words} stand for what differs.

    >>> wrong_location(ExternalModel("llm", "https://ai.acme.example/v1", "Acme", "CHAT", "acme-large"), "https://{host}/v2/answer").accepted
    ('https://{host}/v2/answer',)
    """
    sentence = f"is not where {model.api_format} takes {model.model_type}; give the full URL that is posted to: {' or '.join(shapes)}"
    return _wrong_location(model, sentence, shapes)


def _wrong_location(model: ExternalModel, problem: str, shapes: Sequence[str] = ()) -> ConfigurationError:
    location = shown_url(model.location)
    sentence = f"external model {model.name!r}: location {location!r} {problem}"
    return ConfigurationError(sentence, model=model.name, field="location", value=location, accepted=shapes)


class LocalProvider(Provider):
    """An api_format that computes in this process.

    >>> class Shout(LocalProvider):
    ...     api_format = "Shout"
    ...     model_types = ("CHAT",)
    ...
    ...     def respond(self, call, inputs):
    ...         yield range(len(inputs)), Responses([text.upper() for text in inputs])
    >>> call = Call("ai_query", ExternalModel("m", "shout:", "Shout", "CHAT", "m"))
    >>> [responses.values for _, responses in Shout().respond(call, ["hello"])]
    [['HELLO']]
    """

    def weights(self, model: ExternalModel) -> str:
        """Revision or hash of the weights, which says whether a stored answer is theirs."""
        return ""

    def load(self, call: Call) -> None:
        """Have at hand what answers this call. It may take seconds, in which the user is told so."""

    @abstractmethod
    def respond(self, call: Call, inputs: Sequence[str]) -> Iterator[tuple[Sequence[int], Responses]]:
        """Compute the inputs in whatever order is fastest; yields positions with their answer as they finish."""
