"""The T-SQL of external models, as Microsoft's own parser reads it."""

from __future__ import annotations

from dataclasses import replace

import golden
import parsers
import pytest

# A model that SQL Server cannot call is otherwise one that the runtime calls.
NATIVE = replace(golden.ENGINES["sqlserver"], variables={"dbt_ai": {"way": "native"}})


def render(code: str, model: str = "tickets", engine: golden.Engine = golden.ENGINES["sqlserver"]) -> golden.Case:
    """A model with this code, compiled for SQL Server."""
    return golden.compiler().render(engine, code, model)


def tsql(code: str) -> str:
    """The T-SQL of a macro call, after the parser has accepted it."""
    case = render(code)
    assert case.sql is not None, case.error
    assert parsers.tsql_refusal("2025", case.sql) is None
    return " ".join(case.sql.split())


def create(**changes: object) -> str:
    fields = {"location": "https://h/v1/embeddings", "api_format": "OpenAI", "model_type": "EMBEDDINGS", "model": "m", **changes}
    return "{{ dbt_ai.create_external_model(" + ", ".join(f"{name}={value!r}" for name, value in fields.items()) + ") }}"


# The three examples of Microsoft's page, see docs/external_models.md.


def test_microsofts_example_for_azure_openai_is_tsql():
    assert tsql(
        create(
            location="https://azureopenaiserver.openai.azure.com/openai/deployments/text-embedding-ada-002/embeddings?api-version=2024-02-01",
            api_format="Azure OpenAI",
            model="text-embedding-ada-002",
            credential="https://my-azure-openai-endpoint.openai.azure.com",
            authorization="CRM_User",
        )
    ).startswith(
        "IF NOT EXISTS (SELECT 1 FROM sys.external_models WHERE name = N'tickets')"
        " CREATE EXTERNAL MODEL [tickets] AUTHORIZATION [CRM_User] WITH ("
        " LOCATION = N'https://azureopenaiserver.openai.azure.com/openai/deployments/text-embedding-ada-002/embeddings?api-version=2024-02-01',"
        " API_FORMAT = N'Azure OpenAI', MODEL_TYPE = EMBEDDINGS, MODEL = N'text-embedding-ada-002',"
        " CREDENTIAL = [https://my-azure-openai-endpoint.openai.azure.com] );"
    )


def test_microsofts_example_for_ollama_is_tsql():
    sql = tsql(
        create(
            location="https://localhost:11435/api/embed",
            api_format="Ollama",
            model="all-minilm",
            parameters='{"Dimensions":"725"}',
            authorization="AI_User",
        )
    )
    assert "AUTHORIZATION [AI_User]" in sql and "PARAMETERS = N'{\"dimensions\": 725}'" in sql


def test_microsofts_example_for_openai_is_tsql():
    sql = tsql(create(location="https://api.openai.com/v1/embeddings", model="text-embedding-ada-002", credential="https://openai.com"))
    assert "LOCATION = N'https://api.openai.com/v1/embeddings'" in sql and "CREDENTIAL = [https://openai.com]" in sql


def test_microsofts_example_for_onnx_runtime_is_tsql():
    sql = tsql(
        create(
            location="C:\\onnx_runtime\\model\\all-MiniLM-L6-v2-onnx",
            api_format="ONNX Runtime",
            model="allMiniLM",
            parameters='{"valid":"JSON"}',
            local_runtime_path="C:\\onnx_runtime\\",
        )
    )
    assert "LOCATION = N'C:\\onnx_runtime\\model\\all-MiniLM-L6-v2-onnx'" in sql and "LOCAL_RUNTIME_PATH = N'C:\\onnx_runtime\\'" in sql


def test_what_is_quoted_in_a_name_or_a_text_stays_in_it():
    sql = tsql(create(model="it's", credential="https://h/o'hara", location="https://h/o'hara/v1/embeddings", authorization="AI ]Team["))
    assert "MODEL = N'it''s', CREDENTIAL = [https://h/o'hara]" in sql and "AUTHORIZATION [AI ]]Team[]" in sql


