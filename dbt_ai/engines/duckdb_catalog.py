"""The SQL function behind the macros that create, alter, drop, grant, revoke and list external models on DuckDB.

dbt_ai_catalog(action, arguments as JSON) -> JSON: {"result": …}, or {"error": "…"} for the macro to raise as dbt's own error.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pyarrow as pa

from dbt_ai.engines.catalog_actions import CatalogActions
from dbt_ai.errors import DbtAiError
from dbt_ai.modes import Mode


class CatalogFunction:
    """Does what the macro asks in the catalog of this database."""

    def __init__(self, actions: CatalogActions, mode: Mode, count_answers: Callable[[], int]) -> None:
        self._actions = actions
        self._mode = mode
        self._count_answers = count_answers

    def __call__(self, actions: Any, arguments: Any) -> pa.Array:
        return pa.array([self._answer(action.as_py(), argument.as_py()) for action, argument in zip(actions, arguments, strict=True)])

    def _answer(self, action: str, arguments: str) -> str:
        try:
            if action == "has_no_answers":
                return json.dumps({"result": self._has_no_answers()})
            return json.dumps({"result": self._actions(action, json.loads(arguments))}, default=str)
        except DbtAiError as error:
            return json.dumps({"error": str(error)})

    def _has_no_answers(self) -> bool:
        """Whether all that this run needs is paid, where it may be."""
        try:
            return (self._mode.sends or self._mode.estimates) and not self._count_answers()
        except DbtAiError:
            return False  # the nodes that ask say why the store cannot be used
