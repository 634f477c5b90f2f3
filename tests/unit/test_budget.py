"""Budgets: whose requests count, from when on, and what a refusal says."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from dbt_ai.budget import THIS, Budget, Budgets, Payer, Spent, Used
from dbt_ai.errors import BudgetExceeded, ConfigurationError
from dbt_ai.estimate import Estimate
from dbt_ai.external_model import ExternalModel
from dbt_ai.ledger import DbtNode, Ledger
from dbt_ai.project_names import ProjectNames

LABELS = Payer("model.shop.ticket_labels", ("llm", "gpt-4o-mini"), ("nightly",))
MODEL = ExternalModel("llm", "https://x.test/v1/chat/completions", "OpenAI", "CHAT", "gpt-4o-mini")


@pytest.mark.parametrize(
    ("entry", "covered"),
    [
        ({}, True),
        ({"node": "ticket_labels"}, True),
        ({"node": "model.shop.ticket_labels"}, True),
        ({"node": "labels"}, False),
        ({"model": "llm"}, True),
        ({"model": "gpt-4o-mini", "tag": "nightly"}, True),
        ({"model": "llm", "tag": "hourly"}, False),
    ],
)
def test_a_budget_counts_what_it_names(entry: dict[str, str], covered: bool):
    assert Budget.from_config({**entry, "max_requests": 1}, 1).covers(LABELS) is covered


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("20", "entry 1 of budgets is '20'; write it as {model: llm, per: month, max_cost_usd: 20}"),
        ({"per": "month"}, "entry 1 of budgets limits nothing; give max_cost_usd, max_requests or max_tokens"),
        ({"per": "moth", "max_tokens": 1}, "per 'moth' is not known; did you mean month? There are run, day, month"),
        ({"modle": "llm", "max_tokens": 1}, "modle is not known; did you mean model?"),
        ({"model": "llm", "max_cost_usd": float("inf")}, "max_cost_usd is inf; give a number of at least 0"),
    ],
)
def test_a_budget_that_means_nothing_is_one_sentence(entry: object, said: str):
    with pytest.raises(ConfigurationError) as refused:
        Budget.from_config(entry, 1)
    assert said in str(refused.value)


def test_a_month_counts_what_earlier_runs_of_this_month_have_used():
    budgets = Budgets([Budget.from_config({"model": "llm", "per": "month", "max_cost_usd": 20}, 1), Budget(requests=5)])
    now = datetime.now(timezone.utc)
    last_month = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0) - timedelta(seconds=1)
    other = Payer("model.shop.other", ("big", "gpt-4o"))
    budgets.count([Used(LABELS, Spent(3, 30, 7.0), now), Used(LABELS, Spent(3, 30, 7.0), last_month), Used(other, Spent(1, 1, 1.0), now)])
    assert budgets.before == [Spent(3, 30, 7.0), Spent()]
    assert budgets.since is not None and budgets.since > last_month


def test_a_refusal_names_whose_budget_is_used_up_and_others_go_on():
    ledger = Ledger(budgets=Budgets([Budget.from_config({"tag": "nightly", "per": "day", "max_requests": 2}, 1)]))
    ledger.describe("model.shop.labels", DbtNode("prod", ("nightly",)))
    labels, other = ledger.meter("model.shop.labels", MODEL), ledger.meter("model.shop.other", MODEL)
    ledger.budgets.count([Used(Payer("model.shop.gone", ("llm", "m"), ("nightly",)), Spent(1), datetime.now(timezone.utc))])
    labels.sends(again=False)
    with pytest.raises(BudgetExceeded, match="max_requests of 2 a day for tag 'nightly' is reached"):
        labels.sends(again=False)
    other.sends(again=False)
    assert (labels.usage.target, labels.usage.tags) == ("prod", ("nightly",))


NAMES = ProjectNames(["model.shop.ticket_labels", "snapshot.shop.kept"], ["llm", "gpt-4o-mini"], ["nightly"])


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (
            {"model": "lmm"},
            "a budget names the model 'lmm', which this project does not have; did you mean llm? There are gpt-4o-mini, llm",
        ),
        ({"node": "ticket_label"}, "names the node 'ticket_label', which this project does not have; did you mean ticket_labels?"),
        ({"node": "model.other.ticket_labels"}, "names the node 'model.other.ticket_labels'"),
        ({"model": "llm", "tag": "hourly"}, "names the tag 'hourly', which this project does not have; use one of nightly"),
    ],
)
def test_a_budget_of_what_is_not_there_is_told_with_the_nearest_name(entry: dict[str, str], said: str):
    assert said in Budget.from_config({**entry, "max_requests": 1}, 1).unknown_name(NAMES)


@pytest.mark.parametrize(
    "entry", [{"model": "gpt-4o-mini", "tag": "nightly"}, {"node": "model.shop.ticket_labels"}, {"node": "kept"}, {"per": "day"}]
)
def test_a_budget_may_name_what_is_there(entry: dict[str, str]):
    assert Budget.from_config({**entry, "max_requests": 1}, 1).unknown_name(NAMES) == ""


def test_thousands_of_names_are_not_listed():
    many = ProjectNames([f"model.shop.node_{number}" for number in range(5_000)], [], [])
    assert Budget.from_config({"node": "xyz", "max_requests": 1}, 1).unknown_name(many).endswith("and 4,970 more")


LARGE = Estimate(300, 300, 6_000, 2_400, 7.2, input_usd=4.8)


@pytest.mark.parametrize(
    ("budget", "spent", "expected", "said"),
    [
        (Budget(requests=10), Spent(), LARGE, "300 requests would exceed max_requests of 10"),
        (
            Budget(requests=10),
            Spent(8),
            LARGE,
            "300 requests would exceed max_requests of 10 with 8 requests used in this run",
        ),
        (Budget(tokens=500), Spent(), LARGE, "~6,000 input and ≤ 2,400 output tokens would exceed max_tokens of 500"),
        (Budget(cost_usd=5), Spent(), LARGE, "300 requests for ≤ $7.20 would exceed max_cost_usd of $5"),
        (
            Budget(cost_usd=5, model="llm", per="month"),
            Spent(cost_usd=4.0),
            replace(LARGE, output_tokens=None, cost_usd=None),
            "the input of 300 requests for ~$4.80 would exceed max_cost_usd of $5 a month for model 'llm' with $4.00 used in this month",
        ),
    ],
)
def test_a_refusal_says_what_exceeds_which_limit_and_nothing_else(budget: Budget, spent: Spent, expected: Estimate, said: str):
    with pytest.raises(BudgetExceeded) as refused:
        budget.refuse_node(spent, expected.spent, expected.told)
    assert str(refused.value) == f"{said}; nothing was sent"


def test_an_unknown_price_names_the_extra_only_where_that_would_help(monkeypatch: pytest.MonkeyPatch):
    spent = (Spent(), Spent(1), THIS, ("m",))
    budget = Budget(cost_usd=5)
    monkeypatch.setattr("dbt_ai.pricing.find_spec", lambda name: None)
    monkeypatch.setattr("dbt_ai.pricing.sys.version_info", (3, 12))
    assert "or install dbt-ai-functions[prices]" in budget.refusal(*spent)
    monkeypatch.setattr("dbt_ai.pricing.find_spec", lambda name: object())
    said = budget.refusal(*spent)
    assert said == (
        "max_cost_usd of $5 is set, and the price of 'm' is not known; add it under `prices` of the settings of dbt_ai;"
        " the extra [prices] knows models at their vendors' own hosts, and none behind a gateway"
    )
