"""A newcomer's first hour: the page is followed block by block, on a shop of its own; then each mistake that it lists is made."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from answering import answering_server
from conftest import REPOSITORY, Project, free_port

PAGE = (REPOSITORY / "docs/first_hour.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+) ?(\S*)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
MISTAKES = re.findall(r"^\| (.+) \| `(.+)` \|$", PAGE.partition("## Mistakes")[2], re.MULTILINE)
OPENAI = "https://api.openai.com"
KEY = "sk-0"
WRONG_KEY = "sk-6fd1c07b"


def respond(path: str, headers: Mapping[str, str], asked: dict[str, Any]) -> tuple[int, str, bytes]:
    """As OpenAI answers: 401 to another key, 404 to a model that it has not, else the first label or a sentence."""
    key = headers["Authorization"].removeprefix("Bearer ")
    if key != KEY:
        return (
            401,
            "application/json",
            json.dumps({"error": {"message": f"Incorrect API key provided: {key}."}}).encode(),
        )
    if asked["model"] != "gpt-4o-mini":
        return 404, "application/json", json.dumps({"error": {"message": f"The model `{asked['model']}` does not exist."}}).encode()
    labels = re.findall(r'"enum": \[(.*?)\]', json.dumps(asked.get("response_format")))
    content = json.loads(f"[{labels[0]}]")[0] if labels else "We are sorry to hear that."
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": content}}
    answer = {"choices": [choice], "usage": {"prompt_tokens": 60, "completion_tokens": 5}}
    return 200, "application/json", json.dumps(answer).encode()


class Shop(Project):
    """The project of the page. Its endpoint is on loopback, in OpenAI's place."""

    url: str = ""

    @property
    def database(self) -> Path:
        return self.path / "jaffle_shop.duckdb"

    def follow(self, language: str, name: str, text: str) -> str:
        """Do what a block says. Returns what was printed."""
        if name:
            self.write({name: text})
        lines = text.splitlines() if language == "sh" else []
        printed = "".join(self.type(line) for line in lines)
        self.go_to_loopback()
        return printed

    def type(self, line: str) -> str:
        """Run a line as a shell would. dbt runs in this process, which is quicker."""
        variables, command = re.fullmatch(r"((?:\w+=\w+ )*)(.*)", line).groups()  # type: ignore[union-attr]
        given = dict(pair.split("=") for pair in variables.split())
        if command.startswith("export "):
            name, _, value = command.removeprefix("export ").partition("=")
            self.env[name] = str(REPOSITORY) if "package-path" in value else value.strip("'").replace("sk-…", KEY)
            return ""
        if command.startswith("dbt "):
            before = dict(self.env)
            self.env.update(given)
            run = self.dbt(*shlex.split(command)[1:])
            self.env = before
            assert run.ok, run.output
            return run.output + "\n"
        if command.startswith("pip "):
            return ""
        ours = f"{shlex.quote(sys.executable)} -m dbt_ai.commands.cli "
        shell = command.replace("dbt-ai ", ours, 1) if command.startswith("dbt-ai ") else command
        done = subprocess.run(shell, shell=True, cwd=self.path, env=self.environment(), capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def go_to_loopback(self) -> None:
        """What names OpenAI names the endpoint; loopback has no price, so that it is told one."""
        for name in ("profiles.yml", "models/dbt_ai/llm.sql"):
            path = self.path / name
            text = path.read_text() if path.exists() else ""
            if OPENAI in text:
                path.write_text(text.replace(OPENAI, self.url))
        self.configure_plugin(prices=[{"model": "llm", "input_per_million": 0.15, "output_per_million": 0.6}])

    def configure_plugin(self, **config: Any) -> None:
        path = self.path / "profiles.yml"
        profile = yaml.safe_load(path.read_text()) if path.exists() else {"jaffle_shop": {"outputs": {"dev": {}}}}
        for plugin in profile["jaffle_shop"]["outputs"]["dev"].get("plugins", []):
            plugin["config"] = {name: value for name, value in {**plugin["config"], **config}.items() if value is not None}
            path.write_text(yaml.safe_dump(profile))


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Shop, list[tuple[str, str]]]]:
    """The shop when the hour is over; and beside each text of the page what was printed before it."""
    with answering_server(respond) as url:
        shop = Shop(tmp_path_factory.mktemp("first hour"))
        shop.url = url
        told, printed = [], ""
        for language, name, text in BLOCKS:
            if language == "text":
                told.append((text, printed))
            elif language != "mermaid":
                printed = shop.follow(language, name, text) or printed
        yield shop, told


def as_pattern(line: str) -> str:
    return ".*".join(re.escape(part.strip()) for part in line.split("…"))


def test_what_the_page_says_is_printed_is_printed(followed: tuple[Shop, list[tuple[str, str]]]):
    _, told = followed
    assert len(told) == PAGE.count("```text\n") == 6
    for text, printed in told:
        for line in text.splitlines():
            assert re.search(as_pattern(line), printed), f"{line}\nis not in\n{printed}"


QUESTION = """{{ config(materialized='ai_table') }}
select {{ dbt_ai.ai_query(ref('llm'), "'What now? ' || body") }} as answer from {{ ref('stg_reviews') }}"""


