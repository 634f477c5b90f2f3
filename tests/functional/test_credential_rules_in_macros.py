"""The credential rules that T-SQL is warned of are those that our runtime keeps: the same cases, and any other URL."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import golden
import pytest
import shared_cases
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dbt_ai.security.credentials import broken_rule
from dbt_ai.security.urls import parse_url


@pytest.fixture(scope="module")
def macros() -> Iterator[Any]:
    with golden.compiler().macros(golden.ENGINES["sqlserver"]) as macros:
        yield macros


def number(rule: str | None) -> int | None:
    return None if rule is None else int(rule[len("rule ")])


@pytest.mark.parametrize("case", shared_cases.cases("credential_rules")["cases"], ids=lambda case: f"{case['name']} -> {case['url']}")
def test_the_first_rule_that_is_broken_is_named(macros: Any, case: dict[str, Any]) -> None:
    assert number(macros._sqlserver_broken_credential_rule(case["name"], case["url"])) == case["rule"]


PARTS = ["/", "/v1", "/V1", "/x", "/..", "/..;x", "/.", "/%41", "/%2F", "/%", "/%zz", "/a@b", "/é", "/ "]
URLS = st.builds(
    lambda *parts: "".join(parts),
    st.sampled_from(["https://", "HTTPS://", "http://", "ftp://", ""]),
    st.sampled_from(["h", "H", "a.b", "[::1]", "u@h", "h\\", "größe"]),
    st.sampled_from(["", "", ":443", ":80", ":8443", ":0", ":x"]),
    st.lists(st.sampled_from(PARTS), max_size=3).map("".join),
    st.sampled_from(["", "", "?", "?a=1", "#f"]),
)


@settings(max_examples=1000, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(URLS, URLS)
def test_any_name_is_judged_as_our_runtime_judges_it(macros: Any, name: str, url: str) -> None:
    try:
        called = parse_url(url)
    except ValueError:
        return
    try:
        expected = number(broken_rule(parse_url(name), called))
    except ValueError:
        expected = 1
    assert number(macros._sqlserver_broken_credential_rule(name, url)) == expected
