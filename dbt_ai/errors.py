"""What can go wrong, in the order in which a user meets it. Messages are one sentence: who, what, instead."""

from __future__ import annotations

from collections.abc import Sequence


class DbtAiError(Exception):
    """Base of every error that dbt_ai raises on purpose; its text is safe to show and holds no secret."""


class ConfigurationError(DbtAiError):
    """The plugin configuration, an external model or a call cannot work as written.

    model: the external model that it is about. field: the field of it, value: what that holds, accepted: what it may hold instead.
    None, or empty, where it is about something else.

    >>> ConfigurationError("api_format 'OpenIA' is not known; use one of OpenAI, Ollama", field="api_format", value="OpenIA").field
    'api_format'
    """

    def __init__(
        self,
        message: str,
        *,
        model: str | None = None,
        field: str | None = None,
        value: object = None,
        accepted: Sequence[str] = (),
    ) -> None:
        super().__init__(message)
        self.model = model
        self.field = field
        self.value = value
        self.accepted = accepted


class CredentialError(ConfigurationError):
    """A secret is missing, malformed, or may not be sent to the URL that is called."""


class StoreError(DbtAiError):
    """Answers cannot be found or kept: the database is damaged, full, not ours to write, or has another shape."""


class StoreInUse(StoreError):
    """Another process has the DuckDB file open."""


class ProviderError(DbtAiError):
    """An endpoint or a local model did not give a usable answer to a batch.

    retryable: the same batch may succeed later.
    too_large: the batch may succeed in smaller pieces.

    >>> ProviderError("the answer has no vectors", retryable=True).retryable
    True
    """

    def __init__(self, message: str, *, retryable: bool = False, too_large: bool = False) -> None:
        super().__init__(message)
        self.retryable = retryable
        self.too_large = too_large


class PlanError(DbtAiError):
    """A node's requests cannot be planned, or were planned and refused."""


class BudgetExceeded(PlanError):
    """The run would cost, or has cost, more than the configuration allows."""
