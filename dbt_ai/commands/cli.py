"""The command `dbt-ai`. Each subcommand's work is done in the module that owns the thing it is about."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from dbt_ai import __version__
from dbt_ai.commands.options import DbtCommand, output_option, project_options, selection_options
from dbt_ai.counted import counted
from dbt_ai.dbt_project import DbtOptions, load_project, macros_version, version_problem
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

    An editable install also leaves a stale copy in site-packages, so look beside the runtime and never search for it.
    """
    runtime = Path(__file__).parents[1]
    return runtime / "include" if (runtime / "include").is_dir() else runtime.parent


@cli.command("init")
@project_options
@click.option("--yes", is_flag=True, help="Write without asking.")
def init(dbt: DbtOptions, yes: bool) -> None:
    """Add the package, the settings and a first model to a dbt project, after showing what changes."""
    from dbt_ai.commands.init import next_steps, planned_changes

    with _told():
        changes = planned_changes(dbt)
    if not changes:
        click.echo("nothing to do: the project has the package, the settings and an external model")
        return
    for change in changes:
        click.echo(change.diff() + "\n")
    if not yes:
        click.confirm("Write this?", abort=True)
    for change in changes:
        change.write()
    click.echo(next_steps())


@cli.command("doctor", cls=DbtCommand)
@selection_options
@output_option
def doctor(dbt: DbtOptions, output: str) -> None:
    """Ask every selected external model one question, and check what it needs. Exit code 1 if something is wrong."""
    from dbt_ai.commands.doctor import examine_project
    from dbt_ai.commands.doctor_report import as_json, lines

    with _told():
        report = examine_project(dbt, say)
    click.echo(json.dumps(as_json(report), indent=2) if output == "json" else "\n".join(lines(report)))
    raise SystemExit(0 if report.healthy else 1)


@cli.command("estimate", cls=DbtCommand)
@selection_options
@click.option("--full-refresh", is_flag=True, help="As if incremental models were built anew.")
@output_option
def estimate(dbt: DbtOptions, full_refresh: bool, output: str) -> None:
    """Say what a run would ask and cost, without a request and without building anything."""
    from dbt_ai.commands.estimate import estimate_project
    from dbt_ai.commands.estimate_report import as_json, shown

    with _told():
        _warn_of_other_macros(dbt)
        found = estimate_project(dbt, full_refresh=full_refresh, say=say)
    if output == "json":
        click.echo(json.dumps(as_json(found), indent=2))
    else:
        click.echo(shown(found) if found else "no model of this selection has AI calls")


@cli.command("report")
@project_options
@click.option(
    "-o",
    "output",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("report.html"),
    show_default=True,
    help="The file to write.",
)
@click.option("--target-path", type=click.Path(file_okay=False, path_type=Path), help="dbt's folder of artefacts.  [default: target]")
def report(dbt: DbtOptions, output: Path, target_path: Path | None) -> None:
    """Write one HTML file about cost, failures, speed, labels, vectors and answers. It needs no server and no network."""
    from dbt_ai.commands.report import size_shown, write_report
    from dbt_ai.commands.store import find_store
    from dbt_ai.dbt_project import read_yaml

    with _told():
        folder = dbt.project_folder
        title = str(read_yaml(folder / "dbt_project.yml").get("name"))
        size = write_report(find_store(dbt), title, target_path or folder / "target", output)
    click.echo(f"{output}: {size_shown(size)}")


@cli.command("compare")
@project_options
@click.argument("node")
@click.option("--model", help="Ask this external model of the project instead.")
@click.option("--prompt", help="Give this system message instead.")
@click.option("--parameters", metavar="YAML", help="Parameters of the call, such as '{temperature: 1}'.")
@click.option("--rows", type=click.IntRange(1), default=100, show_default=True, help="Compare the first rows of the node.")
@click.option("--column", help="The column of answers, or SQL for a field of it.  [default: what a test of the node judges]")
@click.option("--label", help="The column that says what is right.  [default: that of the test ai_agreement]")
@click.option("--show", "shown", help="The column that tells a row from others.  [default: the first]")
@click.option("--yes", is_flag=True, help="Ask without showing the estimate first.")
@output_option
def compare_command(dbt: DbtOptions, node: str, yes: bool, output: str, parameters: str | None, **given: Any) -> None:
    """Ask the question of NODE in another way about the same rows, and tell where the answers differ. The report shows it too."""
    from dataclasses import asdict

    from dbt_ai.commands.compare import Wanted, compare
    from dbt_ai.commands.compare_report import lines
    from dbt_ai.commands.comparing import Variation
    from dbt_ai.dbt_project import read_mapping

    def agreed() -> bool:
        return yes or click.confirm("Ask this?", abort=True, err=True)

    with _told():
        change = Variation(given.pop("model"), given.pop("prompt"), read_mapping("--parameters", parameters))
        found = compare(dbt, Wanted(node, change, **given), agreed, say)
    if found is not None:
        click.echo(json.dumps(asdict(found), indent=2, ensure_ascii=False) if output == "json" else lines(found))


