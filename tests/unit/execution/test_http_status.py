"""What follows from a status, and what it means in words."""

import pytest

from dbt_ai.execution.http_status import STATUSES, kind_of, status_of
from dbt_ai.execution.outcome import OutcomeKind

AGAIN, BUSY, REFUSED, FOR_ALL = OutcomeKind.AGAIN, OutcomeKind.BUSY, OutcomeKind.REFUSED, OutcomeKind.FOR_ALL


@pytest.mark.parametrize(
    ("kind", "statuses"),
    [
        (AGAIN, [408, 409, 423, 424, 425, 460, 499, 500, 502, 504, 507, 520, 521, 522, 523, 524, 525, 526, 530, 598, 599]),
        (BUSY, [429, 498, 503, 529]),
        (REFUSED, [400, 413, 418, 422, 451]),
        (FOR_ALL, [301, 302, 307, 401, 402, 403, 404, 405, 406, 407, 410, 411, 415, 501, 505, 511]),
    ],
)
def test_every_status_has_a_consequence_and_a_reason(kind, statuses):
    assert {status: kind_of(status, "") for status in statuses} == dict.fromkeys(statuses, kind)
    assert all(status_of(status).reason for status in statuses)


def test_reasons_are_told_apart():
    reasons = [status.reason for status in STATUSES.values()]
    assert len(set(reasons)) >= len(reasons) - 2


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (429, '{"error": {"code": "insufficient_quota"}}'),
        (400, '{"error": {"message": "Your credit balance is too low to access the Anthropic API."}}'),
        (400, '[{"error": {"details": [{"reason": "API_KEY_INVALID"}]}}]'),
        (403, '{"error": "billing_hard_limit_reached"}'),
    ],
)
def test_an_account_or_a_key_that_waiting_does_not_heal_is_a_failure_for_all(status, body):
    assert kind_of(status, body) is FOR_ALL


@pytest.mark.parametrize("body", ["Your input was flagged", "Sorry, you have been blocked", "violates the content policy"])
def test_a_403_that_speaks_of_the_text_refuses_that_text_alone(body):
    assert kind_of(403, body) is REFUSED and kind_of(403, "no access") is FOR_ALL


def test_a_403_that_speaks_of_a_rate_is_waited_for():
    assert kind_of(403, '{"message": "You have exceeded a secondary rate limit"}') is BUSY


@pytest.mark.parametrize(
    "body",
    [
        "input (600 tokens) is too large to process. increase the physical batch size (current batch size: 512)",
        "the input length exceeds the context length",
    ],
)
def test_a_500_that_speaks_of_the_length_of_a_text_refuses_that_text_alone(body):
    assert kind_of(500, body) is REFUSED and kind_of(500, "out of memory") is AGAIN


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ('{"quotaId": "GenerateRequestsPerDayPerProjectPerModel-FreeTier"}', FOR_ALL),
        ("You are using a Trial key, which is limited to 1000 API calls / month", FOR_ALL),
        ("Rate limit reached for model on requests per day (RPD)", FOR_ALL),
        ("limited to 40 API calls / minute and 1000 / month", BUSY),
        ("Free plan: 60 requests per minute, 1000 requests per day", BUSY),
        ("slow down", BUSY),
    ],
)
def test_a_quota_of_a_day_is_waited_for_only_where_the_endpoint_says_how_long(body, kind):
    assert kind_of(429, body) is kind
    assert kind_of(429, body, 30.0) is BUSY


@pytest.mark.parametrize("code", ["exceeded_current_quota_error", "insufficient_user_quota", "Arrearage"])
def test_money_that_is_spent_does_not_come_back_by_waiting(code):
    assert kind_of(429, f'{{"error": {{"type": "{code}"}}}}') is FOR_ALL
