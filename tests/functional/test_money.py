"""What a run says it paid is what the endpoint counted, and a budget holds whatever the endpoint does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from conftest import Project
from loopback import Endpoint, endpoint

# What every answer took: 1,000 tokens read, 600 of them from the cache and 100 written to it, and 50 written, 40 of them thoughts.
USAGE = {
    "prompt_tokens": 1000,
    "completion_tokens": 50,
    "total_tokens": 1050,
    "prompt_tokens_details": {"cached_tokens": 600},
    "completion_tokens_details": {"reasoning_tokens": 40},
    "cache_creation_input_tokens": 100,
}
PRICES = {"input_per_million": 10, "output_per_million": 100, "cached_input_per_million": 1, "cache_write_per_million": 12.5}
BY_HAND = (300 * 10 + 600 * 1 + 100 * 12.5 + 50 * 100) / 1e6
SUMS = "sum(requests), sum(input_tokens), sum(cached_input_tokens), sum(cache_write_tokens), sum(output_tokens), sum(reasoning_tokens)"


@pytest.fixture
def server() -> Iterator[Endpoint]:
    with endpoint() as running:
        yield running


def asking(project: Project, server: Endpoint, rows: int, answers: str = "answers", **parameters: Any) -> None:
    project.write(
        {
            "models/llm.sql": f"""{{{{ dbt_ai.create_external_model(location='{server.chat}', api_format='OpenAI', model_type='CHAT',
                model='c', parameters={parameters}) }}}}""",
            f"models/{answers}.sql": f"""{{{{ config(materialized='ai_table') }}}}
                select i, {{{{ dbt_ai.ai_query(ref('llm'), "'text ' || i") }}}} as answer from range({rows}) t(i)""",
        }
    )


def last(project: Project, what: str) -> tuple[Any, ...]:
    """Of the rows of the last invocation that used anything."""
    [row] = project.query(
        f"select {what} from dbt_ai.usage where invocation_id = (select invocation_id from dbt_ai.usage order by started_at desc limit 1)"
    )
    return row


def test_every_class_of_token_is_counted_and_priced(project: Project, server: Endpoint):
    server.behave(usage=USAGE)
    project.configure(prices=[{"model": "c", **PRICES}])
    asking(project, server, 40)
    run = project.dbt("run", check=True)
    assert last(project, SUMS) == (40, 40_000, 24_000, 4_000, 2_000, 1_600)
    assert server.counters()["requests"] == 40
    assert last(project, "sum(cost_usd), sum(estimated)") == (pytest.approx(40 * BY_HAND), 0)
    assert f"${40 * BY_HAND:.2f}" in run.message("answers") and "~" not in run.message("answers")


def test_what_is_stored_has_saved_what_it_had_cost(project: Project, server: Endpoint):
    server.behave(usage=USAGE)
    project.configure(prices=[{"model": "c", **PRICES}])
    asking(project, server, 40)
    project.dbt("run", check=True)
    project.dbt("run", "--full-refresh", check=True)
    assert last(project, "sum(requests), sum(cost_usd), sum(saved_usd)") == (0, 0.0, pytest.approx(40 * BY_HAND))


def test_a_budget_that_cached_input_keeps_is_not_exceeded_by_counting_it_as_new(project: Project, server: Endpoint):
    server.behave(usage=USAGE)
    project.configure(prices=[{"model": "c", **PRICES}], max_cost_usd=41 * BY_HAND)
    asking(project, server, 40)
    assert project.dbt("run").ok


def test_a_budget_that_cache_writes_overrun_stops_and_keeps_what_was_paid(project: Project, server: Endpoint):
    server.behave(usage={**USAGE, "prompt_tokens_details": {}, "cache_creation_input_tokens": 1000}, latency=0.02)
    each = (1000 * 12.5 + 50 * 100) / 1e6
    project.configure(prices=[{"model": "c", **PRICES}], max_cost_usd=20 * each, endpoints=[{"url": server.url, "max_in_flight": 4}])
    asking(project, server, 100)  # what is written is not bounded, so the estimate cannot know
    run = project.dbt("run")
    assert "max_cost_usd of $0.35 is reached" in run.message("answers")
    requests, cost, executed = last(project, "sum(requests), sum(cost_usd), sum(executed)")
    assert 20 <= requests <= 20 + 3  # those that were in flight
    assert (requests, cost) == (server.counters()["requests"], pytest.approx(requests * each))
    assert project.query("select count(*) from dbt_ai.responses") == [(executed,)]


def test_what_an_endpoint_does_not_say_is_estimated_marked_and_counts_against_the_budget(project: Project, server: Endpoint):
    server.behave(usage=None, latency=0.02)
    project.configure(prices=[{"model": "c", **PRICES}])
    asking(project, server, 40)
    run = project.dbt("run", check=True)
    requests, estimated, tokens, cost = last(project, "sum(requests), sum(estimated), sum(input_tokens), sum(cost_usd)")
    assert requests == estimated == 40 and tokens >= 40 and cost > 0
    assert "· ~$0.0" in run.message("answers") or "· ~<$0.01" in run.message("answers")
    assert "  ~" in run.output  # the summary's tokens and cost
    project.configure(max_tokens=200, endpoints=[{"url": server.url, "max_in_flight": 4}])
    asking(project, server, 60)
    project.write({"models/answers.sql": (project.path / "models/answers.sql").read_text().replace("'text '", "'other '")})
    assert not project.dbt("run").ok
    assert server.counters()["requests"] < 40 + 60


def test_a_price_that_is_not_known_never_looks_like_nothing(project: Project, server: Endpoint):
    server.behave(latency=0.5)
    asking(project, server, 40)
    project.configure(endpoints=[{"url": server.url, "max_in_flight": 3}])
    run = project.dbt("run", check=True)
    assert "price unknown" in run.output and "$0.00" not in run.output
    assert last(project, "sum(cost_usd)") == (None,)


def test_requests_that_left_once_more_on_another_connection_are_counted(project: Project, server: Endpoint):
    server.behave(wrong="drop")
    project.configure(endpoints=[{"url": server.url, "max_in_flight": 2}])
    asking(project, server, 40)
    project.dbt("run", check=True)
    counters = server.counters()
    assert counters["drop"] > 10
    requests, retried, broken, executed = last(project, "sum(requests), sum(retried), sum(broken), sum(executed)")
    assert (requests, retried, broken, executed) == (counters["requests"], counters["drop"], counters["drop"], 40)


def test_no_request_beyond_max_requests_leaves_whatever_repeats_it(project: Project, server: Endpoint):
    server.behave(wrong="drop")
    project.configure(endpoints=[{"url": server.url, "max_in_flight": 2}], max_requests=30)
    asking(project, server, 28)
    run = project.dbt("run")
    assert "max_requests of 30 is reached" in run.message("answers")
    assert server.counters()["requests"] == 30
    requests, executed = last(project, "sum(requests), sum(executed)")
    assert requests == 30
    assert project.query("select count(*) from dbt_ai.responses") == [(executed,)]


def test_a_setting_of_a_profile_that_names_nobody_is_a_warning(project: Project, server: Endpoint):
    """A profile may serve several projects. In `vars` it is an error: test_warehouse_trouble.py."""
    asking(project, server, 3)
    price = {"input_per_million": 1}
    project.configure(
        budgets=[{"model": "lmm", "max_requests": 100}],
        prices=[{"model": "cc", **price}],
        endpoints=[{"url": server.url.replace("127.0.0.1", "128.0.0.1"), "max_in_flight": 8}],
    )
    run = project.dbt("run", check=True)
    assert "a budget names the model 'lmm', which this project does not have; did you mean llm? There are c, llm" in run.output
    assert "a price names the model 'cc', which this project does not have; did you mean c?" in run.output
    assert f"endpoints name 'http://128.0.0.1:{server.port}', where no external model of this project is" in run.output
    project.configure(
        budgets=[{"model": name, "max_requests": 100} for name in ("llm", "c")] + [{"node": "answers", "max_requests": 100}],
        prices=[{"model": "c", **price}],
        endpoints=[{"url": server.url, "model": "c", "max_in_flight": 8}],
    )
    run = project.dbt("run", check=True)
    assert " names " not in run.output and " name " not in run.output


def test_an_estimate_says_which_budget_would_refuse_a_node_beside_those_before_it(project: Project, server: Endpoint):
    asking(project, server, 8)
    project.write({"models/more.sql": (project.path / "models/answers.sql").read_text().replace("'text ' ||", "'more ' ||")})
    project.configure(max_requests=10, mode="estimate")
    run = project.dbt("run", "--threads", "1", check=True)
    told = [run.message("answers"), run.message("more")]
    refused = [message for message in told if "this would exceed max_requests of 10 with 8 requests used in this run" in message]
    assert len(refused) == 1 and server.counters()["requests"] == 0
    project.configure(mode="live")
    run = project.dbt("run", "--threads", "1")
    assert sorted(result["status"] for name, result in run.results.items() if name in ("answers", "more")) == ["error", "success"]
    assert server.counters()["requests"] == 8
