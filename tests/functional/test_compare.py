"""`dbt-ai compare`: two ways to ask, about the same rows, against a server that counts."""

from __future__ import annotations

import json
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


@pytest.fixture
def built(project: Project, counting: Endpoint, monkeypatch: pytest.MonkeyPatch) -> Project:
    project.configure(prices=[{"model": name, "input_per_million": 10, "output_per_million": 10} for name in ("c", "d")])
    model = {"location": counting.chat, "api_format": "OpenAI", "model_type": "CHAT"}
    project.write(
        {
            "models/llm.sql": external_model(**model, model="c"),
            "models/other.sql": external_model(**model, model="d"),
            "models/embedder.sql": EMBEDDER,
            "models/rows.sql": "select i from range(20) t(i)",
            "models/answers.sql": ai_table(ANSWERS),
            "models/answers.yml": PROPERTIES,
        }
    )
    project.dbt("run", check=True)
    monkeypatch.chdir(project.path)
    for name, value in project.environment().items():
        monkeypatch.setenv(name, value)
    return project


def dbt_ai(*arguments: str, answer: str = "") -> Result:
    return CliRunner().invoke(cli, list(arguments), input=answer)


def test_another_model_is_asked_once_and_compared_with_what_is_stored(built: Project, counting: Endpoint):
    declined = dbt_ai("compare", "answers", "--model", "other", "--rows", "8", answer="n\n")
    assert declined.exit_code == 1 and "changed (model other): 5 new inputs in 5 requests" in declined.stderr
    assert "current: 0 new inputs" in declined.stderr and counting.counters()["requests"] == 5
    made = dbt_ai("compare", "answers", "--model", "other", "--rows", "8", "--yes", "--output", "json")
    assert made.exit_code == 0, made.output
    found = json.loads(made.stdout)
    assert (found["rows"], found["agreeing"], found["labelled"]) == (8, 8, 8)
    assert (found["a"]["requests"], found["b"]["requests"], counting.counters()["requests"]) == (0, 5, 10)
    assert found["a"]["cost_usd"] == pytest.approx(found["b"]["cost_usd"]) and found["b"]["latency_p95"] > 0
    again = dbt_ai("compare", "answers", "--prompt", "Say it's so.", "--rows", "3", "--yes")
    assert again.exit_code == 0 and 'prompt "Say it\'s so."' in again.stdout and counting.counters()["requests"] == 13
    page = built.path / "report.html"
    assert dbt_ai("report", "-o", str(page)).exit_code == 0
    assert "Say it&#39;s so." in page.read_text() and "The answers to <strong>100 %</strong> of 3 rows" in page.read_text()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "nothing differs; give --model, --prompt or --parameters"),
        (["--model", "rows"], "--model 'rows' is no external model of the project"),
        (["--model", "embedder"], "--model 'embedder' is of model_type EMBEDDINGS, and compare asks for texts; give a CHAT model"),
        (["--parameters", "[1]"], "--parameters is '[1]'; give a mapping in YAML"),
        (["--prompt", "x", "--column", "answr", "--yes"], 'cannot be read: Binder Error: Referenced column "answr" not found'),
    ],
)
def test_what_cannot_be_compared_is_one_sentence(built: Project, arguments: list[str], said: str):
    told = dbt_ai("compare", "answers", *arguments)
    assert told.exit_code == 1 and said in told.stderr and "new input" not in told.stderr
    assert not Path("target/dbt_ai_compare").exists()
