import json
import random
import sys
import time
from urllib.parse import urlsplit

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dbt_ai.credentials import Credentials
from dbt_ai.errors import ConfigurationError, CredentialError
from dbt_ai.external_model import ExternalModel

SECRET = "sk-very-secret-0123456789"


def model(location="https://api.example.com/v1/embeddings", credential="https://api.example.com"):
    return ExternalModel("embedder", location, "OpenAI", "EMBEDDINGS", "m", credential)


@pytest.fixture
def secret_env(monkeypatch):
    def set_secret(secret):
        monkeypatch.setenv("THE_SECRET", secret if isinstance(secret, str) else json.dumps(secret))

    set_secret({"Bearer": SECRET})
    return set_secret


def credentials(name="https://api.example.com", allowed_hosts=(), **entry):
    return Credentials.from_config([{"name": name, **(entry or {"secret_env": "THE_SECRET"})}], allowed_hosts)


def headers(name, location):
    return credentials(name).headers_for(model(location, name), location)


# The six rules


@pytest.mark.parametrize("name", ["my_credential", "ftp://h", "https://user@h", "https://h/../x", "https://h#f", ""])
def test_rule_1_the_name_is_a_valid_url(name):
    with pytest.raises(CredentialError, match="rule 1"):
        credentials(name)


def test_rule_2_the_domain_is_on_the_allow_list(secret_env):
    allowed = credentials(allowed_hosts=["api.example.com"])
    assert allowed.headers_for(model(), model().location)
    refused = credentials(allowed_hosts=["api.openai.com"])
    with pytest.raises(ConfigurationError, match="host 'api.example.com' is not in allowed_hosts"):
        refused.headers_for(model(), model().location)


def test_rule_3_the_name_carries_no_query_string():
    with pytest.raises(CredentialError, match="rule 3"):
        credentials("https://h/a?x=1")
    with pytest.raises(CredentialError, match="rule 3"):
        credentials("https://h/a?")


@pytest.mark.parametrize(
    "location",
    [
        "http://api.example.com/v1",
        "https://example.com/v1",
        "https://eu.api.example.com/v1",
        "https://api.example.com.evil.com/v1",
        "https://api.example.com:8443/v1",
    ],
)
def test_rule_4_protocol_and_host_of_the_url_equal_those_of_the_name(secret_env, location):
    gate = credentials(allowed_hosts=["http://api.example.com", "*.example.com", "example.com", "*.evil.com", "api.example.com:8443"])
    with pytest.raises(CredentialError, match="rule 4"):
        gate.headers_for(model(location), location)


@pytest.mark.parametrize("path", ["/Customers/1", "/customer/1", "/customers2", "/customers%20/1", "//customers"])
def test_rule_5_each_part_of_the_path_matches_the_part_of_the_name(secret_env, path):
    with pytest.raises(CredentialError, match="rule 5"):
        headers("https://northwind.example/customers", f"https://northwind.example{path}")


@pytest.mark.parametrize("location", ["https://northwind.azurewebsite.net", "https://northwind.azurewebsite.net/"])
def test_rule_6_the_name_is_more_general_than_the_url(secret_env, location):
    with pytest.raises(CredentialError, match="rule 6"):
        headers("https://northwind.azurewebsite.net/customers", location)


def test_a_url_that_fits_every_rule_gets_the_secret(secret_env):
    for name, location in [
        ("https://api.example.com", "https://api.example.com/v1/embeddings?api-version=1"),
        ("https://api.example.com/", "https://api.example.com/v1"),
        ("https://api.example.com/v1", "https://api.example.com/v1/embeddings"),
        ("https://api.example.com/v1", "https://api.example.com/v1"),
    ]:
        assert headers(name, location) == {"Authorization": f"Bearer {SECRET}"}


# The two-step comparison


def test_scheme_and_host_compare_without_case(secret_env):
    assert headers("HTTPS://API.Example.com/v1", "https://api.EXAMPLE.com/v1/embeddings")


def test_the_path_compares_with_case(secret_env):
    with pytest.raises(CredentialError, match="part 1 of the path is 'V1' in the credential and 'v1'"):
        headers("https://api.example.com/V1", "https://api.example.com/v1/embeddings")