def test_alter_sets_what_is_given_and_nothing_else():
    assert tsql("{{ dbt_ai._sqlserver_alter_external_model('m', {'model': 'text-embedding-3-large'}) }}") == (
        "ALTER EXTERNAL MODEL [m] SET ( MODEL = N'text-embedding-3-large' );"
    )
    changes = {
        "credential": "https://h]",
        "parameters": {"dimensions": 725},
        "model_type": "embeddings",
        "local_runtime_path": "C:\\o'hara",
    }
    assert tsql("{{ dbt_ai._sqlserver_alter_external_model('a]b', " + repr(changes) + ") }}") == (
        "ALTER EXTERNAL MODEL [a]]b] SET ( MODEL_TYPE = EMBEDDINGS, CREDENTIAL = [https://h]]],"
        " PARAMETERS = N'{\"dimensions\": 725}', LOCAL_RUNTIME_PATH = N'C:\\o''hara' );"
    )


def test_drop_is_guarded_since_tsql_has_no_if_exists_for_it():
    assert tsql('{{ dbt_ai._sqlserver_drop_external_model("o\'hara") }}') == (
        "IF EXISTS (SELECT 1 FROM sys.external_models WHERE name = N'o''hara') DROP EXTERNAL MODEL [o'hara];"
    )


def test_grant_and_revoke_name_the_model_or_the_database():
    def permission(verb: str, preposition: str, name: object, who: list[str], privilege: str) -> str:
        return tsql(f"{{{{ dbt_ai._sqlserver_permission({verb!r}, {name or 'none'!s}, {preposition!r}, {who!r}, {privilege!r}) }}}}")

    assert permission("GRANT", "TO", "'m'", ["reporter", "a]b"], "execute") == "GRANT EXECUTE ON EXTERNAL MODEL::[m] TO [reporter], [a]]b];"
    assert (
        permission("REVOKE", "FROM", "'m'", ["reporter"], "VIEW DEFINITION")
        == "REVOKE VIEW DEFINITION ON EXTERNAL MODEL::[m] FROM [reporter];"
    )
    assert permission("GRANT", "TO", None, ["engineer"], "CREATE EXTERNAL MODEL") == "GRANT CREATE EXTERNAL MODEL TO [engineer];"
    assert permission("GRANT", "TO", None, ["engineer"], "ALTER ANY EXTERNAL MODEL") == "GRANT ALTER ANY EXTERNAL MODEL TO [engineer];"


def test_a_privilege_that_there_is_not_is_refused_with_those_there_are():
    refused = render("{{ dbt_ai._sqlserver_permission('GRANT', 'm', 'TO', ['x'], 'SELECT') }}")
    assert "privilege 'SELECT' on external model 'm' is not known; use one of EXECUTE, CONTROL" in str(refused.error)


def test_the_list_is_read_with_names_of_credentials_and_owners():
    assert "LEFT JOIN sys.database_scoped_credentials" in tsql("{{ dbt_ai._sqlserver_external_models() }}")


def test_a_model_with_a_credential_is_altered_and_one_that_lost_it_is_created_anew():
    with_credential = tsql(create(credential="https://h"))
    assert "DROP EXTERNAL MODEL" not in with_credential and "ALTER EXTERNAL MODEL [tickets]" in with_credential
    without = tsql(create())
    assert "AND credential_id IS NOT NULL) BEGIN DROP EXTERNAL MODEL [tickets]; CREATE EXTERNAL MODEL" in without


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"model_type": "CHAT"}, "AI016"),
        (
            {"api_format": "Anthropic"},
            "api_format 'Anthropic' is not known to SQL Server; use one of Azure OpenAI, OpenAI, Ollama, ONNX Runtime",
        ),
        ({"location": "http://localhost:11434/api/embed"}, "which calls https endpoints only; give a URL that starts with https://"),
        ({"local_runtime_path": "C:\\onnx"}, "local_runtime_path 'C:\\onnx' belongs to api_format 'ONNX Runtime' only"),
        ({"parameters": "{"}, "parameters { are not a JSON object"),
        ({"parameters": [1]}, "parameters [1] are not a JSON object"),
        ({"parameters": {"Dimensions": "many"}}, 'dimensions "many" is not a number of dimensions'),
        ({"parameters": {"Dimensions": 1, "dimensions": 1}}, "parameters hold dimensions twice"),
        ({"parameters": {"sql_rest_options": {"retry_count": 11}}}, "retry_count 11 is not accepted; give a whole number from 0 to 10"),
        ({"parameters": {"sql_rest_options": {"retry_count": "3"}}}, 'retry_count "3" is not accepted; give a whole number from 0 to 10'),
        ({"parameters": {"sql_rest_options": {"retries": 3}}}, "is not known; write {'sql_rest_options': {'retry_count': 3}}"),
    ],
)
def test_what_sql_server_would_refuse_is_a_compile_error(changes: dict[str, object], sentence: str):
    assert sentence in str(render(create(**changes), engine=NATIVE).error)


