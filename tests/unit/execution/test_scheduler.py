import json
import threading
import time
from contextlib import closing
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import duckdb
import httpx
import pytest
from executing import Run, Wire, ask, call_of, prompts, requests_of, said, scheduler, until
from loopback import Endpoint

from dbt_ai.budget import Budget
from dbt_ai.call import Input
from dbt_ai.errors import BudgetExceeded, ConfigurationError, PlanError
from dbt_ai.execution import bundle, node_execution
from dbt_ai.execution import endpoint as endpoint_module
from dbt_ai.execution import scheduler as scheduler_module
from dbt_ai.execution.claims import Claims
from dbt_ai.execution.quotas import Quotas
from dbt_ai.execution.scheduler import Scheduler
from dbt_ai.execution.window import FIRST_SIZE
from dbt_ai.external_model import ExternalModel
from dbt_ai.ledger import Ledger
from dbt_ai.pricing import Price, Prices
from dbt_ai.providers.base import LocalProvider
from dbt_ai.response import Responses
from dbt_ai.security.credentials import Credentials
from dbt_ai.store.duckdb_store import DuckDBStore
from dbt_ai.store.no_store import NoStore
from dbt_ai.store.schema import Tables


def rows(count: int) -> list[str]:
    return [json.dumps(f"row {number:02}") for number in range(count)]


@pytest.fixture
def claimants(monkeypatch) -> list[object]:
    """Who has claimed requests, in this order."""
    found: list[object] = []
    claims = Claims.claim

    def claim(self, owner, requests):
        result = claims(self, owner, requests)
        found.append(owner)
        return result

    monkeypatch.setattr(Claims, "claim", claim)
    return found


def test_every_prompt_is_answered_once(server: Endpoint):
    run = ask(call_of(server.chat), prompts(300))
    assert len(run.values) == 300
    assert server.counters()["requests"] == 300
    assert server.counters()["repeated_inputs"] == 0


def test_requests_leave_before_the_catalogue_of_prices_is_read():
    left, read_after = threading.Event(), []

    class Catalogue(Prices):
        def of(self, model: ExternalModel) -> Price | None:
            read_after.append(left.wait(5))
            return None

    def answer(prompt: str) -> tuple[int, dict[str, str], Any]:
        left.set()
        return said("yes")

    asking = Scheduler(Credentials.from_config([]), Ledger(Catalogue()), NoStore(), transport=Wire(answer))
    assert len(Run(asking).execute(call_of("http://127.0.0.1:1/v1/chat/completions"), prompts(3)).values) == 3
    assert read_after and all(read_after)


def test_embeddings_travel_in_full_batches_and_come_back_in_order(server: Endpoint):
    call = call_of(server.embeddings, "EMBEDDINGS")
    run = ask(call, prompts(1000))
    assert server.counters()["per_request"] and sorted(server.counters()["per_request"]) == [232, 256, 256, 256]
    alone = ask(call, prompts(1000)[:1])
    assert run.values[prompts(1)[0]].tolist() == alone.values[prompts(1)[0]].tolist()
    assert len({tuple(vector) for vector in run.values.values()}) > 1


@pytest.mark.parametrize("base64", [True, False, None])
def test_vectors_are_the_same_whether_a_server_takes_ignores_or_refuses_base64(server: Endpoint, base64: bool | None):
    server.behave(base64=base64, dimensions=5)
    call = call_of(f"{server.url}/{base64}/embeddings", "EMBEDDINGS")
    run = ask(call, prompts(600))
    seed = sum(prompts(1)[0].encode()) % 97
    assert run.values[prompts(1)[0]].tolist() == pytest.approx([((seed + 31 * i) % 19 - 9) / 10 for i in range(5)])
    assert server.counters()["requests"] <= 3 + (3 if base64 is None else 0)


def test_a_batch_that_is_too_large_is_split_and_the_size_is_remembered(server: Endpoint):
    server.behave(most_inputs=100, latency=0.01)
    run = ask(call_of(server.embeddings, "EMBEDDINGS"), prompts(5000))
    assert len(run.values) == 5000
    counters = server.counters()
    assert counters["inputs"] == 5000
    assert counters["too_large"] < 30


def test_a_server_that_takes_one_text_at_a_time_is_served(server: Endpoint):
    server.behave(most_inputs=1)
    assert len(ask(call_of(server.embeddings, "EMBEDDINGS"), prompts(40)).values) == 40


