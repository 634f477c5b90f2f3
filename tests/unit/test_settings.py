"""The plugin's configuration: what the documentation shows is read, what cannot work is refused."""

import os
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from dbt_ai.errors import ConfigurationError
from dbt_ai.execution.quotas import Quotas
from dbt_ai.pricing import Prices
from dbt_ai.security.credentials import Credentials
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
        ({"sample": 0.5}, "sample is 0.5; give a whole number"),
        ({"max_requests": 1e300 * 1e300}, "max_requests is inf; give a number of at least 0"),
        ({"max_tokens": True}, "max_tokens is True; give a number of at least 0"),
        ({"max_cost_usd": float("nan")}, "max_cost_usd is nan; give a number of at least 0"),
        ({"max_cost_usd": float("inf")}, "max_cost_usd is inf; give a number of at least 0"),
        ({"max_cost_usd": 10**400}, "max_cost_usd is 1000"),
        ({"node_seconds": float("nan")}, "node_seconds is nan; give a number of at least 0"),
        ({"schema": 5}, "schema is 5; give a text"),
        ({"store": ["a.duckdb"]}, "store is .'a.duckdb'.; give a text"),
        ({"max_cost": 1, "mod": "live"}, "plugin dbt_ai: max_cost is not known; did you mean max_cost_usd[?] There are schema, mode, "),
        ({"mod": "live"}, "mod is not known; did you mean mode[?]"),
        ({"Credentials": []}, "Credentials is not known; did you mean credentials[?]"),
        ({"memory_limit": "1GB"}, "memory_limit is not known; use one of schema, mode, "),
        ({7: "x"}, "7 is not known; use one of schema"),
        ({"way": "native"}, "way is not known; "),
    ],
)
def test_a_setting_that_cannot_work_is_named_with_what_would(config: dict[str, object], sentence: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("DBT_AI_MODE", raising=False)
    with pytest.raises(ConfigurationError, match=sentence):
        Settings.from_config(config)


NAN = float("nan")
OPENAI, HOST = {"model": "m", "input_per_million": 1}, {"url": "https://x/"}


@pytest.mark.parametrize(
    ("read", "entry", "sentence"),
    [
        (Prices, {**OPENAI, "input_per_million": NAN}, "prices of 'm': input_per_million is nan; give a number of at least 0"),
        (Prices, {**OPENAI, "cache_write_per_million": -NAN}, "cache_write_per_million is nan; give a number of at least 0"),
        (Prices, {**OPENAI, "input_per_million": 10**400}, "input_per_million is 1000"),
        (Prices, {**OPENAI, "ouput_per_million": 2}, "ouput_per_million is not known; did you mean output_per_million[?]"),
        (Quotas, {**HOST, "requests_per_minute": NAN}, "endpoints 'https://x/': requests_per_minute is nan; give a number above 0"),
        (Quotas, {**HOST, "max_in_flight": 0.5}, "max_in_flight is 0.5; give a whole number"),
        (Quotas, {**HOST, "max_inflight": 5}, "max_inflight is not known; did you mean max_in_flight[?]"),
        (Quotas, {**HOST, "model": 5}, "endpoints 'https://x/': model is 5; give a text"),
        (Credentials, {"name": "https://x", "secret_evn": "X"}, "secret_evn is not known for identity HTTPEndpointHeaders; did you mean"),
    ],
)
def test_what_stands_in_a_list_of_the_configuration_is_read_as_strictly(read: Any, entry: dict[str, object], sentence: str):
    with pytest.raises(ConfigurationError, match=sentence):
        read.from_config([entry])


def test_vars_take_the_names_of_the_plugin_and_what_macros_read():
    assert Settings.from_vars({"schema": "ai", "way": "runtime"}).schema == "ai"
    with pytest.raises(ConfigurationError, match="vars: dbt_ai: wya is not known; did you mean way"):
        Settings.from_vars({"wya": "runtime"})
    macro = (Path(__file__).parents[2] / "macros/internal/_known_names.sql").read_text()
    listed = re.findall(r"'(\w+)'", macro.split("return([")[1].split("])")[0])
    assert listed == [*Settings.__dataclass_fields__, "way"]


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


@pytest.mark.parametrize(("name", "value"), [("store", "answers.duckdb"), ("keep_inputs", True)])
def test_what_is_only_kept_in_duckdb_is_refused_on_a_warehouse(name: str, value: object):
    with pytest.raises(ConfigurationError, match=f"vars: dbt_ai: {name} is for answers in DuckDB; take it out"):
        Settings.for_warehouse({name: value})
