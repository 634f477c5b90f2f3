import pytest
from simulated import Bucket, Capacity, Queue, simulate

from dbt_ai.execution.pacer import Pacer, Quota


@pytest.mark.parametrize("capacity,latency", [(8, 0.2), (64, 0.2), (512, 0.2), (20, 0.1), (150, 0.5), (30, 1.0)])
def test_a_capacity_that_is_not_told_is_found(capacity: int, latency: float):
    report = simulate(Capacity(lambda now: capacity, latency), round(capacity * 6 / latency))
    assert report.seconds <= 1.3 * 6
    assert report.refused <= capacity


@pytest.mark.parametrize("capacity", [1, 8, 64, 512])
def test_a_capacity_that_is_told_is_filled_at_once_and_never_refused(capacity: int):
    report = simulate(Capacity(lambda now: capacity), capacity * 30, Quota(max_in_flight=capacity))
    assert report.seconds <= 1.10 * 6
    assert report.refused <= 1 + capacity // 64


def test_a_capacity_that_halves_and_doubles_is_followed():
    report = simulate(Capacity(lambda now: 64 if now < 2 else 32 if now < 4 else 64), 64 * 20 + 32 * 10)
    assert report.seconds <= 1.3 * 6


@pytest.mark.parametrize("capacity", [8, 64])
def test_a_refusal_that_costs_a_second_is_not_provoked_again(capacity: int):
    report = simulate(Capacity(lambda now: capacity, refusal={"retry-after": "1"}), capacity * 30)
    assert report.seconds <= 1.3 * 6
    assert report.refused <= 5


@pytest.mark.parametrize("rate,burst", [(100, 100), (400, 400), (10, 10), (100, 10)])
def test_an_endpoint_that_refuses_by_rate_is_asked_at_its_rate(rate: int, burst: int):
    report = simulate(Bucket(rate, burst, latency=0.005), rate * 20)
    assert report.seconds <= 1.3 * 20


def test_an_endpoint_that_queues_everything_is_not_flooded():
    report = simulate(Queue(workers=2, service=0.5), 80)
    assert report.seconds <= 1.05 * 20
    assert report.largest_window <= 32


def test_configured_requests_per_minute_are_kept():
    report = simulate(Bucket(10, burst=11), 200, Quota(requests_per_minute=600))
    assert report.refused == 0
    assert report.seconds <= 1.05 * 20


def test_configured_tokens_per_minute_count_what_is_in_flight():
    pacer = Pacer(Quota(tokens_per_minute=6000))
    pacer.leave(0.0, 100)
    assert pacer.wait(0.0, 50) == pytest.approx(0.5)
    assert pacer.wait(0.5, 50) == 0


def test_tokens_that_were_estimated_too_high_are_given_back():
    pacer = Pacer(Quota(tokens_per_minute=6000))
    ticket = pacer.leave(0.0, 100)
    pacer.accepted(ticket, 0.0, {}, tokens=40)
    assert pacer.wait(0.0, 60) == 0


def test_a_cool_down_stops_the_whole_endpoint_for_as_long_as_it_asks():
    pacer = Pacer()
    first, second = pacer.leave(0.0, 1), pacer.leave(0.0, 1)
    pacer.refused(first, 0.1, {"retry-after": "7"})
    pacer.accepted(second, 0.2, {})
    assert pacer.wait(0.2, 1) == pytest.approx(6.9)


def test_remaining_requests_in_headers_are_not_exceeded():
    pacer = Pacer()
    ticket = pacer.leave(0.0, 1)
    announced = {"x-ratelimit-limit-requests": "60", "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "60s"}
    pacer.accepted(ticket, 0.0, announced)
    assert pacer.wait(0.0, 1) == pytest.approx(1.0)
