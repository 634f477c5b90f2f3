"""Where a report reads: a store and the tables that were built. DuckDB and warehouses are read each in their own way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import pyarrow as pa

from dbt_ai.external_model import ExternalModel
from dbt_ai.report.artefacts import Drawn, Judged

# Characters of a text that are read; more is never shown.
CHARACTERS = 2_400


class UnreadableTable(Exception):
    """A table that was built cannot be read as the project says. The message says why."""


@dataclass(frozen=True, slots=True)
class Stored:
    """The answers of a store. count: how many; with_input: how many have their input beside them; models: whose they are."""

    count: int = 0
    with_input: int = 0
    models: frozenset[str] = field(default_factory=frozenset)


class ReportSource(Protocol):
    """Texts are cut to CHARACTERS where they are read."""

    def usage(self) -> pa.Table:
        """The table `usage`."""

    def stored(self) -> Stored:
        """What the table `responses` holds."""

    def sample(self, most: int) -> list[tuple[str, str, str, str]]:
        """Node, model, input and value of answers that have their input, of each node equally many, the same ones each time."""

    def external_models(self) -> list[ExternalModel]:
        """Those of the last runs."""

    def labels(self, judged: Judged) -> Counter[tuple[str | None, str | None]]:
        """How many rows have this answer and this label. Raises UnreadableTable.

        Of very many different ones the rarest may be counted together, as labels.OTHERS without a label."""

    def vectors(self, drawn: Drawn, most: int) -> Sequence[tuple[Any, str | None, str | None]]:
        """At most so many vectors from all over the table, each with what colours it, and its text. Raises UnreadableTable."""