def test_one_poison_input_is_isolated_by_bisection(server: Endpoint):
    texts = [f"text {number:05}" for number in range(10_000)]
    server.behave(poison="text 07777")
    run = ask(call_of(server.embeddings, "EMBEDDINGS"), texts)
    assert len(run.values) == 9_999
    assert list(run.failures) == ["text 07777"]
    assert server.counters()["poisoned"] <= 9  # log2(256) + 1


def test_an_endpoint_that_refuses_by_rate_loses_no_row_and_gets_full_batches(server: Endpoint):
    server.behave(rate=20, burst=5, retry_after="1")
    run = ask(call_of(server.embeddings, "EMBEDDINGS"), prompts(256 * 30))
    assert len(run.values) == 256 * 30
    assert set(server.counters()["per_request"]) == {256}


def test_what_breaks_is_tried_again_and_counted(server: Endpoint, quick_retries):
    server.behave(broken=3)
    made = scheduler()
    run = Run(made).execute(call_of(server.chat), prompts(10))
    assert len(run.values) == 10
    total = made.ledger.total()
    assert (total.requests, total.retried, total.broken, total.executed) == (13, 3, 3, 10)
    assert total.requests == server.counters()["requests"]


def test_retry_count_says_how_often(server: Endpoint, quick_retries):
    server.behave(wrong="reset")
    call = call_of(server.chat, sql_rest_options={"retry_count": 2})
    run = ask(call, ["one"])
    assert list(run.failures) == ["one"]
    assert server.counters()["requests"] == 3


def test_an_endpoint_that_is_down_fails_everything_without_trying_everything(quick_retries):
    run = ask(call_of("http://127.0.0.1:9/v1/chat/completions"), prompts(2000))
    assert len(run.failures) == 2000
    [message] = {failure.message for failure in run.failures.values()}
    assert "no connection to 127.0.0.1:9" in message


@pytest.mark.parametrize("status", [401, 404, 302])
def test_what_no_other_input_would_heal_is_asked_a_few_times_only(server: Endpoint, status: int):
    server.behave(status=status)
    run = ask(call_of(server.chat), prompts(2000))
    assert len(run.failures) == 2000
    assert server.counters()["requests"] <= FIRST_SIZE  # all of which have left if the first answer is late


def test_a_call_that_is_wrong_for_every_input_stops_early(server: Endpoint):
    server.behave(status=400)
    run = ask(call_of(server.chat), prompts(2000))
    assert len(run.failures) == 2000
    assert server.counters()["requests"] <= 40


def test_a_row_that_makes_a_custom_model_raise_is_one_failure_even_in_the_only_batch(server: Endpoint, quick_retries):
    server.behave(poison="row 07", status=500)
    run = ask(call_of(server.invocations, "CUSTOM", input_format="inputs"), rows(100))
    assert list(run.failures) == [json.dumps("row 07")]
    assert len(run.values) == 99
    assert server.counters()["poisoned"] <= 2 * 8  # each piece twice, log2(100) + 1 pieces


@pytest.mark.parametrize("poison", ["row 1", "row 3", "5", "row"])
def test_many_rows_that_make_a_custom_model_raise_do_not_take_the_others_along(server: Endpoint, quick_retries, poison: str):
    texts = [text for text in rows(100) if poison in text or poison != "row"]
    server.behave(poison=poison, status=500)
    texts.append(json.dumps("fine"))
    run = ask(call_of(server.invocations, "CUSTOM", input_format="inputs"), texts)
    assert set(run.failures) == {text for text in texts if poison in text}
    assert len(run.values) == len(texts) - len(run.failures)


@pytest.mark.parametrize("status", [500, 502])
@pytest.mark.parametrize("kind", ["CUSTOM", "EMBEDDINGS"])
def test_an_endpoint_that_answers_nothing_but_errors_is_not_bisected_to_the_last_row(
    server: Endpoint, quick_retries, kind: str, status: int
):
    server.behave(status=status)
    location = server.invocations if kind == "CUSTOM" else server.embeddings
    run = ask(call_of(location, kind, **({"input_format": "inputs"} if kind == "CUSTOM" else {})), rows(500))
    assert len(run.failures) == 500
    assert server.counters()["requests"] <= 100


def test_an_exhausted_account_is_no_reason_to_wait(server: Endpoint, monkeypatch):
    server.behave(status=429)
    monkeypatch.setattr(endpoint_module, "PATIENCE", 0.5)
    run = ask(call_of(server.chat), prompts(3))
    assert len(run.failures) == 3


