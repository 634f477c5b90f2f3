"""How the requests of one endpoint are paced, in simulated time. The ideal is what no client can beat: requests over the limit."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

import pytest
from simulated import Down, Limited, Queue, Report, simulate

from dbt_ai.execution.endpoint_memory import Borne
from dbt_ai.execution.pacer import PATIENCE, Pacer, Quota

SECONDS = 6
RETRY_AFTER = {"retry-after": "1"}
with_and_without_retry_after = pytest.mark.parametrize("refusal", [{}, RETRY_AFTER], ids=["silent", "retry after 1"])

CAPACITIES = [(1, 0.2), (4, 0.2), (12, 0.2), (64, 0.2), (300, 0.2), (512, 0.2), (20, 0.1), (150, 0.5), (30, 1.0)]
# Requests in a second, and how many a bucket holds: a tenth of a second and two seconds.
BUCKETS = [(rate, burst) for rate in (20, 100, 1000) for burst in (rate / 10, rate * 2)]
BOTH = [(12, 100, 200), (20, 100, 10), (20, 150, 15), (30, 100, 10), (300, 1000, 100)]


def then(before: int, after: int, at: float = SECONDS / 2) -> Callable[[float], int]:
    return lambda now: before if now < at else after


@with_and_without_retry_after
@pytest.mark.parametrize("capacity,latency", CAPACITIES)
def test_a_capacity_that_is_not_told_is_found(capacity: int, latency: float, refusal):
    endpoint = Limited(lambda now: capacity, latency=latency, refusal=refusal, jitter=0.02)
    report = simulate(endpoint, round(capacity * SECONDS / latency))
    assert report.seconds <= (1.15 if latency == 0.5 else 1.2) * SECONDS
    assert report.refused <= max(16, 0.05 * capacity * SECONDS / latency)


@with_and_without_retry_after
@pytest.mark.parametrize("capacity,latency,most", [(64, 0.2, 1.7), (150, 0.5, 1.6), (300, 0.2, 2.55), (512, 0.2, 2.7)])
def test_finding_a_capacity_costs_few_round_trips(capacity: int, latency: float, most: float, refusal):
    endpoint = Limited(lambda now: capacity, latency=latency, refusal=refusal, jitter=0.02)
    report = simulate(endpoint, round(capacity * SECONDS / latency))
    assert report.seconds - SECONDS <= most * latency


@with_and_without_retry_after
@pytest.mark.parametrize("before,after", [(32, 64), (150, 300), (256, 512)])
def test_a_capacity_that_doubles_is_in_use_after_five_round_trips(before: int, after: int, refusal):
    report = simulate(Limited(then(before, after), refusal=refusal, jitter=0.02), (before + 2 * after) * 15)
    filled = SECONDS / 2 + 5 * 0.2
    assert report.throughput(filled, filled + 1) >= 0.9 * after / 0.202


@with_and_without_retry_after
@pytest.mark.parametrize("capacity,latency", [(64, 0.2), (300, 0.2), (512, 0.3)])
def test_a_capacity_is_found_by_a_client_that_is_busy_with_each_request(capacity: int, latency: float, refusal):
    endpoint = Limited(lambda now: capacity, latency=latency, refusal=refusal, jitter=0.02)
    report = simulate(endpoint, round(capacity * SECONDS / latency), work=0.0002)
    assert report.seconds <= 1.15 * SECONDS
    assert report.refused <= 100


@with_and_without_retry_after
@pytest.mark.parametrize("capacity", [12, 64, 300, 512])
def test_looking_for_a_larger_capacity_costs_less_than_two_percent_of_the_throughput(capacity: int, refusal):
    report = simulate(Limited(lambda now: capacity, refusal=refusal, jitter=0.02), capacity * 60)
    assert report.throughput(3, 9) >= 0.98 * capacity / 0.202  # the latency, and the way there and back
    assert report.refused <= 0.05 * capacity * 60


@with_and_without_retry_after
@pytest.mark.parametrize("before,after", [(12, 6), (6, 12), (64, 32), (32, 64), (300, 150), (150, 300), (512, 256), (256, 512), (64, 20)])
def test_a_capacity_that_changes_is_followed(before: int, after: int, refusal):
    report = simulate(Limited(then(before, after), refusal=refusal, jitter=0.02), (before + after) * 15)
    assert report.seconds <= 1.2 * SECONDS


@with_and_without_retry_after
@pytest.mark.parametrize("rate,burst", BUCKETS)
@pytest.mark.parametrize("latency", [0.02, 0.05, 0.2])
def test_a_rate_that_is_not_told_is_found(rate: int, burst: float, latency: float, refusal):
    endpoint = Limited(rate=rate, burst=burst, latency=latency, refusal=refusal, jitter=0.02)
    report = simulate(endpoint, round(rate * SECONDS + burst))
    assert report.seconds <= 1.2 * (SECONDS + latency)
    assert report.refused <= max(100, 0.3 * (rate * SECONDS + burst))


@with_and_without_retry_after
@pytest.mark.parametrize("rate,burst", [(100, 10), (100, 100), (400, 400), (1000, 100)])
def test_looking_for_a_higher_rate_costs_less_than_two_percent_of_the_throughput(rate: int, burst: int, refusal):
    report = simulate(Limited(rate=rate, burst=burst, latency=0.05, refusal=refusal, jitter=0.02), rate * 20)
    assert report.throughput(4, 16) >= 0.98 * rate
    assert report.refused <= 0.1 * rate * 20


@with_and_without_retry_after
@pytest.mark.parametrize("before,after", [(100, 50), (50, 100), (1000, 500), (500, 1000), (20, 40)])
def test_a_rate_that_changes_is_followed(before: int, after: int, refusal):
    class Changing(Limited):
        def arrive(self, now: float) -> float | None:
            self.rate = before if now < SECONDS else after
            return super().arrive(now)

    report = simulate(Changing(burst=before / 10, latency=0.05, refusal=refusal, jitter=0.02), (before + after) * SECONDS)
    assert report.seconds <= 1.2 * 2 * SECONDS


@with_and_without_retry_after
@pytest.mark.parametrize("capacity,rate,burst", BOTH)
def test_both_limits_at_once_are_found(capacity: int, rate: int, burst: int, refusal):
    endpoint = Limited(lambda now: capacity, rate, burst, refusal=refusal, jitter=0.02)
    report = simulate(endpoint, min(capacity * 5, rate) * SECONDS)
    assert report.seconds <= 1.2 * SECONDS


@with_and_without_retry_after
@pytest.mark.parametrize("capacity", [1, 8, 12, 64, 150, 300, 512])
def test_a_capacity_that_is_told_is_filled_at_once_and_never_refused(capacity: int, refusal):
    report = simulate(Limited(lambda now: capacity, refusal=refusal), capacity * 30, Quota(max_in_flight=capacity))
    assert report.seconds <= 1.05 * SECONDS
    assert report.refused == 0


@with_and_without_retry_after
@pytest.mark.parametrize("rate,burst", BUCKETS)
def test_a_rate_that_is_told_is_kept_also_where_the_endpoints_bucket_is_smaller(rate: int, burst: float, refusal):
    endpoint = Limited(rate=rate, burst=burst, latency=0.05, refusal=refusal, jitter=0.02)
    report = simulate(endpoint, rate * SECONDS, Quota(requests_per_minute=60 * rate))
    assert report.seconds <= 1.05 * SECONDS
    assert report.refused <= max(12, 0.03 * rate * SECONDS)


@with_and_without_retry_after
@pytest.mark.parametrize("capacity,rate,burst", BOTH)
def test_both_limits_are_told(capacity: int, rate: int, burst: int, refusal):
    endpoint = Limited(lambda now: capacity, rate, burst, refusal=refusal)
    report = simulate(endpoint, min(capacity * 5, rate) * SECONDS, Quota(requests_per_minute=60 * rate, max_in_flight=capacity))
    assert report.seconds <= 1.05 * SECONDS


@pytest.mark.parametrize("capacity,latency", [(64, 0.2), (300, 0.2), (512, 0.2), (150, 0.5), (300, 2.0), (64, 5.0)])
@pytest.mark.parametrize("rounds", [1, 3, 30])
def test_what_an_endpoint_bore_is_used_from_the_first_round_trip_on(capacity: int, latency: float, rounds: int):
    def ask(remembered: Borne | None) -> Report:
        endpoint = Limited(lambda now: capacity, latency=latency, jitter=0.02)
        return simulate(endpoint, capacity * rounds, remembered=remembered)

    first, again = ask(None), ask(Borne(capacity, latency))
    assert again.seconds < first.seconds
    assert again.seconds <= (rounds + 2) * 1.02 * latency
    assert again.refused <= 0.1 * capacity * rounds


@with_and_without_retry_after
@pytest.mark.parametrize("before,after", [(12, 6), (64, 32), (300, 150)])
def test_an_endpoint_that_bears_twice_what_it_bore_at_the_end_of_the_last_run_is_soon_used_in_full(before: int, after: int, refusal):
    endpoint = Limited(then(before, after), refusal=refusal, jitter=0.02)
    report = simulate(endpoint, (before + after) * 15, remembered=Borne(after, 0.2), work=0.0002)
    assert report.throughput(1.0, 2.0) >= 0.9 * before / 0.202
    assert report.seconds <= 1.15 * SECONDS


LESS = [(300, 150, 0.2), (300, 30, 0.2), (300, 30, 2.0), (512, 8, 0.2), (1024, 20, 0.2), (64, 1, 2.0)]


@with_and_without_retry_after
@pytest.mark.parametrize("before,capacity,latency", LESS)
def test_an_endpoint_that_bears_less_than_it_did_is_asked_as_one_that_nobody_knows(before: int, capacity: int, latency: float, refusal):
    def ask(remembered: Borne | None) -> Report:
        endpoint = Limited(lambda now: capacity, latency=latency, refusal=refusal, jitter=0.02)
        return simulate(endpoint, capacity * 30, remembered=remembered, work=0.0002)

    first, again = ask(None), ask(Borne(before, latency))
    assert again.seconds <= 1.05 * first.seconds
    assert again.refused <= first.refused + 32


def test_an_endpoint_that_is_down_is_left_alone_whatever_it_bore():
    endpoint = Down(3.0, refusal={"retry-after": "5"})
    assert simulate(endpoint, 640, remembered=Borne(300, 0.2)).seconds <= 3 + 5 + 5
    assert sum(moment < 3 for moment in endpoint.arrived_at) <= 24


@with_and_without_retry_after
@pytest.mark.parametrize("capacity", [64, 300, 512])
def test_what_an_endpoint_bears_is_told_when_it_was_found(capacity: int, refusal):
    found = simulate(Limited(lambda now: capacity, refusal=refusal, jitter=0.02), capacity * 30).found
    assert found is not None
    assert 0.9 * capacity <= found.in_flight <= 1.1 * capacity
    assert found.seconds == pytest.approx(0.2, rel=0.1)


def test_an_endpoint_that_was_hardly_used_tells_nothing_of_what_it_bears():
    endpoint = Limited(lambda now: 300, jitter=0.02)
    assert simulate(endpoint, 40).found is None
    assert simulate(endpoint, 40, remembered=Borne(300, 0.2)).found is None  # what is remembered stays
    assert simulate(endpoint, 9000, Quota(max_in_flight=300)).found is None


@pytest.mark.parametrize("endpoint", [Limited(lambda now: 64, refusal=RETRY_AFTER), Limited(rate=100, burst=10, refusal=RETRY_AFTER)])
def test_a_refused_request_waits_for_as_long_as_it_was_told_to_and_is_not_forgotten(endpoint: Limited):
    assert 1 < simulate(endpoint, 2000).longest_wait <= 3


@pytest.mark.parametrize("share", [0.01, 0.05, 0.2])
def test_refusals_that_come_however_few_requests_are_sent_slow_nothing_down_for_long(share: float):
    seconds, taken = 5 * SECONDS, []
    for seed in range(5):
        endpoint = Limited(lambda now: 64, refusal=RETRY_AFTER, flaky=share, jitter=0.02, chance=random.Random(seed))
        taken.append(simulate(endpoint, 64 * 5 * seconds, seed=seed).seconds)
    assert sorted(taken)[2] <= 2.5 * seconds


@pytest.mark.parametrize("until", [1.0, 3.0, 20.0])
def test_an_endpoint_that_answers_nothing_is_left_alone_for_as_long_as_it_asks(until: float):
    endpoint = Down(until, refusal={"retry-after": "5"})
    report = simulate(endpoint, 640)
    first = sum(moment < 0.1 for moment in endpoint.arrived_at)
    assert first <= 16
    assert sum(moment < until for moment in endpoint.arrived_at) <= first + until / 5
    assert report.seconds <= until + 5 + 5


def test_an_endpoint_that_stops_answering_is_tried_a_few_times_and_then_left_alone():
    class Breaking(Down):
        def arrive(self, now: float) -> float | None:
            self.arrived_at.append(now)
            return None if 2 <= now < 20 else now + 0.2

    endpoint = Breaking(0, refusal={"retry-after": "5"})
    simulate(endpoint, 20_000)
    assert sum(4 <= moment < 20 for moment in endpoint.arrived_at) <= 4


def test_an_endpoint_that_queues_everything_is_not_flooded():
    report = simulate(Queue(workers=2, service=0.5), 80)
    assert report.seconds <= 1.05 * 20
    assert report.largest_window <= 32


def test_configured_requests_per_minute_are_kept():
    report = simulate(Limited(rate=10, burst=11, latency=0.05), 200, Quota(requests_per_minute=600))
    assert report.refused == 0
    assert report.seconds <= 1.05 * 20


def test_configured_tokens_per_minute_count_what_is_in_flight():
    pacer = Pacer(Quota(tokens_per_minute=6000, max_in_flight=8))
    pacer.leave(0.0, 100)
    assert pacer.wait(0.0, 50, 1) == pytest.approx(0.5)
    assert pacer.wait(0.5, 50, 1) == 0


def test_tokens_that_were_estimated_too_high_are_given_back():
    pacer = Pacer(Quota(tokens_per_minute=6000))
    ticket = pacer.leave(0.0, 100)
    pacer.accepted(ticket, 0.0, {}, tokens=40)
    assert pacer.wait(0.0, 60, 1) == 0


def test_what_was_refused_later_does_not_count_as_borne():
    pacer = Pacer()
    early = [pacer.leave(0.0, 1) for _ in range(100)]
    pacer.busy(early[99], 0.1, {})
    late = pacer.leave(0.2, 1)
    for ticket in early[50:99]:  # the client was busy and hears of them only now
        pacer.busy(ticket, 0.3, {})
    pacer.accepted(late, 0.4, {})
    for now in (1.0, 2.0):  # as many are in flight as the endpoint really bears
        pacer.busy(pacer.leave(now, 1), now + 0.01, {})
    assert not pacer.rate.found


def test_a_refusal_stops_no_other_request_while_others_are_answered():
    pacer = Pacer()
    first, second = pacer.leave(0.0, 1), pacer.leave(0.0, 1)
    assert pacer.busy(first, 0.1, {"retry-after": "7"}) == 7
    pacer.accepted(second, 0.2, {})
    assert pacer.wait(0.2, 1, 100) == 0


def test_a_refusal_of_all_that_is_in_flight_stops_the_whole_endpoint():
    pacer = Pacer()
    for ticket in [pacer.leave(0.0, 1), pacer.leave(0.0, 1)]:
        assert pacer.busy(ticket, 0.1, {"retry-after": "7"}) == 7
    assert pacer.wait(0.1, 1, 100) == pytest.approx(7)


def test_a_wait_longer_than_anybody_has_patience_is_not_believed_while_others_are_answered():
    pacer = Pacer()
    first, second = pacer.leave(0.0, 1), pacer.leave(0.0, 1)
    assert pacer.busy(first, 0.1, {"retry-after": "1000000000"}) == 0
    assert pacer.busy(second, 0.1, {"retry-after": "1000000000"}) > PATIENCE
    assert pacer.wait(0.1, 1, 100) > PATIENCE


def test_remaining_requests_in_headers_are_not_exceeded():
    pacer = Pacer()
    ticket = pacer.leave(0.0, 1)
    announced = {"x-ratelimit-limit-requests": "60", "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "60s"}
    pacer.accepted(ticket, 0.0, announced)
    assert pacer.wait(0.0, 1, 1) == pytest.approx(1.0)


def test_headers_hold_requests_back_for_a_minute_at_most_and_then_the_endpoint_is_asked():
    pacer = Pacer()
    ticket = pacer.leave(0.0, 1)
    announced = {"x-ratelimit-limit-requests": "1", "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "10h"}
    pacer.accepted(ticket, 0.0, announced)
    assert pacer.wait(0.0, 1, 1) == pytest.approx(60)
    assert pacer.wait(60.0, 1, 1) == 0


def test_a_full_window_waits_until_something_returns():
    pacer = Pacer(Quota(max_in_flight=1))
    pacer.leave(0.0, 1)
    assert math.isinf(pacer.wait(0.0, 1, 1))
