"""One module per api_format, found by its name: "Azure OpenAI" is azure_openai.py. Adding one touches nothing else."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module

from dbt_ai.errors import ConfigurationError
from dbt_ai.external_model import ExternalModel
from dbt_ai.providers.base import Provider


@cache
def provider_named(api_format: str) -> Provider:
    """The provider that speaks this format. Raises ConfigurationError listing the formats there are."""
    for module_name in _modules():
        if module_name == api_format.lower().replace(" ", "_"):
            provider = import_module(f"dbt_ai.providers.{module_name}").PROVIDER
            if isinstance(provider, Provider) and provider.api_format == api_format:
                return provider
    raise ConfigurationError(f"api_format {api_format!r} is not known; use one of {', '.join(api_formats())}")


def provider_of(model: ExternalModel) -> Provider:
    """The provider of a model, after it has checked the model. Raises ConfigurationError naming the model."""
    try:
        provider = provider_named(model.api_format)
    except ConfigurationError as error:
        raise ConfigurationError(f"external model {model.name!r}: {error}") from None
    if model.model_type not in provider.model_types:
        raise ConfigurationError(
            f"external model {model.name!r}: api_format {model.api_format!r} has no model_type {model.model_type!r};"
            f" use {' or '.join(provider.model_types)}"
        )
    provider.check(model)
    return provider


def api_formats() -> list[str]:
    return sorted(import_module(f"dbt_ai.providers.{name}").PROVIDER.api_format for name in _modules())


def _modules() -> list[str]:
    return [module.name for module in pkgutil.iter_modules(__path__) if module.name != "base" and not module.name.startswith("_")]