@contextmanager
def as_it_was(shop: Shop) -> Iterator[None]:
    """Whatever is changed meanwhile is put back."""
    env, files = dict(shop.env), {name: (shop.path / name).read_text() for name in ("profiles.yml", "models/dbt_ai/llm.sql")}
    try:
        yield
    finally:
        shop.env = env
        shop.write(files)
        (shop.path / "models/question.sql").unlink(missing_ok=True)


def ask(shop: Shop, question: str = QUESTION) -> str:
    """Build a model whose answers are not stored."""
    shop.write({"models/question.sql": question})
    return shop.dbt("run", "--select", "llm", "question").output


def ask_doctor_about_an_endpoint_that_is_down(shop: Shop) -> str:
    nobody = f"http://127.0.0.1:{free_port()}"
    for name in ("profiles.yml", "models/dbt_ai/llm.sql"):
        shop.write({name: (shop.path / name).read_text().replace(shop.url, nobody)})
    command = [sys.executable, "-m", "dbt_ai.commands.cli", "doctor"]
    return subprocess.run(command, cwd=shop.path, env=shop.environment(), capture_output=True, text=True, timeout=300).stdout


def ask_model(shop: Shop, model: str) -> str:
    shop.write({"models/dbt_ai/llm.sql": (shop.path / "models/dbt_ai/llm.sql").read_text().replace("gpt-4o-mini", model)})
    return ask(shop)


def ask_with(shop: Shop, **config: Any) -> str:
    shop.configure_plugin(**config)
    return ask(shop)


def ask_in(shop: Shop, **variables: str) -> str:
    shop.env.update(variables)
    return ask(shop)


def ask_without(shop: Shop, variable: str) -> str:
    del shop.env[variable]
    return ask(shop)


def ask_while_another_has_the_database(shop: Shop) -> str:
    program = "import duckdb, sys; held = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", program, shop.database], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None and other.stdout.readline()
        return ask(shop)


def ask_with_macros_of_another_version(shop: Shop) -> str:
    used = shop.path / "dbt_packages/dbt_ai"
    moved = used.rename(shop.path / "moved")
    try:
        used.mkdir()
        for part in ("macros", "adapters"):
            (used / part).symlink_to(REPOSITORY / part)
        project = (REPOSITORY / "dbt_project.yml").read_text()
        (used / "dbt_project.yml").write_text(re.sub(r"^version: .*", "version: 0.0.9", project, flags=re.MULTILINE))
        return shop.dbt("run", "--select", "llm").output
    finally:
        shutil.rmtree(used)
        moved.rename(used)


MADE: dict[str, Callable[[Shop], str]] = {
    "`max_cost: 5` in profiles.yml": lambda shop: ask_with(shop, max_cost=5),
    "`DBT_AI_MODE=mocked`": lambda shop: ask_in(shop, DBT_AI_MODE="mocked"),
    "`return_type='STRUCT<topic TEXTT>'`": lambda shop: ask(shop, QUESTION.replace('body"', "body\", return_type='STRUCT<topic TEXTT>'")),
    "an expression without the outer quotes": lambda shop: ask(shop, QUESTION.replace("\"'What now? ' || body\"", "'What now? ' || body")),
    "a text without the inner quotes, such as `'Summarize this'`": lambda shop: ask(
        shop, QUESTION.replace("\"'What now? ' || body\"", "'Summarize this'")
    ),
    "`.response` without `fail_on_error=false`": lambda shop: ask(shop, QUESTION.replace(" as answer", ".response as answer")),
    "`materialized='table'` without `ai_prefetch`": lambda shop: ask(
        shop, QUESTION.replace("ai_table", "table").replace("What now?", "And now?")
    ),
    "a column that is not there": lambda shop: ask(shop, QUESTION.replace("body", "bdy")),
    "no key in the environment": lambda shop: ask_without(shop, "OPENAI_SECRET"),
    "a wrong key": lambda shop: ask_in(shop, OPENAI_SECRET='{"Bearer": "' + WRONG_KEY + '"}'),
    "`model = 'gpt-4o-minni'`": lambda shop: ask_model(shop, "gpt-4o-minni"),
    "the endpoint is down": ask_doctor_about_an_endpoint_that_is_down,
    "`max_requests: 1`, and more are needed": lambda shop: ask_with(shop, max_requests=1),
    "a price that nobody knows, with `max_cost_usd`": lambda shop: ask_with(shop, prices=None),
    "another dbt has the database open": ask_while_another_has_the_database,
    "macros of another version than the runtime": ask_with_macros_of_another_version,
}


def test_every_mistake_of_the_page_is_made():
    assert {mistake for mistake, _ in MISTAKES} == set(MADE)


@pytest.mark.parametrize(("mistake", "sentence"), MISTAKES)
def test_a_mistake_is_told_in_the_words_of_the_page(followed: tuple[Shop, list[tuple[str, str]]], mistake: str, sentence: str):
    shop, _ = followed
    with as_it_was(shop):
        told = MADE[mistake](shop)
    assert re.search(as_pattern(sentence), told), told
    assert "Traceback" not in told and WRONG_KEY not in told
