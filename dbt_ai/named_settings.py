"""Settings that hold for what they name: budgets, prices and endpoints. One that names nobody has no effect, which its user is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dbt_ai.budget import Budget
from dbt_ai.errors import ConfigurationError
from dbt_ai.execution.quotas import Quotas
from dbt_ai.pricing import Prices
from dbt_ai.project_names import ProjectNames


@dataclass(frozen=True, slots=True)
class NamedSettings:
    """of_project: they are settings of one project. Those of a profile may serve several, and name what another one has."""

    budgets: Sequence[Budget]
    prices: Prices
    quotas: Quotas
    of_project: bool

    def without_effect(self, names: ProjectNames) -> list[str]:
        """A sentence for each setting that names what is not there."""
        found = [budget.unknown_name(names) for budget in self.budgets]
        return [sentence for sentence in (*found, *self.prices.unknown_names(names), *self.quotas.unknown_names(names)) if sentence]

    def require_effect(self, names: ProjectNames) -> None:
        """Raises ConfigurationError for a budget of this project alone that names what is not there: it would limit nothing.

        A price or an endpoint may wait for another target of the project, and limits no money.
        """
        for budget in self.budgets if self.of_project else ():
            if sentence := budget.unknown_name(names):
                raise ConfigurationError(sentence)
