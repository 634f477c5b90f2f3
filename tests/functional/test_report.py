"""`dbt-ai report` of a project that was really built, and how a browser shows it."""

from __future__ import annotations

import html
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from browser import Browser, running_browser
from click.testing import CliRunner
from conftest import Project
from selenium.webdriver import Keys

from dbt_ai.commands.cli import cli
from dbt_ai.commands.report import write_report
from dbt_ai.commands.store import StorePlace
from dbt_ai.store.duckdb_store import DuckDBStore

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


def filled(folder: Path, answers: int = 100_000, nodes: int = 40, days: int = 365, maps: int = 3) -> StorePlace:
    """A store of so many answers of 40 nodes, kept with what was asked, the usage of a year, and a manifest that draws three maps."""
    place = StorePlace(folder / "store.duckdb", "dbt_ai", folder / "store.duckdb")
    with duckdb.connect(str(place.path)) as connection:
        DuckDBStore(connection.cursor, place.tables).check()
        connection.execute(
            f"""insert into dbt_ai.responses by name
            select unhex(sha256(i::varchar)) as key, 'ai_query' as function, 'm' as model, now() as created_at, today() as used_on,
                repeat('The answer to ticket ' || i || ' in some words. ', 1 + i % 40) as value, 'model.shop.node_' || i % {nodes} as node,
                repeat('What a customer wrote in ticket ' || i || '. ', 1 + i % 60) as input from range({answers}) t(i)"""
        )
        connection.execute(
            f"""insert into dbt_ai.usage by name
            select 'run ' || day as invocation_id, 'model.shop.node_' || node as node, 'llm_' || node % 5 as external_model, 'm' as model,
                50 as requests, 60 as distinct_requests, 10 as from_store, 49 as executed, 1 as failed, 0 as throttled, 0 as broken,
                0 as retried, 0 as truncated, 9000 as input_tokens, 900 as output_tokens, 0.01 as cost_usd, 0.002 as saved_usd,
                now() - day * interval 1 day as started_at, 12.5 as seconds, to_json(map {{'busy ' || node: 1}}) as failure_causes
            from range({days}) d(day), range({nodes}) n(node)"""
        )
        for number in range(maps):
            connection.execute(
                f"""create table map_{number} as select 'topic ' || i % 7 as topic, repeat('text ' || i || ' ', 30) as body,
                [sin(i * x)::float for x in range(64)] as embedding from range(5000) t(i)"""
            )
    drawn = {"meta": {"dbt_ai": {"map": {"vector": "embedding", "color": "topic", "text": "body"}}}}
    mapped = {f"model.shop.map_{number}": {"name": f"map_{number}", "schema": "main", "config": drawn} for number in range(maps)}
    (folder / "manifest.json").write_text(json.dumps({"nodes": mapped}))
    return place


@pytest.mark.parametrize("dark", [False, True])
def test_the_report_has_no_error_of_accessibility(built: Project, tmp_path: Path, browser: Browser, dark: bool):
    for name, project in (("small", built), ("empty", emptied(built, tmp_path / "empty"))):
        report(project)
        for width in (1280, 400):
            browser.open(project.path / "report.html", dark, width)
            browser.screenshot(f"report-{name}-{'dark' if dark else 'light'}-{width}")
            assert browser.errors() == []
            assert not browser.is_wider_than_window()


def test_the_report_is_used_with_the_keyboard_alone(built: Project, browser: Browser):
    report(built)
    browser.open(built.path / "report.html")
    assert browser.press(Keys.TAB).text == "To the content" and browser.shows(".skip")
    browser.press(Keys.ENTER)
    seen = [browser.press(Keys.TAB)]
    assert seen[0].find_elements("xpath", "ancestor::main") and seen[0].value_of_css_property("outline-style") != "none"
    while seen[-1].get_attribute("id") != "search" and len(seen) < 40:
        seen.append(browser.press(Keys.TAB))
    [summary] = [element for element in seen if element.tag_name == "summary"]
    rows = browser.driver.find_elements("css selector", "#sample tbody tr")
    browser.press(*"ticket 17")
    assert [row.is_displayed() for row in rows].count(True) == 2 and browser.shows("#found")
    assert browser.driver.find_element("id", "found").text == f"2 of {len(rows)}"
    summary.send_keys(Keys.ENTER)
    assert browser.shows("details table")


def test_the_report_is_dark_for_who_wants_that_and_white_on_paper(built: Project, browser: Browser):
    report(built)
    for dark, medium in ((False, "screen"), (True, "screen"), (True, "print")):
        browser.open(built.path / "report.html", dark, medium=medium)
        browser.screenshot(f"report-{medium}-{'dark' if dark else 'light'}")
        ground, text = browser.brightness()
        assert (ground < 0.2 and text > 0.8) if dark and medium == "screen" else (ground > 0.9 and text < 0.2)
        assert browser.shows("nav, .search") == (medium == "screen") and browser.shows("h1")


@pytest.mark.timed
def test_a_report_of_100_000_answers_opens_at_once_and_is_small(tmp_path: Path, browser: Browser):
    size = write_report(filled(tmp_path), "shop", tmp_path, tmp_path / "report.html")
    assert size < 10_000_000
    seconds = browser.seconds_to_open(tmp_path / "report.html")
    browser.screenshot("report-large")
    print(f"{size / 1e6:.1f} MB, opened in {seconds:.2f} s")
    assert seconds < 2
    assert browser.errors() == []
