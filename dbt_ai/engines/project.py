"""The dbt project beside which a server or a Spark session runs: its external models and its settings for the runtime."""

from __future__ import annotations

import logging
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dbt_ai.errors import ConfigurationError
from dbt_ai.external_model import ExternalModel
from dbt_ai.settings import Settings

# Where a project on Databend or Spark keeps what a DuckDB profile says under the plugin's `config`.
SETTINGS_VARIABLE = "dbt_ai"


@dataclass(frozen=True, slots=True)
class Project:
    """models: the specifications that `create_external_model` wrote, checked, by name.
    settings: `vars: dbt_ai:` of dbt_project.yml.
    """

    models: dict[str, dict[str, Any]]
    settings: Settings


def load_project(folder: Path, profiles: Path | None = None, target: str | None = None) -> Project:
    """Parse the dbt project in `folder` and read its external models.

    Raises ConfigurationError if it does not parse, has no external model, or one of them cannot work.
    """
    from dbt.cli.main import dbtRunner

    command = ["--quiet", "parse", "--project-dir", str(folder), "--profiles-dir", str(profiles or folder)]
    with tempfile.TemporaryDirectory() as scratch:
        where = ["--target-path", scratch, "--log-path", scratch]
        result = dbtRunner().invoke([*command, *where, *(["--target", target] if target else [])])
        logging.getLogger(__name__).debug("dbt parse of %s: %s", folder, result.success)
        if not result.success:
            raise ConfigurationError(f"the dbt project in {folder} does not parse: {result.exception or 'see the messages above'}")
        manifest: Any = result.result
        variables = _variables(folder)
    models = [_specification(node) for node in manifest.nodes.values() if node.config.get("materialized") == "external_model"]
    if not models:
        raise ConfigurationError(
            f"the dbt project in {folder} has no external model; make one with dbt_ai.create_external_model in a model file"
        )
    return Project({model["name"]: model for model in models}, Settings.from_config(variables))


def _specification(node: Any) -> dict[str, Any]:
    specification = {"name": node.name, **(node.config.meta.get("dbt_ai") or {})}
    ExternalModel.from_spec(specification)
    return specification


def _variables(folder: Path) -> dict[str, Any]:
    import yaml

    project = yaml.safe_load(Path(folder, "dbt_project.yml").read_text()) or {}
    found = (project.get("vars") or {}).get(SETTINGS_VARIABLE) or {}
    if not isinstance(found, dict):
        raise ConfigurationError(f"vars: {SETTINGS_VARIABLE} is a {type(found).__name__}; write the settings of the runtime as a mapping")
    return found
