"""Custom models and the gateway of MLflow, reached by the URLs of Databricks model serving."""

import os
import shutil
import subprocess
from contextlib import ExitStack

import pytest
import yaml
from conftest import REPOSITORY, SERVERS, Project, Server, environment, free_port, serve


@pytest.fixture(scope="session")
def workspace(chat_server: Server, tmp_path_factory: pytest.TempPathFactory):
    """Endpoints spam, revenue, shapes (custom models) and chat (an external model, llama.cpp behind the gateway)."""
    folder = tmp_path_factory.mktemp("models")
    bin = environment("mlflow") / "bin"
    env = {**os.environ, "PATH": f"{bin}{os.pathsep}{os.environ['PATH']}", "MLFLOW_DISABLE_TELEMETRY": "true"}
    subprocess.run([bin / "python", SERVERS / "mlflow_models.py", folder], check=True, env=env, capture_output=True)
    model = {"provider": "openai", "name": "smollm2", "config": {"openai_api_key": "none", "openai_api_base": f"{chat_server.url}/v1"}}
    gateway = {"endpoints": [{"name": "chat", "endpoint_type": "llm/v1/chat", "model": model}]}
    (folder / "gateway.yml").write_text(yaml.safe_dump(gateway))
    with ExitStack() as stack:
        routes = []
        for name in ("spam", "revenue", "shapes"):
            port = free_port()
            command = ["mlflow", "models", "serve", "-m", folder / name, "-p", port, "--env-manager", "local", "-w", 1]
            server = stack.enter_context(serve([str(bin / "mlflow"), *map(str, command[1:])], f"http://127.0.0.1:{port}", "/ping", env=env))
            routes.append(f"{name}={server.url}/invocations")
        port = free_port()
        command = ["mlflow", "gateway", "start", "--config-path", folder / "gateway.yml", "--port", port, "--workers", 1]
        server = stack.enter_context(serve([str(bin / "mlflow"), *map(str, command[1:])], f"http://127.0.0.1:{port}", "/health", env=env))
        routes.append(f"chat={server.url}/gateway/chat/invocations")
        port = free_port()
        command = [str(bin / "python"), str(SERVERS / "serving_endpoints.py"), str(port), *routes]
        yield stack.enter_context(serve(command, f"http://127.0.0.1:{port}", "/"))


def endpoint(workspace: Server, name: str, model_type: str = "CUSTOM", parameters: str = "{}") -> str:
    return f"""{{{{ dbt_ai.create_external_model(location='{workspace.url}/serving-endpoints/{name}/invocations', api_format='Databricks',
        model_type='{model_type}', model='{name}', parameters={parameters}) }}}}"""


MESSAGES = """select * from (values (1, 1700000000, 'friend', 'You won a prize'), (2, 1700000001, '+1 555', 'You won a PRIZE'),
    (3, 1700000002, '+1 556', 'It''s {"me": "again"}'), (4, 1700000003, 'x', null)) t(i, ts, from_number, body)"""


def test_a_custom_model_classifies_rows_by_a_struct_of_features(project: Project, workspace: Server):
    project.write(
        {
            "models/spam.sql": endpoint(workspace, "spam"),
            "models/messages.sql": MESSAGES,
            "models/answers.sql": """
                {{ config(materialized='ai_table') }}
                select i, {{ dbt_ai.ai_query(ref('spam'), dbt_ai.ai_struct(timestamp='ts', sender='from_number', text='body'),
                                             return_type='BOOLEAN') }} as is_spam
                from {{ ref('messages') }} where body is not null""",
        }
    )
    project.dbt("run", check=True)
    assert project.query("select i, is_spam from answers order by i") == [(1, False), (2, True), (3, False)]


def test_a_custom_model_takes_whole_rows_many_in_one_request(project: Project, workspace: Server):
    project.write(
        {
            "models/revenue.sql": endpoint(workspace, "revenue", parameters="{'input_format': 'dataframe_split'}"),
            "models/orders.sql": "select range as units, (1 + range % 7)::double as price from range(1000)",
            "models/forecast.sql": """
                {{ config(materialized='ai_table') }}
                select *, {{ dbt_ai.ai_query(ref('revenue'), 'struct(*)', return_type='FLOAT') }} as revenue from {{ ref('orders') }}""",
        }
    )
    project.dbt("run", check=True)
    assert project.query("select count(*), typeof(any_value(revenue)) from forecast where revenue = units * price") == [(1000, "FLOAT")]


@pytest.mark.parametrize("shape", ["dataframe_records", "dataframe_split", "inputs", "instances"])
def test_every_input_format_brings_typed_predictions(project: Project, workspace: Server, shape: str):
    request = "body" if shape in ("inputs", "instances") else "struct(*)"
    project.write(
        {
            "models/shapes.sql": endpoint(workspace, "shapes", parameters=f"{{'input_format': '{shape}'}}"),
            "models/answers.sql": f"""
                {{{{ config(materialized='ai_table') }}}}
                select body, {{{{ dbt_ai.ai_query(ref('shapes'), '{request}',
                    return_type='STRUCT<candidates:ARRAY<STRING>, scores:MAP<STRING,DOUBLE>>', fail_on_error=false) }}}} as answer
                from (values ('one'), ('two "quoted"')) t(body)""",
        }
    )
    project.dbt("run", check=True)
    for body, answer in project.query("select body, answer from answers order by body"):
        assert answer["errorStatus"] is None
        assert answer["response"]["candidates"] == [body]
        assert answer["response"]["scores"] in ({"a": 0.5}, {})


