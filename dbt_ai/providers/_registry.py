"""Which provider speaks an api_format: ours, and those of installed packages, which name theirs as entry points."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.metadata import EntryPoint, entry_points

from dbt_ai.errors import ConfigurationError
from dbt_ai.external_model import ExternalModel
from dbt_ai.providers.base import EndpointProvider, Provider

GROUP = "dbt_ai.providers"

# As in pyproject.toml: a checkout that is not installed has no entry points.
OURS = {
    "Anthropic": "dbt_ai.providers.anthropic:Anthropic",
    "Azure OpenAI": "dbt_ai.providers.azure_openai:AzureOpenAI",
    "Cohere": "dbt_ai.providers.cohere:Cohere",
    "Databricks": "dbt_ai.providers.databricks:Databricks",
    "Gemini": "dbt_ai.providers.gemini:Gemini",
    "Mock": "dbt_ai.providers.mock:Mock",
    "ONNX Runtime": "dbt_ai.providers.onnx_runtime:OnnxRuntime",
    "Ollama": "dbt_ai.providers.ollama:Ollama",
    "OpenAI": "dbt_ai.providers.openai:OpenAI",
    "OpenAI Decisions": "dbt_ai.providers.openai_decisions:OpenAIDecisions",
    "Sentence Transformers": "dbt_ai.providers.sentence_transformers:SentenceTransformers",
    "System One": "dbt_ai.providers.system_one:SystemOne",
    "TEI": "dbt_ai.providers.tei:TEI",
    "Voyage": "dbt_ai.providers.voyage:Voyage",
}


@cache
def provider_named(api_format: str) -> Provider:
    """The provider that speaks this format, made once. Raises ConfigurationError listing the formats there are.

    >>> provider_named("Ollama").model_types
    ('EMBEDDINGS', 'CHAT')
    """
    claims = _claims().get(api_format)
    if not claims:
        known = api_formats()
        raise _wrong(api_format, f"api_format {api_format!r} is not known; use one of {', '.join(known)}", known)
    if len(claims) > 1:
        claimants = " and ".join(f"{package} ({place})" for place, package in claims.items())
        raise _wrong(api_format, f"api_format {api_format!r} is claimed by {claimants}; uninstall one of them")
    [(place, package)] = claims.items()
    return _made(api_format, place, f"api_format {api_format!r} of the package {package}")


def provider_of(model: ExternalModel) -> Provider:
    """The provider of a model, after it has checked the model. Raises ConfigurationError naming the model.

    >>> provider_of(ExternalModel("llm", "https://api.openai.com/v1/chat/completions", "OpenAI", "CHAT", "gpt-4o-mini")).api_format
    'OpenAI'
    """
    try:
        provider = provider_named(model.api_format)
    except ConfigurationError as error:
        sentence = f"external model {model.name!r}: {error}"
        raise ConfigurationError(sentence, model=model.name, field=error.field, value=error.value, accepted=error.accepted) from None
    if model.model_type not in provider.model_types:
        raise ConfigurationError(
            f"external model {model.name!r}: api_format {model.api_format!r} has no model_type {model.model_type!r};"
            f" use {' or '.join(provider.model_types)}",
            model=model.name,
            field="model_type",
            value=model.model_type,
            accepted=provider.model_types,
        )
    provider.check(model)
    _check_execution(model, provider)
    return provider


def _check_execution(model: ExternalModel, provider: Provider) -> None:
    """Refuse a way of sending that the format has not: the requests would be sent, and priced, in another one."""
    endpoint = provider if isinstance(provider, EndpointProvider) else None
    if model.execution == "batch" and (endpoint is None or endpoint.jobs(model) is None):
        lacks = "no batch API at its location"
    elif model.execution == "flex" and (endpoint is None or not endpoint.flex or model.model_type != "CHAT"):
        lacks = f"no flex tier for {model.model_type}"
    else:
        return
    sentence = f"external model {model.name!r}: execution {model.execution!r}: api_format {model.api_format!r} has {lacks}; use 'live'"
    raise ConfigurationError(sentence, model=model.name, field="execution", value=model.execution, accepted=("live",))


def api_formats() -> list[str]:
    """The names of all formats, ours and those of other packages.

    >>> "OpenAI" in api_formats()
    True
    """
    return sorted(_claims())


@cache
def _claims() -> dict[str, dict[str, str]]:
    """api_format -> place of the class -> package that has it. More than one place is more than one claim."""
    claims = {api_format: {place: "dbt-ai-functions"} for api_format, place in OURS.items()}
    for found in entry_points(group=GROUP):
        claims.setdefault(found.name, {}).setdefault(found.value, found.dist.name if found.dist else "?")
    return claims


def _made(api_format: str, place: str, who: str) -> Provider:
    try:
        loaded = EntryPoint(api_format, place, GROUP).load()
    except Exception as error:  # it is somebody else's code
        raise _wrong(api_format, f"{who} cannot be loaded from {place} ({type(error).__name__}: {error})") from error
    if not (isinstance(loaded, type) and issubclass(loaded, Provider)):
        raise _wrong(api_format, f"{who} is {place}, which is not a subclass of dbt_ai.providers.Provider")
    if getattr(loaded, "api_format", None) != api_format:
        raise _wrong(api_format, f"{who} is {place}, which says another api_format; give the entry point and the class one name")
    if missing := sorted(loaded.__abstractmethods__):
        raise _wrong(api_format, f"{who} is {place}, which has no {' and no '.join(missing)}")
    return loaded()


def _wrong(api_format: str, sentence: str, accepted: Sequence[str] = ()) -> ConfigurationError:
    return ConfigurationError(sentence, field="api_format", value=api_format, accepted=accepted)
