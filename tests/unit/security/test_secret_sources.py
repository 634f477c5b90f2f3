"""Where a secret comes from, when it is read, and when it is read again."""

import os
import sys
import time

import httpx
import pytest
from gate import SECRET, credentials, model

from dbt_ai.errors import CredentialError
from dbt_ai.security.credentials import Credentials
from dbt_ai.security.secret_sources import Environment, headers_of_token


def test_bearer_becomes_authorization_and_every_other_key_is_a_header_as_it_is(secret_env):
    secret_env({"Bearer": "t0ken", "api-key": "k", "OpenAI-Organization": "org"})
    assert credentials().headers_for(model(), model().location) == {
        "Authorization": "Bearer t0ken",
        "api-key": "k",
        "OpenAI-Organization": "org",
    }


def test_a_model_without_a_credential_sends_none(secret_env):
    assert credentials().headers_for(model(credential=None), "https://other.example/v1") == {}


def test_an_unknown_credential_is_named_with_those_there_are():
    with pytest.raises(CredentialError, match="credential 'https://x.example' is not configured.*'https://api.example.com'"):
        credentials().headers_for(model(credential="https://x.example"), "https://x.example/v1")


@pytest.mark.parametrize(
    ("entry", "because"),
    [
        ({"secret": "x"}, "does not belong"),
        ({}, "exactly one of"),
        ({"secret_env": "A", "secret_file": "b"}, "exactly one of"),
        ({"identity": "Shared Access Signature", "secret_env": "A"}, "HTTPEndpointHeaders, Bearer, Managed Identity"),
        ({"secretenv": "A"}, "secretenv is not known"),
        ({"secret_env": 7, "identity": "Managed Identity"}, "secret_env is not known for identity Managed Identity"),
        ({"secret_command": "a 'b"}, "secret_command cannot be read"),
    ],
)
def test_an_entry_that_cannot_work_is_refused(entry, because):
    with pytest.raises(CredentialError, match=because):
        Credentials.from_config([{"name": "https://h", **entry}])


def test_an_entry_without_a_name_and_one_given_twice_are_refused():
    with pytest.raises(CredentialError, match="entry 1 has no name"):
        Credentials.from_config([{"secret_env": "A"}])
    with pytest.raises(CredentialError, match="twice"):
        Credentials.from_config([{"name": "https://h", "secret_env": "A"}, {"name": "https://H:443/", "secret_env": "B"}])


def test_a_missing_secret_is_named_by_where_it_should_be(monkeypatch, tmp_path):
    monkeypatch.delenv("THE_SECRET", raising=False)
    with pytest.raises(CredentialError, match="credential 'https://api.example.com': environment variable THE_SECRET is not set"):
        credentials().headers_for(model(), model().location)
    with pytest.raises(CredentialError, match="No such file"):
        credentials(secret_file=str(tmp_path / "none")).headers_for(model(), model().location)


def test_a_secret_is_read_only_when_a_request_is_about_to_leave(tmp_path):
    gate = credentials(secret_command=[sys.executable, "-c", f"open({str(tmp_path / 'ran')!r}, 'w')"])
    gate.check(model())
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("token", ["Bearer sk-abc123", "bearer sk-abc123", "Bearer  sk-abc123"])
def test_a_token_with_its_scheme_is_refused_where_the_scheme_is_added(secret_env, token):
    secret_env({"Bearer": token})
    with pytest.raises(CredentialError, match=r"has the word Bearer twice; write \{\"Bearer\": \"…\"\} with the token alone$") as refused:
        credentials().headers_for(model(), model().location)
    assert "abc123" not in str(refused.value)


# Rotation


def test_a_token_file_is_read_again_for_every_request(tmp_path):
    token = tmp_path / "token"
    token.write_text("first-token\n")
    gate = credentials(secret_file=str(token), identity="Bearer")
    assert gate.headers_for(model(), model().location) == {"Authorization": "Bearer first-token"}
    token.write_text("second-token\n")
    assert gate.headers_for(model(), model().location) == {"Authorization": "Bearer second-token"}
    assert gate.redaction.redact("first-token second-token") == "*** ***"


def test_a_token_file_caught_while_it_is_replaced_leaves_the_last_token_in_use(tmp_path):
    token = tmp_path / "token"
    token.write_text("first-token")
    gate = credentials(secret_file=str(token), identity="Bearer")
    sent = gate.headers_for(model(), model().location)
    token.write_text("")
    assert gate.headers_for(model(), model().location) == sent
    with pytest.raises(CredentialError, match="not a bare token"):
        gate.rejected(model(), sent)


def test_a_pipe_is_no_secret_file_since_every_request_would_wait_for_it(tmp_path):
    os.mkfifo(tmp_path / "token")
    with pytest.raises(CredentialError, match="cannot be read: it is not a regular file"):
        credentials(secret_file=str(tmp_path / "token"), identity="Bearer").headers_for(model(), model().location)


def test_a_command_runs_again_after_a_rejection_and_once_for_all_who_report_it(tmp_path):
    counter = tmp_path / "runs"
    counter.write_text("")
    script = f"f = open({str(counter)!r}, 'a'); f.write('x'); f.close(); print('token-%d' % len(open({str(counter)!r}).read()))"
    gate = credentials(secret_command=[sys.executable, "-c", script], identity="Bearer")
    first = gate.headers_for(model(), model().location)
    assert gate.headers_for(model(), model().location) == first == {"Authorization": "Bearer token-1"}
    assert gate.rejected(model(), first) and gate.rejected(model(), first)
    assert gate.headers_for(model(), model().location) == {"Authorization": "Bearer token-2"}
    assert counter.read_text() == "xx"


