"""`dbt-ai package-path` prints a folder that dbt takes as a package."""

from pathlib import Path

import yaml
from click.testing import CliRunner

import dbt_ai
from dbt_ai.commands.cli import cli


def test_the_package_of_a_checkout_is_the_one_beside_the_runtime():
    printed = Path(CliRunner().invoke(cli, ["package-path"]).output.strip())
    assert printed == Path(dbt_ai.__file__).parents[1]
    assert yaml.safe_load((printed / "dbt_project.yml").read_text())["name"] == "dbt_ai"
