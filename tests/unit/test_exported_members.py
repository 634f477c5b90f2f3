"""What users may import is exported, described, and shown in an example that works."""

import ast
import doctest
import inspect
import sys
from types import ModuleType

import pytest
import yaml
from dbt.plugins.manager import dbtPlugin

import dbt_ai
import dbt_ai.providers

# Means is the type of `in_prompt`, and has nothing of its own to show.
PUBLIC = [name for name in dbt_ai.providers.__all__ if name != "Means"]


def test_a_provider_s_parts_are_all_that_the_package_shows():
    shown = [name for name, member in vars(dbt_ai.providers).items() if not name.startswith("_") and not isinstance(member, ModuleType)]
    assert sorted(shown) == sorted(dbt_ai.providers.__all__) == dbt_ai.providers.__all__


def test_everything_that_is_exported_is_there_and_nothing_else_is():
    assert sorted(dbt_ai.__all__) == dbt_ai.__all__
    for name in dbt_ai.__all__:
        assert getattr(dbt_ai, name)
    with pytest.raises(AttributeError, match="module 'dbt_ai' has no attribute 'plugin'"):
        _ = dbt_ai.plugin  # type: ignore[attr-defined]


def test_dbt_is_given_classes_that_it_makes_in_every_command():
    """A package called `plugins` would be a module in their place, and end every command of dbt."""
    assert all(issubclass(plugin, dbtPlugin) for plugin in dbt_ai.plugins)  # type: ignore[attr-defined]


def test_a_dbt_without_this_door_is_not_disturbed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delitem(sys.modules, "dbt_ai.engines.dbt_plugin", raising=False)
    monkeypatch.setitem(sys.modules, "dbt.plugins.manager", None)
    assert dbt_ai.plugins == []  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", PUBLIC)
def test_the_example_of_a_public_class_or_function_works(name: str):
    exported = getattr(dbt_ai.providers, name)
    module = sys.modules[exported.__module__]
    [example] = [test for test in doctest.DocTestFinder(recurse=False).find(exported, name, module) if test.examples]
    assert doctest.DocTestRunner().run(example).failed == 0


def test_the_example_of_the_plugin_is_a_profile():
    described = inspect.getdoc(dbt_ai.Plugin) or ""
    [output] = yaml.safe_load(described.partition("\n\n")[2])["shop"]["outputs"].values()
    assert output["plugins"][0]["module"] == "dbt_ai"


def test_the_example_of_registering_a_project_is_python_that_calls_it():
    example = inspect.cleandoc((inspect.getdoc(dbt_ai.register_project) or "").split("\n\n")[-1])
    called = [node.func.id for node in ast.walk(ast.parse(example)) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    assert "register_project" in called
