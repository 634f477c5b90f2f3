"""What was used, counted by a clock that nobody sets."""

from __future__ import annotations

import pytest

from dbt_ai import ledger
from dbt_ai.budget import Budget, Budgets
from dbt_ai.display.progress import summary
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


def test_two_packages_models_of_one_name_are_counted_and_priced_by_themselves():
    prices = Prices({"large": Price(1_000.0), "small": Price(1.0)})
    ledger = Ledger(prices, Budgets([Budget(cost_usd=5, model="small")]))
    for called in ("large", "small"):
        meter = ledger.meter("node", ExternalModel("llm", f"https://{called}.test/v1/chat/completions", "OpenAI", "CHAT", called))
        meter.sends(again=False)
        meter.tokens(TokenCount(1_000_000))
    assert [(usage.external_model, usage.model, usage.cost_usd) for usage in ledger.usages()] == [
        ("llm", "large", 1_000),
        ("llm", "small", 1),
    ]
    assert [spent.cost_usd for spent in ledger.spent()] == [1]
    assert "llm (large)" in summary(ledger.usages()) and "llm (small)" in summary(ledger.usages())
