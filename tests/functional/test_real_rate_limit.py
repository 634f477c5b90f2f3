"""A 429 of a server that we did not write: litellm's proxy, which keeps a limit of requests per minute."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import KEY, Project, Server, litellm_proxy, wait_until
from models import ai_table, external_model

PER_MINUTE = 40


@pytest.fixture
def limited(tmp_path: Path) -> Iterator[Server]:
    """A model that answers at once, PER_MINUTE times in each minute of the clock; it sends no Retry-After."""
    model = {"model": "openai/m", "api_key": "none", "mock_response": "hello", "rpm": PER_MINUTE}
    config = {
        "model_list": [{"model_name": "m", "litellm_params": model}],
        "router_settings": {"routing_strategy": "usage-based-routing-v2"},
        "litellm_settings": {"num_retries": 0},
    }
    with litellm_proxy(tmp_path, config) as server:
        yield server


def test_prompts_beyond_a_real_rate_limit_wait_and_none_fails(project: Project, limited: Server):
    prompts = 3 * PER_MINUTE // 2
    project.env["SERVER_SECRET"] = json.dumps({"Bearer": KEY})
    project.configure(credentials=[{"name": limited.url, "identity": "HTTPEndpointHeaders", "secret_env": "SERVER_SECRET"}])
    project.write(
        {
            "models/llm.sql": external_model(
                model_type="CHAT",
                model="m",
                location=f"{limited.url}/v1/chat/completions",
                api_format="OpenAI",
                credential=limited.url,
                # Not one attempt to spare: a refusal must not use one up.
                parameters={"sql_rest_options": {"retry_count": 0}},
            ),
            "models/answers.sql": ai_table(
                "select i, {{ dbt_ai.ai_query(ref('llm'), 'body') }} as answer"
                f" from (select i, 'prompt ' || i as body from range({prompts}) t(i))"
            ),
        }
    )
    wait_until(lambda: time.time() % 60 < 30)  # two minutes, of which one ends while they leave, have room for all of them
    project.dbt("build", check=True)
    assert project.query("select count(answer), count(distinct answer) from answers") == [(prompts, 1)]
    [(executed, failed, requests, throttled, retried)] = project.query(
        "select executed, failed, requests, throttled, retried from dbt_ai.usage"
    )
    assert (executed, failed) == (prompts, 0)
    # One that the proxy did not take, for it closed the connection just then, goes once more too.
    assert 0 < throttled <= retried and requests == prompts + retried
