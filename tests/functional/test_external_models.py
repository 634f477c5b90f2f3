"""External models on DuckDB: created, altered, granted and dropped, with a catalog that stays true."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest
import yaml
from conftest import Project, Server
from models import LLM, external_model

EMBEDDER = """{{ config(grants={'execute': ['reporter', 'analyst']}) }}
{{ dbt_ai.create_external_model(location='mock:', api_format='Mock', model_type='embeddings', model='m',
     parameters='{"Dimensions": "8"}', authorization='AI_User') }}"""


def catalog(project: Project, columns: str = "name, model") -> list[tuple[Any, ...]]:
    return project.query(f"select {columns} from dbt_ai.external_models order by schema_name, name")


def operation(project: Project, macro: str, **arguments: Any) -> str:
    run = project.dbt("run-operation", macro, "--args", json.dumps(arguments))
    assert run.ok, run.output
    return run.output


def test_a_model_file_is_in_the_catalog_until_it_is_deleted(project: Project):
    project.write({"models/embedder.sql": EMBEDDER, "models/other.sql": "select 1 as a"})
    project.dbt("run", check=True)
    columns = "name, location, api_format, model_type_desc, model, parameters, owner, privileges_enforced, grants, node"
    assert catalog(project, columns) == [
        ("embedder", "mock:", "Mock", "EMBEDDINGS", "m", '{"dimensions": 8}', "AI_User", False,
         json.dumps([{"privilege": "EXECUTE", "grantee": who} for who in ("reporter", "analyst")]), "model.project.embedder")
    ]  # fmt: skip
    [(number, created, modified)] = catalog(project, "external_model_id, create_time, modify_time")
    assert isinstance(created, datetime) and created == modified

    project.dbt("run", check=True)
    assert catalog(project, "external_model_id, create_time, modify_time") == [(number, created, modified)]

    project.write({"models/embedder.sql": EMBEDDER.replace("'m'", "'m2'")})
    project.dbt("run", check=True)
    [(same_number, same_created, later, model)] = catalog(project, "external_model_id, create_time, modify_time, model")
    assert (same_number, same_created, model) == (number, created, "m2") and later > modified

    (project.path / "models/embedder.sql").unlink()
    run = project.dbt("run", check=True)
    assert "no longer in the project, and forgotten: external model embedder" in run.output
    assert catalog(project) == []


def test_the_catalog_has_the_columns_of_sys_external_models_first(project: Project):
    project.write({"models/embedder.sql": EMBEDDER})
    project.dbt("run", check=True)
    columns = project.query("select column_name from (describe dbt_ai.external_models)")
    assert [name for (name,) in columns][:12] == [
        "external_model_id", "name", "principal_id", "location", "api_format", "model_type_id", "model_type_desc", "model",
        "credential_id", "parameters", "create_time", "modify_time",
    ]  # fmt: skip


def test_a_model_made_by_hand_is_used_by_name_altered_granted_listed_and_dropped(project: Project):
    made = {"location": "mock:", "api_format": "Mock", "model_type": "EMBEDDINGS", "model": "m", "parameters": {"dimensions": 4}}
    operation(project, "create_external_model", name="by_hand", **made)
    operation(project, "create_external_model", name="by_hand", **made)
    project.write({"models/vectors.sql": "select {{ dbt_ai.ai_embed('by_hand', \"'text'\") }} as vector"})
    project.dbt("run", check=True)
    assert project.query("select typeof(vector) from vectors") == [("FLOAT[4]",)]

    operation(project, "grant_external_model", name="by_hand", to=["reporter", "analyst"])
    operation(project, "grant_external_model", name="by_hand", to="reporter")
    operation(project, "revoke_external_model", name="by_hand", **{"from": "analyst"})
    operation(project, "alter_external_model", name="by_hand", parameters={"dimensions": 16})
    assert "by_hand: EMBEDDINGS m by Mock at mock:" in operation(project, "list_external_models")
    assert catalog(project, "name, parameters, grants, privileges_enforced") == [
        ("by_hand", '{"dimensions": 16}', '[{"privilege": "EXECUTE", "grantee": "reporter"}]', False)
    ]
    project.dbt("run", check=True)
    assert project.query("select typeof(vector) from vectors") == [("FLOAT[16]",)]

    operation(project, "drop_external_model", name="by_hand")
    operation(project, "drop_external_model", name="by_hand")
    assert catalog(project) == []
    run = project.dbt("run")
    assert "external model 'by_hand' is not in" in run.output


def test_hooks_create_and_grant_at_the_start_of_a_run(project: Project):
    hooks = [
        "{{ dbt_ai.create_external_model(name='hooked', location='mock:', api_format='Mock', model_type='CHAT', model='c') }}",
        "{{ dbt_ai.grant_external_model('hooked', 'reporter') }}",
    ]
    project.write(
        {
            "dbt_project.yml": json.dumps({"name": "project", "version": "1.0.0", "profile": "project", "on-run-start": hooks}),
            "models/answers.sql": "{{ config(materialized='table') }} select {{ dbt_ai.ai_query('hooked', \"'question'\") }} as answer",
        }
    )
    project.dbt("run", check=True)
    assert catalog(project, "name, node, grants") == [("hooked", None, '[{"privilege": "EXECUTE", "grantee": "reporter"}]')]
    assert project.query("select answer is not null from answers") == [(True,)]


FIELDS = {"location": "https://api.openai.com/v1/embeddings", "api_format": "OpenAI", "model_type": "EMBEDDINGS", "model": "m"}


def model_file(**fields: Any) -> str:
    return external_model(**{**FIELDS, **fields})


def test_a_model_that_cannot_work_is_refused_before_it_is_used(project: Project):
    refused = {
        "shape": ({"location": "https://api.openai.com/v1/completions"}, "/v1/completions' is not where OpenAI takes EMBEDDINGS"),
        "plain_http": ({"location": "http://vllm.internal:8000/v1/embeddings"}, "add 'http://vllm.internal:8000' to allowed_hosts"),
        "dots": ({"location": "https://api.openai.com/v1/../v1/embeddings"}, "dot segments"),
        "misspelt_format": ({"api_format": "OpenIA"}, "api_format 'OpenIA' is not known; use one of"),
        "unknown_type": ({"model_type": "IMAGES"}, "model_type 'IMAGES' is not known; use one of EMBEDDINGS, CHAT"),
        "other_host": ({"credential": "https://openai.com"}, "not sent to 'https://api.openai.com/v1/embeddings': rule 4"),
        "no_credential": ({"credential": "https://h.example"}, "credential 'https://h.example' is not configured"),
        "local_path": ({"local_runtime_path": "/opt"}, "local_runtime_path '/opt' belongs to api_format 'ONNX Runtime' only"),
        "native": ({"native": {"snowflak": "x"}}, "native names engine 'snowflak'"),
    }
    project.configure(credentials=[{"name": "https://openai.com", "secret_env": "OPENAI_SECRET"}])
    project.write({f"models/{name}.sql": model_file(**fields) for name, (fields, _) in refused.items()})
    run = project.dbt("run")
    assert not run.ok
    for name, (_, sentence) in refused.items():
        assert f"external model '{name}': " in run.message(name) and sentence in run.message(name), run.message(name)


@pytest.mark.parametrize("parameters", ["{", {"dimensions": 0}, {"sql_rest_options": {"retry_count": 11}}])
def test_parameters_that_cannot_work_are_refused_while_dbt_parses(project: Project, parameters: Any):
    project.write({"models/embedder.sql": model_file(parameters=parameters)})
    assert "Compilation Error in model embedder" in project.dbt("parse").output


INCREMENTAL = """{{ config(materialized='incremental', pre_hook='{{ dbt_ai.ai_prefetch() }}') }}
select i, {{ dbt_ai.ai_embed(ref('embedder'), "'text ' || i") }} as embedding from range({{ var('rows') }}) t(i)
{% if is_incremental() %} where i not in (select i from {{ this }}) {% endif %}"""


def test_a_column_of_one_length_refuses_vectors_of_another_with_both_numbers(project: Project, embedding_server: Server):
    """The endpoint does not say its length beforehand, so the column is FLOAT[], which DuckDB itself would mix."""
    project.write(
        {
            "models/embedder.sql": model_file(location=f"{embedding_server.url}/v1/embeddings"),
            "models/vectors.sql": INCREMENTAL,
        }
    )
    project.dbt("run", "--vars", "{rows: 2}", check=True)
    [(type, length)] = project.query("select distinct typeof(embedding), len(embedding) from vectors")
    assert type == "FLOAT[]"
    project.dbt("run", "--vars", "{rows: 3}", check=True)

    project.write({"models/embedder.sql": model_file(location="mock:", api_format="Mock", parameters={"dimensions": 8})})
    run = project.dbt("run", "--vars", "{rows: 4}")
    assert f"has vectors of {length} dimensions, and this run would add vectors of 8; keep the external model" in " ".join(
        run.message("vectors").split()
    )
    assert project.query("select count(*), count(distinct len(embedding)) from vectors") == [(3, 1)]
    project.dbt("run", "--full-refresh", "--vars", "{rows: 4}", check=True)
    assert project.query("select distinct len(embedding) from vectors") == [(8,)]


def test_an_altered_model_asks_anew_and_one_altered_back_asks_nothing(project: Project):
    answers = "select {{ dbt_ai.ai_embed(ref('embedder'), 'body') }} as v from (values ('a'), ('b'), ('a')) t(body)"
    other = "{{ dbt_ai.create_external_model(location='mock:', api_format='Mock', model_type='EMBEDDINGS', model='other') }}"
    project.write(
        {
            "models/embedder.sql": EMBEDDER,
            "models/other.sql": other,
            "models/vectors.sql": "{{ config(materialized='ai_table') }} " + answers,
            "models/unrelated.sql": "{{ config(materialized='ai_table') }} " + answers.replace("embedder", "other"),
        }
    )
    stored = "select count(*) from dbt_ai.responses"
    project.dbt("run", check=True)
    assert project.query(stored) == [(4,)]
    project.write({"models/embedder.sql": EMBEDDER.replace('"8"', '"16"')})
    project.dbt("run", check=True)
    assert project.query(stored) == [(6,)] and project.query("select distinct typeof(v) from vectors") == [("FLOAT[16]",)]
    project.write({"models/embedder.sql": EMBEDDER})
    project.dbt("run", check=True)
    assert project.query(stored) == [(6,)] and project.query("select distinct typeof(v) from vectors") == [("FLOAT[8]",)]


def test_identity_keeps_answers_across_a_move_to_another_host(project: Project, embedding_server: Server):
    moved = embedding_server.url.replace("127.0.0.1", "localhost")
    vectors = "{{ config(materialized='ai_table') }} select {{ dbt_ai.ai_embed(ref('embedder'), \"'text'\") }} as v"
    for identity, stored in (("smollm2 in house", 1), (None, 3)):
        for url in (embedding_server.url, moved):
            project.write(
                {"models/embedder.sql": model_file(location=f"{url}/v1/embeddings", identity=identity), "models/vectors.sql": vectors}
            )
            project.dbt("run", check=True)
        assert project.query("select count(*) from dbt_ai.responses") == [(stored,)]


@pytest.fixture
def with_package(project: Project) -> Project:
    """A project and a package that it installs, each with an external model `llm`."""
    project.write(
        {
            "dbt_packages/shared/dbt_project.yml": "{name: shared, version: 1.0.0, models: {shared: {+schema: shared}}}",
            "dbt_packages/shared/models/llm.sql": LLM.replace("'c'", "'theirs'"),
            "models/llm.sql": LLM.replace("'c'", "'ours'"),
            "models/answers.sql": "{{ config(materialized='ai_table') }} select {{ dbt_ai.ai_query(ref('llm'), \"'?'\") }} as ours,"
            " {{ dbt_ai.ai_query(ref('shared', 'llm'), \"'?'\") }} as theirs",
        }
    )
    return project


def test_models_of_one_name_in_two_packages_are_told_apart(with_package: Project):
    project = with_package
    settings = yaml.safe_load((project.path / "dbt_project.yml").read_text())
    settings["models"]["shared"] = {"llm": {"+materialized": "external_model"}}
    project.write({"dbt_project.yml": yaml.safe_dump(settings)})
    project.dbt("run", check=True)
    assert project.query("select count(*) from dbt_ai.responses") == [(2,)]
    (project.path / "target").rename(project.path / "state")
    project.output["schema"] = "dev"
    project.configure()
    project.dbt("run", "--select", "answers", "--defer", "--state", "state", check=True)
    assert project.query("select count(*) from dbt_ai.responses") == [(2,)]


def test_a_project_that_materializes_the_model_of_a_package_otherwise_is_told(with_package: Project):
    message = with_package.dbt("run").message("answers")
    assert "external model 'llm' (models/llm.sql): materialized 'table'" in message
    assert "`llm: {+materialized: external_model}` below `models: shared:`" in message
