"""What can go wrong, in the order in which a user meets it. Messages are one sentence: who, what, instead."""


class DbtAiError(Exception):
    """Base of every error that dbt_ai raises on purpose; its text is safe to show and holds no secret."""


class ConfigurationError(DbtAiError):
    """The plugin configuration, an external model or a call cannot work as written.

    >>> raise ConfigurationError("external model 'llm': max_tokens is 'many'; give a number")
    Traceback (most recent call last):
    dbt_ai.errors.ConfigurationError: external model 'llm': max_tokens is 'many'; give a number
    """


class CredentialError(ConfigurationError):
    """A secret is missing, malformed, or may not be sent to the URL that is called."""


class StoreError(DbtAiError):
    """Answers cannot be found or kept: the database is damaged, full, not ours to write, or has another shape."""


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
