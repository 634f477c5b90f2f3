"""What was used, counted by a clock that nobody sets."""

from __future__ import annotations

import pytest

from dbt_ai import ledger
from dbt_ai.external_model import ExternalModel
from dbt_ai.ledger import Ledger
from dbt_ai.pricing import Price, Prices
from dbt_ai.tokens import TokenCount


@pytest.mark.parametrize("jump", [-86_400.0, 86_400.0])
def test_a_clock_that_is_set_while_a_node_runs_changes_no_duration(monkeypatch: pytest.MonkeyPatch, jump: float):
    meter = Ledger().meter("node", ExternalModel("m", "https://x.test/v1/chat/completions", "OpenAI", "CHAT", "m"))
    now = ledger.time.time()
    monkeypatch.setattr(ledger.time, "time", lambda: now + jump)
    meter.sends(again=False)
    meter.settled(1, 0, mine=True)
    assert 0 <= meter.usage.seconds < 60


def test_a_price_is_looked_up_when_something_is_priced_and_not_before_a_request_leaves():
    looked_up = []

    class Catalogue(Prices):
        def of(self, model: ExternalModel) -> Price | None:
            looked_up.append(model.name)
            return Price(1.0, 1.0)

    meter = Ledger(Catalogue()).meter("node", ExternalModel("m", "https://x.test/v1/chat/completions", "OpenAI", "CHAT", "m"))
    meter.sends(again=False)
    assert looked_up == []
    meter.tokens(TokenCount(1_000_000, 1_000_000))
    assert looked_up and meter.usage.cost_usd == 2.0
