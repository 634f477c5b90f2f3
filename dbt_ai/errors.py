"""What can go wrong, in the order in which a user meets it. Messages are one sentence: who, what, instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dbt_ai.request import TokenCount


class DbtAiError(Exception):
    """Base of every error that dbt_ai raises on purpose; its text is safe to show and holds no secret."""


class ConfigurationError(DbtAiError):
    """The plugin configuration, an external model or a call cannot work as written."""


class CredentialError(ConfigurationError):
    """A secret is missing, malformed, or may not be sent to the URL that is called."""


class StoreError(DbtAiError):
    """Answers cannot be found or kept: the database is damaged, full, not ours to write, or has another shape."""


class ProviderError(DbtAiError):
    """An endpoint or a local model did not give a usable answer to a batch.

    retryable: the same batch may succeed later.
    too_large: the batch may succeed in smaller pieces.
    for_all: no other batch would fare better.
    status: what happened, as a status of HTTP; an error that came with status 200 has the one that its code means. None: not known.
    answer: what the model wrote, where the endpoint itself could not read that as the JSON it was asked for.
    tokens: what the attempt took all the same.

    >>> raise ProviderError("the model is overloaded", status=503)
    """

    def __init__(
        self,
        message: str,
        *,
        retryable: bool = False,
        too_large: bool = False,
        for_all: bool = False,
        status: int | None = None,
        answer: str | None = None,
        tokens: TokenCount | None = None,
    ) -> None:
        super().__init__(message)
        self.retryable = retryable
        self.too_large = too_large
        self.for_all = for_all
        self.status = status
        self.answer = answer
        self.tokens = tokens


class PlanError(DbtAiError):
    """A node's requests cannot be planned, or were planned and refused."""


class BudgetExceeded(PlanError):
    """The run would cost, or has cost, more than the configuration allows."""
