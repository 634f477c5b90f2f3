"""Reads dbt projects. The only place that calls dbt, with dbt's own options, and that looks for a project and its profile as dbt does."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dbt_ai import __version__
from dbt_ai.errors import ConfigurationError
from dbt_ai.external_model import ExternalModel, require_own_identities
from dbt_ai.outside_text import in_one_line
from dbt_ai.settings import Settings

# Where a project on another engine than DuckDB keeps what a DuckDB profile says under the plugin's `config`.
SETTINGS_VARIABLE = "dbt_ai"


@dataclass(frozen=True, slots=True)
class DbtOptions:
    """dbt's own command line options, by dbt's names. None: what dbt's environment variable says, or where dbt looks by itself.

    vars: YAML, as on the command line.

    >>> DbtOptions(project_dir=Path("shop"), target="prod", select=("tickets+",)).target
    'prod'
    """

    project_dir: Path | None = None
    profiles_dir: Path | None = None
    profile: str | None = None
    target: str | None = None
    vars: str | None = None
    select: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    @property
    def project_folder(self) -> Path:
        """Raises ConfigurationError if there is no dbt project."""
        chosen = self.project_dir or _variable("PROJECT_DIR")
        here = Path.cwd()
        folders = [Path(chosen)] if chosen else [here, *here.parents]
        for folder in folders:
            if (folder / "dbt_project.yml").exists():
                return folder.absolute()
        where = f"{folders[0]}" if chosen else f"{here} and the folders above it"
        raise ConfigurationError(f"there is no dbt_project.yml in {where}; give the folder of the dbt project with --project-dir")

    @property
    def profiles_folder(self) -> Path:
        """The folder with profiles.yml, where dbt looks for it."""
        chosen = self.profiles_dir or _variable("PROFILES_DIR")
        if chosen:
            return Path(chosen).absolute()
        # dbt itself looks in the current folder, which is the project's for most.
        folders = [Path.cwd(), self.project_folder]
        return next((folder for folder in folders if (folder / "profiles.yml").exists()), Path.home() / ".dbt")

    @property
    def variables(self) -> Mapping[str, Any]:
        """Raises ConfigurationError if `vars` is not a mapping in YAML."""
        return read_mapping("--vars", self.vars)

    def arguments(self, *, selection: bool = True) -> list[str]:
        """These options as arguments of a dbt command."""
        said = ["--project-dir", str(self.project_folder), "--profiles-dir", str(self.profiles_folder)]
        for name in ("profile", "target", "vars"):
            if (value := getattr(self, name)) is not None:
                said += [f"--{name}", value]
        for name in ("select", "exclude") if selection else ():
            if values := getattr(self, name):
                said += [f"--{name}", *values]
        return said


@dataclass(frozen=True, slots=True)
class Target:
    """One output of profiles.yml.

    place: where it stands there: profile, "outputs", target. type: its adapter. database: path of the DuckDB file, None on another engine.
    plugin: the configuration of the dbt_ai plugin, None without it.
    """

    place: tuple[str, str, str]
    type: str
    database: str | None
    plugin: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Project:
    """models: the specifications that `create_external_model` wrote, checked, by name. settings: `vars: dbt_ai:` of the project."""

    models: Mapping[str, Mapping[str, Any]]
    settings: Settings


def read_target(options: DbtOptions) -> Target:
    """Read profiles.yml, and no other file of the project. Raises ConfigurationError if the target is not there."""
    path = options.profiles_folder / "profiles.yml"
    profiles = read_yaml(path)
    name = (
        options.profile or _variable("PROFILE") or _rendered(read_yaml(options.project_folder / "dbt_project.yml").get("profile"), options)
    )
    profile = profiles.get(name)
    if not isinstance(profile, dict):
        raise ConfigurationError(f"profile {name!r} is not in {path}; it has {', '.join(map(str, profiles)) or 'none'}")
    target = options.target or _variable("TARGET") or _rendered(profile.get("target"), options) or "default"
    outputs = profile.get("outputs")
    output = outputs.get(target) if isinstance(outputs, dict) else None
    if not isinstance(output, dict):
        there = ", ".join(map(str, outputs)) if isinstance(outputs, dict) else "none"
        raise ConfigurationError(f"target {target!r} is not in profile {name!r} of {path}; it has {there}")
    read = _rendered(output, options)
    plugins = read.get("plugins") or []
    config = next((plugin.get("config") or {} for plugin in plugins if plugin.get("module") == "dbt_ai"), None)
    duckdb = read.get("type") == "duckdb"
    database = str(read.get("path", ":memory:")) if duckdb else None
    return Target((str(name), "outputs", str(target)), str(read.get("type")), database, config if duckdb else None)


def load_project(options: DbtOptions) -> Project:
    """Parse the project and read its external models.

    Raises ConfigurationError if it does not parse, has no external model, or one of them cannot work.
    """
    manifest = run_dbt("parse", options, selection=False)
    nodes = [node for node in manifest.nodes.values() if node.config.get("materialized") == "external_model"]
    if not nodes:
        raise ConfigurationError(
            f"the dbt project in {options.project_folder} has no external model; make one with dbt_ai.create_external_model in a model file"
        )
    models = {node.name: {"name": node.name, **(node.config.meta.get("dbt_ai") or {})} for node in nodes}
    require_own_identities([ExternalModel.from_spec(specification) for specification in models.values()])
    return Project(models, Settings.from_vars(read_settings(options)))


def external_models(options: DbtOptions, warn: Callable[[str], None] = lambda line: None) -> Sequence[Mapping[str, Any]]:
    """The specifications of the selected external models, unchecked, each with its name.

    Raises ConfigurationError if the project does not parse or the selection holds nothing.
    """
    wanted = ["--resource-type", "model", "--output", "json", "--output-keys", "name", "config"]
    nodes = [json.loads(line) for line in run_dbt("list", options, *wanted, warn=warn) if line.startswith("{")]
    if not nodes:
        _refuse_empty(options)
    models = [node for node in nodes if node["config"]["materialized"] == "external_model"]
    return [{**node["config"]["meta"]["dbt_ai"], "name": node["name"]} for node in models]


def compile_nodes(
    options: DbtOptions, *, full_refresh: bool = False, manifest: Any = None, warn: Callable[[str], None] = lambda line: None
) -> Sequence[Any]:
    """Compile the selection; dbt's nodes, in the order of the DAG. manifest: of the project, where it is parsed already.

    Raises ConfigurationError if it does not compile or the selection holds nothing.
    """
    compiled = run_dbt("compile", options, *(["--full-refresh"] if full_refresh else []), manifest=manifest, warn=warn)
    if not compiled.results:
        _refuse_empty(options)
    return [result.node for result in compiled.results]


def run_dbt(
    command: str,
    options: DbtOptions,
    *more: str,
    selection: bool = True,
    manifest: Any = None,
    warn: Callable[[str], None] = lambda line: None,
) -> Any:
    """What a dbt command returns. It prints nothing and leaves nothing in the project's target folder.

    manifest: of the project, where it is parsed already. warn: told of every selection criterion that matches nothing.
    Raises ConfigurationError if the command fails.
    """
    from dbt.adapters.exceptions.connection import FailedToConnectError
    from dbt.cli.main import dbtRunner

    def hear(event: Any) -> None:
        if event.info.name == "NoNodesForSelectionCriteria":
            warn(event.info.msg)

    with tempfile.TemporaryDirectory() as scratch:
        where = ["--target-path", scratch, "--log-path", scratch]
        result = dbtRunner(manifest, callbacks=[hear]).invoke(
            ["--log-level", "none", command, *options.arguments(selection=selection), *where, *more]
        )
    if isinstance(result.exception, FailedToConnectError):
        raise ConfigurationError(result.exception.msg)
    if not result.success:
        outcomes = getattr(result.result, "results", ())
        problem = result.exception or "; ".join(str(outcome.message) for outcome in outcomes if outcome.message)
        raise ConfigurationError(f"the dbt project in {options.project_folder} does not {command}: {problem}")
    return result.result


def macros_version(project: Path) -> str | None:
    """The version of the dbt package dbt_ai that `dbt deps` installed in this project; None if there is none."""
    installed = str(read_yaml(project / "dbt_project.yml").get("packages-install-path") or "dbt_packages")
    package = project / installed / "dbt_ai" / "dbt_project.yml"
    return str(read_yaml(package).get("version")) if package.exists() else None


def listed_packages(project: Path) -> list[str]:
    """The packages that the project's files name, as text, for `dbt deps` to install."""
    files = [project / name for name in ("packages.yml", "dependencies.yml")]
    return [str(entry) for path in files if path.exists() for entry in read_yaml(path).get("packages") or []]


