"""What the dbt package promises as a package: documented macros, a clean parse, lineage, and a life beside others."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from browser import running_browser
from conftest import REPOSITORY, Project, wait_until
from models import EMBEDDER, LLM, TEXTS, ai_table

from dbt_ai import __version__

ENGINES = sorted(folder.name for folder in (REPOSITORY / "adapters").iterdir())


def public_macros() -> list[str]:
    found = []
    for file in (REPOSITORY / "macros").rglob("*.sql"):
        found += re.findall(r"{%-?\s*(?:macro|test)\s+(\w+)", file.read_text())
    hidden = tuple(f"{engine}__" for engine in [*ENGINES, "default"])
    return sorted(name for name in found if not name.startswith(("_", *hidden)))


@pytest.fixture(scope="module")
def parsed(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = Project(tmp_path_factory.mktemp("parsed"))
    project.set_up()
    settings = (project.path / "dbt_project.yml").read_text()
    project.write(
        {
            "dbt_project.yml": settings + "flags: {validate_macro_args: true}\n",
            "models/embedder.sql": EMBEDDER,
            "models/llm.sql": LLM,
            "models/texts.sql": TEXTS,
            "models/answers.sql": ai_table(
                "select {{ dbt_ai.ai_embed(ref('embedder'), 'body') }} as e, {{ dbt_ai.ai_query(ref('llm'), 'body') }} as q"
                " from {{ ref('texts') }}"
            ),
            "models/after.sql": "select * from {{ ref('answers') }}",
        }
    )
    project.dbt("--warn-error", "parse", check=True)
    return project


@pytest.mark.parametrize("name", public_macros())
def test_a_public_macro_is_documented_with_its_arguments(parsed: Project, name: str):
    macros = {macro["name"]: macro for macro in parsed.manifest()["macros"].values() if macro["package_name"] == "dbt_ai"}
    macro = macros.get(name) or macros[f"test_{name}"]
    assert macro["description"].strip()
    taken = re.search(r"{%-?\s*(?:macro|test)\s+" + name + r"\((.*?)\)\s*-?%}", macro["macro_sql"], re.DOTALL)
    assert taken
    arguments = re.findall(r"(?:^|,)\s*(\w+)\s*(?==|,|$)", re.sub(r"\{[^}]*\}|\[[^\]]*\]", "", taken[1]))
    assert [argument["name"] for argument in macro["arguments"]] == arguments
    assert all(argument["description"] for argument in macro["arguments"])


def test_an_external_model_is_upstream_of_what_uses_it(parsed: Project):
    parents = parsed.manifest()["parent_map"]
    assert set(parents["model.project.answers"]) == {"model.project.embedder", "model.project.llm", "model.project.texts"}
    children = parsed.manifest()["child_map"]
    assert children["model.project.llm"] == ["model.project.answers"]


def test_an_external_model_has_a_catalog_entry_and_a_description_in_dbt_docs(project: Project):
    described = "models: [{name: mine, description: My own words.}]"
    project.write({"models/llm.sql": LLM, "models/mine.sql": LLM.replace("'c'", "'d'"), "models/mine.yml": described})
    project.dbt("build", check=True)
    project.dbt("docs", "generate", check=True)
    catalog = (project.path / "target/catalog.json").read_text()
    assert '"model.project.llm"' in catalog and '"api_format"' in catalog
    described = {name: project.manifest()["nodes"][f"model.project.{name}"]["description"] for name in ("llm", "mine")}
    assert described == {"llm": "External model: CHAT model `c` at `mock:`, api_format Mock.", "mine": "My own words."}


def test_the_page_of_dbt_docs_shows_what_an_external_model_is(project: Project, tmp_path: Path):
    project.write({"models/llm.sql": LLM})
    project.dbt("build", check=True)
    project.dbt("docs", "generate", "--static", check=True)
    page = project.path / "target/static_index.html"
    with running_browser(tmp_path / "profile") as browser:
        browser.open(page)
        browser.driver.get(f"{page.as_uri()}#!/model/model.project.llm")
        wait_until(lambda: "External model: CHAT model" in browser.driver.find_element("tag name", "body").text)
        browser.screenshot("dbt-docs-external-model")


def test_a_project_that_does_not_call_us_builds_as_without_the_plugin(project: Project):
    project.write({"models/plain.sql": "select 1 as one"})
    project.dbt("build", check=True)
    assert project.query("from plain") == [(1,)]
    assert project.query("from duckdb_schemas() where schema_name = 'dbt_ai'") == []


def test_the_macros_come_from_git_as_well(tmp_path: Path, project: Project):
    repository = tmp_path / "repository"
    repository.mkdir()
    for name in ("macros", "adapters", "dbt_project.yml"):
        copy = shutil.copytree if (REPOSITORY / name).is_dir() else shutil.copy
        copy(REPOSITORY / name, repository / name)
    git = ["git", "-C", str(repository), "-c", "user.name=us", "-c", "user.email=us@example.com"]
    env = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}  # whoever runs this may sign commits, or have hooks
    for command in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "-m", "all"], ["tag", __version__]):
        subprocess.run([*git, *command], check=True, env=env)
    shutil.rmtree(project.path / "dbt_packages")
    project.write(
        {
            "packages.yml": f"packages:\n  - git: file://{repository}\n    revision: {__version__}\n",
            "models/llm.sql": LLM,
            "models/answers.sql": ai_table("select {{ dbt_ai.ai_query(ref('llm'), \"'hello'\") }} as q"),
        }
    )
    project.dbt_process("deps", check=True)
    assert "install the same version" not in project.dbt_process("run", check=True).output
    assert project.query("select count(q) from answers") == [(1,)]


@pytest.mark.timed
def test_importing_the_package_costs_nothing():
    """dbt imports every installed module whose name begins with dbt_ on every command."""
    code = (
        "import sys, time; started = time.process_time(); import dbt_ai; took = time.process_time() - started;"
        "heavy = {'numpy', 'pyarrow', 'duckdb', 'httpx', 'torch', 'dbt'} & set(sys.modules);"
        "assert not heavy, heavy; print(took)"
    )
    took = min(float(subprocess.check_output([sys.executable, "-c", code], cwd=REPOSITORY)) for _ in range(5))
    assert took < 0.020


def test_being_asked_for_plugins_costs_what_dbt_has_loaded_anyway():
    code = (
        "import sys, dbt.plugins.manager, dbt.adapters.base.impl; before = set(sys.modules); import dbt_ai; dbt_ai.plugins;"
        "print(sorted({name.split('.')[0] for name in set(sys.modules) - before}))"
    )
    assert subprocess.check_output([sys.executable, "-c", code], cwd=REPOSITORY, text=True).strip() == "['dbt_ai']"


def test_the_wheel_in_an_empty_environment_builds_a_project(tmp_path: Path, project: Project):
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--outdir", tmp_path, "--no-isolation", REPOSITORY], check=True, capture_output=True
    )
    [wheel] = tmp_path.glob("*.whl")
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    python = tmp_path / "venv/bin/python"
    install = [python, "-m", "pip", "install", "--quiet", "--no-compile", "--constraint", REPOSITORY / "constraints.txt", wheel]
    subprocess.run(install, check=True)
    project.python = str(python)
    project.env["PYTHONPATH"] = ""
    package = subprocess.check_output(
        [tmp_path / "venv/bin/dbt-ai", "package-path"], cwd=tmp_path, text=True, env=project.environment()
    ).strip()
    assert Path(package) == next((tmp_path / "venv/lib").glob("python3.*")) / "site-packages/dbt_ai/include"
    project.write(
        {
            "packages.yml": f"packages: [{{local: '{package}'}}]",
            "models/llm.sql": LLM,
            "models/one.sql": ai_table("select {{ dbt_ai.ai_query(ref('llm'), \"'hello'\") }} as q"),
        }
    )
    (project.path / "dbt_packages/dbt_ai").unlink()
    project.dbt_process("deps", check=True)
    project.dbt_process("build", check=True)
    assert project.query("select count(q) from one") == [(1,)]
