"""The command `dbt-ai`. Each subcommand's work is done in the module that owns the thing it is about."""

from __future__ import annotations

import itertools
import logging
import os
import sys
from pathlib import Path
from typing import Any

import click

from dbt_ai import __version__
from dbt_ai.errors import DbtAiError


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


@cli.command("doctor")
@click.option("--project-dir", type=click.Path(exists=True, file_okay=False, path_type=Path), default=".", help="The dbt project.")
@click.option("--profiles-dir", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Where profiles.yml is, if not there.")
@click.option("--target", help="The profile's output.")
@click.option("--select", help="A dbt selection: only its external models are asked.")
def doctor(project_dir: Path, profiles_dir: Path | None, target: str | None, select: str | None) -> None:
    """Ask every external model one question, and check what it needs. Exit code 1 if something is wrong."""
    from dbt_ai.doctor import examine_project
    from dbt_ai.doctor_report import lines

    try:
        report = examine_project(project_dir, profiles_dir, target, select)
    except DbtAiError as error:
        raise click.ClickException(str(error)) from None
    for line in lines(report):
        click.echo(line)
    raise SystemExit(0 if report.healthy else 1)


@cli.command("serve")
@click.option("--project-dir", type=click.Path(exists=True, file_okay=False, path_type=Path), default=".", help="The dbt project.")
@click.option("--profiles-dir", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Where profiles.yml is, if not there.")
@click.option("--target", help="The profile's output to parse the project with.")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to bind; beyond loopback --token-env is required.")
@click.option("--port", default=8815, show_default=True)
@click.option("--metrics-port", default=0, help="Serve Prometheus metrics here.")
@click.option(
    "--store", type=click.Path(dir_okay=False, path_type=Path), help="DuckDB file for the answers.  [default: dbt_ai_serve.duckdb]"
)
@click.option("--concurrency", default=8, show_default=True, help="Requests executed at once.")
@click.option("--token-env", help="Environment variable with the token that `authorization: Bearer …` must carry.")
def serve(**options: Any) -> None:
    """Serve the external models of a dbt project to Databend, over Arrow Flight."""
    from dbt_ai.engines import databend_server

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    project, profiles = options.pop("project_dir"), options.pop("profiles_dir")
    try:
        databend_server.serve(databend_server.ServerOptions(project=project, profiles=profiles, **options))
    except DbtAiError as error:
        raise click.ClickException(str(error)) from None


@cli.command("spark", context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def spark(arguments: tuple[str, ...]) -> None:
    """Run dbt with this project's external models as functions of its Spark session: dbt-ai spark build --target spark.

    For dbt-spark's `method: session`. Everything after `spark` goes to dbt.
    """
    from dbt.cli.main import dbtRunner
    from pyspark.sql import SparkSession

    from dbt_ai.engines.spark import register_project

    options = dict(itertools.pairwise(arguments))
    folder = Path(options.get("--project-dir", "."))
    profiles = options.get("--profiles-dir") or os.environ.get("DBT_PROFILES_DIR")
    try:
        # The session that dbt-spark will find: it asks for one with Hive support too.
        session = SparkSession.builder.enableHiveSupport().getOrCreate()
        register_project(session, folder, Path(profiles) if profiles else None, options.get("--target") or options.get("-t"))
    except DbtAiError as error:
        raise click.ClickException(str(error)) from None
    sys.exit(0 if dbtRunner().invoke(list(arguments)).success else 1)


if __name__ == "__main__":
    cli()
