"""The README is run: its files are a project, its commands exist, its links lead somewhere."""

import re
import shutil
import subprocess
import sys

import pytest
from conftest import REPOSITORY, Project

README = (REPOSITORY / "README.md").read_text()
BLOCKS = re.findall(r"^```(\w+) ?(\S*)\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def test_every_block_is_a_file_of_the_project_or_a_command_or_the_first_example():
    kinds = [(language, bool(name)) for language, name, _ in BLOCKS]
    assert set(kinds) <= {("sh", False), ("yaml", True), ("sql", True), ("sql", False), ("text", False)}
    assert kinds.count(("sql", False)) == 1


def test_the_ten_lines_build_in_mock_mode(project: Project):
    files = {name: text for language, name, text in BLOCKS if name}
    assert set(files) == {"packages.yml", "profiles.yml", "models/embedder.sql", "models/llm.sql", "models/ticket_answers.sql"}
    first = next(text for language, name, text in BLOCKS if language == "sql" and not name)
    files["models/first_example.sql"] = "{{ config(materialized='ai_table') }}\n" + first
    files["models/tickets.sql"] = "select 1 as ticket_id, 'I was charged twice' as body union all select 2, null"
    files["dbt_project.yml"] = "name: shop\nversion: 1.0.0\nprofile: shop\n"
    project.write(files)
    shutil.rmtree(project.path / "dbt_packages")
    project.env.update(DBT_AI_PACKAGE=str(REPOSITORY))
    project.dbt("deps", check=True)
    project.dbt("build", "--target", "mock", check=True)
    assert not (project.path / "shop.duckdb").exists()
    import duckdb

    with duckdb.connect(str(project.path / "shop_mock.duckdb")) as shop:
        rows = shop.sql(
            "select typeof(answer), answer.response.label is not null, typeof(embedding) from ticket_answers order by ticket_id"
        ).fetchall()
        assert rows[0] == ('STRUCT(response STRUCT("label" VARCHAR, urgency INTEGER), errorStatus VARCHAR)', True, rows[0][2])
        [(label,)] = shop.sql("select label from first_example where ticket_id = 1").fetchall()
        assert label in ("billing", "bug", "question")


@pytest.mark.parametrize("command", [line for language, _, text in BLOCKS if language == "sh" for line in text.splitlines()])
def test_a_command_of_the_readme_exists(command: str):
    if command.startswith("make "):
        subprocess.run(["make", "--dry-run", command.split()[1]], cwd=REPOSITORY, check=True, capture_output=True)
    elif "dbt-ai " in command:
        subprocess.run([sys.executable, "-m", "dbt_ai.commands.cli", "package-path"], cwd=REPOSITORY, check=True, capture_output=True)
    else:
        assert command in ("pip install 'dbt-ai-functions[local,prices]'", "dbt build --target mock")


def test_every_link_leads_somewhere():
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert target.startswith("https://") or (REPOSITORY / target).exists(), target
