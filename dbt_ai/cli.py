"""The command `dbt-ai`. Each subcommand's work is done in the module that owns the thing it is about."""

from __future__ import annotations

from pathlib import Path

import click

from dbt_ai import __version__


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="dbt-ai")
def cli() -> None:
    """AI functions for dbt: what cannot be said in SQL."""


@cli.command("package-path")
def package_path() -> None:
    """Print the folder of the dbt package, for `- local:` in packages.yml."""
    click.echo(package_root())


def package_root() -> Path:
    """The dbt package that belongs to this runtime: inside the wheel, or the checkout of an editable install.

    An editable install also leaves a stale copy in site-packages, so look beside this file and never search for it.
    """
    here = Path(__file__).parent
    return here / "include" if (here / "include").is_dir() else here.parent


if __name__ == "__main__":
    cli()
