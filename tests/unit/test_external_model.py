import pytest
import shared_cases

from dbt_ai.errors import ConfigurationError
from dbt_ai.external_model import ExternalModel, require_own_identities

SPEC = {
    "name": "embedder",
    "location": "https://api.openai.com/v1/embeddings",
    "api_format": "OpenAI",
    "model_type": "EMBEDDINGS",
    "model": "text-embedding-3-small",
}


def read(**changes):
    return ExternalModel.from_spec({**SPEC, **changes})


def test_every_field_is_read():
    model = read(
        credential="https://api.openai.com",
        parameters='{"Dimensions": "512", "sql_rest_options": {"retry_count": 3}}',
        authorization="AI_User",
        identity="small",
        native={"snowflake": "snowflake-arctic-embed-l-v2.0"},
    )
    assert (model.name, model.location, model.api_format) == ("embedder", SPEC["location"], "OpenAI")
    assert (model.model_type, model.model, model.credential) == ("EMBEDDINGS", SPEC["model"], "https://api.openai.com")
    assert model.parameters == {"dimensions": 512} and model.retry_count == 3
    assert (model.authorization, model.identity, model.key_identity) == ("AI_User", "small", "small")
    assert model.native == {"snowflake": "snowflake-arctic-embed-l-v2.0"}


@pytest.mark.parametrize("field", ["location", "api_format", "model_type", "model"])
@pytest.mark.parametrize("value", [None, "", " ", 7])
def test_a_required_field_is_a_string(field, value):
    with pytest.raises(ConfigurationError, match=f"external model 'embedder': {field} is missing; give it as a string"):
        read(**{field: value})


@pytest.mark.parametrize("field", ["credential", "authorization", "identity", "local_runtime_path"])
def test_an_optional_field_is_a_string(field):
    with pytest.raises(ConfigurationError, match=f"{field} 7 is not a string"):
        read(**{field: 7})


def test_a_field_that_is_misspelt_is_named_with_those_there_are():
    with pytest.raises(ConfigurationError, match="modle is not known; use one of location, api_format"):
        read(modle="x")


def test_model_type_is_a_word_of_the_language_without_case():
    assert read(model_type="embeddings").model_type == "EMBEDDINGS"
    with pytest.raises(ConfigurationError, match="model_type 'IMAGES' is not known; use one of EMBEDDINGS, CHAT"):
        read(model_type="IMAGES")


def test_a_credential_is_named_by_a_url_without_a_query():
    with pytest.raises(ConfigurationError, match="rule 1"):
        read(credential="my_key")
    with pytest.raises(ConfigurationError, match="rule 3"):
        read(credential="https://h?code=secret")


def test_a_password_in_a_credential_name_is_not_repeated():
    with pytest.raises(ConfigurationError) as raised:
        read(credential="https://user:hunter2@h/?code=hunter2")
    assert "hunter2" not in str(raised.value)


def test_a_secret_in_the_place_of_a_credential_is_not_repeated():
    with pytest.raises(ConfigurationError, match="credential is not a URL") as raised:
        read(credential="sk-hunter2")
    assert "hunter2" not in f"{raised.value} {raised.value.value}"


@pytest.mark.parametrize("case", shared_cases.cases("locations")["cases"], ids=lambda case: str(case["query"]))
def test_a_secret_in_the_query_of_a_location_is_refused_without_repeating_it(case):
    location = f"https://h/v1/embeddings?{case['query']}"
    if case["names"] is None:
        assert read(location=location).location == location
        return
    with pytest.raises(ConfigurationError) as raised:
        read(location=location)
    assert f"location has {case['names']!r} in its query, where a secret would be seen; use a credential" in str(raised.value)
    assert "hunter2" not in str(raised.value)


def test_a_local_model_takes_no_credential():
    with pytest.raises(ConfigurationError, match="needs no credential"):
        read(location="hf://sentence-transformers/all-MiniLM-L6-v2", credential="https://h")


def test_local_runtime_path_belongs_to_onnx_runtime():
    onnx = read(
        api_format="ONNX Runtime", location="C:\\onnx_runtime\\model\\all-MiniLM-L6-v2-onnx", local_runtime_path="C:\\onnx_runtime\\"
    )
    assert onnx.local_runtime_path == "C:\\onnx_runtime\\"
    with pytest.raises(ConfigurationError, match="belongs to api_format 'ONNX Runtime' only"):
        read(local_runtime_path="/opt/onnx")


@pytest.mark.parametrize("native", ["x", {"snowflak": "x"}, {"snowflake": 7}, {"snowflake": ""}])
def test_native_maps_known_engines_to_names(native):
    with pytest.raises(ConfigurationError, match="native"):
        read(native=native)


def test_the_key_ignores_scheme_default_port_query_and_the_case_of_the_host_and_nothing_else():
    same = {
        read(location=location).key_identity
        for location in (
            "https://api.openai.com/v1/embeddings",
            "http://API.openai.com/v1/embeddings",
            "https://api.openai.com:443/v1/embeddings?a=b",
        )
    }
    assert len(same) == 1
    ports = {read(location=f"https://api.openai.com:{port}/v1/embeddings").key_identity for port in (80, 8443, 18801)}
    assert len(ports) == 3 and ports.isdisjoint(same)
    assert {read(location="https://eu.api.openai.com/v1/embeddings").key_identity, read(model="other").key_identity}.isdisjoint(same)


def test_identity_keeps_the_key_across_a_move():
    assert read(identity="v1").key_identity == read(identity="v1", location="https://gpu.internal/v1/embeddings").key_identity


CHAT = {"location": "http://127.0.0.1:8080/v1/chat/completions", "model_type": "CHAT", "parameters": {}}


@pytest.mark.parametrize(
    "change", [{}, {"credential": "http://127.0.0.1:8080"}, {"location": f"{CHAT['location']}?deployment=b", "parameters": {"top_p": 1}}]
)
def test_two_endpoints_that_would_share_stored_answers_are_refused(change):
    models = [read(name="a", **CHAT), read(name="b", **{**CHAT, **change})]
    with pytest.raises(ConfigurationError, match="external models 'a' and 'b' are one model to stored answers: .*identity='…'"):
        require_own_identities(models)


@pytest.mark.parametrize(
    "change",
    [
        {"location": "http://127.0.0.1:8081/v1/chat/completions"},
        {"parameters": {"temperature": 1.0}},
        {"model": "other"},
        {"identity": "another"},
        {"identity": "another", "credential": "http://127.0.0.1:8080"},
    ],
)
def test_models_that_share_no_answer_or_say_what_they_share_are_not(change):
    require_own_identities([read(name="a", **CHAT), read(name="b", **{**CHAT, **change})])
    shared = {**CHAT, "identity": "shared"}
    require_own_identities([read(name="a", **shared), read(name="b", **shared)])
    local = {"location": "package://some_model", "api_format": "Sentence Transformers"}
    require_own_identities([read(name="a", **local), read(name="b", **local)])