def test_rows_that_make_the_model_raise_are_one_error_each_in_a_batch(project: Project, workspace: Server):
    project.write(
        {
            "models/spam.sql": endpoint(workspace, "spam"),
            "models/answers.sql": """
                {{ config(materialized='ai_table') }}
                select i, {{ dbt_ai.ai_query(ref('spam'), dbt_ai.ai_struct(timestamp='i', sender="'x'", text='body'),
                                             return_type='BOOLEAN', fail_on_error=false) }} as is_spam
                from (select i, case i when 17 then repeat('x', 2000) when 23 then '' else 'prize' || i end as body from range(40) t(i))""",
        }
    )
    project.dbt("run", check=True)
    assert project.query("select count(*) from answers where is_spam.response") == [(38,)]
    errors = dict(project.query("select i, is_spam.errorStatus from answers where is_spam.response is null"))
    assert set(errors) == {17, 23}
    assert errors[17].startswith("500 ") and "text is longer than 1000 characters" in errors[17]
    assert errors[23].startswith("400 ") and errors[23].endswith("ValueError: text is empty")


def test_an_external_model_answers_a_conversation_in_a_struct(project: Project, workspace: Server):
    project.write(
        {
            "models/chat.sql": endpoint(workspace, "chat", "CHAT", "{'max_tokens': 60}"),
            "models/answers.sql": """
                {{ config(materialized='ai_table') }}
                select {{ dbt_ai.ai_query(ref('chat'),
                    dbt_ai.ai_messages(system="'You name things.'", user="'Two names for ' || pet"),
                    return_type="STRUCT<candidates:ARRAY<ENUM('Rex','Tom')>>", fail_on_error=false) }} as answer,
                  {{ dbt_ai.ai_query(ref('chat'), "'A word for ' || pet", model_parameters={'max_tokens': 5},
                    fail_on_error=false) }} as text
                from (values ('a dog'), ('a cat')) t(pet)""",
        }
    )
    project.dbt("run", check=True)
    for answer, text in project.query("select answer, text from answers"):
        assert (answer["response"] is None) != (answer["errorStatus"] is None)
        assert answer["response"] is None or set(answer["response"]["candidates"]) <= {"Rex", "Tom"}
        assert text["errorStatus"] is None or "cut off at 5 tokens" in text["errorStatus"]


def test_the_examples_of_databricks_run(project: Project, workspace: Server):
    examples = REPOSITORY / "integration_tests"
    shutil.copytree(examples / "models/databricks_examples", project.path / "models", dirs_exist_ok=True)
    shutil.copytree(examples / "macros", project.path / "macros")
    project.env["DBT_AI_SERVING_URL"] = workspace.url
    project.dbt("run", check=True)
    for example in ("example_2_external_chat_model", "example_3_foundation_model_over_a_table", "example_8_materialized_view"):
        column = project.query(f"select column_name from information_schema.columns where table_name = '{example}'")[-1][0]
        for (answer,) in project.query(f"select {column} from {example} where {column} is not null"):
            assert (answer["response"] is None) != (answer["errorStatus"] is None)
    assert project.query("select count(*), count(*) filter (response = by_concat) from example_1_batch_inference") == [(2, 2)]
    assert project.query("select count(note) from example_4_function") == [(2,)]
    assert project.query("select id, is_spam from example_5_custom_model order by id") == [(1, False), (2, True), (3, False)]
    assert project.query(
        "select typeof(revenue), count(*) from example_6_struct_of_every_column where revenue = units * price group by all"
    ) == [("FLOAT", 3)]
    [(type,)] = project.query("select distinct typeof(answer.response) from example_7_chat_messages")
    assert type.replace('"', "") == "STRUCT(candidates VARCHAR[])"


@pytest.mark.parametrize(
    ("model", "says"),
    [
        ("v1/chat', model_type='CHAT'", "/serving-endpoints/{name}/invocations"),
        ("invocations', model_type='CUSTOM', parameters={'input_format': 'csv'}", "input_format 'csv' is not known"),
        ("invocations', model_type='CHAT', parameters={'input_format': 'inputs'}", "belongs to model_type 'CUSTOM'"),
    ],
)
def test_a_specification_that_cannot_work_is_refused(project: Project, model: str, says: str):
    project.write(
        {"models/m.sql": "{{ dbt_ai.create_external_model(location='http://127.0.0.1/" + model + ", api_format='Databricks', model='m') }}"}
    )
    run = project.dbt("run")
    assert not run.ok and says in run.output
