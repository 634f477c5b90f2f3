"""Which URL a credential's name lets its secret travel to: SQL Server's six rules."""

import random
from urllib.parse import urlsplit

import pytest
import shared_cases
from gate import SECRET, credentials, headers, model
from hypothesis import given, settings
from hypothesis import strategies as st

from dbt_ai.errors import ConfigurationError, CredentialError
from dbt_ai.security.credentials import broken_rule
from dbt_ai.security.urls import parse_url


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


@pytest.mark.parametrize("case", shared_cases.cases("credential_rules")["cases"], ids=lambda case: f"{case['name']} -> {case['url']}")
def test_the_first_rule_that_is_broken_is_named(case):
    try:
        name = parse_url(case["name"])
    except ValueError:
        assert case["rule"] == 1
        return
    broken = broken_rule(name, parse_url(case["url"]))
    assert (broken and broken[: len("rule 1")]) == (case["rule"] and f"rule {case['rule']}")
