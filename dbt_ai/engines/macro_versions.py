"""Warns in a dbt command when its project has macros of another version than this runtime."""

from __future__ import annotations

from pathlib import Path

from dbt import flags

from dbt_ai.dbt_project import macros_version, version_problem
from dbt_ai.engines.dbt_log import warn
from dbt_ai.errors import ConfigurationError


def warn_of_other_macros() -> None:
    """Tell a user whose macros are of another version than this runtime."""
    try:
        problem = version_problem(macros_version(Path(flags.GLOBAL_FLAGS.PROJECT_DIR)))
    except (AttributeError, ConfigurationError):
        return  # not within a command that has a project on disk
    if problem:
        warn(f"dbt_ai: {problem}")
