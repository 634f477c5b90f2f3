"""What macros ask of the catalog of a target database: create, alter, drop, grant, revoke and list external models; mock answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from dbt_ai.budget import BudgetNames, Budgets
from dbt_ai.catalog import Catalog, Origin
from dbt_ai.external_model import ExternalModel
from dbt_ai.modes import Mode
from dbt_ai.providers import provider_of
from dbt_ai.providers.base import EndpointProvider
from dbt_ai.security.credentials import Credentials


class CatalogActions:
    """Does what a macro asks, by the name of the action."""

    def __init__(self, catalog: Catalog, credentials: Credentials, mode: Mode, budgets: Budgets) -> None:
        self._catalog = catalog
        self._budgets = budgets
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
            "check_budgets": self._check_budgets,
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

    def _check_budgets(self, nodes: Sequence[str], models: Sequence[str], tags: Sequence[str]) -> None:
        """Raises ConfigurationError for a budget of what is not there. Models that were made by hand are in the catalog only."""
        if any(budget.model is not None for budget in self._budgets.budgets):
            models = [*models, *(str(row[name]) for row in self._catalog.models() for name in ("name", "model"))]
        for budget in self._budgets.budgets:
            budget.require_known(BudgetNames(nodes, models, tags))

    def _begin_run(self, invocation: str, nodes: Sequence[Mapping[str, Any]], all_nodes: Mapping[str, Mapping[str, Any]]) -> list[str]:
        """nodes: as MockRelations takes them. all_nodes: as BudgetNames reads them."""
        self._check_budgets(**asdict(BudgetNames.of_nodes(all_nodes)))
        return [] if self._mode.estimates else self._catalog.mock_relations.begin(invocation, nodes, mock=self._mode.mocks)