def test_a_rejected_secret_that_does_not_change_is_not_sent_again(secret_env, tmp_path):
    gate = credentials()
    assert not gate.rejected(model(), gate.headers_for(model(), model().location))
    token = tmp_path / "token"
    token.write_text("same-token")
    gate = credentials(secret_file=str(token), identity="Bearer")
    assert not gate.rejected(model(), gate.headers_for(model(), model().location))


def test_only_a_secret_that_can_be_read_again_rotates(secret_env, tmp_path):
    assert not credentials().rotates(model()) and not credentials().rotates(model(credential=None))
    assert credentials(secret_file=str(tmp_path / "token")).rotates(model())
    assert credentials(identity="Managed Identity").rotates(model())


def test_a_command_that_fails_is_named_without_its_output():
    gate = credentials(secret_command=[sys.executable, "-c", f"print({SECRET!r}); raise SystemExit(3)"])
    with pytest.raises(CredentialError, match="ended with exit code 3") as raised:
        gate.headers_for(model(), model().location)
    assert SECRET not in str(raised.value)


@pytest.fixture
def metadata_endpoint(monkeypatch):
    """Azure's metadata endpoint: answers with the token and life time that the test sets, and notes what it was asked."""

    class Endpoint:
        status, token, expires_in, asked = 200, "azure-token-1", "3600", []

    def get(url, params, headers, timeout, trust_env):
        Endpoint.asked.append((url, params, headers))
        return httpx.Response(Endpoint.status, json={"access_token": Endpoint.token, "expires_in": Endpoint.expires_in})

    Endpoint.asked = []
    monkeypatch.setattr(httpx, "get", get)
    monkeypatch.delenv("IDENTITY_ENDPOINT", raising=False)
    return Endpoint


def test_a_managed_identity_token_is_kept_until_shortly_before_it_expires(metadata_endpoint, monkeypatch):
    gate = credentials(identity="Managed Identity", resourceid="https://cognitiveservices.azure.com")
    for _ in range(3):
        assert gate.headers_for(model(), model().location) == {"Authorization": "Bearer azure-token-1"}
    [(url, params, headers)] = metadata_endpoint.asked
    assert url == "http://169.254.169.254/metadata/identity/oauth2/token"
    assert params == {"api-version": "2018-02-01", "resource": "https://cognitiveservices.azure.com"} and headers == {"Metadata": "true"}
    metadata_endpoint.token = "azure-token-2"
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 3500)
    assert gate.headers_for(model(), model().location) == {"Authorization": "Bearer azure-token-2"}


def test_a_managed_identity_on_app_service_asks_its_own_endpoint(metadata_endpoint, monkeypatch):
    monkeypatch.setenv("IDENTITY_ENDPOINT", "http://127.0.0.1:41741/msi/token")
    monkeypatch.setenv("IDENTITY_HEADER", "app-secret")
    credentials(identity="Managed Identity", client_id="abc").headers_for(model(), model().location)
    [(url, params, headers)] = metadata_endpoint.asked
    assert url == "http://127.0.0.1:41741/msi/token" and params["api-version"] == "2019-08-01" and params["client_id"] == "abc"
    assert headers == {"X-IDENTITY-HEADER": "app-secret"}


@pytest.mark.parametrize("life", ["NaN", "inf", "soon"])
def test_a_token_that_expires_at_no_moment_is_none(metadata_endpoint, life):
    metadata_endpoint.expires_in = life
    with pytest.raises(CredentialError, match="answered 200 without a token"):
        credentials(identity="Managed Identity", client_id="x").headers_for(model(), model().location)


def test_a_metadata_endpoint_without_a_token_is_said_so(metadata_endpoint):
    metadata_endpoint.status = 400
    with pytest.raises(CredentialError, match="answered 400 without a token"):
        credentials(identity="Managed Identity").headers_for(model(), model().location)


@pytest.mark.parametrize("quoted", ['"sk-hunter2"', "'sk-hunter2'"])
def test_a_token_in_quotation_marks_is_refused_without_repeating_it(quoted):
    with pytest.raises(CredentialError, match="stands in quotation marks") as raised:
        headers_of_token(quoted, Environment("QUOTED"))
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize("source", ["secret_env", "secret_file", "secret_command"])
@pytest.mark.parametrize("secret", ['{"Bearer": "sk-abc123"}', "sk-proj-4f9Ab2Cd7eF0", "hf_4f9Ab2Cd7eF0aBcDeF"])
def test_a_secret_in_the_place_of_where_it_is_stands_in_no_message(source, secret):
    """`secret_env: "{{ env_var('OPENAI_SECRET') }}"` puts it there."""
    with pytest.raises(CredentialError, match=f"{source}") as refused:
        gate = Credentials.from_config([{"name": "https://api.example.com", "identity": "Bearer", source: secret}])
        gate.headers_for(model(credential="https://api.example.com"), "https://api.example.com/v1/embeddings")
    assert not any(piece in str(refused.value) for piece in ("abc123", "4f9Ab2Cd7eF0"))


def test_a_variable_that_is_set_and_empty_is_told_from_one_that_is_not_set(monkeypatch):
    monkeypatch.setenv("THE_SECRET", "")
    with pytest.raises(CredentialError, match="environment variable THE_SECRET is empty"):
        Environment("THE_SECRET").read()
