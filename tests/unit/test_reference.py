"""The reference of the site holds every macro, setting and command, for it is made from what they are made of."""

from __future__ import annotations

import re
from typing import Any

import click
import pytest
import reference
from test_macro_docs import PUBLIC

from dbt_ai.budget import Budget
from dbt_ai.commands.cli import cli
from dbt_ai.errors import DbtAiError
from dbt_ai.execution.quotas import Quotas
from dbt_ai.pricing import Prices
from dbt_ai.security.credentials import Credentials
from dbt_ai.settings import Settings

PAGES = reference.pages()
MACROS, SETTINGS, COMMANDS = (PAGES[path] for path in reference.SOURCES.values())


def commands_below(command: Any, path: str = "dbt-ai") -> dict[str, click.Command]:
    found = {f"{path} {name}": one for name, one in getattr(command, "commands", {}).items()}
    return found | {name: one for path, below in found.items() for name, one in commands_below(below, path).items()}


def test_every_public_macro_test_and_materialization_has_its_heading_and_its_arguments():
    defined = re.compile(r"\{%-?\s*(?:test|materialization)\s+(\w+)")
    others = {name for path in (reference.ROOT / "macros").rglob("*.sql") for name in defined.findall(path.read_text(encoding="utf-8"))}
    sections = dict(re.findall(r"^### (\w+)\n(.*?)(?=^##|\Z)", MACROS, re.MULTILINE | re.DOTALL))
    assert "ai_table" in others and "ai_agreement" in others
    assert set(sections) == set(PUBLIC) | others
    assert "| `return_type` |" in sections["ai_query"] and "fail_on_error=true" in sections["ai_query"]
    assert all("\nExample: " in section for section in sections.values())


def test_every_setting_is_described():
    assert set(reference.documented(Settings)) == set(Settings.__dataclass_fields__)
    for setting in Settings.__dataclass_fields__:
        assert re.search(rf"^\| `{setting}` \| .+ \| .+ \| .+ \|$", SETTINGS, re.MULTILINE), setting


@pytest.mark.parametrize(
    ("setting", "read"),
    [
        ("budgets", lambda: Budget.from_config({"?": 1}, 1)),
        ("endpoints", lambda: Quotas.from_config([{"url": "https://host.test", "?": 1}])),
        ("prices", lambda: Prices.from_config([{"model": "llm", "input_per_million": 1, "?": 1}])),
        ("credentials", lambda: Credentials.from_config([{"name": "https://host.test", "?": 1}])),
    ],
)
def test_the_fields_of_an_entry_are_those_that_are_taken(setting: str, read: Any):
    with pytest.raises(DbtAiError) as refused:
        read()
    taken = set(re.split(", ", str(refused.value).partition("use one of ")[2]))
    section = SETTINGS.split(f"## {setting}\n")[1].split("\n## ")[0]
    described = set(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE))
    managed_identity = {"resourceid", "client_id", "endpoint"} if setting == "credentials" else set()
    assert described == taken | managed_identity


def test_every_command_has_its_heading_and_each_option_a_description():
    commands = commands_below(cli)
    assert "dbt-ai store forget" in commands
    assert set(re.findall(r"^## (dbt-ai .+)$", COMMANDS, re.MULTILINE)) == set(commands)
    for path, command in commands.items():
        assert command.help, path
        for option in command.params:
            if isinstance(option, click.Option):
                assert option.help, (path, option.name)
                assert f"{option.opts[-1]}" in COMMANDS
