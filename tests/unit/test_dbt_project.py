"""Where a dbt project and its profile are found, and what is read of them without dbt."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dbt_ai.dbt_project import DbtOptions, macros_version, read_target
from dbt_ai.errors import ConfigurationError

PROFILE = """
shop:
  target: dev
  outputs:
    dev: {type: duckdb, path: WHERE.duckdb, plugins: [{module: dbt_ai, config: {schema: answers, max_cost_usd: 5}}]}
    prod: {type: snowflake, account: "{{ env_var('NO_SUCH_ACCOUNT') }}"}
    named: {type: duckdb, path: "{{ var('day') }}.duckdb"}
other:
  outputs:
    default: {type: duckdb}
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project without profiles.yml; the user's own folder holds none either."""
    for name in ("PROFILES_DIR", "PROJECT_DIR", "PROFILE", "TARGET"):
        monkeypatch.delenv(f"DBT_{name}", raising=False)
        monkeypatch.delenv(f"DBT_ENGINE_{name}", raising=False)
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "home")
    folder = tmp_path / "shop"
    (folder / "models").mkdir(parents=True)
    (folder / "dbt_project.yml").write_text("name: shop\nprofile: shop\n")
    monkeypatch.chdir(tmp_path)
    return folder


def profiles_in(folder: Path, where: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "profiles.yml").write_text(PROFILE.replace("WHERE", where))
    return folder


def test_profiles_are_looked_for_where_dbt_looks_and_then_in_the_project(project: Path, monkeypatch: pytest.MonkeyPatch):
    def database(**options: Path) -> str | None:
        return read_target(DbtOptions(project_dir=project, **options)).database

    profiles_in(Path.home() / ".dbt", "home")
    assert database() == "home.duckdb"
    profiles_in(project, "project")
    assert database() == "project.duckdb"
    profiles_in(Path.cwd(), "here")
    assert database() == "here.duckdb"
    monkeypatch.setenv("DBT_PROFILES_DIR", str(profiles_in(project.parent / "variable", "variable")))
    assert database() == "variable.duckdb"
    assert database(profiles_dir=profiles_in(project.parent / "option", "option")) == "option.duckdb"


def test_a_project_is_found_above_the_current_folder_or_where_a_variable_says(project: Path, monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(ConfigurationError, match=r"there is no dbt_project.yml in .+ and the folders above it; give .+ --project-dir"):
        _ = DbtOptions().project_folder
    monkeypatch.setenv("DBT_PROJECT_DIR", str(project))
    assert DbtOptions().project_folder == project
    monkeypatch.delenv("DBT_PROJECT_DIR")
    monkeypatch.chdir(project / "models")
    assert DbtOptions().project_folder == project


def test_a_target_is_read_with_its_plugin_and_what_is_not_there_is_named_with_what_is(project: Path):
    profiles_in(project, "project")
    target = read_target(DbtOptions(project_dir=project))
    assert target.type == "duckdb" and target.plugin == {"schema": "answers", "max_cost_usd": 5}
    other = read_target(DbtOptions(project_dir=project, profile="other"))
    assert (other.database, other.plugin) == (":memory:", None)
    with pytest.raises(ConfigurationError, match=r"target 'no' is not in profile 'shop' of .+; it has dev, prod, named"):
        read_target(DbtOptions(project_dir=project, target="no"))
    with pytest.raises(ConfigurationError, match=r"profile 'no' is not in .+; it has shop, other"):
        read_target(DbtOptions(project_dir=project, profile="no"))


def test_a_profile_is_rendered_as_dbt_does(project: Path, monkeypatch: pytest.MonkeyPatch):
    profiles_in(project, "project")
    named = DbtOptions(project_dir=project, target="named", vars="{day: monday}")
    assert read_target(named).database == "monday.duckdb"
    with pytest.raises(ConfigurationError, match="Env var required but not provided: 'NO_SUCH_ACCOUNT'"):
        read_target(DbtOptions(project_dir=project, target="prod"))
    monkeypatch.setenv("NO_SUCH_ACCOUNT", "ab12345")
    assert read_target(DbtOptions(project_dir=project, target="prod")).type == "snowflake"


def test_a_profile_that_is_not_yaml_is_one_sentence_that_quotes_no_password(project: Path):
    (project / "profiles.yml").write_text("shop:\n  outputs:\n    dev: {password: hunter2 hunter3: [}\n")
    with pytest.raises(ConfigurationError, match=r"profiles.yml is not YAML in line 3: ") as raised:
        read_target(DbtOptions(project_dir=project))
    assert "hunter" not in str(raised.value)


def test_variables_that_are_no_mapping_are_refused():
    with pytest.raises(ConfigurationError, match=r"--vars is 'day'; give a mapping in YAML, such as '\{day: 2024-01-01\}'"):
        _ = DbtOptions(vars="day").variables


def test_a_profile_without_jinja_is_read_without_importing_dbt(project: Path):
    profiles_in(project, "project")
    program = f"""
import sys
from pathlib import Path
from dbt_ai.dbt_project import DbtOptions, read_target
read_target(DbtOptions(project_dir=Path({str(project)!r})))
assert not any(name.split(".")[0] == "dbt" for name in sys.modules)
"""
    # The unit tests also run where this package is not installed.
    subprocess.run(
        [sys.executable, "-c", program], check=True, timeout=60, env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    )


def test_the_version_of_the_installed_macros_is_read_from_where_dbt_deps_put_them(project: Path):
    assert macros_version(project) is None
    (project / "dbt_project.yml").write_text("name: shop\npackages-install-path: packages\n")
    (project / "packages/dbt_ai").mkdir(parents=True)
    (project / "packages/dbt_ai/dbt_project.yml").write_text("name: dbt_ai\nversion: 0.0.9\n")
    assert macros_version(project) == "0.0.9"
