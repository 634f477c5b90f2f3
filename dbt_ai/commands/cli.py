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
    from dbt_ai.commands.doctor import examine_project
    from dbt_ai.commands.doctor_report import lines

    try:
        report = examine_project(project_dir, profiles_dir, target, select)
    except DbtAiError as error:
        raise click.ClickException(str(error)) from None
    for line in lines(report):
        click.echo(line)
    raise SystemExit(0 if report.healthy else 1)


@cli.command("estimate")
@click.option("--project-dir", type=click.Path(exists=True, file_okay=False, path_type=Path), default=".", help="The dbt project.")
@click.option("--profiles-dir", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Where profiles.yml is, if not there.")
@click.option("--target", help="The profile's output.")
@click.option("--select", help="A dbt selection.")
def estimate(project_dir: Path, profiles_dir: Path | None, target: str | None, select: str | None) -> None:
    """Say what a run would ask and cost, without a request and without building anything."""
    from dbt_ai.commands.estimate import estimate_project, shown

    try:
        found = estimate_project(project_dir, profiles_dir, target, select)
    except DbtAiError as error:
        raise click.ClickException(str(error)) from None
    click.echo(shown(found) if found else "no model of this selection has AI calls")


@cli.group("store")
@click.option("--database", type=click.Path(dir_okay=False, path_type=Path), help="The DuckDB file with the answers, instead of a project.")
@click.option("--schema", default="dbt_ai", show_default=True, help="The schema that holds them, with --database.")
@click.option("--project-dir", type=click.Path(exists=True, file_okay=False, path_type=Path), default=".", help="The dbt project.")
@click.option("--profiles-dir", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Where profiles.yml is, if not there.")
@click.option("--target", help="The profile's output.")
@click.pass_context
def store(context: click.Context, /, database: Path | None, schema: str, **project: Any) -> None:
    """Look into stored answers, trim them, share them."""
    from dbt_ai.commands.store import StorePlace, find_store

    def place() -> StorePlace:
        if database is not None:
            return StorePlace(database, schema)
        return find_store(project["project_dir"], project["profiles_dir"], project["target"])

    context.obj = place


def _store_command(context: click.Context, do: Any, said: str, *arguments: Any, **options: Any) -> None:
    try:
        done = do(context.obj(), *arguments, **options)
    except DbtAiError as error:
        raise click.ClickException(str(error)) from None
    click.echo(said.format(done))


@store.command("stats")
@click.pass_context
def store_stats(context: click.Context) -> None:
    """How many answers there are, by function and model."""
    from dbt_ai.commands.store import stats

    _store_command(context, stats, "{}")


@store.command("prune")
@click.option("--older-than", type=click.IntRange(0), metavar="DAYS", help="Answers that were asked longer ago.")
@click.option("--unused", type=click.IntRange(0), metavar="DAYS", help="Answers that no run has used for longer.")
@click.option("--model", help="Answers of this model only.")
@click.pass_context
def store_prune(context: click.Context, /, **conditions: Any) -> None:
    """Delete old answers; all conditions that are given must hold."""
    from dbt_ai.commands.store import prune

    _store_command(context, prune, "{:,} answers deleted", **conditions)


@store.command("forget")
@click.option("--node", help="Answers that this node paid for.")
@click.option("--model", help="Answers of this model.")
@click.option("--where", help="A SQL condition on the columns of `responses`.")
@click.pass_context
def store_forget(context: click.Context, /, **conditions: Any) -> None:
    """Delete answers, so that the next run asks again; all conditions that are given must hold."""
    from dbt_ai.commands.store import forget

    _store_command(context, forget, "{:,} answers deleted; the next run asks for those it needs", **conditions)


@store.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_context
def store_export(context: click.Context, file: Path) -> None:
    """Write the answers to a Parquet file."""
    from dbt_ai.commands.store import export

    _store_command(context, export, "{:,} answers written", file)


@store.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_context
def store_import(context: click.Context, file: Path) -> None:
    """Take in the answers of an exported file that are not there yet."""
    from dbt_ai.commands.store import import_

    _store_command(context, import_, "{:,} answers taken in", file)


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