def test_nothing_is_decoded_before_comparing(secret_env):
    with pytest.raises(CredentialError, match="rule 5"):
        headers("https://api.example.com/v1", "https://api.example.com/%76%31/embeddings")


@pytest.mark.parametrize(
    "location",
    [
        "https://api.example.com/v1/../admin",
        "https://api.example.com/v1/%2e%2e/admin",
        "https://api.example.com/v1%2f..%2fadmin",
        "https://api.example.com/v1/..;/admin",
        "https://api.example.com@evil.com/v1",
        "https://evil.com\\@api.example.com/v1",
        "https://evil.com#@api.example.com/v1",
        "https://аpi.example.com/v1",
        "https://api.example.com/v1\r\nHost: evil.com",
    ],
)
def test_a_url_that_could_be_read_in_two_ways_is_not_called(secret_env, location):
    with pytest.raises(ConfigurationError, match="cannot be called"):
        headers("https://api.example.com/v1", location)


def test_a_default_port_may_be_written_or_not(secret_env):
    assert headers("https://api.example.com:443", "https://api.example.com/v1")
    assert headers("https://api.example.com", "https://api.example.com:443/v1")


def test_a_slash_behind_the_host_means_nothing_and_any_other_is_a_part_of_the_name(secret_env):
    slashed = credentials("https://api.example.com/")
    assert slashed.headers_for(model(credential="https://api.example.com"), model().location)
    with pytest.raises(CredentialError, match="drop the slash at the end of the credential's name"):
        headers("https://api.example.com/v1/", "https://api.example.com/v1/embeddings")


def _stated_independently(name: str, location: str) -> bool:
    """The rules in other words and by another parser: may the secret of `name` travel to `location`?"""

    def plain(text):
        tail = text.lower().split("://", 1)[-1]
        return (
            all("!" <= character <= "~" for character in text)
            and not any(character in text for character in '\\#"<>^`{|}')
            and "@" not in tail.split("/", 1)[0].split("?", 1)[0]
            and not any(code in tail for code in ("%2f", "%5c", "%2e", "%25", "%00", "%0a"))
            and not any(step in (".", "..") for step in urlsplit(text).path.split("/"))
        )

    if not plain(name) or not plain(location) or "?" in name:
        return False
    a, b = urlsplit(name), urlsplit(location)
    if a.scheme != b.scheme or a.hostname != b.hostname or a.scheme not in ("http", "https") or not a.hostname:
        return False
    default = {"https": 443, "http": 80}[a.scheme]
    try:
        if (a.port or default) != (b.port or default):
            return False
    except ValueError:
        return False
    if a.scheme == "http" and a.hostname != "localhost":
        return False
    return a.path in ("", "/") or b.path == a.path or b.path.startswith(f"{a.path}/")


_HOSTS = ["api.example.com"] * 6 + [
    "API.Example.COM",
    "example.com",
    "xapi.example.com",
    "api.example.com.evil.com",
    "localhost",
    "bücher.de",
]
_PARTS = ["v1", "V1", "customers", "customer", "a", "x;y", "%20"] * 3 + [
    "",
    ".",
    "..",
    "%2e%2e",
    "a%2fb",
    "a%5Cb",
    "%76%31",
    "v1%252f",
    "@",
    "é",
]
_CHANGES = [("https", "HTTPS"), ("api", "API"), ("v1", "V1"), (":443", ""), ("//", "//x@"), ("example", "example.com.evil")]


def _random_url(chance: random.Random) -> str:
    scheme = chance.choice(["https", "https", "https", "HTTPS", "http"])
    user = chance.choice([""] * 12 + ["user@", "u:p@", "api.example.com@"])
    port = chance.choice([""] * 6 + [":443", ":80", ":8443"])
    path = "".join(f"/{chance.choice(_PARTS)}" for _ in range(chance.randrange(4)))
    end = chance.choice([""] * 12 + ["?api-version=1", "?", "#f", " ", "\n", "\\x"])
    return f"{scheme}://{user}{chance.choice(_HOSTS)}{port}{path}{end}"


