import pytest

from dbt_ai.errors import ConfigurationError
from dbt_ai.security.allowed_hosts import AllowedHosts
from dbt_ai.security.urls import parse_url


def refusal(entries, url):
    return AllowedHosts.from_config(entries).refusal(parse_url(url))


def test_without_entries_every_https_host_is_allowed_and_plain_http_only_to_loopback():
    assert refusal([], "https://anything.example/v1") is None
    assert refusal([], "http://127.0.0.1:8080/v1") is None
    assert "add 'http://vllm.internal:8000' to allowed_hosts" in refusal([], "http://vllm.internal:8000/v1")


def test_with_entries_only_what_they_name_and_loopback_is_allowed():
    assert refusal(["api.openai.com"], "https://API.openai.com/v1") is None
    assert refusal(["api.openai.com"], "http://localhost:1/") is None
    assert "not in allowed_hosts (api.openai.com)" in refusal(["api.openai.com"], "https://evil.com/")
    assert refusal(["api.openai.com"], "https://api.openai.com.evil.com/") is not None
    assert refusal(["api.openai.com"], "http://api.openai.com/") is not None


def test_plain_http_of_a_private_network_is_allowed_by_name_only():
    assert refusal(["http://vllm.internal:8000"], "http://vllm.internal:8000/v1") is None
    assert refusal(["http://vllm.internal:8000"], "http://vllm.internal:8001/v1") is not None
    assert refusal(["http://vllm.internal"], "http://vllm.internal:8001/v1") is None
    assert refusal(["vllm.internal:8000"], "http://vllm.internal:8000/v1") is not None


def test_a_star_stands_for_every_host_below():
    assert refusal(["*.openai.azure.com"], "https://mine.openai.azure.com/openai") is None
    assert refusal(["*.openai.azure.com"], "https://openai.azure.com/") is not None
    assert refusal(["*.openai.azure.com"], "https://evilopenai.azure.com/") is not None


@pytest.mark.parametrize("entry", ["https://h/path", "h?x", "a b", 7, "ftp://h", ""])
def test_an_entry_that_is_no_host_is_named(entry):
    with pytest.raises(ConfigurationError, match="allowed_hosts"):
        AllowedHosts.from_config([entry])
