"""The options of dbt that the commands of `dbt-ai` take."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields
from functools import wraps
from pathlib import Path
from typing import Any

import click

from dbt_ai.dbt_project import DbtOptions

_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)

_PROJECT = (
    click.option("--project-dir", type=_FOLDER, help="The folder of the dbt project.  [default: this one, or one above it]"),
    click.option("--profiles-dir", type=_FOLDER, help="The folder of profiles.yml.  [default: this one, the project's, or ~/.dbt]"),
    click.option("--profile", help="The profile, if not the one that dbt_project.yml names."),
    click.option("-t", "--target", help="The profile's output."),
    click.option("--vars", metavar="YAML", help="Variables of the project, such as '{day: 2024-01-01}'."),
)
_LISTS = ("-s", "--select", "--exclude")
_SELECTION = (
    click.option("-s", "--select", multiple=True, metavar="NODES …", help="The nodes, in dbt's syntax.  [default: all]"),
    click.option("--exclude", multiple=True, metavar="NODES …", help="Of these nodes not those."),
)


output_option = click.option(
    "--output", type=click.Choice(["text", "json"]), default="text", show_default=True, help="json: fields that stay, for programs."
)


def project_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options that say which project is meant. The command gets them as one DbtOptions, `dbt`."""
    return _with(_PROJECT, command)


def selection_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options of `project_options` and those that select nodes. The command's class has to be DbtCommand."""
    return _with((*_PROJECT, *_SELECTION), command)


class DbtCommand(click.Command):
    """A command whose lists may be written as dbt takes them, `-s a b` as well as `-s a -s b`."""

    def parse_args(self, context: click.Context, arguments: list[str]) -> list[str]:
        """Called by click with the arguments of the command."""
        return super().parse_args(context, _named(arguments))


def _named(arguments: Sequence[str]) -> list[str]:
    """The same arguments with the name of its list before every element."""
    named: list[str] = []
    current = None
    for argument, following in zip(arguments, [*arguments, "-"][1:], strict=True):
        if argument in _LISTS:
            current = argument
            if following.startswith("-"):
                raise click.UsageError(f"Option {argument!r} requires an argument.")
        elif argument.startswith("-"):
            name = argument.partition("=")[0]
            current = name if name in _LISTS else None
            named.append(argument)
        else:
            named += [current, argument] if current else [argument]
    return named


def _with(options: Sequence[Callable[..., Any]], command: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(command)
    def gathered(*arguments: Any, **given: Any) -> Any:
        names = [field.name for field in fields(DbtOptions) if field.name in given]
        said = {name: given.pop(name) for name in names}
        for name in ("select", "exclude"):
            if name in said:
                said[name] = tuple(part for text in said[name] for part in text.split())
        return command(*arguments, dbt=DbtOptions(**said), **given)

    for option in reversed(options):
        option(gathered)
    return gathered