def lists_package(project: Path) -> bool:
    """Whether our dbt package is among them."""
    return any("dbt_ai" in entry.lower().replace("-", "_") for entry in listed_packages(project))


def version_problem(macros: str | None) -> str | None:
    """What is wrong with macros of this version beside this runtime; None if nothing is."""
    if macros in (None, __version__):
        return None
    return f"runtime {__version__}, macros {macros}: install the same version of both, in Python and in packages.yml"


@contextmanager
def working_in(folder: Path) -> Iterator[None]:
    """Run in the project's folder, as dbt does: relative paths in a profile start there."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def _refuse_empty(options: DbtOptions) -> None:
    given = [f"--{name} {' '.join(values)}" for name in ("select", "exclude") if (values := getattr(options, name))]
    if given:
        raise ConfigurationError(f"{' '.join(given)} selects nothing in {options.project_folder}; `dbt list` shows what there is")
    raise ConfigurationError(f"the dbt project in {options.project_folder} has no model")


def read_settings(options: DbtOptions) -> dict[str, Any]:
    """What `vars: dbt_ai:` of the project says, or that of the command line, which takes the place of all of it, as dbt has it."""
    written = (read_yaml(options.project_folder / "dbt_project.yml").get("vars") or {}).get(SETTINGS_VARIABLE) or {}
    given = options.variables.get(SETTINGS_VARIABLE) or {}
    for found in (written, given):
        if not isinstance(found, dict):
            raise ConfigurationError(
                f"vars: {SETTINGS_VARIABLE} is a {type(found).__name__}; write the settings of the runtime as a mapping"
            )
    return given or written


def _variable(name: str) -> str | None:
    """dbt's environment variable for an option, under its new name or its old one."""
    return os.environ.get(f"DBT_ENGINE_{name}") or os.environ.get(f"DBT_{name}") or None


