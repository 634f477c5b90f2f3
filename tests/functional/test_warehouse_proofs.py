"""The promises on warehouses that are emulated here, in plain dbt commands; test_warehouse.py has them on Postgres."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from emulators import BigQueryServer, SnowflakeServer, bigquery_server, snowflake_server
from loopback import Endpoint
from models import ai_table
from warehouse import WarehouseProject

pytestmark = pytest.mark.env("cloud")

SERVERS = {"snowflake": snowflake_server, "bigquery": bigquery_server}
# Numbers without a function of one warehouse that makes them.
DIGITS = " union all ".join(f"select {digit} as n" for digit in range(10))


@pytest.fixture(scope="module")
def servers() -> Iterator[dict[str, SnowflakeServer | BigQueryServer]]:
    with ExitStack() as stack:
        yield {name: stack.enter_context(start()) for name, start in SERVERS.items()}


@pytest.fixture(params=sorted(SERVERS))
def project(request: pytest.FixtureRequest, tmp_path: Path, servers: dict[str, Any]) -> WarehouseProject:
    made = WarehouseProject(tmp_path, server=servers[request.param])
    made.set_up()
    return made


def numbered(count: int, times: int = 1) -> str:
    text = "{{ dbt.type_string() }}"
    places = " cross join ".join(f"digits as {place}" for place in "abcd")
    return f"""with digits as ({DIGITS}), numbers as (select a.n + 10 * b.n + 100 * c.n + 1000 * d.n as i from {places})
    select i, 'text ' || lpad(cast(mod(i, {count}) as {text}), 5, '0') as body from numbers where i < {count * times}"""


def models(counting: Endpoint, rows: str, prompt: str = "'Label: ' || body", **parameters: Any) -> dict[str, str]:
    return {
        "models/embedder.sql": f"""{{{{ dbt_ai.create_external_model(location='{counting.embeddings}', api_format='OpenAI',
            model_type='EMBEDDINGS', model='e', parameters={{'dimensions': 8}}) }}}}""",
        "models/llm.sql": f"""{{{{ dbt_ai.create_external_model(location='{counting.chat}', api_format='OpenAI', model_type='CHAT',
            model='c', parameters={parameters}) }}}}""",
        "models/texts.sql": rows,
        "models/answers.sql": ai_table(
            f"""with answered as (
                select i, {{{{ dbt_ai.ai_query(ref('llm'), "{prompt}", fail_on_error=false) }}}} as answer from {{{{ ref('texts') }}}}
            )
            select i, {{{{ dbt_ai.ai_field('answer', 'response', 'STRING') }}}} as response,
                   {{{{ dbt_ai.ai_field('answer', 'errorStatus', 'STRING') }}}} as error
            from answered"""
        ),
        "models/vectors.sql": ai_table("select i, {{ dbt_ai.ai_embed(ref('embedder'), 'body') }} as vector from {{ ref('texts') }}"),
    }


def asked(counting: Endpoint) -> int:
    return int(counting.counters().get("requests", 0))


def test_only_what_changed_is_asked(project: WarehouseProject, counting: Endpoint):
    project.write(models(counting, numbered(300)))
    first = project.dbt("run", check=True)
    assert asked(counting) == 300 + 2
    assert "300 requests · 0 from store · price unknown" in first.message("answers")
    assert "left join" in next((project.path / "target/run").rglob("answers.sql")).read_text()
    for arguments in ((), ("--full-refresh",)):
        counting.behave()
        again = project.dbt("run", *arguments, check=True)
        assert asked(counting) == 0
        assert "0 requests · 300 from store" in again.message("answers")
    project.write({"models/texts.sql": numbered(300).replace("5, '0')", "5, '0') || case i when 7 then ' changed' else '' end")})
    project.dbt("run", check=True)
    assert counting.counters()["inputs"] == 2  # one for each model
    counting.behave()
    project.write(models(counting, numbered(300), prompt="'Classify: ' || body"))
    project.dbt("run", "--select", "answers", check=True)
    assert asked(counting) == 300
    counting.behave()
    project.write(models(counting, numbered(300)))
    project.dbt("run", check=True)
    assert asked(counting) == 0
    assert project.query("select count(*), count(response), count(error) from analytics.answers") == [(300, 300, 0)]


def test_repeated_rows_are_asked_once(project: WarehouseProject, counting: Endpoint):
    project.write(models(counting, numbered(20, times=100)))
    project.dbt("run", check=True)
    assert asked(counting) == 20 + 1
    assert project.query("select count(*), count(response) from analytics.answers") == [(2000, 2000)]
    assert project.query("select count(*), count(vector) from analytics.vectors") == [(2000, 2000)]


def test_a_budget_stops_before_it_is_exceeded_and_the_next_run_goes_on(project: WarehouseProject, counting: Endpoint):
    project.write(models(counting, numbered(100)))
    again = "select {{ dbt_ai.ai_query(ref('llm'), \"'Again: ' || response\") }} as again from {{ ref('answers') }}"
    project.write({"models/more.sql": ai_table(again)})
    counting.behave(answer_bytes=100)
    project.configure(max_requests=150)
    refused = project.dbt("run", "--exclude", "vectors")
    assert not refused.ok and "max_requests" in refused.message("more")
    kept = project.answers()
    assert kept == asked(counting) == 100
    project.configure(max_requests=None)
    project.dbt("run", "--exclude", "vectors", check=True)
    assert asked(counting) == project.answers() > kept


def test_an_estimate_says_what_the_run_then_asks_and_builds_nothing(project: WarehouseProject, counting: Endpoint):
    project.write(models(counting, numbered(40)))
    project.dbt("run", "--select", "texts", "llm", "embedder", check=True)
    project.configure(mode="estimate")
    run = project.dbt("run", "--select", "answers")
    assert run.message("answers").startswith("ESTIMATE 40 new inputs in 40 requests, ~")
    assert asked(counting) == 0
    with pytest.raises(Exception, match="(?i)answers"):
        project.query("select * from analytics.answers")
    project.configure(mode="live")
    project.dbt("run", "--select", "answers", check=True)
    assert asked(counting) == 40
