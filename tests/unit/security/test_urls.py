import pytest

from dbt_ai.security.urls import Url, parse_url, shown_url


def test_scheme_and_host_are_read_without_case_and_the_path_with_case():
    assert parse_url("HTTPS://API.Example.COM/V1/Embeddings?A=b") == Url("https", "api.example.com", 443, ("V1", "Embeddings"), "A=b")


def test_a_default_port_is_the_same_as_no_port():
    assert parse_url("https://h:443/a") == parse_url("https://h/a")
    assert parse_url("http://h:80/a") == parse_url("http://h/a")
    assert parse_url("https://h:80/a") != parse_url("https://h/a")


def test_an_empty_path_is_a_slash_and_any_other_trailing_slash_is_a_part():
    assert parse_url("https://h") == parse_url("https://h/")
    assert parse_url("https://h/a/").path == ("a", "")


@pytest.mark.parametrize(
    ("text", "because"),
    [
        ("https://user@h/", "user information"),
        ("https://user:pass@h/a", "user information"),
        ("https://api.openai.com%2f@evil.com/", "user information"),
        ("https://h/a/../b", "dot segments"),
        ("https://h/./b", "dot segments"),
        ("https://h/a/..;x/b", "dot segments"),
        ("https://h/a/%2e%2e/b", "delimiter"),
        ("https://h/a%2Fb", "delimiter"),
        ("https://h/a%5cb", "delimiter"),
        ("https://h/a%252e", "delimiter"),
        ("https://h/a%00", "delimiter"),
        ("https://h/a%zz", "percent"),
        ("https://h%2eevil.com/", "delimiter"),
        ("https://h\\evil.com/", "back slash"),
        ("https://h/a#b", "fragment"),
        ("https://bücher.example/", "xn--"),
        ("https://api.openai.com／evil.com/", "ASCII"),
        ("https://\N{KELVIN SIGN}.example/", "ASCII"),
        ("https://h/a b", "white space"),
        ("https://h/a\r\nX: y", "control"),
        ("https://h:0443/", "form"),
        ("https://h:/", "form"),
        ("https://h:99999/", "port"),
        ("https:///a", "form"),
        ("https://[::1", "form"),
        ("https://[1:2]/", "IPv6"),
        ("http://127.1/", "four decimal numbers"),
        ("http://0x7f.1/", "four decimal numbers"),
        ("http://0X7F000001/", "four decimal numbers"),
        ("http://2130706433/", "four decimal numbers"),
        ("http://0177.0.0.1/", "four decimal numbers"),
        ("http://127.0.0.01/", "four decimal numbers"),
        ("http://127.0.0.256/", "four decimal numbers"),
        ("http://1.2.3.4.5/", "four decimal numbers"),
        ("http://evil.com.0x/", "four decimal numbers"),
        ("http://127.0.0.1./", "empty part"),
        ("http://localhost./", "empty part"),
        ("http://api..example.com/", "empty part"),
        ("http://0.0.0.0:8000/", "write 127.0.0.1 for this one"),
        ("http://[::]:8000/", "for this one"),
        ("ftp://h/", "form"),
        ("h/a", "form"),
        ("", "form"),
    ],
)
def test_what_two_readers_could_understand_differently_is_refused(text, because):
    with pytest.raises(ValueError, match=because):
        parse_url(text)


@pytest.mark.parametrize(
    ("text", "loopback"),
    [
        ("http://127.0.0.1:4000/", True),
        ("http://127.9.9.9/", True),
        ("http://LOCALHOST/", True),
        ("http://[::1]:80/", True),
        ("http://localhost.evil.com/", False),
        ("http://127.0.0.1.evil.com/", False),
        ("http://127.255.255.254:8000/v1", True),
        ("http://llm.localhost:8000/", True),
        ("http://a.b.LocalHost/", True),
        ("http://[0:0:0:0:0:0:0:1]/", True),
        ("http://[::ffff:127.0.0.1]/", True),
        ("http://[::ffff:7f00:1]/", True),
        ("http://[::ffff:10.0.0.1]/", False),
        ("http://[::2]/", False),
        ("http://evillocalhost/", False),
        ("http://localhost.localdomain/", False),
        ("http://128.0.0.1/", False),
        ("http://169.254.169.254/", False),
    ],
)
def test_loopback_is_recognised_and_not_guessed(text, loopback):
    assert parse_url(text).is_loopback is loopback


def test_an_ipv6_host_has_one_name():
    assert parse_url("https://[0:0::0:1]/") == parse_url("https://[::1]/")


def test_a_url_is_shown_without_what_may_be_a_secret():
    assert shown_url("https://user:pass@h/a?code=secret") == "https://h/a"
    assert shown_url("nonsense?code=secret") == "nonsense"
