"""What dbt docs shows of the package: every public macro with its arguments, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from jinja2 import Environment

ROOT = Path(__file__).parents[2]
SIGNATURES = {
    name: re.findall(r"(?:^|,)\s*(\w+)", re.sub(r"=\s*(\{[^}]*\}|\[[^\]]*\]|'[^']*'|[^,]*)", "", arguments))
    for folder in ("macros", "adapters")
    for path in sorted((ROOT / folder).rglob("*.sql"))
    for name, arguments in re.findall(
        r"\{%-?\s*macro\s+(\w+)\s*\((.*?)\)\s*-?%\}", re.sub(r"\{#.*?#\}", "", path.read_text(), flags=re.DOTALL), re.DOTALL
    )
}
DOCUMENTED: dict[str, dict[str, Any]] = {
    macro["name"]: macro for path in (ROOT / "macros").rglob("*.yml") for macro in yaml.safe_load(path.read_text()).get("macros", [])
}
# dbt makes a macro of a materialization: the default one is described for all.
MATERIALIZATIONS = {
    f"materialization_{name}_{adapter}"
    for path in (ROOT / "adapters").rglob("*.sql")
    for name, adapter in re.findall(r"\{%-?\s*materialization (\w+), adapter='(\w+)'", path.read_text())
}
INTERNAL = {name for name in SIGNATURES if name.startswith("_") or "__" in name}
PUBLIC = sorted(set(SIGNATURES) - INTERNAL)


def test_dbt_docs_hides_what_only_the_package_calls():
    hidden = {name for name, macro in DOCUMENTED.items() if macro.get("docs", {}).get("show") is False}
    assert hidden == INTERNAL | MATERIALIZATIONS and len(MATERIALIZATIONS) > 5


@pytest.mark.parametrize("macro", PUBLIC)
def test_a_public_macro_is_described_with_every_argument(macro: str):
    documented = DOCUMENTED[macro]
    assert documented.get("description", "").strip()
    arguments = documented.get("arguments", [])
    assert [argument["name"] for argument in arguments] == SIGNATURES[macro]
    assert all(argument.get("description") for argument in arguments)


def test_every_public_macro_has_an_example_that_it_would_take():
    for macro in PUBLIC:
        example = DOCUMENTED[macro]["description"].partition("\nExample: ")[2]
        assert example, macro
        if not example.startswith("`dbt_ai."):  # a configuration, or a macro that a project writes
            continue
        name, _, arguments = example.strip("`").partition("dbt_ai.")[2].partition("(")
        if not arguments:  # a generic test, in YAML
            assert f"test_{name.partition(':')[0]}" in SIGNATURES
            continue
        call = Environment().parse("{{" + example.strip("`\n") + "}}").body[0].nodes[0]  # type: ignore[attr-defined]
        taken = SIGNATURES[name]
        assert len(call.args) + len(call.kwargs) <= len(taken) or not taken, macro
        assert not taken or {one.key for one in call.kwargs} <= set(taken[len(call.args) :]), macro