def test_two_nodes_that_ask_the_same_at_once_send_it_once(server: Endpoint, claimants: list[object]):
    class AtOnce(Run):
        def deliver(self, answered):
            until(lambda: len(claimants) == 2)
            super().deliver(answered)

    made = scheduler()
    first, second = AtOnce(made), AtOnce(made)
    threads = [
        threading.Thread(target=run.execute, args=(call_of(server.chat), prompts(50), name)) for run, name in ((first, "a"), (second, "b"))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert first.values == second.values and len(first.values) == 50
    assert server.counters()["requests"] == 50
    assert len(first.stored) + len(second.stored) == 50


def test_a_waiter_takes_over_when_the_sender_is_cancelled(server: Endpoint, claimants: list[object]):
    server.behave(latency=0.3, capacity=4)
    made = scheduler()
    first, second = Run(made), Run(made)
    threads = [
        threading.Thread(target=run.execute, args=(call_of(server.chat), prompts(40), name)) for run, name in ((first, "a"), (second, "b"))
    ]
    for number, thread in enumerate(threads, start=1):
        thread.start()
        until(lambda number=number: len(claimants) == number)
    first.cancelled.set()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    assert len(second.values) == 40


def test_a_waiter_takes_over_when_the_sender_breaks(server: Endpoint, claimants: list[object]):
    made = scheduler()
    second = Run(made)

    def full_disk(answered):
        until(lambda: len(claimants) == 2)
        raise OSError("no space left")

    def fails() -> None:
        with pytest.raises(OSError, match="no space left"):
            made.execute([requests_of(call_of(server.chat), prompts(20))], full_disk, threading.Event(), "a")

    sender = threading.Thread(target=fails)
    sender.start()
    until(lambda: len(claimants) == 1)
    second.execute(call_of(server.chat), prompts(20), "b")
    sender.join()
    assert len(second.values) == 20


def test_what_failed_is_not_asked_again_by_another_node(server: Endpoint):
    server.behave(poison="number 7 ")
    made = scheduler()
    Run(made).execute(call_of(server.chat), prompts(10))
    again = Run(made).execute(call_of(server.chat), prompts(10)[7:8], "b")
    assert list(again.failures) == prompts(10)[7:8]
    assert server.counters()["poisoned"] == 1


def test_cancelling_returns_soon_and_keeps_what_was_answered(server: Endpoint):
    server.behave(latency=0.2, capacity=8)
    run = Run(scheduler())
    cancelled: list[float] = []

    def cancel_while_it_answers() -> None:
        until(lambda: server.counters()["requests"] >= 24)  # some have been answered, eight at a time
        cancelled.append(time.monotonic())
        run.cancelled.set()

    threading.Thread(target=cancel_while_it_answers).start()
    run.execute(call_of(server.chat), prompts(10_000))
    assert time.monotonic() - cancelled[0] < 20  # all of it takes four minutes
    assert 8 <= len(run.values) < 2_000


def test_a_budget_of_requests_is_never_exceeded_and_what_was_paid_is_kept(server: Endpoint):
    server.behave(latency=0.02)
    run = Run(scheduler(Budget(requests=50)))
    with pytest.raises(BudgetExceeded, match="max_requests of 50 is reached"):
        run.execute(call_of(server.chat), prompts(500))
    assert server.counters()["requests"] == 50
    assert len(run.values) == 50


def test_a_budget_of_tokens_stops_within_one_window(server: Endpoint):
    server.behave(latency=0.05, capacity=8)
    made = scheduler(Budget(tokens=500))
    run = Run(made)
    with pytest.raises(BudgetExceeded, match="max_tokens of 500 is reached"):
        run.execute(call_of(server.chat), prompts(500))
    used = server.counters()["input_tokens"] + server.counters()["output_tokens"]
    per_request = used / server.counters()["accepted"]
    assert 500 <= used <= 500 + 20 * per_request
    assert made.ledger.total().tokens == used
    assert len(run.values) == server.counters()["accepted"]


@pytest.mark.parametrize(("parameters", "times"), [({}, 2), ({"sql_rest_options": {"retry_count": 2}}, 3)])
def test_a_request_that_takes_all_its_time_is_sent_once_more_unless_the_model_says_how_often(parameters: dict[str, Any], times: int):
    sent = 0

    class Hangs(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            nonlocal sent
            sent += 1
            raise httpx.ReadTimeout("late", request=request)

    run = ask(call_of("http://127.0.0.1:1/v1/chat/completions", **parameters), prompts(1), transport=Hangs())
    assert sent == times
    assert [failure.message for failure in run.failures.values()] == ["127.0.0.1: no whole answer within 600 s"]


def test_a_node_ends_at_its_deadline(server: Endpoint):
    server.behave(wrong="hang")
    started = time.monotonic()
    with pytest.raises(PlanError, match="node_seconds"):
        Run(scheduler(node_seconds=0.5)).execute(call_of(server.chat), prompts(5))
    assert time.monotonic() - started < 20


def test_a_node_of_a_local_model_ends_at_its_deadline_too(monkeypatch):
    now = [0.0]

    class Slow(LocalProvider):
        def respond(self, call, inputs):
            for index, text in enumerate(inputs):
                now[0] += 0.1
                yield [index], Responses([f"answer to {text}"])

    for module in (node_execution, scheduler_module):
        monkeypatch.setattr(module, "provider_of", lambda model: Slow())
    monkeypatch.setattr(node_execution, "time", SimpleNamespace(monotonic=lambda: now[0]))
    run = Run(scheduler(node_seconds=0.35))
    with pytest.raises(PlanError, match="node_seconds"):
        run.execute(call_of("http://127.0.0.1:9/v1/chat/completions"), prompts(30))
    assert len(run.values) == 4


def test_a_secret_that_an_endpoint_repeats_is_not_repeated(server: Endpoint, monkeypatch):
    monkeypatch.setenv("SECRET", '{"Bearer": "canary-in-the-mine"}')
    server.behave(poison="prompt")
    call = call_of(server.chat)
    made = scheduler(credentials=[{"name": server.url, "identity": "HTTPEndpointHeaders", "secret_env": "SECRET"}])
    run = Run(made)
    run.execute(replace(call, model=replace(call.model, credential=server.url)), prompts(2))
    assert len(run.failures) == 2
    for failure in run.failures.values():
        assert "canary" not in failure.message and "***" in failure.message


def test_a_host_that_is_not_allowed_is_refused_before_anything_leaves():
    with pytest.raises(ConfigurationError, match="plain http"):
        ask(call_of("http://example.com/v1/chat/completions"), ["x"])


def test_the_parts_of_an_aggregate_are_paid_once_whatever_ends_the_run(server: Endpoint, tmp_path):
    server.behave(answer_bytes=30)
    connection = duckdb.connect(str(tmp_path / "store.duckdb"))
    store = DuckDBStore(connection.cursor, Tables("dbt_ai"))

    call = replace(call_of(server.chat), function="ai_agg", input=Input.TEXT_LIST)
    group = json.dumps([f"{number:03} " + "x" * 9_000 for number in range(9)])
    with closing(scheduler(Budget(requests=3), store=store)) as made, pytest.raises(BudgetExceeded):
        Run(made).execute(call, [group])
    assert server.counters()["requests"] == 3
    with closing(scheduler(store=store)) as made:
        run = Run(made).execute(call, [group])
    assert server.counters()["requests"] == 6  # five parts and the whole
    assert server.counters()["repeated_inputs"] == 0
    assert list(run.values) == [group]
    connection.close()


def test_answers_that_wait_to_be_stored_hold_up_no_window_that_is_wider_than_they_are_many(
    server: Endpoint, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(bundle, "LONGEST_UNSTORED", 600.0)  # how many may wait, not how long
    server.behave(latency=0.2)
    made = scheduler(quotas=Quotas.from_config([{"url": server.url, "max_in_flight": 300}]))
    released, run = threading.Event(), Run(made)
    run.deliver = lambda parts: released.wait(120) and Run.deliver(run, parts)  # type: ignore[method-assign]
    storing = threading.Thread(target=run.execute, args=(call_of(server.chat), prompts(2000)))
    storing.start()
    within_a_narrow_window = bundle.MOST_UNSTORED + 300
    deadline = time.monotonic() + 60
    while server.counters()["requests"] <= within_a_narrow_window and time.monotonic() < deadline:
        time.sleep(0.1)
    time.sleep(1)  # nothing more may be asked
    asked = server.counters()["requests"]
    released.set()
    storing.join(120)
    assert within_a_narrow_window < asked <= 2 * 300
    assert len(run.values) == 2000
