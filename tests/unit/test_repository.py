"""What the repository says about itself is true: its links, its workflows, the versions of its tools."""

from __future__ import annotations

import re
import sys
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import yaml

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # which pytest brings

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PAGES = sorted(chain(ROOT.glob("*.md"), ROOT.glob("docs/**/*.md"), ROOT.glob(".github/**/*.md")))
PYTHONS = [name.split(" :: ")[-1] for name in PROJECT["classifiers"] if re.search(r":: 3\.\d+$", name)]


def text_of(page: Path) -> str:
    """A page without its blocks of code, in which brackets are no links."""
    return re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", text_of(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def workflow(name: str) -> dict[str, Any]:
    return yaml.safe_load((ROOT / ".github/workflows" / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_leads_to_a_page_and_a_heading_that_exist(page: Path):
    for link in re.findall(r"\]\(([^)\s]+)\)", text_of(page)):
        if re.match(r"(https?|mailto):", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{link} leads nowhere"
        assert not anchor or anchor in anchors(target), f"{link}: {target.name} has no such heading"


def test_the_architecture_names_files_that_exist():
    page = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    files = {path.relative_to(ROOT).as_posix() for part in ("dbt_ai", "macros", "adapters", "tests") for path in (ROOT / part).rglob("*.*")}
    for name in re.findall(r"[\w/]+\.(?:py|sql)\b", page):
        assert any(f"/{file}".endswith(f"/{name}") for file in files), f"{name} does not exist"
    for folder in re.findall(r"`([\w/]+/)`", page):
        assert (ROOT / folder).is_dir() or (ROOT / "dbt_ai" / folder).is_dir(), f"{folder} does not exist"


def test_ruff_before_a_commit_is_the_ruff_of_the_tests():
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
    [ruff] = [hook["rev"] for hook in hooks if hook["repo"].endswith("/ruff-pre-commit")]
    assert f"ruff=={ruff.removeprefix('v')}" in PROJECT["optional-dependencies"]["dev"]


def test_types_before_a_commit_are_checked_by_the_mypy_of_the_tests():
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
    [mypy] = [hook for repo in hooks for hook in repo["hooks"] if hook["id"] == "mypy"]
    assert mypy["entry"] == "make types" and mypy["language"] == "system"
    assert any(requirement.startswith("mypy==") for requirement in PROJECT["optional-dependencies"]["dev"])


def test_the_unit_tests_run_on_three_operating_systems_and_every_python_that_is_promised():
    matrix = workflow("test.yml")["jobs"]["unit"]["strategy"]["matrix"]
    assert {name.removesuffix("-latest") for name in matrix["os"]} == {"ubuntu", "macos", "windows"}
    assert matrix["python"] == PYTHONS and f">={PYTHONS[0]}" == PROJECT["requires-python"]


@pytest.mark.parametrize("name", [path.name for path in (ROOT / ".github/workflows").glob("*.yml")])
def test_a_workflow_only_calls_make(name: str):
    for job in workflow(name)["jobs"].values():
        commands = [step["run"].splitlines() for step in job["steps"] if "run" in step]
        assert commands and all(command.startswith("make ") for lines in commands for command in lines)


def test_every_target_that_is_told_is_in_the_makefile():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    told = {name for page in PAGES for words in re.findall(r"`make ([a-z ]+)", page.read_text(encoding="utf-8")) for name in words.split()}
    told |= {name for job in workflow("test.yml")["jobs"].values() for name in job["strategy"]["matrix"].get("target", ())}
    assert told <= targets


def test_the_changelog_tells_the_version_that_is_released():
    headings = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert headings[0] == "[Unreleased]"
    assert all(re.fullmatch(r"\[\d+\.\d+\.\d+\] - \d{4}-\d{2}-\d{2}", heading) for heading in headings[1:])
    import dbt_ai

    assert headings[1].startswith(f"[{dbt_ai.__version__}]")