@pytest.mark.parametrize(
    ("credential", "location", "rule"),
    [
        ("my_key", "https://h/v1/embeddings", "rule 1"),
        ("https://h?version=1", "https://h/v1/embeddings", "rule 3"),
        ("https://my-azure-openai-endpoint.openai.azure.com", "https://azureopenaiserver.openai.azure.com/openai", "rule 4"),
        ("https://openai.com", "https://api.openai.com/v1/embeddings", "rule 4"),
        ("https://h/V1", "https://h/v1/embeddings", "rule 5"),
        ("https://h/v1/embeddings/x", "https://h/v1/embeddings", "rule 6"),
        ("https://H/v1", "https://h/v1/embeddings", None),
        ("https://h/", "https://h/v1/embeddings", None),
    ],
)
def test_a_credential_that_breaks_a_rule_is_a_warning_in_tsql(monkeypatch, credential: str, location: str, rule: str | None):
    warnings: list[str] = []
    monkeypatch.setattr("dbt.context.exceptions_jinja.warn_or_error", lambda event, node=None: warnings.append(event.msg))
    tsql(create(credential=credential, location=location))
    assert [warning.split(" breaks ")[1][: len("rule 1")] for warning in warnings] == ([rule] if rule else [])


def sent() -> list[str]:
    """The statements that the model just rendered sent to the database."""
    assert not any(begins for _, begins in golden.compiler().sent), "statements about external models stay out of transactions"
    return [" ".join(statement.split()) for statement, _ in golden.compiler().sent]


def test_each_macro_sends_its_one_statement():
    for call, statement in (
        ("alter_external_model('m', model='m2')", "ALTER EXTERNAL MODEL [m] SET ( MODEL = N'm2' );"),
        ("drop_external_model('m')", "IF EXISTS (SELECT 1 FROM sys.external_models WHERE name = N'm') DROP EXTERNAL MODEL [m];"),
        ("grant_external_model('m', 'a')", "GRANT EXECUTE ON EXTERNAL MODEL::[m] TO [a];"),
        ("grant_external_model(none, ['a', 'b'], 'CREATE EXTERNAL MODEL')", "GRANT CREATE EXTERNAL MODEL TO [a], [b];"),
        ("revoke_external_model('m', 'a')", "REVOKE EXECUTE ON EXTERNAL MODEL::[m] FROM [a];"),
    ):
        rendered = render("{{ dbt_ai." + call + " }}")
        assert sent() == [statement], rendered.error

    rendered = render(create(name="by_hand"))
    assert sent()[0].startswith("IF NOT EXISTS (SELECT 1 FROM sys.external_models WHERE name = N'by_hand')"), rendered.error


def test_the_materialization_runs_outside_of_a_transaction_and_makes_no_relation():
    rendered = render("{{ dbt_ai.materialization_external_model_sqlserver() }}", model="embedder")
    assert rendered.sql == "{'relations': []}", rendered.error
    assert sent()[1:] == ["GRANT EXECUTE ON EXTERNAL MODEL::[embedder] TO [reporter];"]
