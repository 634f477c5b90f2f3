"""The reference of the site, made from what it describes: macros from their YAML, settings from docstrings, commands from their parser."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import click
import yaml

from dbt_ai.budget import Budget
from dbt_ai.commands.cli import cli
from dbt_ai.dbt_project import DbtOptions
from dbt_ai.execution.quotas import Quotas
from dbt_ai.modes import Mode
from dbt_ai.pricing import Prices
from dbt_ai.security.credentials import Credentials
from dbt_ai.settings import Settings

ROOT = Path(__file__).parent.parent
# Where the repository has the source of a page: a link to it leads to the page.
SOURCES = {
    "macros": "reference/macros.md",
    "dbt_ai/settings.py": "reference/settings.md",
    "dbt_ai/commands/cli.py": "reference/commands.md",
}

_MACROS = (
    ("Functions", ("functions",)),
    ("Task functions", ("task_functions",)),
    ("External models", ("external_models",)),
    ("Materializations", ("materializations",)),
    ("Generic tests", ("generic_tests",)),
    ("Evaluation", ("evaluation",)),
    ("Prompts", ("prompts",)),
)
# A setting that is a list of mappings -> whose docstring describes the fields of one.
_ENTRIES: Mapping[str, Any] = {
    "credentials": Credentials.from_config,
    "endpoints": Quotas.from_config,
    "prices": Prices.from_config,
    "budgets": Budget.from_config,
}
_KINDS = {
    "str": "text",
    "bool": "`true` or `false`",
    "int": "whole number",
    "float": "number",
    "tuple[str, ...]": "list of texts",
    "tuple[Mapping[str, Any], ...]": "list of mappings",
}

# The options that say which project is meant: most commands have them.
_OF_DBT = {field.name for field in fields(DbtOptions)} - {"select", "exclude"}
_THESE = "The options of the project"


def pages() -> dict[str, str]:
    """Path of each page below docs/ -> its Markdown."""
    made = (_macros(), _settings(), _commands())
    return {path: "\n".join(lines) + "\n" for path, lines in zip(SOURCES.values(), made, strict=True)}


def documented(thing: Any) -> dict[str, str]:
    """The names that a docstring describes, in lines such as `name: what it is` or `one, other: what they are`."""
    found: dict[str, str] = {}
    names: list[str] = []
    for line in inspect.getdoc(thing).splitlines():  # type: ignore[union-attr]
        head = re.match(r"(\w+(?:, \w+)*): (.+)", line)
        if head:
            names = head[1].split(", ")
            found |= dict.fromkeys(names, head[2])
        elif line.startswith("  ") and names:
            found |= {name: f"{found[name]} {line.strip()}" for name in names}
        else:
            names = []
    return found


def _macros() -> Iterator[str]:
    yield "# Macros\n"
    yield "Every macro that a project may call, as `dbt_ai.NAME(…)`. A description stands in dbt docs too.\n"
    headers = _headers()
    for title, folders in _MACROS:
        yield f"## {title}\n"
        for path in sorted(path for folder in folders for path in (ROOT / "macros" / folder).glob("*.yml")):
            for macro in yaml.safe_load(path.read_text(encoding="utf-8"))["macros"]:
                if macro.get("docs", {}).get("show", True):
                    yield from _macro(macro, headers)


def _headers() -> dict[str, str]:
    """Macro -> its arguments with their defaults, as they are written."""
    header = re.compile(r"\{%-?\s*macro\s+(\w+)\s*\((.*?)\)\s*-?%\}", re.DOTALL)
    texts = (path.read_text(encoding="utf-8") for path in (ROOT / "macros").rglob("*.sql"))
    return {name: " ".join(arguments.split()) for text in texts for name, arguments in header.findall(text)}


def _macro(macro: Mapping[str, Any], headers: Mapping[str, str]) -> Iterator[str]:
    # A project writes neither the beginning of a generic test's name nor that of a materialization.
    name = re.sub(r"^test_|^materialization_|_default$", "", macro["name"])
    description, _, example = macro["description"].strip().partition("\n\nExample: ")
    yield f"### {name}\n"
    yield re.sub(r"docs/(\w+)\.md", r"[\1](../\1.md)", description) + "\n"
    if headers.get(macro["name"]):
        yield f"```jinja\n{name}({headers[macro['name']]})\n```\n"
    yield f"Example: {example}\n"
    if macro.get("arguments"):
        yield "| argument | type | what it is |"
        yield "| --- | --- | --- |"
        yield from (f"| `{one['name']}` | {_cell(one['type'])} | {_cell(one['description'])} |" for one in macro["arguments"])
        yield ""


def _settings() -> Iterator[str]:
    yield "# Settings\n"
    yield (
        "On DuckDB they stand in profiles.yml, under `config` of the plugin `dbt_ai`. Elsewhere they stand in dbt_project.yml, under "
        "`vars: dbt_ai:`. [Configuration](../configuration.md) has an example of each, and says more.\n"
    )
    described = documented(Settings)
    yield "| setting | type | default | what it is |"
    yield "| --- | --- | --- | --- |"
    for field in fields(Settings):
        kind = _KINDS.get(str(field.type).removesuffix(" | None"), "text")
        link = f"[{kind}](#{field.name})" if field.name in _ENTRIES else kind
        yield f"| `{field.name}` | {link} | {_default(field.default)} | {_cell(described[field.name])} |"
    for setting, thing in _ENTRIES.items():
        yield f"\n## {setting}\n"
        yield "| field | what it is |"
        yield "| --- | --- |"
        yield from (f"| `{name}` | {_cell(text)} |" for name, text in documented(thing).items())


def _default(value: object) -> str:
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value.name if isinstance(value, Mode) else value}`" if value not in (None, ()) else "none"


def _commands() -> Iterator[str]:
    yield "# Every command\n"
    yield "As `dbt-ai COMMAND --help` prints it. [Commands](../commands.md) says how they are used, and what their JSON holds.\n"
    context = click.Context(cli, info_name="dbt-ai")
    commands = list(_below(cli, context))
    shared = {option.opts[-1]: option for command, _ in commands for option in _options(command) if option.name in _OF_DBT}
    yield f"## {_THESE}\n"
    yield "Options of dbt. Each command that takes them says so.\n"
    yield from _table(shared.values(), context)
    for command, at in commands:
        yield f"## {at.command_path}\n"
        yield f"{inspect.cleandoc(command.help or '')}\n"
        yield f"```text\n{at.command_path} {' '.join(command.collect_usage_pieces(at))}\n```\n"
        own = [option for option in _options(command) if option.name not in _OF_DBT]
        if own:
            yield from _table(own, at)
        if len(own) < len(_options(command)):
            yield f"{'Also takes' if own else 'Takes'} [the options of the project](#{_THESE.lower().replace(' ', '-')}).\n"


def _below(command: click.Command, context: click.Context) -> Iterator[tuple[click.Command, click.Context]]:
    """Every command of a group, with what it is called."""
    for name, one in getattr(command, "commands", {}).items():
        at = click.Context(one, parent=context, info_name=name)
        yield one, at
        yield from _below(one, at)


def _options(command: click.Command) -> list[click.Option]:
    return [one for one in command.params if isinstance(one, click.Option)]


def _table(options: Iterable[click.Option], context: click.Context) -> Iterator[str]:
    yield "| option | what it is |"
    yield "| --- | --- |"
    for option in options:
        name, text = option.get_help_record(context) or ("", "")
        yield f"| `{name}` | {_cell(text)} |"
    yield ""


def _cell(text: object) -> str:
    """A text in a row of a table, where `<` begins no element and a sentence needs no full stop."""
    line = " ".join(str(text).split())
    escaped = re.sub(r"`[^`]*`|[|<]", lambda found: {"|": "\\|", "<": "&lt;"}.get(found[0], found[0]), line)
    return escaped.removesuffix(".") if escaped.count(". ") == 0 else escaped
