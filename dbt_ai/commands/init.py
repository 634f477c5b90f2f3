"""`dbt-ai init`: what a dbt project needs to use dbt_ai, written into the files that it has."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from textwrap import indent
from typing import Any

from dbt_ai.commands.yaml_text import insert_items, insert_key
from dbt_ai.dbt_project import SETTINGS_VARIABLE, DbtOptions, Target, listed_packages, lists_package, macros_version, read_target, read_yaml
from dbt_ai.errors import ConfigurationError

PACKAGE = """- local: "{{ env_var('DBT_AI_PACKAGE') }}"\n"""

SETTINGS = """\
max_cost_usd: 5
credentials:
  - {name: "https://api.openai.com", identity: HTTPEndpointHeaders, secret_env: OPENAI_SECRET}
"""
PLUGIN = "- module: dbt_ai\n  config:\n" + indent(SETTINGS, "    ")

MODELS = {
    "llm.sql": """\
{{ dbt_ai.create_external_model(
     location   = 'https://api.openai.com/v1/chat/completions',
     api_format = 'OpenAI',
     model_type = 'CHAT',
     model      = 'gpt-4o-mini',
     credential = 'https://api.openai.com') }}
""",
    "first_answers.sql": """\
{{ config(materialized='ai_table') }}
select body,
       {{ dbt_ai.ai_classify(ref('llm'), 'body', ['billing', 'bug', 'question']) }} as label
from (values ('I was charged twice.'), ('The page stays white.'), ('Do you ship to Norway?')) as tickets(body)
""",
}

_PRICES = """\
  pip install 'dbt-ai-functions[prices]'                    # what models cost: max_cost_usd needs to know
"""

_NEXT_STEPS = """\
  export DBT_AI_PACKAGE="$(dbt-ai package-path)"
  dbt deps
  DBT_AI_MODE=mock dbt build --select +first_answers        # needs no key
  export OPENAI_SECRET='{"Bearer": "sk-…"}'
  dbt-ai doctor
  dbt build --select +first_answers"""


@dataclass(frozen=True, slots=True)
class Change:
    """What a file is to hold. before: None for a file that is new."""

    path: Path
    before: str | None
    after: str

    def diff(self) -> str:
        """The change as `diff -u` shows it."""
        lines = difflib.unified_diff(
            (self.before or "").splitlines(),
            self.after.splitlines(),
            str(self.path) if self.before else "/dev/null",
            str(self.path),
            lineterm="",
        )
        return "\n".join(lines)

    def write(self) -> None:
        """Write the file, and the folders above it."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("w", encoding="utf-8", newline="") as file:
            file.write(self.after)


def next_steps() -> str:
    """What is left to do by hand."""
    return "Next:\n" + ("" if find_spec("genai_prices") else _PRICES) + _NEXT_STEPS


def planned_changes(options: DbtOptions) -> list[Change]:
    """What is missing in a project: the package, the settings, and a first model where there is none yet.

    Raises ConfigurationError for a file that is written so that only its author can change it, with the lines to add.
    """
    target = read_target(options)
    settings = _plugin(options, target) if target.type == "duckdb" else _variables(options)
    return [*_package(options), *settings, *_models(options)]


def _package(options: DbtOptions) -> Iterator[Change]:
    folder = options.project_folder
    if macros_version(folder) is not None or lists_package(folder):
        return
    path = folder / "packages.yml"
    if not path.exists() and listed_packages(folder):
        raise ConfigurationError(
            f"{folder / 'dependencies.yml'} lists packages, but dbt renders no Jinja there; move them to packages.yml,"
            " where dbt-ai init can add its own"
        )
    before = _text(path) if path.exists() else None
    after = f"packages:\n  {PACKAGE}" if before is None else insert_items(before, ("packages",), PACKAGE, str(path))
    yield Change(path, before, after)


def _variables(options: DbtOptions) -> Iterator[Change]:
    """Where the runtime on a warehouse has its settings."""
    path = options.project_folder / "dbt_project.yml"
    before, variables = _text(path), read_yaml(path).get("vars")
    if SETTINGS_VARIABLE in (variables or {}):
        return
    if variables is None:
        after = insert_key(before, (), "vars", f"{SETTINGS_VARIABLE}:\n" + indent(SETTINGS, "  "), str(path))
    else:
        after = insert_key(before, ("vars",), SETTINGS_VARIABLE, SETTINGS, str(path))
    yield Change(path, before, after)


def _plugin(options: DbtOptions, target: Target) -> Iterator[Change]:
    if target.plugin is not None:
        return
    path = options.profiles_folder / "profiles.yml"
    before = _text(path)
    profile, _, output = target.place
    if read_yaml(path)[profile]["outputs"][output].get("plugins"):
        after = insert_items(before, (*target.place, "plugins"), PLUGIN, str(path))
    else:
        after = insert_key(before, target.place, "plugins", PLUGIN, str(path))
    yield Change(path, before, after)


def _models(options: DbtOptions) -> Iterator[Change]:
    folders = [options.project_folder / path for path in _model_paths(options.project_folder)]
    models = [path for folder in folders for path in folder.rglob("*.sql")]
    if any(path.name in MODELS or "create_external_model" in _text(path) for path in models):
        return
    for name, text in MODELS.items():
        yield Change(folders[0] / "dbt_ai" / name, None, text)


def _model_paths(project: Path) -> list[str]:
    found: Any = read_yaml(project / "dbt_project.yml").get("model-paths")
    return [str(path) for path in found] if isinstance(found, list) and found else ["models"]


def _text(path: Path) -> str:
    with path.open(encoding="utf-8", newline="") as file:
        return file.read()
