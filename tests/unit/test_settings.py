"""The plugin's configuration: what the documentation shows is read, what cannot work is refused."""

import os
from pathlib import Path

import pytest
import yaml

from dbt_ai.errors import ConfigurationError
from dbt_ai.execution.quotas import Quotas
from dbt_ai.pricing import Prices
from dbt_ai.settings import Settings, forced_mode

DOCUMENT = (Path(__file__).parents[2] / "docs/configuration.md").read_text()


def test_every_setting_is_documented_and_the_documented_configuration_is_read():
    [plugin] = yaml.safe_load(DOCUMENT.split("```yaml\n")[1].split("```")[0])["plugins"]
    assert set(plugin["config"]) == set(Settings.__dataclass_fields__)
    settings = Settings.from_config(plugin["config"])
    Quotas.from_config(settings.endpoints)
    Prices.from_config(settings.prices)


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        ({"mode": "cheap"}, "mode 'cheap' is not known; use one of live, estimate, record, replay, mock"),
        ({"credentials": {}}, "credentials is a dict; write it as a list"),
        ({"max_cost_usd": "five"}, "max_cost_usd is 'five'; give a number of at least 0"),
        ({"sample": -1}, "sample is -1; give a number of at least 0"),
    ],
)
def test_a_setting_that_cannot_work_is_named_with_what_would(config: dict[str, object], sentence: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("DBT_AI_MODE", raising=False)
    with pytest.raises(ConfigurationError, match=sentence):
        Settings.from_config(config)


def test_settings_of_duckdb_itself_are_left_alone():
    assert Settings.from_config({"memory_limit": "1GB"}) == Settings.from_config({})


def test_a_forced_mode_ends_where_it_began(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DBT_AI_MODE", "mock")
    with pytest.raises(ZeroDivisionError), forced_mode("estimate"):
        assert Settings.from_config({}).mode.name == "estimate"
        _ = 1 / 0
    assert os.environ["DBT_AI_MODE"] == "mock"
    monkeypatch.delenv("DBT_AI_MODE")
    with forced_mode("estimate"):
        pass
    assert "DBT_AI_MODE" not in os.environ
