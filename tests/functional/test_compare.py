"""`dbt-ai compare`: two ways to ask, about the same rows, against a server that counts."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from conftest import Project
from loopback import Endpoint
from models import EMBEDDER, ai_table, external_model

from dbt_ai.commands.cli import cli

PROPERTIES = """
models:
  - name: answers
    columns:
      - name: answer
        data_tests: [{dbt_ai.ai_agreement: {arguments: {label_column: expected, min_accuracy: 0.1}}}]
"""
ANSWERS = """select i, 'answer to t' as expected, {{ dbt_ai.ai_query(ref('llm'), "'t' || (i % 5)") }} as answer
    from {{ ref('rows') }} where 'it''s' = 'it''s'"""

SEEN = """{{ config(materialized='ephemeral') }}
select i, {{ dbt_ai.ai_query(ref('llm'), "'see t' || (i % 5)") }} as seen from {{ ref('rows') }}"""
TOLD = "select i, {{ dbt_ai.ai_query(ref('llm'), \"'tell ' || seen\") }} as told from {{ ref('seen') }}"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, running_endpoint: Endpoint) -> Project:
    """A project with answers to five texts. Its tests change none of its files."""
    project = Project(tmp_path_factory.mktemp("compare"))
    project.set_up()
    project.configure(prices=[{"model": name, "input_per_million": 10, "output_per_million": 10} for name in ("c", "d")])
    model = {"location": running_endpoint.chat, "api_format": "OpenAI", "model_type": "CHAT"}
    project.write(
        {
            "models/llm.sql": external_model(**model, model="c"),
            "models/other.sql": external_model(**model, model="d"),
            "models/unpriced.sql": external_model(**model, model="e"),
            "models/embedder.sql": EMBEDDER,
            "models/rows.sql": "select i from range(20) t(i)",
            "models/answers.sql": ai_table(ANSWERS).replace("ai_table'", "ai_table', tags=['costly']", 1),
            "models/answers.yml": PROPERTIES,
            "models/seen.sql": SEEN,
            "models/told.sql": ai_table(TOLD),
            "models/seen_again.sql": ai_table("select * from {{ ref('seen') }}"),
        }
    )
    project.dbt("run", check=True)
    return project


@pytest.fixture(autouse=True)
def within(built: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(built.path)
    for name, value in built.environment().items():
        monkeypatch.setenv(name, value)


def dbt_ai(*arguments: str, answer: str = "") -> Result:
    return CliRunner().invoke(cli, list(arguments), input=answer)


def test_another_model_is_asked_once_and_compared_with_what_is_stored(built: Project, counting: Endpoint):
    before = counting.counters()["requests"]
    declined = dbt_ai("compare", "answers", "--model", "other", "--rows", "8", answer="n\n")
    assert declined.exit_code == 1 and "changed (model other): 5 new inputs in 5 requests" in declined.stderr
    assert "current: 0 new inputs" in declined.stderr and counting.counters()["requests"] == before
    made = dbt_ai("compare", "answers", "--model", "other", "--rows", "8", "--yes", "--output", "json")
    assert made.exit_code == 0, made.output
    found = json.loads(made.stdout)
    assert (found["rows"], found["agreeing"], found["labelled"]) == (8, 8, 8)
    assert (found["a"]["requests"], found["b"]["requests"], counting.counters()["requests"]) == (0, 5, before + 5)
    assert found["a"]["cost_usd"] == pytest.approx(found["b"]["cost_usd"]) and found["b"]["latency_p95"] > 0
    again = dbt_ai("compare", "answers", "--prompt", "Say it's so.", "--rows", "3", "--yes")
    assert again.exit_code == 0 and 'prompt "Say it\'s so."' in again.stdout and counting.counters()["requests"] == before + 8
    page = built.path / "report.html"
    assert dbt_ai("report", "-o", str(page)).exit_code == 0
    assert "Say it&#39;s so." in page.read_text() and "The answers to <strong>100 %</strong> of 3 rows" in page.read_text()


def test_what_an_ephemeral_model_asks_differs_only_where_the_model_asks_nothing_itself(built: Project, counting: Endpoint):
    for node, column in (("told", "told"), ("seen_again", "seen")):
        before = counting.counters()["requests"]
        made = dbt_ai("compare", node, "--prompt", "Be brief.", "--column", column, "--rows", "3", "--yes", "--output", "json")
        assert made.exit_code == 0, made.output
        found = json.loads(made.stdout)
        assert (found["rows"], found["a"]["requests"], found["b"]["requests"]) == (3, 0, 3), made.output
        assert "more may follow" not in made.stderr and counting.counters()["requests"] == before + 3


def test_a_target_on_a_warehouse_without_the_extra_is_told_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    output = {"type": "postgres", "host": "h.test", "user": "u", "password": "p", "port": 5432, "dbname": "d", "schema": "s"}
    (tmp_path / "profiles.yml").write_text(json.dumps({"project": {"target": "dev", "outputs": {"dev": output}}}))
    for module in [name for name in sys.modules if name.partition(".")[0] == "sqlglot" or name.startswith("dbt_ai.engines.warehouse")]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.delitem(sys.modules, "dbt_ai.commands.compare_warehouse", raising=False)
    monkeypatch.setitem(sys.modules, "sqlglot", None)
    told = dbt_ai("compare", "answers", "--model", "other", "--profiles-dir", str(tmp_path))
    assert told.exit_code == 1 and "compare on postgres needs the extra" in told.stderr and "compiling" not in told.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "nothing differs; give --model, --prompt or --parameters"),
        (["--model", "rows"], "--model 'rows' is not an external model of the project; use one of"),
        (["--model", "embedder"], "--model 'embedder' is of model_type EMBEDDINGS, and compare asks for texts; give a CHAT model"),
        (["--parameters", "[1]"], "--parameters is '[1]'; give a mapping in YAML"),
        (["--prompt", "x", "--column", "answr", "--yes"], 'cannot be read: Binder Error: Referenced column "answr" not found'),
    ],
)
def test_what_cannot_be_compared_is_one_sentence(arguments: list[str], said: str):
    shutil.rmtree("target/dbt_ai_compare", ignore_errors=True)
    told = dbt_ai("compare", "answers", *arguments)
    assert told.exit_code == 1 and said in told.stderr and "new input" not in told.stderr
    assert not Path("target/dbt_ai_compare").exists()


@pytest.mark.parametrize(
    ("budgets", "model", "said"),
    [
        ([{"max_cost_usd": 5}], "unpriced", "max_cost_usd of $5 is set, and the price of 'e' is not known"),
        ([{"max_requests": 4, "tag": "costly"}], "other", "this would exceed max_requests of 4 for tag 'costly'"),
    ],
)
def test_what_a_budget_refuses_is_not_offered(built: Project, counting: Endpoint, budgets: list[dict[str, object]], model: str, said: str):
    before = counting.counters()["requests"]
    built.configure(budgets=budgets)
    try:
        told = dbt_ai("compare", "answers", "--model", model, "--prompt", "Be exact.", answer="y\n")
    finally:
        built.configure(budgets=[])
    assert told.exit_code == 1 and said in told.stderr and "; nothing was sent" in told.stderr, told.stderr
    assert "5 new inputs" in told.stderr and "Ask this?" not in told.output
    assert counting.counters()["requests"] == before
