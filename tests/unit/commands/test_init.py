"""What `dbt-ai init` leaves to its user."""

from __future__ import annotations

import pytest

from dbt_ai.commands import init


@pytest.mark.parametrize(("there", "told"), [(None, True), (object(), False)])
def test_the_extra_that_a_budget_needs_is_named_where_it_is_missing(monkeypatch: pytest.MonkeyPatch, there: object, told: bool):
    monkeypatch.setattr(init, "find_spec", lambda name: there)
    assert "max_cost_usd" in init.PLUGIN
    assert ("pip install 'dbt-ai-functions[prices]'" in init.next_steps()) is told