def _random_pair(chance: random.Random) -> tuple[str, str]:
    """A name and a URL, often the URL below the name or a small change of it: two random URLs rarely meet."""
    name = _random_url(chance)
    below = name + chance.choice(["", "/x", "/a/b", "x", "/", "/..", "?q=1", "/%2e%2e/x"])
    location = chance.choice([_random_url(chance), below, below])
    return name, location.replace(*chance.choice(_CHANGES)) if chance.random() < 0.3 else location


def test_no_secret_is_sent_to_a_url_that_does_not_match_in_10_000_random_pairs(secret_env):
    outcomes = {True: 0, False: 0}

    # A hundred pairs an example: drawing 10,000 pairs piece by piece takes hypothesis half a minute.
    @settings(max_examples=100, deadline=None, database=None)
    @given(st.integers(min_value=0))
    def no_pair_disagrees(seed):
        chance = random.Random(seed)
        for name, location in (_random_pair(chance) for _ in range(100)):
            try:
                sent = headers(name, location) == {"Authorization": f"Bearer {SECRET}"}
            except ConfigurationError as error:
                assert SECRET not in str(error)
                sent = False
            outcomes[sent] += 1
            assert sent == _stated_independently(name, location), (name, location)

    no_pair_disagrees()
    assert sum(outcomes.values()) >= 10_000 and min(outcomes.values()) > 1_000, outcomes


# Secrets


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


@pytest.mark.parametrize(
    "secret",
    [SECRET, json.dumps([SECRET]), json.dumps({"Bearer": [SECRET]}), "{}", json.dumps({"Bearer": f"{SECRET}\r\nX: y"}),
     json.dumps({"Host": SECRET}), json.dumps({f"bad {SECRET}": "x"}), json.dumps({"Bearer": SECRET, "Authorization": SECRET}),
     json.dumps({"api-key": ""})],
)  # fmt: skip
def test_a_malformed_secret_is_refused_without_being_quoted(secret_env, secret):
    secret_env(secret)
    with pytest.raises(CredentialError, match="environment variable THE_SECRET") as raised:
        credentials().headers_for(model(), model().location)
    assert SECRET not in str(raised.value) and raised.value.__cause__ is None and raised.value.__suppress_context__


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


def test_a_secret_is_in_no_repr_and_is_redacted_from_texts(secret_env):
    secret_env({"Bearer": SECRET, "api-key": 'quo"ted/key'})
    gate = credentials()
    gate.headers_for(model(), model().location)
    assert SECRET not in repr(gate) and SECRET not in repr(vars(gate)["_credentials"])
    assert gate.redact(f"wrong key {SECRET}!") == "wrong key ***!"
    assert gate.redact(json.dumps({"k": 'quo"ted/key'})) == '{"k": "***"}'
    assert gate.redact("?key=quo%22ted%2Fkey") == "?key=***"


def test_a_secret_that_was_cut_off_is_redacted_too(secret_env):
    gate = credentials()
    gate.headers_for(model(), model().location)
    for length in range(8, len(SECRET) + 1):
        assert gate.redact(f"401 wrong key {SECRET[:length]}; try again, {SECRET}") == "401 wrong key ***; try again, ***"


# Rotation


def test_a_token_file_is_read_again_for_every_request(tmp_path):
    token = tmp_path / "token"
    token.write_text("first-token\n")
    gate = credentials(secret_file=str(token), identity="Bearer")
    assert gate.headers_for(model(), model().location) == {"Authorization": "Bearer first-token"}
    token.write_text("second-token\n")
    assert gate.headers_for(model(), model().location) == {"Authorization": "Bearer second-token"}
    assert gate.redact("first-token second-token") == "*** ***"


def test_a_token_file_caught_while_it_is_replaced_leaves_the_last_token_in_use(tmp_path):
    token = tmp_path / "token"
    token.write_text("first-token")
    gate = credentials(secret_file=str(token), identity="Bearer")
    sent = gate.headers_for(model(), model().location)
    token.write_text("")
    assert gate.headers_for(model(), model().location) == sent
    with pytest.raises(CredentialError, match="not a bare token"):
        gate.rejected(model(), sent)


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


def test_a_metadata_endpoint_without_a_token_is_said_so(metadata_endpoint):
    metadata_endpoint.status = 400
    with pytest.raises(CredentialError, match="answered 400 without a token"):
        credentials(identity="Managed Identity").headers_for(model(), model().location)
