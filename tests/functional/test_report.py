"""`dbt-ai report` of a project that was really built, and how a browser shows it."""

from __future__ import annotations

import html
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from browser import Browser, running_browser
from click.testing import CliRunner
from conftest import Project

from dbt_ai.commands.cli import cli

HOSTILE = '<script>document.title="owned"</script><img src=https://tracker.test/x> \\x1b[2J'
MODEL = "{{ dbt_ai.create_external_model('https://host.test/v1/chat/completions', 'OpenAI', 'CHAT', 'small') }}"
PROPERTIES = """
models:
  - name: tickets
    columns:
      - name: topic
        data_tests:
          - dbt_ai.ai_accepted_labels: {arguments: {labels: [billing, bug]}, config: {severity: warn}}
          - dbt_ai.ai_agreement: {arguments: {label_column: expected, min_accuracy: 0.1}, config: {severity: warn}}
"""
TICKETS = """
{{ config(materialized='ai_table', meta={'dbt_ai': {'map': {'vector': 'embedding', 'color': 'topic', 'text': 'body'}}}) }}
select i, body, expected,
  {{ dbt_ai.ai_classify(ref('llm'), 'body', ['billing', 'bug']) }} as topic,
  {{ dbt_ai.ai_query(ref('llm'), 'body', fail_on_error=false) }} as reply,
  {{ dbt_ai.ai_embed(ref('embedder'), 'body') }} as embedding
from (select i, 'ticket ' || i || case i when 1 then $$HOSTILE$$ else '' end as body,
      case when i < 20 then 'bug' else 'billing' end as expected from range(40) t(i))
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Forty tickets with labels, answers and vectors of the mock, one of them hostile."""
    project = Project(tmp_path_factory.mktemp("report"))
    project.set_up()
    project.configure(mode="mock", keep_inputs=True)
    project.write(
        {
            "models/llm.sql": MODEL,
            "models/embedder.sql": MODEL.replace("chat/completions", "embeddings").replace("CHAT", "EMBEDDINGS"),
            "models/tickets.sql": TICKETS.replace("HOSTILE", HOSTILE),
            "models/tickets.yml": PROPERTIES,
        }
    )
    project.dbt("build", check=True)
    return project


def report(project: Project, file: str = "report.html") -> str:
    where = ["--project-dir", str(project.path), "--profiles-dir", str(project.path)]
    made = CliRunner().invoke(cli, ["report", *where, "-o", str(project.path / file)])
    assert made.exit_code == 0, made.output
    return (project.path / file).read_text()


def test_the_report_tells_what_was_asked_labelled_and_drawn(built: Project):
    page = report(built)
    assert page.count("<circle") == 40 + 2 and "40 labelled rows agree with their label" in page
    assert "How often each label was given" in page and "What is right, by row" in page
    [row] = re.findall(r'<th scope="row">tickets</th>\s*<td>.*?</tr>', page.split('id="plans"')[1], re.DOTALL)
    numbers = re.findall(r"(?:</span>|<td>)([\d,.]+)</td>", row)
    assert numbers[:4] == ["40", "120", "0", "120"]
    assert "ticket 7" in page.split('id="answers"')[1]


def test_hostile_text_is_text_and_the_page_names_no_other_place(built: Project):
    page = report(built)
    assert html.escape("<script>document.title=") in page.replace("&#34;", "&quot;")
    assert page.count("<script>") == 1 and "\x1b" not in page and "\\x1b[2J" in page
    assert not re.findall(r"""(?:src|href)=["'](?!#)""", page) and "default-src 'none'" in page


def test_a_store_that_was_emptied_has_a_report(built: Project, tmp_path: Path):
    page = report(emptied(built, tmp_path / "emptied"))
    assert "Nothing has been asked yet" in page and "keep_inputs: true" in page


def test_artefacts_that_are_not_dbt_s_are_one_sentence(built: Project, tmp_path: Path):
    (tmp_path / "manifest.json").write_text('{"nodes": [1]}')
    where = ["--project-dir", str(built.path), "--profiles-dir", str(built.path), "--target-path", str(tmp_path)]
    made = CliRunner().invoke(cli, ["report", *where, "-o", str(tmp_path / "report.html")])
    assert made.exit_code == 1 and "is not dbt's; run dbt again" in made.output


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with running_browser(tmp_path_factory.mktemp("browser")) as running:
        yield running


def emptied(built: Project, folder: Path) -> Project:
    shutil.copytree(built.path, folder, symlinks=True)
    project = Project(folder)
    with duckdb.connect(str(project.database)) as connection:
        connection.execute("delete from dbt_ai.responses; delete from dbt_ai.usage")
    return project


def with_many_answers(built: Project, folder: Path, answers: int = 100_000) -> Project:
    """The same project with so many answers, of 40 nodes, kept with what was asked, and the usage of a year."""
    shutil.copytree(built.path, folder, symlinks=True)
    project = Project(folder)
    with duckdb.connect(str(project.database)) as connection:
        connection.execute(
            f"""insert into dbt_ai.responses by name
            select one.* replace (sha256(i::varchar)::blob as key, 'model.project.node_' || i % 40 as node,
                                  repeat('What somebody wrote about ticket ' || i || '. ', 20) as input)
            from range({answers}) t(i), (from dbt_ai.responses where value is not null limit 1) one"""
        )
        connection.execute(
            """insert into dbt_ai.usage by name
            select one.* replace (started_at - to_days(i::int) as started_at, 'model.project.node_' || i % 40 as node)
            from range(365) t(i), (from dbt_ai.usage limit 1) one"""
        )
    return project


@pytest.mark.parametrize("dark", [False, True])
def test_the_report_has_no_error_of_accessibility(built: Project, tmp_path: Path, browser: Browser, dark: bool):
    for name, project in (("small", built), ("empty", emptied(built, tmp_path / "empty"))):
        report(project)
        for width in (1280, 400):
            browser.open(project.path / "report.html", dark, width)
            browser.screenshot(f"report-{name}-{'dark' if dark else 'light'}-{width}")
            assert browser.errors() == []
            assert not browser.is_wider_than_window()


@pytest.mark.timed
def test_a_report_of_100_000_answers_opens_at_once_and_is_small(built: Project, tmp_path: Path, browser: Browser):
    project = with_many_answers(built, tmp_path / "large")
    page = report(project)
    assert len(page) < 10_000_000
    browser.open(project.path / "report.html")
    browser.screenshot("report-large")
    assert browser.seconds_to_open() < 2
    assert browser.errors() == []
