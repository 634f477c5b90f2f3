"""`dbt-ai init` in projects that were there before."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from conftest import REPOSITORY, Project

PROFILE = """\
project:
  target: dev
  outputs:
    dev:
      type: duckdb
      path: project.duckdb   # beside the project
      threads: 4
"""
README = (REPOSITORY / "README.md").read_text()


@pytest.fixture
def old(project: Project) -> Project:
    """A project that knows nothing of us."""
    shutil.rmtree(project.path / "dbt_packages")
    (project.path / "packages.yml").unlink()
    project.write({"profiles.yml": PROFILE, "models/tickets.sql": "select 1 as ticket_id"})
    return project


def init(project: Project, *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "dbt_ai.commands.cli", "init", *arguments]
    return subprocess.run(command, cwd=project.path, env=project.environment(), input=typed, capture_output=True, text=True, timeout=120)


def contents(project: Project) -> dict[Path, str]:
    return {path: path.read_text() for path in project.path.rglob("*") if path.is_file() and path.suffix in (".yml", ".sql")}


def test_a_project_that_was_there_before_builds_in_mock_mode_and_a_second_init_does_nothing(old: Project):
    told = init(old, "--yes")
    assert told.returncode == 0, told.stderr
    assert "+        - module: dbt_ai" in told.stdout and "+++ " in told.stdout and "dbt deps" in told.stdout
    assert "dbt-ai-functions[prices]" not in told.stdout, "it is installed here"
    profile = (old.path / "profiles.yml").read_text()
    assert "# beside the project" in profile and [line for line in PROFILE.splitlines() if line not in profile] == []
    old.env.update(DBT_AI_PACKAGE=str(REPOSITORY), DBT_AI_MODE="mock")
    old.dbt_process("deps", check=True)
    old.dbt_process("build", check=True)
    assert old.query("select count(*) from first_answers where label in ('billing', 'bug', 'question')") == [(3,)]

    before = contents(old)
    again = init(old)
    assert again.returncode == 0 and again.stdout.startswith("nothing to do") and contents(old) == before


def test_nothing_is_written_before_it_was_shown_and_agreed_to(old: Project):
    before = contents(old)
    for typed in ("n\n", ""):
        told = init(old, typed=typed)
        assert told.returncode == 1 and "+++ " in told.stdout and "Write this?" in told.stdout
        assert contents(old) == before
    assert init(old, typed="y\n").returncode == 0 and contents(old) != before


def test_what_is_there_is_left_and_what_is_missing_is_added(old: Project):
    old.write(
        {
            "packages.yml": "packages:\n- package: dbt-labs/dbt_utils   # theirs\n  version: 1.3.0\n",
            "profiles.yml": PROFILE + "      plugins:\n      - module: excel\n",
            "models/own.sql": "{{ dbt_ai.create_external_model(location='mock:', api_format='Mock', model_type='CHAT', model='c') }}",
        }
    )
    assert init(old, "--yes").returncode == 0
    assert (old.path / "packages.yml").read_text() == (
        "packages:\n- local: \"{{ env_var('DBT_AI_PACKAGE') }}\"\n- package: dbt-labs/dbt_utils   # theirs\n  version: 1.3.0\n"
    )
    profile = (old.path / "profiles.yml").read_text()
    assert "      - module: dbt_ai\n        config:\n" in profile and profile.endswith("      - module: excel\n")
    assert not (old.path / "models/dbt_ai").exists()


def test_a_profile_that_cannot_be_added_to_is_left_with_the_lines_to_add(old: Project):
    old.write({"profiles.yml": "project: {target: dev, outputs: {dev: {type: duckdb, path: project.duckdb}}}\n"})
    before = contents(old)
    told = init(old, "--yes")
    assert told.returncode == 1 and contents(old) == before
    assert "project: outputs: dev is not written so that lines can be added; add them by hand:\nplugins:\n  - module: dbt_ai" in told.stderr


@pytest.mark.parametrize("variables", ["", "\nvars:\n  day: 1   # theirs", "vars:\n  shop:\n    day: 1"])
def test_on_a_warehouse_the_settings_are_variables_of_the_project(old: Project, variables: str):
    old.write({"profiles.yml": PROFILE.replace("duckdb\n", "postgres\n", 1)})
    before = (old.path / "dbt_project.yml").read_text() + variables
    old.write({"dbt_project.yml": before})
    told = init(old, "--yes")
    assert told.returncode == 0, told.stderr
    after = (old.path / "dbt_project.yml").read_text()
    settings = yaml.safe_load(after)["vars"].pop("dbt_ai")
    assert settings == {"max_cost_usd": 5, "credentials": [{"name": "https://api.openai.com", "identity": "HTTPEndpointHeaders",
                                                            "secret_env": "OPENAI_SECRET"}]}  # fmt: skip
    assert [line for line in before.splitlines() if line not in after.splitlines()] == []
    assert (old.path / "profiles.yml").read_text() == PROFILE.replace("duckdb\n", "postgres\n", 1)
    assert init(old).stdout.startswith("nothing to do")


def test_what_is_written_is_what_the_readme_shows():
    from dbt_ai.commands.init import MODELS, PACKAGE, PLUGIN

    shown = "\n".join(line.strip() for line in README.splitlines())
    for text in (PACKAGE, PLUGIN, MODELS["llm.sql"]):
        assert "\n".join(line.strip() for line in text.splitlines()) in shown
