"""The command line on real projects: where it looks, what it selects, what it tells."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from conftest import Project
from models import LLM, ai_table

ANSWERS = ai_table("select {{ dbt_ai.ai_query(ref('llm'), \"'hello ' || i\") }} as answer from range(10) t(i)")


def dbt_ai(project: Project, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "dbt_ai.commands.cli", *arguments]
    return subprocess.run(command, cwd=project.path, env=project.environment(), capture_output=True, text=True, timeout=300)


def test_what_serves_a_project_takes_the_profile_from_where_dbt_takes_it(project: Project, tmp_path: Path):
    project.write({"models/llm.sql": LLM, "elsewhere/profiles.yml": (project.path / "profiles.yml").read_text()})
    (project.path / "profiles.yml").unlink()
    project.env["DBT_PROFILES_DIR"] = str(project.path / "elsewhere")
    program = "from dbt_ai.dbt_project import *; print(sorted(load_project(DbtOptions()).models))"
    run = subprocess.run([sys.executable, "-c", program], cwd=project.path, env=project.environment(), capture_output=True, text=True)
    assert run.stdout == "['llm']\n", run.stderr


def test_a_selection_that_matches_nothing_is_said_and_is_an_error(project: Project):
    project.write({"models/llm.sql": LLM, "models/answers.sql": ANSWERS})
    for command in ("estimate", "doctor"):
        run = dbt_ai(project, command, "-s", "anwsers", "--exclude", "llm")
        assert run.returncode == 1 and f"--select anwsers --exclude llm selects nothing in {project.path}" in run.stderr
        assert "Traceback" not in run.stderr
    part = dbt_ai(project, "estimate", "-s", "answers", "anwsers")
    assert part.returncode == 0 and "'anwsers' does not match any enabled nodes" in part.stderr, part.stderr
    assert "| answers" in part.stdout and "compiling the project" in part.stderr
