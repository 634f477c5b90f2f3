from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

import pytest

from dbt_ai.execution.rate_limit_headers import Left, limits_left, retry_after


@pytest.mark.parametrize(
    "value,seconds",
    [
        ("7", 7.0),
        ("0", 0.0),
        ("1.5", 1.5),
        ("-3", 0.0),
        ("6m0s", 360.0),
        ("1m30s", 90.0),
        ("250ms", 0.25),
        ("6ms", 0.006),
        ("99999999", 3600.0),
        ("1000000000", 3600.0),
        ("1e300", 3600.0),
    ],
)
def test_retry_after_is_read_as_seconds_or_spans(value, seconds):
    assert retry_after({"retry-after": value}) == seconds


@pytest.mark.parametrize("value", ["soon", "", "nan", "1 2", "1m" * 1000, "9" * 5000])
def test_what_is_no_time_is_ignored(value):
    assert retry_after({"retry-after": value}) is None


def test_retry_after_may_be_a_date():
    moment = datetime.now(timezone.utc) + timedelta(seconds=3000)
    assert 2900 < (retry_after({"retry-after": format_datetime(moment, usegmt=True)}) or 0) <= 3000


def test_azure_gives_milliseconds():
    assert retry_after({"retry-after-ms": "1500", "retry-after": "2"}) == 1.5


def test_limits_of_openai_and_of_anthropic_are_read():
    openai = {
        "x-ratelimit-limit-requests": "60",
        "x-ratelimit-remaining-requests": "59",
        "x-ratelimit-reset-requests": "1s",
        "x-ratelimit-remaining-tokens": "149984",
    }
    assert list(limits_left(openai)) == [Left("requests", 60, 59, 1.0), Left("tokens", None, 149984, None)]
    reset = (datetime.now(timezone.utc) + timedelta(seconds=1000)).isoformat().replace("+00:00", "Z")
    [left] = limits_left({"anthropic-ratelimit-tokens-remaining": "5", "anthropic-ratelimit-tokens-reset": reset})
    assert left.kind == "tokens"
    assert 900 < (left.reset or 0) <= 1000


@pytest.mark.parametrize("milliseconds", ["nan", "inf", "-inf"])
def test_a_number_that_is_no_amount_is_ignored(milliseconds):
    assert retry_after({"retry-after-ms": milliseconds, "retry-after": "2"}) == 2


def test_a_date_in_an_impossible_time_zone_is_ignored():
    assert retry_after({"retry-after": "Mon, 1 Jan 2026 00:00:00 +99999999999999"}) is None


@pytest.mark.parametrize("factor", [1, 1000], ids=["seconds", "milliseconds"])
def test_a_moment_of_unix_time_is_a_moment(factor: int):
    now = datetime.now(timezone.utc).timestamp()
    assert 2900 < (retry_after({"retry-after": str(round((now + 3000) * factor))}) or 0) <= 3001
    assert retry_after({"retry-after": str(round((now - 30) * factor))}) == 0
    [left] = limits_left({"x-ratelimit-limit": "20", "x-ratelimit-remaining": "0", "x-ratelimit-reset": str(round((now + 3000) * factor))})
    assert (left.kind, left.limit, left.remaining) == ("requests", 20, 0)
    assert 2900 < (left.reset or 0) <= 3001


@pytest.mark.parametrize("wrong", [timedelta(hours=-7), timedelta(days=3)], ids=["behind", "ahead"])
def test_a_moment_is_read_by_the_clock_of_who_names_it(wrong: timedelta):
    theirs = datetime.now(timezone.utc).replace(microsecond=0) + wrong
    headers = {"date": format_datetime(theirs, usegmt=True)}
    then = theirs + timedelta(seconds=30)
    for moment in (format_datetime(then, usegmt=True), then.isoformat(), str(int(then.timestamp())), str(int(then.timestamp() * 1000))):
        assert retry_after({**headers, "retry-after": moment}) == 30
    later = (then - wrong + timedelta(seconds=3000)).isoformat()
    assert 2900 < (retry_after({"date": "yesterday", "retry-after": later}) or 0) <= 3030


def test_what_has_nothing_left_says_when_to_come_back():
    tokens = {"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "12s"}
    requests = {"x-ratelimit-remaining-requests": "10", "x-ratelimit-reset-requests": "50s"}
    assert retry_after({**tokens, **requests}) == 12
    assert retry_after({**tokens, **requests, "retry-after": "3"}) == 3
    assert retry_after(requests) is None
