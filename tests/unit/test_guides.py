"""The blocks of the guides are true: files exist as they are shown, settings can be read, commands have their options."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from dbt_ai.commands.cli import cli
from dbt_ai.settings import Settings

ROOT = Path(__file__).parents[2]
WORKFLOW = "examples/ci/dbt_ai.yml"
GUIDES = ("ci", "data_protection", "migrating", "troubleshooting", "upgrading")
# Each block: its page, language, name and text. One of `text` is only shown; tests/functional/test_migrating.py builds the models.
BLOCKS = [
    (guide, *block)
    for guide in GUIDES
    for block in re.findall(
        r"^```(\w*) ?(\S*)\n(.*?)^```", (ROOT / f"docs/{guide}.md").read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
]


def blocks(language: str, named: bool = False) -> list[Any]:
    return [
        pytest.param(text, id=f"{guide}: {text.splitlines()[0][:40]}")
        for guide, found, name, text in BLOCKS
        if found == language and bool(name) == named
    ]


def program_of_the_comment() -> str:
    """What jq runs in the workflow."""
    [step] = yaml.safe_load((ROOT / WORKFLOW).read_text(encoding="utf-8"))["jobs"]["comment"]["steps"]
    return str(shlex.split(step["run"])[2])


def test_every_block_of_a_guide_is_checked_or_only_shown():
    kinds = {(language, bool(name)) for _, language, name, _ in BLOCKS}
    assert kinds <= {("sh", False), ("yaml", False), ("yaml", True), ("sql", False), ("sql", True), ("text", False)}


def test_the_workflow_on_the_page_is_the_file_that_our_own_ci_checks():
    [shown] = [text for _, _, name, text in BLOCKS if name == ".github/workflows/dbt_ai.yml"]
    assert shown == (ROOT / WORKFLOW).read_text(encoding="utf-8")
    assert WORKFLOW in (ROOT / "Makefile").read_text(encoding="utf-8")


@pytest.mark.parametrize("text", blocks("yaml"))
def test_settings_on_a_page_can_be_read(text: str):
    Settings.from_config(yaml.safe_load(text))


@pytest.mark.parametrize("text", blocks("yaml", named=True))
def test_a_file_on_a_page_is_yaml(text: str):
    assert isinstance(yaml.safe_load(text), dict)


@pytest.mark.parametrize("text", blocks("sh"))
def test_a_command_on_a_page_has_its_options(text: str):
    for line in text.splitlines():
        words = [word for word in shlex.split(line, comments=True) if not re.fullmatch(r"[A-Z_]+=\S*", word)]
        if words[:1] == ["dbt-ai"]:
            command: Any = cli
            while words[1:] and words[1] in getattr(command, "commands", {}):
                command, words = command.commands[words[1]], words[1:]
            known = {option for parameter in command.params for option in parameter.opts}
            assert {word for word in words if re.match(r"--?[a-z]", word)} <= known, line
        else:
            assert words[0] in ("dbt", "git", "pip", "export", "duckdb"), line


def sentences() -> list[str]:
    """What the page on troubleshooting says that a user sees."""
    cells = re.findall(r"^\| ([^|]+) \|", (ROOT / "docs/troubleshooting.md").read_text(encoding="utf-8"), re.MULTILINE)
    return [sentence for cell in cells for sentence in re.findall("`([^`]+)`", cell)]


@pytest.fixture(scope="module")
def messages() -> str:
    """The source, with texts that stand on several lines as one; and once more, with `…` for what is put into them."""
    source = "\n".join(
        path.read_text(encoding="utf-8")
        for part in ("dbt_ai", "macros", "adapters")
        for path in (ROOT / part).rglob("*.*")
        if path.suffix in (".py", ".sql")
    )
    source = re.sub(r"""["']\s*\n\s*(~ )?f?["']""", "", source)
    return source + re.sub(r"""\{[^{}\n]*(\{[^{}\n]*\}[^{}\n]*)*\}|["'] ~ [^\n]*? ~ ["']""", "…", source)


@pytest.mark.parametrize("sentence", sentences())
def test_a_sentence_on_the_page_is_one_that_a_user_sees(sentence: str, messages: str):
    for piece in sentence.split("…"):
        assert piece.strip(" ,:;()") in messages


@pytest.mark.skipif(shutil.which("jq") is None, reason="jq is not on this machine")
def test_the_comment_tells_what_is_known_and_what_is_not():
    known = {"new_inputs": 700, "requests": 70, "exact": False, "input_tokens": 9000, "max_cost_usd": 0.25}
    unknown = {**dict.fromkeys(known), "exact": False, "node": "later", "problem": "Table `labels` | is missing"}
    estimate = {"nodes": [{"node": "labels", **known, "problem": None}, unknown], "total": {**known, "max_cost_usd": None}}
    told = subprocess.run(["jq", "-r", program_of_the_comment()], input=json.dumps(estimate), capture_output=True, text=True, check=True)
    assert told.stdout.splitlines()[4:] == [
        "| `labels` | 700 | ≥ 70 | 9000 | $0.25 |",
        "| `later` | not known yet: Table  labels    is missing | | | |",
        "| `total` | 700 | ≥ 70 | 9000 | unknown |",
    ]


def test_the_bytes_of_an_erased_answer_are_gone_from_a_copied_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    [copy] = [text for guide, language, _, text in BLOCKS if (guide, language) == ("data_protection", "sql")]
    monkeypatch.chdir(tmp_path)
    with duckdb.connect("answers.duckdb") as store:
        store.execute("create schema dbt_ai; create table dbt_ai.responses as select 'row ' || i as input from range(1000) t(i)")
        store.execute("insert into dbt_ai.responses values ('ada@example.com')")
    with duckdb.connect("answers.duckdb") as store:
        store.execute("delete from dbt_ai.responses where input like '%ada%'; checkpoint")
    with duckdb.connect() as connection:
        connection.execute(copy)
    with duckdb.connect("answers_copy.duckdb") as copied:
        assert copied.sql("select count(*) from dbt_ai.responses").fetchall() == [(1000,)]
    assert b"ada@example.com" not in Path("answers_copy.duckdb").read_bytes()
