"""dbt's options are written as for dbt."""

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from dbt_ai.commands.options import DbtCommand, selection_options
from dbt_ai.dbt_project import DbtOptions


def understood(*arguments: str) -> DbtOptions:
    said: list[DbtOptions] = []

    @click.command(cls=DbtCommand)
    @selection_options
    @click.option("--full-refresh", is_flag=True)
    def command(dbt: DbtOptions, full_refresh: bool) -> None:
        said.append(dbt)

    result = CliRunner().invoke(command, arguments)
    if result.exit_code:
        raise ValueError(result.output)
    return said[0]


@pytest.mark.parametrize(
    "arguments",
    [
        ("-s", "a", "b+"),
        ("--select", "a b+"),
        ("--select=a", "b+"),
        ("-s", "a", "-s", "b+"),
        ("--full-refresh", "--select", "a", "b+", "--full-refresh"),
    ],
)
def test_a_selection_is_written_as_for_dbt(arguments: tuple[str, ...]):
    assert understood(*arguments) == DbtOptions(select=("a", "b+"))


def test_every_option_reaches_dbt(tmp_path: Path):
    (tmp_path / "dbt_project.yml").write_text("name: shop\n")
    options = understood(
        *("--project-dir", str(tmp_path), f"--profiles-dir={tmp_path}", "--profile", "p", "-t", "prod", "--vars", "{a: 1}"),
        *("-s", "a", "b", "--exclude", "c", "d"),
    )
    folders = ["--project-dir", str(tmp_path), "--profiles-dir", str(tmp_path)]
    assert options.arguments() == [
        *(*folders, "--profile", "p", "--target", "prod", "--vars", "{a: 1}"),
        *("--select", "a", "b", "--exclude", "c", "d"),
    ]


def test_a_list_without_elements_is_refused():
    with pytest.raises(ValueError, match="Option '-s' requires an argument"):
        understood("-s", "--full-refresh")
    with pytest.raises(ValueError, match="Option '--exclude' requires an argument"):
        understood("--exclude")


def test_without_options_dbt_decides():
    assert understood() == DbtOptions()
