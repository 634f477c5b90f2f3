"""Whether a node may ask what it needs, decided before anything is sent: by the mode, and by the budgets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from dbt_ai.budget import THIS, Budget, Payer, Spent
from dbt_ai.errors import DbtAiError, PlanError
from dbt_ai.estimate import Estimate
from dbt_ai.external_model import ExternalModel
from dbt_ai.invocation import Invocation
from dbt_ai.request import Requests
from dbt_ai.row_text import named_row
from dbt_ai.settings import Settings

# Said once in a run, to whoever relies on a budget.
_UNBOUNDED = (
    "nothing bounds how long answers get, so max_cost_usd of {} cannot refuse them beforehand: it stops the run when it is spent;"
    " set max_tokens in model_parameters"
)


class Estimated(DbtAiError):
    """Ends a plan whose requests are not to be sent. refusal: why a budget would refuse them; empty if none would."""

    def __init__(self, expected: Estimate, refusal: str = "") -> None:
        super().__init__(f"{expected}; {refusal}" if refusal else str(expected))
        self.expected = expected
        self.refusal = refusal


class Admission:
    """What one node may ask in this mode, within the budgets. say: shows a line that tells of the node."""

    def __init__(self, node: str, settings: Settings, invocation: Invocation, say: Callable[[str], None]) -> None:
        self._node = node
        self._mode = settings.mode
        self._redact_rows = settings.redact_rows
        self._cassette = Path(settings.cassette).name
        self._invocation = invocation
        self._say = say

    def admit(self, work: Sequence[Requests], expect: Callable[[Requests], Estimate], exact: bool) -> None:
        """Return if the requests may be sent. expect: what some of them take. exact: nothing more will be asked after them.

        Raises BudgetExceeded if a budget would not hold, Estimated if nothing is to be sent at all, and PlanError in a replay, which has
        only what was recorded.
        """
        if self._mode.replays and any(requests.inputs for requests in work):
            raise self._not_recorded(work)
        self._invocation.count_earlier()
        if self._mode.estimates:
            expected = list(map(expect, work))
            raise Estimated(sum(expected, Estimate(exact=exact)), self._refusal(work, expected))
        if self._invocation.ledger.budgets.budgets:
            self._refuse_beyond_budgets(work, list(map(expect, work)))

    def _refuse_beyond_budgets(self, work: Sequence[Requests], expected: Sequence[Estimate]) -> None:
        """expected: what each of the requests takes."""
        for budget, spent, total in self._counted(work, expected):
            budget.refuse_node(spent, total.spent, total.told, total.unpriced)
            if budget.cost_usd is not None and total.cost_usd is None and self._invocation.is_first(_UNBOUNDED):
                self._say(_UNBOUNDED.format(f"${budget.cost_usd:g}{budget.of_whom}"))

    def _refusal(self, work: Sequence[Requests], expected: Sequence[Estimate]) -> str:
        """Why a budget would refuse the requests, beside what is expected of other nodes; empty if none would."""
        counted = self._counted(work, expected)
        refusals = [budget.refusal(spent, total.spent, THIS, total.unpriced) for budget, spent, total in counted]
        if not any(refusals):
            self._invocation.ledger.expect({budget: total.spent for budget, _, total in counted})
        return next(filter(None, refusals), "")

    def _counted(self, work: Sequence[Requests], expected: Sequence[Estimate]) -> list[tuple[Budget, Spent, Estimate]]:
        """The budgets that the requests count against, what is spent of each, and what would be."""
        ledger, found = self._invocation.ledger, []
        for budget, spent in zip(ledger.budgets.budgets, ledger.spent(), strict=True):
            counted = [one for one, requests in zip(expected, work, strict=True) if budget.covers(self._payer(requests.call.model))]
            if counted:
                found.append((budget, spent, sum(counted[1:], counted[0])))
        return found

    def _payer(self, model: ExternalModel) -> Payer:
        return Payer(self._node, (model.name, model.model), self._invocation.ledger.tags_of(self._node))

    def _not_recorded(self, work: Sequence[Requests]) -> PlanError:
        missing = sum(len(requests.inputs) for requests in work)
        first = next(requests for requests in work if requests.inputs)
        call, row = first.call, named_row(first.inputs[0], self._redact_rows)
        return PlanError(
            f"{self._node or 'a query'}: {self._cassette} has no answer for {call.function} by external model {call.model.name!r} to"
            f" {row}{f' and {missing - 1:,} more' if missing > 1 else ''}; run it once with mode: record"
        )
