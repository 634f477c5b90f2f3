"""`dbt-ai store show`."""

import json
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from dbt_ai.call_constant import parse_call
from dbt_ai.commands.cli import cli
from dbt_ai.request import Requests
from dbt_ai.response import Delivery, Responses
from dbt_ai.store.duckdb_store import DuckDBStore
from dbt_ai.store.schema import Tables
from dbt_ai.tokens import TokenCount

CALL = parse_call(
    json.dumps(
        {
            "function": "ai_query",
            "model": {"name": "llm", "location": "https://host.test/v1", "api_format": "OpenAI", "model_type": "CHAT", "model": "small"},
            "messages": [{"role": "system", "content": "Label it."}],
        }
    )
)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "answers.duckdb"
    with duckdb.connect(str(path)) as connection:
        for keep_inputs, node, count in ((True, "model.shop.labels", 1), (False, "model.shop.others", 25)):
            store = DuckDBStore(connection.cursor, Tables("dbt_ai"), keep_inputs=keep_inputs)
            texts = [f"{node} {number}\nsecond line\x1b[2J" for number in range(count)]
            requests = Requests(CALL, texts, CALL.keys(texts))
            store.put([Delivery(requests, range(count), Responses(["billing"] * count, tokens=TokenCount(30, 3)))], node)
    return path


def show(database: Path, *arguments: str) -> str:
    result = CliRunner().invoke(cli, ["store", "--database", str(database), "show", *arguments])
    return str(result.output)


def test_an_answer_is_shown_beside_what_was_asked_in_harmless_text(database: Path):
    shown = show(database, "--node", "labels")
    assert "\x1b" not in shown and "model.shop.labels 0\n        second line\\x1b[2J" in shown
    assert 'prompt  [{"role": "system", "content": "Label it."}]' in shown and "answer  billing" in shown
    assert "asked   ai_query by small for labels at" in shown
    key = shown.split()[1]
    assert show(database, "--key", key[:8].upper()) == shown


def test_what_was_not_kept_is_said_and_a_long_list_ends(database: Path):
    shown = show(database, "--node", "model.shop.others")
    assert shown.count("not kept; keep_inputs: true") == 20 and "… and 5 more; --key shows one" in shown


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(["--node", "nobody"], "no stored answer is of node 'nobody'"), ([], "this means every answer; say which ones")],
)
def test_a_question_that_cannot_be_answered_is_one_sentence(database: Path, arguments: list[str], said: str):
    assert said in show(database, *arguments)
