"""The SQL function behind the macros that create, alter, drop, grant, revoke and list external models on DuckDB.

dbt_ai_catalog(action, arguments as JSON) -> JSON: {"result": …}, or {"error": "…"} for the macro to raise as dbt's own error.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pyarrow as pa

from dbt_ai.catalog import Catalog, Origin
from dbt_ai.errors import DbtAiError
from dbt_ai.external_model import ExternalModel
from dbt_ai.modes import Mode
from dbt_ai.providers import provider_of
from dbt_ai.providers.base import EndpointProvider
from dbt_ai.security.credentials import Credentials


class CatalogFunction:
    """Does what the macro asks in the catalog of this database."""

    def __init__(self, catalog: Catalog, credentials: Credentials, mode: Mode, count_answers: Callable[[], int]) -> None:
        self._catalog = catalog
        self._count_answers = count_answers
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
            "has_no_answers": self._has_no_answers,
            "end_run": self._catalog.mock_relations.end,
            "holds_mock": self._catalog.mock_relations.holds,
        }

    def __call__(self, actions: Any, arguments: Any) -> pa.Array:
        return pa.array([self._answer(action.as_py(), argument.as_py()) for action, argument in zip(actions, arguments, strict=True)])

    def _answer(self, action: str, arguments: str) -> str:
        try:
            return json.dumps({"result": self._actions[action](**json.loads(arguments))}, default=str)
        except DbtAiError as error:
            return json.dumps({"error": str(error)})

    def _put(self, schema: str, specification: Mapping[str, Any], origin: Mapping[str, Any]) -> None:
        model = ExternalModel.from_spec(specification)
        provider = provider_of(model)
        # In modes that send requests, a model whose requests could not be sent is refused before it is used.
        if self._mode.sends and isinstance(provider, EndpointProvider):
            self._credentials.check(model)
        self._catalog.put(schema, model, Origin(**origin))

    def _has_no_answers(self) -> bool:
        """Whether all that this run needs is paid, where it may be."""
        return (self._mode.sends or self._mode.estimates) and not self._count_answers()

    def _begin_run(self, invocation: str, nodes: Sequence[Mapping[str, Any]]) -> list[str]:
        return [] if self._mode.estimates else self._catalog.mock_relations.begin(invocation, nodes, mock=self._mode.mocks)
