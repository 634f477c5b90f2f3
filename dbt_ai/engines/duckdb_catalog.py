"""The SQL function behind the macros that create, alter, drop, grant, revoke and list external models on DuckDB.

dbt_ai_catalog(action, arguments as JSON) -> JSON: {"result": …}, or {"error": "…"} for the macro to raise as dbt's own error.
"""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa

from dbt_ai.engines.catalog_actions import CatalogActions
from dbt_ai.errors import DbtAiError


class CatalogFunction:
    """Does what the macro asks in the catalog of this database."""

    def __init__(self, actions: CatalogActions) -> None:
        self._actions = actions

    def __call__(self, actions: Any, arguments: Any) -> pa.Array:
        return pa.array([self._answer(action.as_py(), argument.as_py()) for action, argument in zip(actions, arguments, strict=True)])

    def _answer(self, action: str, arguments: str) -> str:
        try:
            return json.dumps({"result": self._actions(action, json.loads(arguments))}, default=str)
        except DbtAiError as error:
            return json.dumps({"error": str(error)})
