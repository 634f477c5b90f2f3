"""The command line on real projects: where it looks, what it selects, what it tells."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import REPOSITORY, Project
from models import LLM, ai_table

from dbt_ai import __version__

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


def test_an_estimate_for_programs_is_json_and_nothing_else_is_on_stdout(project: Project):
    project.write({"models/llm.sql": LLM, "models/answers.sql": ANSWERS})
    run = dbt_ai(project, "estimate", "--output", "json")
    told = json.loads(run.stdout)
    assert [(node["node"], node["new_inputs"], node["max_cost_usd"]) for node in told["nodes"]] == [("answers", 10, 0.0)]


def test_full_refresh_is_estimated_as_dbt_would_run_it(project: Project):
    project.write(
        {
            "models/llm.sql": LLM,
            "models/answers.sql": """{{ config(materialized='incremental', pre_hook='{{ dbt_ai.ai_prefetch() }}') }}
                select i, {{ dbt_ai.ai_query(ref('llm'), "'hello ' || i") }} as answer from range({{ var('rows', 3) }}) t(i)
                {% if is_incremental() %} where i >= 100 {% endif %}""",
        }
    )
    project.dbt("run", check=True)

    def new_inputs(*options: str) -> int:
        return int(
            json.loads(dbt_ai(project, "estimate", "--vars", "{rows: 10}", "--output", "json", *options).stdout)["total"]["new_inputs"]
        )

    assert (new_inputs(), new_inputs("--full-refresh")) == (0, 7)


def test_macros_of_another_version_than_the_runtime_are_told_in_every_run(project: Project):
    project.write({"models/llm.sql": LLM})
    assert "install the same version" not in project.dbt_process("run", check=True).output
    package = project.path / "dbt_packages/dbt_ai"
    package.unlink()
    package.mkdir()
    for folder in ("macros", "adapters"):
        (package / folder).symlink_to(REPOSITORY / folder)
    (package / "dbt_project.yml").write_text((REPOSITORY / "dbt_project.yml").read_text().replace(__version__, "0.0.9"))
    warning = f"runtime {__version__}, macros 0.0.9: install the same version of both, in Python and in packages.yml"
    assert project.dbt_process("run", check=True).output.count(warning) == 1
    assert f"FAIL versions: {warning}" in dbt_ai(project, "doctor").stdout


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        ({"mode": "cheap"}, "plugin dbt_ai: mode 'cheap' is not known; use one of live, estimate, record, replay, mock"),
        ({"credentials": [{"name": "openai", "secret_env": "KEY"}]}, "credential 'openai': rule 1: its name has to be a URL"),
    ],
)
def test_a_configuration_that_cannot_work_is_one_sentence_and_no_traceback(project: Project, config: dict[str, Any], sentence: str):
    project.configure(**config)
    project.write({"models/llm.sql": LLM})
    run = project.dbt_process("run")
    assert not run.ok and sentence in run.output and "Traceback" not in run.output


def test_a_database_that_another_process_has_open_is_one_sentence_in_every_command(project: Project):
    project.write({"models/llm.sql": LLM, "models/answers.sql": ANSWERS})
    project.dbt_process("run", check=True)
    code = f"import duckdb, sys; c = duckdb.connect({str(project.database)!r}); print('open', flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout and other.stdout.readline()
        in_use = re.compile(rf"database '.*project.duckdb' is in use by .+ \(PID {other.pid}\); DuckDB lets one process in")
        run = project.dbt_process("run")
        assert not run.ok and len(in_use.findall(run.output)) == 1 and "Traceback" not in run.output, run.output
        for command in ("estimate", "doctor", "store stats"):
            told = dbt_ai(project, *command.split())
            assert told.returncode == 1 and len(in_use.findall(told.stdout + told.stderr)) == 1 and "Traceback" not in told.stderr, told
        other.communicate()
    assert project.dbt_process("run", check=True).message("answers").startswith("SELECT 10 · 0 requests · 10 from store")


def test_the_store_command_parses_no_project(project: Project):
    project.write({"models/broken.sql": "{{ nothing(", "models/llm.sql": LLM})
    told = dbt_ai(project, "store", "stats")
    assert "does not exist; run dbt once" in told.stderr, told


def test_an_estimate_tells_of_budgets_as_a_run_would(project: Project):
    project.write({"models/llm.sql": LLM, "models/answers.sql": ANSWERS})
    project.configure(budgets=[{"node": "anwsers", "max_tokens": 1}])
    run = dbt_ai(project, "estimate")
    assert (
        run.returncode == 0 and "a budget names the node 'anwsers', which this project does not have; did you mean answers?" in run.stderr
    )
    project.configure(budgets=[{"node": "answers", "max_tokens": 1}])
    [node] = json.loads(dbt_ai(project, "estimate", "--output", "json").stdout)["nodes"]
    assert node["refusal"] == "this would exceed max_tokens of 1 for node 'answers'"
