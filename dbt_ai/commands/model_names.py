"""Names of stored answers on the command line: the external models of the project, instead of model identities."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from dbt_ai.errors import ConfigurationError
from dbt_ai.external_model import ExternalModel, mocked


@dataclass(frozen=True, slots=True)
class ModelNames:
    """names: model identity -> the external models that have it, or the endpoint's name of the model.

    >>> names = ModelNames({"mine": ["llm", "llm_eu"]})
    >>> names.shown("mine"), names.identities("llm_eu")
    ('llm, llm_eu', ['mine'])

    Where packages have models of one name, what each calls stands behind it: `llm (gpt-4o-mini)`.
    """

    names: Mapping[str, Sequence[str]]

    @classmethod
    def of(cls, stored: Collection[str], models: Iterable[ExternalModel]) -> ModelNames:
        """stored: the identities that have answers. models: the known external models."""
        models = list(models)
        called: dict[str, set[str]] = {}
        for model in models:
            called.setdefault(model.name, set()).add(model.model)
        known: dict[str, list[str]] = {identity: [] for identity in stored}
        for model in models:
            name = model.name if len(called[model.name]) == 1 else f"{model.name} ({model.model})"
            for identity, names in known.items():
                if name not in names and (model.is_stored_as(identity) or mocked(model).is_stored_as(identity)):
                    names.append(name)
        return cls({identity: names or [_model_of(identity)] for identity, names in known.items()})

    def shown(self, identity: str) -> str:
        """What the user calls this identity."""
        return ", ".join(self.names[identity])

    def identities(self, name: str) -> list[str]:
        """The identities that this name stands for. Raises ConfigurationError with the known names if there is none."""
        found = [identity for identity, names in self.names.items() if name in (identity, *names)]
        if not found:
            there = sorted({name for names in self.names.values() for name in names})
            raise ConfigurationError(f"no stored answer is of model {name!r}; there are answers of {', '.join(there) or 'none'}")
        return found


def _model_of(identity: str) -> str:
    """An identity is a JSON list of format, model and place, for a local model with its weights, or what a user chose."""
    try:
        parts = json.loads(identity)
    except ValueError:
        return identity
    return str(parts[1]) if isinstance(parts, list) and len(parts) in (3, 4) else identity
