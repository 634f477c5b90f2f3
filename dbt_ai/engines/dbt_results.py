"""What dbt keeps of a node that ran: its result with our counts, and a result where nothing was built."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dbt.adapters.contracts.connection import AdapterResponse
from dbt_common.exceptions import DbtRuntimeError
from dbt_common.exceptions.macros import MacroReturn

# Under which name the counts stand in `adapter_response` of run_results.json.
COUNTS = "dbt_ai"


@dataclass
class CountedResponse(AdapterResponse):
    """What the database said of the node's SQL, and what the node asked of its models."""

    said: dict[str, Any] = field(default_factory=dict)
    counts: dict[str, Any] = field(default_factory=dict)

    def __post_serialize__(self, data: dict[str, Any], context: dict[str, Any] | None = None) -> dict[str, Any]:
        """As run_results.json keeps it."""
        return {**self.said, "_message": self._message, COUNTS: self.counts}


def with_counts(response: AdapterResponse, message: str, counts: Mapping[str, Any]) -> CountedResponse:
    """response: of the database, in whichever class its adapter has. message: the counts in words, for the line that dbt logs."""
    shown = f"{response} · {message}" if message else str(response)
    return CountedResponse(shown, response.code, response.rows_affected, said=response.to_dict(omit_none=True), counts=dict(counts))


def estimated(message: str, expected: Mapping[str, Any] | None) -> CountedResponse:
    """The result of a node that mode `estimate` does not build.

    message: what it would ask, or why its SQL cannot run yet. expected: the fields of an Estimate, None where it cannot.
    """
    from dbt_ai.estimate import Estimate  # here, for dbt imports this module on every command

    said: dict[str, Any] = {"code": "ESTIMATE", "rows_affected": 0}
    return CountedResponse(f"ESTIMATE {message}", **said, said=said, counts=Estimate.from_json(expected).figures() if expected else {})


class NothingBuilt(DbtRuntimeError, MacroReturn):
    """Ends the materialization of a node from within one of its hooks, as if it had returned no relation.

    dbt catches a MacroReturn in each macro on the way out and takes its value. Asked for it in the materialization, which is the
    outermost macro, this one answers; asked in a macro below, it goes on. As a DbtRuntimeError it also leaves the text of a hook.
    """

    def __init__(self, macros: Any) -> None:
        super().__init__("no relation is built")
        self._macros = macros

    @property
    def value(self) -> dict[str, Any]:
        """What a materialization returns that has built nothing."""
        if self._macros.depth > 1:
            raise self
        return {"relations": []}
