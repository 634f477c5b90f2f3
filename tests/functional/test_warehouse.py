"""The runtime on Postgres in plain dbt commands; test_warehouse_proofs.py has what every warehouse promises."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import wait_until
from loopback import Endpoint
from models import EMBEDDER, LLM, ai_table
from warehouse import PostgresServer, WarehouseProject

pytestmark = pytest.mark.env("postgres")


@pytest.fixture
def project(on_postgres: WarehouseProject) -> WarehouseProject:
    return on_postgres


def models(counting: Endpoint, rows: str, prompt: str = "'Label: ' || body", **parameters: Any) -> dict[str, str]:
    return {
        "models/embedder.sql": f"""{{{{ dbt_ai.create_external_model(location='{counting.embeddings}', api_format='OpenAI',
            model_type='EMBEDDINGS', model='e', parameters={{'dimensions': 8}}) }}}}""",
        "models/llm.sql": f"""{{{{ dbt_ai.create_external_model(location='{counting.chat}', api_format='OpenAI', model_type='CHAT',
            model='c', parameters={parameters}) }}}}""",
        "models/texts.sql": rows,
        "models/answers.sql": ai_table(
            f"""select i, {{{{ dbt_ai.ai_query(ref('llm'), "{prompt}", fail_on_error=false) }}}} as answer from {{{{ ref('texts') }}}}"""
        ),
        "models/vectors.sql": ai_table("select i, {{ dbt_ai.ai_embed(ref('embedder'), 'body') }} as vector from {{ ref('texts') }}"),
    }


def numbered(count: int, times: int = 1) -> str:
    return f"select i, 'text ' || lpad((i % {count})::varchar, 5, '0') as body from generate_series(0, {count * times - 1}) as t(i)"


def asked(counting: Endpoint) -> int:
    return int(counting.counters().get("requests", 0))


def test_rows_without_a_text_ask_nothing_and_an_empty_one_cannot_be_embedded(project: WarehouseProject, counting: Endpoint):
    rows = "select 1 as i, null as body union all select 2, '' union all select 3, 'a text'"
    project.write(models(counting, rows))
    project.write(
        {
            "models/vectors.sql": ai_table(
                "select i, {{ dbt_ai.ai_embed(ref('embedder'), 'body', fail_on_error=false) }} as vector from {{ ref('texts') }}"
            )
        }
    )
    project.dbt("run", check=True)
    assert counting.counters()["inputs"] == 2 + 1
    assert project.query("select i, vector ->> 'errorStatus', vector -> 'response' is null from analytics.vectors order by i") == [
        (1, None, True),
        (2, "empty input: an embedding needs some text", False),
        (3, None, False),
    ]
    assert project.query("select i, answer is null from analytics.answers order by i") == [(1, True), (2, False), (3, False)]


def test_an_interrupted_run_delivers_what_was_answered(project: WarehouseProject, counting: Endpoint):
    project.write(models(counting, numbered(2000)))
    counting.behave(latency=0.5, capacity=64)
    project.dbt("run", "--select", "texts", "llm", check=True)
    running = project.start("run", "--select", "answers")
    wait_until(lambda: counting.counters()["accepted"] >= 500, running)  # twelve seconds before the last one
    running.send_signal(signal.SIGINT)
    running.communicate(timeout=120)
    accepted = counting.counters()["accepted"]
    counting.behave()
    project.dbt("run", "--select", "answers", check=True)
    assert asked(counting) <= 2000 - accepted + 64


SEEN = """{{ config(materialized='view') }}
select i, {{ dbt_ai.ai_query(ref('llm'), "'Label: ' || body") }} as answer from {{ ref('texts') }}"""


def test_a_view_over_ai_calls_is_read_by_any_tool(project: WarehouseProject, counting: Endpoint):
    project.write({**models(counting, numbered(30)), "models/seen.sql": SEEN})
    project.dbt("run", "--select", "seen", "texts", "llm", check=True)
    assert project.query("select count(*), count(answer) from analytics.seen") == [(30, 0)]
    project.dbt("run", "--select", "answers", check=True)
    assert project.query("select count(*), count(answer) from analytics.seen") == [(30, 30)]


@pytest.mark.parametrize(("seen", "through"), [("view", "view"), ("ephemeral", "ephemeral"), ("ephemeral", "view")])
def test_a_table_over_a_view_with_ai_calls_asks_for_the_rows_that_it_reads(
    project: WarehouseProject, counting: Endpoint, seen: str, through: str
):
    project.write(
        {
            **models(counting, numbered(30)),
            "models/seen.sql": SEEN.replace("'view'", f"'{seen}'").replace("\"'Label: ' || body\"", "'body'"),
            "models/through.sql": f"{{{{ config(materialized='{through}') }}}} select * from {{{{ ref('seen') }}}} where i < 10",
            "models/read.sql": ai_table("select * from {{ ref('through') }} as t where i > 4"),
        }
    )
    counting.behave(answer_bytes=100)
    project.dbt("run", "--select", "+read", check=True)
    assert asked(counting) == 5
    assert project.query("select i, answer is not null from analytics.read order by i") == [(i, True) for i in range(5, 10)]


def test_changed_rows_alone_are_planned_and_the_others_kept(project: WarehouseProject, counting: Endpoint):
    project.write(models(counting, numbered(30)))
    project.write(
        {
            "models/answers.sql": ai_table(
                """select i, {{ dbt_ai.ai_query(ref('llm'), "'Label: ' || body") }} as answer
                from {{ dbt_ai.ai_changed_rows(ref('texts'), unique_key='i', inputs=['body']) }} as texts"""
            )
        }
    )
    for count in (30, 31):
        project.write({"models/texts.sql": numbered(count)})
        run = project.dbt("run", "--exclude", "vectors", check=True)
        assert asked(counting) == count
        assert f"{'30 requests' if count == 30 else '1 request'} · 0 from store" in run.message("answers")
        assert project.query("select count(*), count(answer) from analytics.answers") == [(count, count)]


def test_what_a_node_asks_twice_is_counted_once(project: WarehouseProject, counting: Endpoint):
    call = "{{ dbt_ai.ai_query(ref('llm'), 'body') }}"
    project.write(models(counting, numbered(10)))
    project.write({"models/answers.sql": ai_table(f"select i, {call} as answer, {call} as again from {{{{ ref('texts') }}}}")})
    assert "10 requests · 0 from store" in project.dbt("run", "--exclude", "vectors", check=True).message("answers")
    assert "0 requests · 10 from store" in project.dbt("run", "--select", "answers", check=True).message("answers")


def test_parts_of_an_aggregate_are_found_by_another_machine(project: WarehouseProject, counting: Endpoint, tmp_path: Path):
    why = "select {{ dbt_ai.ai_agg(ref('llm'), 'body', 'Why?') }} as why from {{ ref('texts') }}"
    project.write(
        {
            **models(counting, "select i, repeat('word ' || i || ' ', 2000) as body from generate_series(1, 8) as t(i)"),
            "models/answers.sql": ai_table(why),
        }
    )
    project.dbt("run", "--exclude", "vectors", check=True)
    assert asked(counting) > 3
    # The answer to the whole is the last one. The other machine has none of this one's files.
    project.query("delete from dbt_ai.responses where created_at = (select max(created_at) from dbt_ai.responses)")
    project.env["DBT_AI_CACHE_DIR"] = str(tmp_path / "another")
    counting.behave()
    project.dbt_process("run", "--exclude", "vectors", check=True)
    assert asked(counting) == 1


def test_what_reads_a_view_of_mock_answers_says_so_and_its_tests_warn(project: WarehouseProject, counting: Endpoint):
    project.write({**models(counting, numbered(5)), "models/seen.sql": SEEN, "models/read.sql": "select * from {{ ref('seen') }}"})
    labels = "{name: answer, data_tests: [{dbt_ai.ai_accepted_labels: {arguments: {labels: [good]}}}]}"
    project.write({"models/schema.yml": f"models: [{{name: read, columns: [{labels}]}}]"})
    project.env["DBT_AI_MODE"] = "mock"
    project.dbt("run", check=True)
    del project.env["DBT_AI_MODE"]
    run = project.dbt("run", "--select", "read", check=True)
    assert f"model.project.read reads {project.name}.analytics.seen, which holds mock answers" in run.output
    assert "WARN=1" in project.dbt("test", check=True).output
    project.dbt("run", "--exclude", "read", check=True)
    project.dbt("run", "--select", "read", check=True)  # when what it reads is answered
    assert project.query("select count(*) from dbt_ai.mock_relations") == [(0,)]
    assert "ERROR=1" in project.dbt("test").output


@pytest.mark.parametrize("materialized", ["table", "incremental"])
def test_a_built_in_materialization_is_planned_by_a_pre_hook(project: WarehouseProject, counting: Endpoint, materialized: str):
    project.write(models(counting, numbered(30)))
    where = "{% if is_incremental() %} where i >= 30 {% endif %}"
    project.write(
        {
            "models/answers.sql": f"""{{{{ config(materialized='{materialized}', pre_hook="{{{{ dbt_ai.ai_prefetch() }}}}") }}}}
            select i, {{{{ dbt_ai.ai_query(ref('llm'), "'Label: ' || body") }}}} as answer from {{{{ ref('texts') }}}} {where}"""
        }
    )
    project.dbt("run", "--exclude", "vectors", check=True)
    assert asked(counting) == 30
    project.write({"models/texts.sql": numbered(40)})
    project.dbt("run", "--exclude", "vectors", check=True)
    assert asked(counting) == 40
    assert project.query("select count(*), count(answer) from analytics.answers") == [(40, 40)]


def test_types_and_functions_are_those_of_the_engine(project: WarehouseProject):
    project.write(
        {
            "models/llm.sql": LLM,
            "models/embedder.sql": EMBEDDER,
            "models/typed.sql": ai_table(
                """select i,
                  {{ dbt_ai.ai_query(ref('llm'), 'body', return_type='INT') }} as number,
                  {{ dbt_ai.ai_query(ref('llm'), 'body', return_type='TIMESTAMP') }} as moment,
                  {{ dbt_ai.ai_query(ref('llm'), 'body', return_type='DECIMAL(10,2)') }} as amount,
                  {{ dbt_ai.ai_query(ref('llm'), 'body', return_type='ARRAY<STRING>') }} as list,
                  {{ dbt_ai.ai_extract(ref('llm'), 'body', ['name', 'city']) }} as extracted,
                  {{ dbt_ai.ai_filter(ref('llm'), 'body', 'It is nice') }} as nice,
                  {{ dbt_ai.ai_similarity(ref('embedder'), 'body', "'refund'") }} as alike,
                  {{ dbt_ai.ai_query(ref('llm'), dbt_ai.ai_messages('body', system="'Be brief.'")) }} as talked,
                  {{ dbt_ai.ai_query(ref('llm'), dbt_ai.ai_struct(a='i', b='body')) }} as asked
                from (select 1 as i, 'a text' as body) as t"""
            ),
        }
    )
    project.dbt("run", check=True)
    types = dict(project.query("select column_name, data_type from information_schema.columns where table_name = 'typed'"))
    assert types == {
        "i": "integer", "number": "integer", "moment": "timestamp with time zone", "amount": "numeric", "list": "jsonb",
        "extracted": "jsonb", "nice": "boolean", "alike": "double precision", "talked": "text", "asked": "text",
    }  # fmt: skip
    [row] = project.query("select * from analytics.typed")
    assert None not in row


def test_what_cannot_be_planned_is_one_sentence(project: WarehouseProject):
    project.write(
        {
            "models/llm.sql": LLM,
            "models/texts.sql": numbered(3),
            "models/correlated.sql": ai_table(
                "select i, (select max({{ dbt_ai.ai_query(ref('llm'), 't.body || u.body') }}) from {{ ref('texts') }} as u"
                " where u.i < t.i) as x from {{ ref('texts') }} as t"
            ),
            "models/unsettled.sql": ai_table(
                "with q as (select body || random() as x from {{ ref('texts') }}) select {{ dbt_ai.ai_query(ref('llm'), 'x') }} as y from q"
            ),
        }
    )
    run = project.dbt("run")
    assert "asks for different inputs each time it runs" in run.message("unsettled")
    assert "nothing was asked for it; materialize those rows in a model of their own first" in run.message("unsettled")
    assert project.answers() == 0
    message = run.message("correlated")
    assert (
        "an AI call in a subquery reads t.body of the query around it; move the subquery into a CTE with that column, and join it"
        in message
    )
    assert "Traceback" not in message


def test_a_budget_of_a_project_that_names_nobody_is_refused_and_a_price_is_told(project: WarehouseProject):
    project.write({"models/llm.sql": LLM})
    project.configure(prices=[{"model": "lmm", "input_per_million": 1}], budgets=[{"model": "lmm", "max_requests": 100}])
    refused = project.dbt("run")
    assert not refused.ok and not refused.models()
    assert "a budget names the model 'lmm', which this project does not have; did you mean llm?" in refused.output
    project.configure(budgets=[])
    assert "a price names the model 'lmm', which this project does not have" in project.dbt("run", check=True).output


def test_a_schema_that_cannot_be_made_is_one_sentence(project: WarehouseProject, postgres: PostgresServer):
    project.write({"models/llm.sql": LLM, "models/answers.sql": ai_table("select {{ dbt_ai.ai_query(ref('llm'), \"'x'\") }} as answer")})
    project.query("create role poor login; create schema analytics authorization poor")
    output = {**postgres.output(project.name), "user": "poor"}
    project.write({"profiles.yml": json.dumps({"project": {"target": "dev", "outputs": {"dev": output}}})})
    run = project.dbt("run")
    assert not run.ok
    assert "the role of this target must be allowed to create the schema dbt_ai, or somebody creates it once" in run.output
    project.query("create schema dbt_ai; grant usage on schema dbt_ai to poor")
    assert "grant usage and create on schema dbt_ai to the role of this target, which makes its tables once" in project.dbt("run").output


def test_answers_of_the_version_before_are_found_and_its_tables_get_the_new_columns(project: WarehouseProject, counting: Endpoint):
    project.write(models(counting, numbered(10)))
    project.dbt("run", check=True)
    project.query("alter table dbt_ai.responses drop column input, drop column prompt")
    project.query("alter table dbt_ai.usage drop column mode, drop column failure_causes")
    project.query("alter table dbt_ai.usage rename column throttled to refused")
    project.query("update dbt_ai.store_version set version = 3")
    counting.behave()
    project.dbt("run", check=True)
    assert asked(counting) == 0
    assert project.query("select max(version) from dbt_ai.store_version") == [(5,)]
    assert project.query("select count(*), count(mode), count(failure_causes), sum(throttled) from dbt_ai.usage") == [(4, 2, 0, 0)]
    project.query("update dbt_ai.store_version set version = 99")
    assert "written by another version of dbt_ai (store version 99" in project.dbt("run").output


def dbt_ai(project: WarehouseProject, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "dbt_ai.commands.cli", *arguments]
    return subprocess.run(command, cwd=project.path, env=project.environment(), capture_output=True, text=True)


def test_a_fill_asks_what_a_build_of_the_whole_project_will_look_up(project: WarehouseProject, counting: Endpoint):
    """Before anything of it is built, and also what depends on answers of other models."""
    project.write(
        {
            **models(counting, numbered(20)),
            "models/seen.sql": SEEN,
            "models/read.sql": ai_table("select * from {{ ref('seen') }} where i < 10"),
            "models/again.sql": ai_table(
                "select i, {{ dbt_ai.ai_query(ref('llm'), \"'Again: ' || (answer ->> 'response')\") }} as answer from {{ ref('answers') }}"
            ),
        }
    )
    counting.behave(answer_bytes=100)
    project.dbt("parse", check=True)
    early = dbt_ai(project, "fill")
    assert early.returncode == 1
    assert "has not the compiled SQL of " in early.stderr and "; run `dbt compile`" in early.stderr
    project.dbt("compile", check=True)
    estimated = dbt_ai(project, "fill", "--estimate", "--output", "json", "-s", "answers")
    [node] = json.loads(estimated.stdout)["nodes"]
    assert node["state"] == "estimated" and node["expected"]["new_inputs"] == node["expected"]["requests"] == 20, estimated.stderr
    assert asked(counting) == 0
    filled = dbt_ai(project, "fill", "--exclude", "seen", "vectors")
    assert filled.returncode == 0, filled.stdout + filled.stderr
    count = asked(counting)
    project.dbt("run", "--exclude", "vectors", check=True)
    assert asked(counting) == count
    assert project.query("select count(*), count(answer) from analytics.again") == [(20, 20)]
    assert project.query("select count(*), count(answer) from analytics.read") == [(10, 10)]


def test_sql_compiled_for_another_mode_is_refused(project: WarehouseProject, counting: Endpoint):
    project.write(models(counting, numbered(5)))
    project.dbt("run", "--select", "texts", "llm", "embedder", check=True)
    project.dbt("compile", check=True)
    project.configure(mode="mock")
    filled = dbt_ai(project, "fill", "-s", "answers")
    assert filled.returncode == 1
    assert "its SQL was compiled for another mode than mock, or by another version of dbt_ai; compile it again" in filled.stdout
