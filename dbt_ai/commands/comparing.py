"""What `dbt-ai compare` asks, whichever database answers it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from dbt_ai.commands.estimate import NodeEstimate

# What a call says of its model, as macros/internal/_call.sql does.
SPECIFICATION = ("location", "api_format", "model_type", "model", "credential", "parameters", "identity", "local_runtime_path")
# What tells a row, its label and its answer.
Row = tuple[str, str | None, str | None]
UNCHANGED = "its SQL asks no model for a text, or its calls ask so already, so there is nothing to compare"


@dataclass(frozen=True, slots=True)
class Variation:
    """How the other way differs. model: an external model of the project. prompt: the system message. parameters: of the call."""

    model: str | None = None
    prompt: str | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        said = [
            self.model and f"model {self.model}",
            self.prompt and f"prompt {self.prompt!r}",
            self.parameters and f"parameters {json.dumps(dict(self.parameters))}",
        ]
        return ", ".join(part for part in said if part)

    def applied(self, call: Mapping[str, Any], specification: Mapping[str, Any] | None) -> dict[str, Any]:
        """The call in the other way. specification: of the other model.

        >>> Variation(prompt="Be brief.").applied({"messages": [{"role": "system", "content": "Label."}]}, None)["messages"]
        [{'role': 'system', 'content': 'Be brief.'}]
        """
        changed = {**call, "parameters": {**(call.get("parameters") or {}), **self.parameters}}
        if specification is not None:
            changed["model"] = dict(specification)
        if self.prompt is not None:
            kept = [message for message in call.get("messages") or [] if message.get("role") != "system"]
            changed["messages"] = [{"role": "system", "content": self.prompt}, *kept]
        return changed


@dataclass(frozen=True, slots=True)
class ComparedQuestion:
    """What is asked in two ways.

    id, sql, tags: of the compiled node. views: relations that it reads and in which answers are looked up.
    ephemeral: what stands in its SQL for the ephemeral models that it reads. Their calls, as those of views, are asked as they are: only
    where the node has no call of its own are they the ones that differ.
    specification: of the other model, if there is one. column: SQL of the answer; fields: of the answer in that column, if it is meant.
    label: the column that says what is right; shown: the one that tells a row, the first if None.
    """

    id: str
    sql: str
    change: Variation
    specification: Mapping[str, Any] | None
    rows: int
    column: str
    fields: Sequence[str] = ()
    label: str | None = None
    shown: str | None = None
    tags: Sequence[str] = ()
    views: Sequence[str] = ()
    ephemeral: Sequence[str] = ()

    @property
    def ways(self) -> Sequence[str]:
        """An id for each way, under which the table `usage` has what it asked."""
        return [f"{self.id}.compare_{way}" for way in "ab"]


@dataclass(frozen=True, slots=True)
class Answered:
    """One way. counts: what it asked; rows: in the order that both ways have."""

    counts: Mapping[str, Any]
    rows: Sequence[Row]


class TwoWayAsker(Protocol):
    """Asks both ways on one kind of database."""

    def estimate(self, question: ComparedQuestion, say: Callable[[str], None]) -> Sequence[NodeEstimate]:
        """What each way would ask, and why a budget would refuse it.

        Raises ConfigurationError where the rows cannot be compared, before anything is paid.
        """

    def ask(self, question: ComparedQuestion, say: Callable[[str], None]) -> Sequence[Answered]:
        """Ask each way."""
