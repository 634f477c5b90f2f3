"""Whatever cannot work is refused in one sentence that names the file, the field, the value and what would do."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from answering import answering_server
from conftest import Project
from models import EMBEDDER, LLM, TEXTS, ai_table

EMBED = "select i, {{ dbt_ai.ai_embed(ref('embedder'), 'body') }} as e from {{ ref('texts') }}"


def external_model(**fields: object) -> str:
    given = {"location": "mock:", "api_format": "Mock", "model_type": "EMBEDDINGS", "model": "m", **fields}
    arguments = ", ".join(f"{name}={json.dumps(value)}" for name, value in given.items())
    return "{{ dbt_ai.create_external_model(" + arguments + ") }}"


def openai(location: str, **fields: object) -> str:
    return external_model(location=location, api_format="OpenAI", **fields)


@pytest.mark.parametrize(
    ("model", "sentence"),
    [
        (
            external_model(api_format="OpenIA"),
            "external model 'embedder': api_format 'OpenIA' is not known; use one of Anthropic, Azure OpenAI, ",
        ),
        (
            external_model(model_type="EMBEDDING"),
            "external model 'embedder': model_type 'EMBEDDING' is not known; use one of EMBEDDINGS, CHAT",
        ),
        (openai("api.openai.com/v1/embeddings"), "location 'api.openai.com/v1/embeddings'"),
        (openai("http://llm.example.com/v1/embeddings"), "http"),
        (
            external_model(location="file:///no/such/folder", api_format="Sentence Transformers"),
            "external model 'embedder': location 'file:///no/such/folder'",
        ),
        (external_model(model_type="CHAT"), "ai_embed needs an external model of model_type EMBEDDINGS; 'embedder' is CHAT"),
    ],
    ids=["api_format", "model_type", "no URL", "plain http", "no folder", "chat model in ai_embed"],
)
def test_a_specification_that_cannot_work_is_refused(project: Project, model: str, sentence: str):
    project.write({"models/embedder.sql": model, "models/texts.sql": TEXTS, "models/answers.sql": ai_table(EMBED)})
    run = project.dbt("run")
    assert not run.ok
    assert sentence in run.output
    assert not project.query("from duckdb_tables() where table_name like 'answers%'")


def test_an_embedding_model_in_ai_query_is_refused(project: Project):
    project.write(
        {"models/embedder.sql": EMBEDDER, "models/answers.sql": ai_table("select {{ dbt_ai.ai_query(ref('embedder'), \"'hello'\") }} as q")}
    )
    assert "ai_query needs an external model of model_type CHAT; 'embedder' is EMBEDDINGS" in project.dbt("run").output


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        ("ai_query(ref('llm'), ref('texts'))", "ai_query: request is a relation: give a SQL expression over its columns as text"),
        ("ai_rank(\"'q'\", ref('llm'), 'body')", "ai_rank: query is a relation: give a SQL expression over its columns as text"),
    ],
)
def test_a_relation_in_the_place_of_an_expression_is_told(project: Project, call: str, sentence: str):
    answers = ai_table("select {{ dbt_ai." + call + " }} as a")
    project.write({"models/llm.sql": LLM, "models/texts.sql": TEXTS, "models/answers.sql": answers})
    assert sentence in project.dbt("parse").output


def test_a_model_that_is_no_external_model_is_named(project: Project):
    project.write(
        {"models/texts.sql": TEXTS, "models/answers.sql": ai_table("select {{ dbt_ai.ai_query(ref('texts'), \"'hello'\") }} as q")}
    )
    assert "'texts' is not an external model: its file must call dbt_ai.create_external_model" in project.dbt("run").output


def test_without_the_plugin_line_the_lines_to_add_are_printed(project: Project):
    project.output["plugins"] = []
    project.configure()
    project.write({"models/llm.sql": LLM, "models/answers.sql": ai_table("select {{ dbt_ai.ai_query(ref('llm'), \"'hello'\") }} as q")})
    run = project.dbt("run")
    assert "the dbt_ai plugin is missing in profile 'project', target 'dev': add to that output in profiles.yml" in run.output
    assert "- module: dbt_ai" in run.output


def test_a_setting_that_is_not_known_names_what_is(project: Project):
    project.configure(mode="cheap")
    project.write({"models/llm.sql": LLM})
    assert "plugin dbt_ai: mode 'cheap' is not known; use one of live, estimate, record, replay, mock" in project.dbt("run").output


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        ({"max_cost": 1, "mod": "live"}, "plugin dbt_ai: max_cost is not known; did you mean max_cost_usd?"),
        ({"max_cost_usd": float("nan")}, "plugin dbt_ai: max_cost_usd is nan; give a number of at least 0"),
        ({"node_seconds": float("inf")}, "plugin dbt_ai: node_seconds is inf; give a number of at least 0"),
        ({"prices": [{"model": "c", "input_per_million": float("nan")}]}, "plugin dbt_ai: prices of 'c': input_per_million is nan"),
        ({"prices": [{"model": "c", "input_per_milion": 1, "input_per_million": 1}]}, "did you mean input_per_million?"),
        ({"endpoints": [{"url": "https://x", "max_in_fligth": 4}]}, "max_in_fligth is not known; did you mean max_in_flight?"),
        (
            {"credentials": [{"name": "https://x", "secretenv": "X"}]},
            "secretenv is not known for identity HTTPEndpointHeaders; did you mean",
        ),
    ],
)
def test_a_budget_or_a_limit_that_would_have_no_effect_is_refused(project: Project, config: dict[str, object], sentence: str):
    project.configure(**config)
    project.write({"models/llm.sql": LLM})
    run = project.dbt("run")
    assert not run.ok
    assert sentence in run.output


def test_settings_of_duckdb_itself_are_not_taken_for_ours(project: Project):
    project.output["settings"] = {"memory_limit": "1GB", "schema": "main"}
    project.configure(max_requests=5)
    project.write({"models/llm.sql": LLM, "models/answers.sql": ai_table("select {{ dbt_ai.ai_query(ref('llm'), \"'hello'\") }} as q")})
    project.dbt("run", check=True)
    assert project.query("select count(*) from dbt_ai.responses") == [(1,)]


@pytest.mark.parametrize(
    ("meta", "sentence"),
    [
        ("{'alow_large_plan': true}", "alow_large_plan is not known; use allow_large_plan, map, way, execution, wait or batch_above"),
        ("{'allow_large_plan': 'no'}", 'allow_large_plan is "no"; give true or false'),
        ("{'map': {'vectr': 'v'}}", "of which color and text may be left out"),
        ("'runtime'", "is runtime, which is not a mapping"),
    ],
)
def test_an_option_of_a_model_that_is_not_known_is_refused(project: Project, meta: str, sentence: str):
    answers = (
        "{{ config(materialized='ai_table', meta={'dbt_ai': " + meta + "}) }} select {{ dbt_ai.ai_query(ref('llm'), \"'hello'\") }} as q"
    )
    project.write({"models/llm.sql": LLM, "models/answers.sql": answers})
    run = project.dbt("run")
    assert not run.ok
    assert sentence in run.output and "model.project.answers" in run.output


def test_a_variable_of_ours_that_is_not_known_is_refused(project: Project):
    project.write({"models/llm.sql": LLM, "models/answers.sql": ai_table("select {{ dbt_ai.ai_query(ref('llm'), \"'hello'\") }} as q")})
    run = project.dbt("run", "--vars", "{dbt_ai: {wya: native}}")
    assert not run.ok
    assert "vars: dbt_ai: wya is not known" in run.output


@pytest.mark.parametrize(
    ("credentials", "sentence"),
    [
        ([], "credential 'https://llm.example.com'"),
        ([{"name": "https://llm.example.com", "identity": "HTTPEndpointHeaders", "secret_env": "NO_SUCH_VARIABLE"}], "NO_SUCH_VARIABLE"),
    ],
    ids=["not configured", "variable not set"],
)
def test_a_missing_secret_is_named_before_anything_is_sent(project: Project, credentials: list[dict[str, str]], sentence: str):
    project.configure(credentials=credentials)
    model = openai("https://llm.example.com/v1/embeddings", credential="https://llm.example.com")
    project.write({"models/embedder.sql": model, "models/texts.sql": TEXTS, "models/answers.sql": ai_table(EMBED)})
    run = project.dbt("run")
    assert sentence in run.output
    assert not project.query("from duckdb_tables() where table_name like 'answers%'")


# What is waited before more retries is the subject of other tests.
RETRIED_ONCE = {"retry_count": 1}
Answering = Callable[[int], tuple[int, str, bytes]]


@pytest.fixture
def answering() -> Iterator[Callable[[Answering], str]]:
    """A server on loopback whose answer to a request for n vectors is the given function of n: status, content type, body."""
    with ExitStack() as running:

        def start(answer: Answering) -> str:
            server = running.enter_context(answering_server(lambda path, headers, asked: answer(len(asked["input"]))))
            return f"{server}/v1/embeddings"

        yield start


def vectors(count: int, length: int) -> bytes:
    return json.dumps({"data": [{"index": index, "embedding": [1.0] * length} for index in range(count)]}).encode()


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (lambda n: (401, "application/json", b'{"error": {"message": "Invalid API key"}}'), "401 Invalid API key"),
        (lambda n: (404, "text/plain", b"no such route"), "404 no such route"),
        (lambda n: (200, "text/html", b"<html>Welcome</html>"), "the answer is not JSON but begins '<html>Welcome</html>'"),
        (lambda n: (200, "application/json", vectors(n - 1, 4)), "the endpoint answered 0 vectors to 1 input"),
        (lambda n: (200, "application/json", vectors(n, 5)), "answered vectors of 5 dimensions where 4 were expected"),
    ],
    ids=["401", "404", "HTML", "too few vectors", "another dimension"],
)
def test_an_endpoint_that_answers_nonsense_fails_the_node_and_keeps_the_old_table(
    project: Project, answering: Callable[[Answering], str], answer: Answering, sentence: str
):
    parameters = {"dimensions": 4, "sql_rest_options": RETRIED_ONCE}
    project.write({"models/embedder.sql": openai(answering(answer), parameters=parameters), "models/texts.sql": TEXTS})
    project.write({"models/answers.sql": "select 'old' as version"})
    project.dbt("run", check=True)
    project.write({"models/answers.sql": ai_table(EMBED)})
    run = project.dbt("run")
    assert not run.ok
    assert sentence in run.output
    assert project.query("from answers") == [("old",)]
    assert project.query("select count(*) from dbt_ai.responses") == [(0,)]


def test_an_endpoint_that_is_down_is_named_with_its_address(project: Project):
    project.write(
        {
            "models/embedder.sql": openai("http://127.0.0.1:9/v1/embeddings", parameters={"sql_rest_options": RETRIED_ONCE}),
            "models/texts.sql": TEXTS,
            "models/answers.sql": ai_table(EMBED),
        }
    )
    run = project.dbt("run")
    assert "127.0.0.1" in run.message("answers")
    assert "10 of 10 requests failed" in run.message("answers")


def test_one_bad_row_is_one_error_value(project: Project):
    rows = "from (values (1, 'text'), (2, ''), (3, null)) t(i, body)"
    embed = "{{ dbt_ai.ai_embed(ref('embedder'), 'body'%s) }}"
    project.write(
        {"models/embedder.sql": EMBEDDER, "models/answers.sql": ai_table(f"select i, {embed % ', fail_on_error=false'} as e {rows}")}
    )
    project.dbt("run", check=True)
    answers = project.query("select i, e is null, e.response is null, e.errorStatus from answers order by i")
    assert answers == [(1, False, False, None), (2, False, True, "empty input: an embedding needs some text"), (3, True, True, None)]
    project.write({"models/answers.sql": ai_table(f"select i, {embed % ''} as e {rows}")})
    assert "model.project.answers: 1 of 2 requests failed (1 × empty input" in project.dbt("run").message("answers")


@pytest.mark.parametrize(
    ("expression", "sentence"),
    [
        ("body -- the text", 'ai_query: request "body -- the text" has a comment in it (--); give the SQL expression alone'),
        ("body;", 'ai_query: request "body;" has the end of a statement in it (;); give the SQL expression alone'),
    ],
)
def test_an_expression_that_would_break_the_sql_around_it_is_refused(project: Project, expression: str, sentence: str):
    answers = ai_table("select {{ dbt_ai.ai_query(ref('llm'), " + json.dumps(expression) + ") }} as a from {{ ref('texts') }}")
    project.write({"models/llm.sql": LLM, "models/texts.sql": TEXTS, "models/answers.sql": answers})
    assert sentence in project.dbt("parse").output


def test_what_the_strings_of_an_expression_hold_is_theirs_and_settings_that_nobody_reads_are_told(project: Project):
    expressions = ["'a -- b; ' || body", "'it''s; --' || body", "$$;--$$ || body", "body /* ; */"]
    calls = ", ".join(
        "{{ dbt_ai.ai_query(ref('llm'), " + json.dumps(text) + f") }}}} as a{number}" for number, text in enumerate(expressions)
    )
    project.write(
        {"models/llm.sql": LLM, "models/texts.sql": TEXTS, "models/answers.sql": ai_table(f"select {calls} from {{{{ ref('texts') }}}}")}
    )
    run = project.dbt("run", "--vars", "{dbt_ai: {max_requests: 3, way: runtime}}", check=True)
    assert "vars: dbt_ai: max_requests is for warehouses and not read here" in run.output
    for settings, sentence in {
        "mock": "vars: dbt_ai is mock, which is not a mapping; write `dbt_ai: {mode: live}`",
        "{mod: mock}": "vars: dbt_ai: mod is not known; use one of schema, mode",
        "{way: rutnime}": "vars: dbt_ai: {way: …} is 'rutnime'; use native or runtime",
    }.items():
        assert sentence in project.dbt("run", "--select", "texts", "--vars", f"{{dbt_ai: {settings}}}").output
