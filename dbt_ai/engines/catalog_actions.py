"""What macros ask of the catalog of a target database: create, alter, drop, grant, revoke and list external models; mock answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from dbt_ai.catalog import Catalog, Origin
from dbt_ai.external_model import ExternalModel
from dbt_ai.modes import Mode
from dbt_ai.named_settings import NamedSettings
from dbt_ai.project_names import ProjectNames
from dbt_ai.providers import provider_of
from dbt_ai.providers.base import EndpointProvider
from dbt_ai.security.credentials import Credentials


class CatalogActions:
    """Does what a macro asks, by the name of the action."""

    def __init__(self, catalog: Catalog, credentials: Credentials, mode: Mode, named: NamedSettings) -> None:
        self._catalog = catalog
        self._named = named
        self._credentials = credentials
        self._mode = mode
        self._actions: Mapping[str, Callable[..., Any]] = {
            "put": self._put,
            "alter": self._catalog.alter,
            "drop": self._catalog.drop,
            "grant": self._catalog.grant,
            "revoke": self._catalog.revoke,
            "replace_grants": self._catalog.replace_grants,
            "prune": self._catalog.prune,
            "specification": self._catalog.specification,
            "models": self._catalog.models,
            "begin_run": self._begin_run,
            "check_names": self._check_names,
            "end_run": self._catalog.mock_relations.end,
            "holds_mock": self._catalog.mock_relations.holds,
        }

    def __call__(self, action: str, arguments: Mapping[str, Any]) -> Any:
        """Raises DbtAiError."""
        return self._actions[action](**arguments)

    def _put(self, schema: str, specification: Mapping[str, Any], origin: Mapping[str, Any]) -> None:
        model = ExternalModel.from_spec(specification)
        provider = provider_of(model)
        # In modes that send requests, a model whose requests could not be sent is refused before it is used.
        if self._mode.sends and isinstance(provider, EndpointProvider):
            self._credentials.check(model)
        self._catalog.put(schema, model, Origin(**origin))

    def _check_names(self, **names: Any) -> list[str]:
        """names: the fields of ProjectNames."""
        return self._without_effect(ProjectNames(**names))

    def _without_effect(self, there: ProjectNames) -> list[str]:
        """A sentence for each setting that names what is not there. Raises ConfigurationError for one that must not."""
        if self._named.without_effect(there):
            # Models that were made by hand are in the catalog only.
            by_hand = [(str(row["name"]), str(row["location"]), str(row["model"])) for row in self._catalog.models()]
            models = [*there.models, *(name for model, _, called in by_hand for name in (model, called))]
            there = replace(there, models=models, places=[*there.places, *((location, called) for _, location, called in by_hand)])
        self._named.require_effect(there)
        return self._named.without_effect(there)

    def _begin_run(self, invocation: str, nodes: Sequence[Mapping[str, Any]], all_nodes: Mapping[str, Mapping[str, Any]]) -> list[str]:
        """nodes: as MockRelations takes them. all_nodes: as ProjectNames reads them."""
        warnings = self._without_effect(ProjectNames.of_nodes(all_nodes))
        if not self._mode.estimates:
            warnings += self._catalog.mock_relations.begin(invocation, nodes, self._mode)
        return warnings
