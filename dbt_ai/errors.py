"""What can go wrong, in the order in which a user meets it. Messages are one sentence: who, what, instead."""

from __future__ import annotations

from collections.abc import Sequence

from dbt_ai.outside_text import MESSAGE, shown
from dbt_ai.tokens import TokenCount


class DbtAiError(Exception):
    """Base of every error that dbt_ai raises on purpose; its text is safe to show and holds no secret.

    The lines of a message are ours: a text from outside is quoted with `shown` or repr, which leave no line break in it.

    >>> str(DbtAiError("the model \\x1b[31mrefused"))
    'the model \\\\x1b[31mrefused'
    """

    def __init__(self, message: str) -> None:
        super().__init__("\n".join(shown(line, MESSAGE) for line in message[: 2 * MESSAGE].split("\n")))


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
    """An endpoint or a local model did not give a usable answer to a bundle.

    retryable: the same bundle may succeed later.
    too_large: the bundle may succeed in smaller pieces.
    for_all: no other bundle would fare better.
    status: what happened, as a status of HTTP; an error that came with status 200 has the one that its code means. None: not known.
    answer: what the model wrote, where the endpoint itself could not read that as the JSON it was asked for.
    tokens: what the attempt took all the same.

    >>> ProviderError("the model is overloaded", status=503).status
    503
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
        super().__init__(shown(message))
        self.retryable = retryable
        self.too_large = too_large
        self.for_all = for_all
        self.status = status
        self.answer = answer
        self.tokens = tokens


class PlanError(DbtAiError):
    """A node's requests cannot be planned, or were planned and refused."""


# Whoever stops a run is told what became of it.
INTERRUPTED = "its AI calls were interrupted; what was answered is stored, and the next run asks for the rest"


class Interrupted(DbtAiError):
    """Ctrl-C, or another signal that ends a process, came while answers were asked for."""


MEMORY_USED_UP = "the memory of this process is used up"


class BudgetExceeded(PlanError):
    """The run would cost, or has cost, more than the configuration allows."""