def read_mapping(option: str, text: str | None) -> dict[str, Any]:
    """The value of an option that is YAML; empty where it is not given. Raises ConfigurationError for what is not a mapping."""
    import yaml

    try:
        found = yaml.safe_load(text or "{}")
    except yaml.YAMLError:
        found = None
    if not isinstance(found, dict):
        raise ConfigurationError(f"{option} is {text!r}; give a mapping in YAML, such as '{{day: 2024-01-01}}'")
    return found


def read_yaml(path: Path) -> dict[str, Any]:
    """Raises ConfigurationError for what is not a mapping."""
    import yaml

    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        # The error's own text quotes the line, and profiles.yml may hold a password.
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 1}: {getattr(error, 'problem', '')}" if mark else ""
        raise ConfigurationError(f"{path} is not YAML{where}") from None
    if not isinstance(found, dict):
        raise ConfigurationError(f"{path} holds no mapping; is it the file that dbt reads?")
    return found


def _rendered(value: Any, options: DbtOptions) -> Any:
    """A value of a profile with its Jinja rendered. dbt takes a second to import, so it is used only where there is Jinja."""
    if not any(mark in json.dumps(value, default=str) for mark in ("{{", "{%", "{#")):
        return value
    from dbt.config.renderer import ProfileRenderer
    from dbt_common.context import set_invocation_context
    from dbt_common.exceptions import DbtBaseException

    set_invocation_context(os.environ)
    try:
        return ProfileRenderer(dict(options.variables)).render_data({"value": value})["value"]
    except DbtBaseException as error:
        raise ConfigurationError(f"the profile in {options.profiles_folder} cannot be read: {in_one_line(error)}") from None
