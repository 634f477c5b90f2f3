"""What was used, counted by a clock that nobody sets."""

from __future__ import annotations

import pytest

from dbt_ai import ledger
from dbt_ai.external_model import ExternalModel
from dbt_ai.ledger import Ledger


@pytest.mark.parametrize("jump", [-86_400.0, 86_400.0])
def test_a_clock_that_is_set_while_a_node_runs_changes_no_duration(monkeypatch: pytest.MonkeyPatch, jump: float):
    meter = Ledger().meter("node", ExternalModel("m", "https://x.test/v1/chat/completions", "OpenAI", "CHAT", "m"))
    now = ledger.time.time()
    monkeypatch.setattr(ledger.time, "time", lambda: now + jump)
    meter.sends(again=False)
    meter.settled(1, 0, mine=True)
    assert 0 <= meter.usage.seconds < 60