@cli.command("fill", cls=DbtCommand)
@selection_options
@click.option(
    "--target-path",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where dbt wrote manifest.json.  [default: the project's target]",
)
@click.option("--estimate", is_flag=True, help="Say what would be asked, and ask nothing.")
@output_option
def fill(dbt: DbtOptions, target_path: Path | None, estimate: bool, output: str) -> None:
    """Get the answers that compiled models look up into the warehouse, without running a model. Exit code 1 if a node fails.

    After it any dbt builds these models, dbt v2 and hosted ones included.
    """
    from dbt_ai.commands.fill import as_json, fill_project

    with _told():
        filled, usage = fill_project(dbt, target_path, estimate=estimate, say=say)
    if output == "json":
        click.echo(json.dumps(as_json(filled), indent=2))
    else:
        click.echo("\n".join(f"{node.node}: {node.state}{f', {node.message}' if node.message else ''}" for node in filled))
        click.echo(f"\n{usage}" if usage else "", nl=bool(usage))
    raise SystemExit(1 if any(node.state == "failed" for node in filled) else 0)


class _OfStore(click.Command):
    """A command of `dbt-ai store`: options that say which store stand before it."""

    def parse_args(self, context: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(context, args)
        except click.NoSuchOption as error:
            before = [name for option in store.params for name in option.opts]
            if error.option_name not in before:
                raise
            raise click.UsageError(
                f"{error.option_name} stands before {self.name}: dbt-ai store {error.option_name} … {self.name}", context
            ) from None


@cli.group("store")
@click.option("--database", type=click.Path(dir_okay=False, path_type=Path), help="The DuckDB file with the answers, instead of a project.")
@click.option("--schema", default="dbt_ai", show_default=True, help="The schema that holds them, with --database.")
@project_options
@click.pass_context
def store(context: click.Context, /, database: Path | None, schema: str, dbt: DbtOptions) -> None:
    """Look into stored answers, trim them, share them."""
    from dbt_ai.commands.store import StorePlace, find_store

    context.obj = lambda: StorePlace(database, schema, catalog=database) if database is not None else find_store(dbt)


def _store_command(context: click.Context, do: Any, said: Callable[[Any], str], *arguments: Any, **options: Any) -> None:
    with _told():
        done = do(context.obj(), *arguments, **options)
    click.echo(said(done))


@store.command("stats", cls=_OfStore)
@click.pass_context
def store_stats(context: click.Context) -> None:
    """How many answers there are, by function and model."""
    from dbt_ai.commands.store import stats

    _store_command(context, stats, str)


@store.command("prune", cls=_OfStore)
@click.option("--older-than", type=click.IntRange(0), metavar="DAYS", help="Answers that were asked longer ago.")
@click.option("--unused", type=click.IntRange(0), metavar="DAYS", help="Answers that no run has used for longer.")
@click.option("--model", help="Answers of this external model only.")
@click.pass_context
def store_prune(context: click.Context, /, **conditions: Any) -> None:
    """Delete old answers; all conditions that are given must hold."""
    from dbt_ai.commands.store import prune

    _store_command(context, prune, lambda count: f"{counted(count, 'answer')} deleted", **conditions)


@store.command("forget", cls=_OfStore)
@click.option("--node", help="Answers that this node paid for.")
@click.option("--model", help="Answers of this external model.")
@click.option("--where", help="A SQL condition on the columns of `responses`.")
@click.option("--yes", is_flag=True, help="Delete without asking.")
@click.pass_context
def store_forget(context: click.Context, /, yes: bool, **conditions: Any) -> None:
    """Delete answers, so that the next run asks again; all conditions that are given must hold."""
    from dbt_ai.commands.store import forget

    def agreed(count: int) -> bool:
        return yes or click.confirm(f"{counted(count, 'answer')} will be deleted; the next run asks for what it needs. Go on?", abort=True)

    _store_command(
        context, forget, lambda count: f"{counted(count, 'answer')} deleted; the next run asks for what it needs", agreed, **conditions
    )


@store.command("show", cls=_OfStore)
@click.option("--node", help="Answers that this node paid for.")
@click.option("--key", help="The answer with this key, or with one that begins so, as hexadecimal text.")
@click.pass_context
def store_show(context: click.Context, /, **conditions: Any) -> None:
    """Print answers, and what was asked where `keep_inputs` has kept it; all conditions that are given must hold."""
    from dbt_ai.commands.store_show import show

    _store_command(context, show, str, **conditions)


@store.command("export", cls=_OfStore)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_context
def store_export(context: click.Context, file: Path) -> None:
    """Write the answers to a Parquet file."""
    from dbt_ai.commands.store import export

    _store_command(context, export, lambda count: f"{counted(count, 'answer')} written", file)


@store.command("import", cls=_OfStore)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_context
def store_import(context: click.Context, file: Path) -> None:
    """Take in the answers of an exported file that are not there yet."""
    from dbt_ai.commands.store import import_

    _store_command(context, import_, lambda count: f"{counted(count, 'answer')} taken in", file)


@cli.group("batches")
@project_options
@click.pass_context
def batches(context: click.Context, /, dbt: DbtOptions) -> None:
    """The jobs that were handed to batch APIs, by models with execution='batch'."""
    from dbt_ai.commands.batches import jobs_of

    context.obj = lambda: jobs_of(dbt)


@batches.command("list")
@click.pass_context
def batches_list(context: click.Context, /) -> None:
    """The jobs whose answers are not stored yet, and how far they are."""
    from dbt_ai.commands.batches import listed

    with _told(), context.obj() as jobs:
        click.echo(listed(jobs))


@batches.command("wait")
@click.pass_context
def batches_wait(context: click.Context, /) -> None:
    """Wait until every job has ended, and store the answers."""
    from dbt_ai.commands.batches import wait

    with _told():
        click.echo(str(wait(context.obj, say)))


@batches.command("cancel")
@click.argument("jobs", nargs=-1)
@click.option("--yes", is_flag=True, help="Cancel without asking.")
@click.pass_context
def batches_cancel(context: click.Context, /, jobs: tuple[str, ...], yes: bool) -> None:
    """End jobs early: all, or those that are named. What they have answered is paid, and kept by `wait` or the next run."""
    from dbt_ai.commands.batches import cancel

    def agreed(count: int) -> bool:
        return yes or click.confirm(f"{counted(count, 'job')} will be cancelled. Go on?", abort=True)

    with _told(), context.obj() as found:
        count = cancel(found, jobs, agreed, say)
        click.echo(f"{counted(count, 'job')} cancelled{'; `dbt-ai batches wait` stores what they answered' if count else ''}")


@cli.command("serve")
@project_options
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to bind; beyond loopback --token-env is required.")
@click.option("--port", default=8815, show_default=True, help="The port to listen on.")
@click.option("--metrics-port", default=0, help="Serve Prometheus metrics here.")
@click.option(
    "--store", type=click.Path(dir_okay=False, path_type=Path), help="DuckDB file for the answers.  [default: dbt_ai_serve.duckdb]"
)
@click.option("--concurrency", default=8, show_default=True, help="Requests executed at once.")
@click.option("--token-env", help="Environment variable with the token that `authorization: Bearer …` must carry.")
def serve(dbt: DbtOptions, **options: Any) -> None:
    """Serve the external models of a dbt project to Databend, over Arrow Flight."""
    from dbt_ai.engines import databend_server

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    with _told():
        _warn_of_other_macros(dbt)
        databend_server.serve(databend_server.ServerOptions(dbt, **options))


@cli.command("spark", context_settings={"ignore_unknown_options": True})
@project_options
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def spark(dbt: DbtOptions, arguments: tuple[str, ...]) -> None:
    """Run dbt with this project's external models as functions of its Spark session: dbt-ai spark build --target spark.

    For dbt-spark's `method: session`. Everything after `spark` goes to dbt.
    """
    from dbt.cli.main import dbtRunner
    from pyspark.sql import SparkSession

    from dbt_ai.engines.spark import register

    with _told():
        _warn_of_other_macros(dbt)
        # The session that dbt-spark will find: it asks for one with Hive support too.
        session = SparkSession.builder.enableHiveSupport().getOrCreate()
        register(session, load_project(dbt))
    sys.exit(0 if dbtRunner().invoke([*arguments, *dbt.arguments()]).success else 1)


def _warn_of_other_macros(dbt: DbtOptions) -> None:
    """On DuckDB the plugin warns in every run; here it is heard by nobody, or is not there."""
    if problem := version_problem(macros_version(dbt.project_folder)):
        say(f"Warning: {problem}")


def say(line: str) -> None:
    """Tell what is under way, apart from the result."""
    click.echo(line, err=True)


@contextmanager
def _told() -> Iterator[None]:
    """An error that is told in one sentence, without a traceback."""
    try:
        yield
    except DbtAiError as error:
        raise click.ClickException(str(error)) from None


if __name__ == "__main__":
    cli()
