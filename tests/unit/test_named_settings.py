"""Settings that name what a project does not have: who is told, and who is stopped."""

from __future__ import annotations

import pytest

from dbt_ai.budget import Budget
from dbt_ai.errors import ConfigurationError
from dbt_ai.execution.quotas import Quotas
from dbt_ai.named_settings import NamedSettings
from dbt_ai.pricing import Prices
from dbt_ai.project_names import ProjectNames

OPENAI = "https://api.openai.com/v1/chat/completions"
THERE = ProjectNames(["model.shop.labels"], ["llm", "gpt-4o-mini"], [], [(OPENAI, "gpt-4o-mini")])


def named(of_project: bool, *, model: str = "llm", price: str = "llm", **endpoint: str) -> NamedSettings:
    budget = Budget.from_config({"model": model, "max_requests": 1}, 1)
    prices = Prices.from_config([{"model": price, "input_per_million": 1}])
    return NamedSettings(
        [budget], prices, Quotas.from_config([{"url": "https://api.openai.com/", "max_in_flight": 1, **endpoint}]), of_project
    )


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"model": "lmm"}, "a budget names the model 'lmm', which this project does not have; did you mean llm?"),
        ({"price": "gpt-4o-min"}, "a price names the model 'gpt-4o-min', which this project does not have; did you mean gpt-4o-mini?"),
        (
            {"url": "https://api.opnai.com/v1/"},
            f"endpoints name 'https://api.opnai.com/v1/', where no external model of this project is; did you mean {OPENAI}?",
        ),
        (
            {"model": "llm", "url": "https://api.openai.com/v1"},
            "",
        ),
    ],
)
def test_a_setting_that_names_nobody_is_told_with_the_nearest_name(settings: dict[str, str], said: str):
    found = named(False, **settings).without_effect(THERE)
    assert len(found) == bool(said) and said in "".join(found)


def test_a_budget_of_a_node_that_is_not_there_lists_models_and_snapshots_alone():
    nodes = ["model.shop.labels", "snapshot.shop.kept", "test.shop.not_null_labels_label.4f2a", "operation.dbt_ai.dbt_ai-on-run-start-0"]
    budget = Budget.from_config({"node": "lables", "max_requests": 1}, 1)
    assert budget.unknown_name(ProjectNames(nodes, [], [])).endswith("did you mean labels? There are kept, labels")


def test_an_endpoint_with_a_model_that_nobody_calls_there_is_told():
    quotas = Quotas.from_config([{"url": "https://api.openai.com/", "model": "gpt-4o", "max_in_flight": 1}])
    [said] = NamedSettings([], Prices(), quotas, of_project=True).without_effect(THERE)
    assert said.startswith(
        "dbt_ai: endpoints name the model 'gpt-4o', which nobody calls at 'https://api.openai.com/'; did you mean gpt-4o-mini?"
    )


def test_a_budget_of_one_project_must_name_what_that_has_and_one_of_a_profile_may_be_for_another_project():
    named(False, model="lmm").require_effect(THERE)
    named(True, price="gpt-5", url="https://elsewhere.test/").require_effect(THERE)
    with pytest.raises(ConfigurationError, match="a budget names the model 'lmm'"):
        named(True, model="lmm").require_effect(THERE)
