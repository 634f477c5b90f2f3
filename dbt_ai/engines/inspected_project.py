"""What the doctor needs to know of a dbt project: its external models, its target, and which macros it uses."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dbt_ai.errors import ConfigurationError

EXTERNAL_MODELS = "config.materialized:external_model"


@dataclass(frozen=True, slots=True)
class InspectedProject:
    """specifications: what `create_external_model` wrote, with the name of each model.
    plugin: the configuration of the dbt_ai plugin in a DuckDB target, None without the plugin or on another target.
    database: path of the DuckDB file, None elsewhere.
    macros_version: of the dbt package that the project uses, None if it uses none.
    """

    target_type: str
    specifications: tuple[Mapping[str, Any], ...]
    plugin: Mapping[str, Any] | None
    database: str | None
    macros_version: str | None


def inspect(folder: Path, profiles: Path | None, target: str | None, select: str | None) -> InspectedProject:
    """Parse the project in `folder`; select: a dbt selection, of which the external models are looked at.

    Raises ConfigurationError if it does not parse.
    """
    from dbt import flags
    from dbt.cli.main import dbtRunner
    from dbt.config.runtime import RuntimeConfig, load_profile, load_project

    # A comma intersects before a space unites.
    selection = [f"{part},{EXTERNAL_MODELS}" for part in select.split()] if select else [EXTERNAL_MODELS]
    with tempfile.TemporaryDirectory() as scratch:
        # --log-level none: dbt prints what it lists.
        command = ["--log-level", "none", "list", "--resource-type", "model", "--select", *selection, "--output", "json"]
        command += ["--output-keys", "name", "config", "--project-dir", str(folder), *_profiles(folder, profiles)]
        command += ["--target-path", scratch, "--log-path", scratch, *(["--target", target] if target else [])]
        result = dbtRunner().invoke(command)
    if not result.success:
        raise ConfigurationError(f"the dbt project in {folder} does not parse: {result.exception}")
    listed: Any = result.result or []
    nodes = [json.loads(line) for line in listed if line.startswith("{")]
    profile = load_profile(str(folder), {}, None, target)
    config = RuntimeConfig.from_parts(load_project(str(folder), False, profile, {}), profile, flags.get_flags())  # type: ignore[no-untyped-call]
    package = config.load_dependencies().get("dbt_ai")
    credentials: Any = profile.credentials
    return InspectedProject(
        target_type=credentials.type,
        specifications=tuple({**node["config"]["meta"]["dbt_ai"], "name": node["name"]} for node in nodes),
        plugin=_plugin(credentials),
        database=credentials.path if credentials.type == "duckdb" else None,
        macros_version=str(package.version) if package else None,
    )


def _profiles(folder: Path, profiles: Path | None) -> list[str]:
    """Beside the project as dbt would find it there, else where dbt looks by itself."""
    if profiles is None and "DBT_PROFILES_DIR" not in os.environ and (folder / "profiles.yml").exists():
        profiles = folder
    return ["--profiles-dir", str(profiles)] if profiles else []


def _plugin(credentials: Any) -> Mapping[str, Any] | None:
    for plugin in getattr(credentials, "plugins", None) or []:
        if plugin.module == "dbt_ai":
            return dict(plugin.config or {})
    return None
