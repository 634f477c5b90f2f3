"""What a run asks, counted by the endpoint itself."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from conftest import Project, wait_until
from loopback import Endpoint


def models(counting: Endpoint, rows: str, prompt: str = "'Label: ' || body", **parameters: Any) -> dict[str, str]:
    return {
        "models/embedder.sql": f"""{{{{ dbt_ai.create_external_model(location='{counting.embeddings}', api_format='OpenAI',
            model_type='EMBEDDINGS', model='e', parameters={{'dimensions': 8}}) }}}}""",
        "models/llm.sql": f"""{{{{ dbt_ai.create_external_model(location='{counting.chat}', api_format='OpenAI', model_type='CHAT',
            model='c', parameters={parameters}) }}}}""",
        "models/texts.sql": rows,
        "models/answers.sql": f"""{{{{ config(materialized='ai_table') }}}}
            select i, {{{{ dbt_ai.ai_query(ref('llm'), "{prompt}", fail_on_error=false) }}}} as answer from {{{{ ref('texts') }}}}""",
        "models/vectors.sql": """{{ config(materialized='ai_table') }}
            select i, {{ dbt_ai.ai_embed(ref('embedder'), 'body', fail_on_error=false) }} as vector from {{ ref('texts') }}""",
    }


def numbered(count: int, times: int = 1) -> str:
    return f"select i, 'text ' || lpad((i % {count})::varchar, 5, '0') as body from range({count * times}) t(i)"


def agrees(project: Project, counting: Endpoint) -> None:
    """The sums of the last invocation in `usage` are the server's own counters, failed attempts included. A connection that could not be
    made in time, as on a machine that stood still, counts as an attempt that broke, and the server knows nothing of it."""
    counters = counting.counters()
    [(requests, broken, input_tokens, output_tokens)] = project.query(
        """select coalesce(sum(requests), 0), coalesce(sum(broken), 0), coalesce(sum(input_tokens), 0), coalesce(sum(output_tokens), 0)
           from dbt_ai.usage where invocation_id = (select invocation_id from dbt_ai.usage order by started_at desc limit 1)"""
    )
    assert requests - broken == counters["requests"] - counters["poisoned"] and broken >= counters["poisoned"]
    assert (input_tokens, output_tokens) == (counters["input_tokens"], counters["output_tokens"])


def test_only_what_changed_is_asked(project: Project, counting: Endpoint):
    project.write(models(counting, numbered(500)))
    first = project.dbt("run", check=True)
    assert counting.counters()["requests"] == 500 + 2
    agrees(project, counting)
    assert first.message("answers").startswith("SELECT 500 · 500 requests · 0 from store")
    assert "dbt_ai usage" in first.output

    counting.behave()
    again = project.dbt("run", check=True)
    assert counting.counters()["requests"] == 0
    assert "0 requests · 500 from store" in again.message("answers")
    project.dbt("run", "--full-refresh", check=True)
    assert counting.counters()["requests"] == 0

    project.write({"models/texts.sql": numbered(500).replace("'0')", "'0') || case i when 7 then ' changed' else '' end")})
    project.dbt("run", check=True)
    assert counting.counters()["inputs"] == 2  # one for each model
    agrees(project, counting)

    counting.behave()
    project.write(models(counting, numbered(500), prompt="'Classify: ' || body"))
    project.dbt("run", "--select", "answers", check=True)
    assert counting.counters()["requests"] == 500 - 1 or counting.counters()["requests"] == 500
    counting.behave()
    project.write(models(counting, numbered(500)))
    project.dbt("run", check=True)
    assert counting.counters()["requests"] == 0


def test_repeated_rows_are_asked_once(project: Project, counting: Endpoint):
    project.write(models(counting, numbered(300, times=100)))
    project.dbt("run", check=True)
    assert counting.counters()["requests"] == 300 + 2
    assert project.query("select count(*), count(answer.response) from answers") == [(30_000, 30_000)]


def test_a_killed_run_pays_only_for_what_was_not_answered(project: Project, counting: Endpoint):
    project.write(models(counting, numbered(5000)))
    counting.behave(latency=0.3, capacity=128)
    project.dbt("run", "--select", "texts", "llm", check=True)
    running = project.start("run", "--select", "answers")
    wait_until(lambda: counting.counters()["accepted"] >= 1500, running)  # eight seconds before the last one
    running.kill()
    running.wait()
    wait_until(lambda: not counting.counters()["running"])
    accepted = counting.counters()["accepted"]
    counting.behave()
    project.dbt("run", "--select", "answers", check=True)
    assert counting.counters()["requests"] <= 5000 - accepted + 256
    agrees(project, counting)
    assert project.query("select count(*) from answers where answer.response is not null") == [(5000,)]


def test_one_poison_row_is_one_error(project: Project, counting: Endpoint):
    project.write(models(counting, numbered(10_000)))
    counting.behave(poison="text 07777")
    project.dbt("run", "--select", "texts", "embedder", "vectors", check=True)
    assert project.query("select count(vector.response), count(vector.errorStatus) from vectors") == [(9_999, 1)]
    assert counting.counters()["poisoned"] <= 9
    agrees(project, counting)


def test_a_budget_that_would_not_hold_stops_before_the_first_request(project: Project, counting: Endpoint):
    project.configure(max_requests=400)
    project.write(models(counting, numbered(500)))
    run = project.dbt("run", "--select", "texts", "llm", "answers")
    assert not run.ok
    assert "500 requests would exceed max_requests of 400; nothing was sent" in run.message("answers")
    assert counting.counters()["requests"] == 0


def test_a_budget_that_is_hit_stops_keeps_and_resumes(project: Project, counting: Endpoint):
    project.configure(max_tokens=8_000)  # the answers' tokens are not bounded, so the estimate cannot know them
    project.write(models(counting, numbered(1000)))
    counting.behave(latency=0.02, capacity=16)
    run = project.dbt("run", "--select", "texts", "llm", "answers")
    assert not run.ok
    assert "max_tokens of 8,000 is reached" in run.message("answers")
    counters = counting.counters()
    assert 8_000 <= counters["input_tokens"] + counters["output_tokens"] <= 8_000 + 32 * 15
    agrees(project, counting)
    kept = counters["accepted"]
    counting.behave()
    project.dbt("run", "--select", "answers", check=True)
    assert counting.counters()["requests"] == 1000 - kept


def test_an_unknown_price_is_a_refusal_and_a_configured_one_is_not(project: Project, counting: Endpoint):
    project.configure(max_cost_usd=1)
    project.write(models(counting, numbered(50), max_tokens=5))
    refused = project.dbt("run", "--select", "texts", "llm", "answers")
    assert "the price of 'c' is not known" in refused.message("answers")
    assert counting.counters()["requests"] == 0
    project.configure(prices=[{"model": "c", "input_per_million": 10, "output_per_million": 30}])
    run = project.dbt("run", "--select", "answers", check=True)
    assert "$0.01" in run.message("answers")
    [(cost,)] = project.query("select cost_usd from dbt_ai.usage where requests > 0")
    counters = counting.counters()
    assert cost == pytest.approx((counters["input_tokens"] * 10 + counters["output_tokens"] * 30) / 1e6)


def test_two_nodes_that_ask_the_same_in_parallel_ask_it_once(project: Project, counting: Endpoint):
    files = models(counting, numbered(400))
    project.write({**files, "models/answers_too.sql": files["models/answers.sql"]})
    counting.behave(latency=0.1)
    project.dbt("run", "--select", "texts", "llm", check=True)
    project.dbt("run", "--select", "answers", "answers_too", check=True)
    assert counting.counters()["requests"] == 400
    agrees(project, counting)
    assert project.query("select count(*) from dbt_ai.responses") == [(400,)]


def test_a_replay_equals_the_live_run_and_opens_no_socket(project: Project, counting: Endpoint, tmp_path: Path):
    project.configure(mode="record")
    project.write(models(counting, numbered(100)))
    project.dbt("run", check=True)
    live = project.query("select * from answers order by i"), project.query("select * from vectors order by i")
    counting.behave()
    project.database.unlink()
    project.configure(mode="replay")
    project.dbt("run", check=True)
    assert (project.query("select * from answers order by i"), project.query("select * from vectors order by i")) == live
    assert counting.counters()["connections"] <= 1  # the one that asks for the counters
    project.write({"models/texts.sql": numbered(101)})
    run = project.dbt("run")
    assert "answers" in run.message("answers") and "'Label: text 00100'" in run.message("answers")
    assert counting.counters()["requests"] == 0


def test_interrupting_ends_soon_and_keeps_what_was_answered(project: Project, counting: Endpoint):
    project.write(models(counting, numbered(5000)))
    counting.behave(latency=0.2, capacity=32)
    project.dbt("run", "--select", "texts", "llm", check=True)
    running = project.start("run", "--select", "answers")
    wait_until(lambda: counting.counters()["accepted"] >= 200, running)
    os.kill(running.pid, signal.SIGINT)
    running.communicate(timeout=300)
    accepted = counting.counters()["accepted"]
    assert accepted < 1_000  # those of five seconds, of half a minute
    counting.behave()
    project.dbt("run", "--select", "answers", check=True)
    assert counting.counters()["requests"] <= 5000 - accepted + 64


@pytest.mark.parametrize("wrong", ["reset", "garbage", "long", "redirect"])
def test_a_secret_is_nowhere_whatever_goes_wrong(project: Project, counting: Endpoint, wrong: str):
    canary = "canary-7f3a9b"
    project.env["CANARY"] = f'{{"Bearer": "{canary}"}}'
    project.configure(credentials=[{"name": counting.url, "identity": "HTTPEndpointHeaders", "secret_env": "CANARY"}])
    files = models(counting, numbered(20), sql_rest_options={"retry_count": 0})
    files["models/llm.sql"] = files["models/llm.sql"].replace("model='c'", f"model='c', credential='{counting.url}'")
    project.write(files)
    counting.behave(wrong=wrong, poison="00003")
    outputs = [project.dbt("run", "--select", "texts", "llm", "answers").output]
    counting.behave(status=401)
    outputs.append(project.dbt("run", "--select", "answers").output)
    counting.behave(poison="00003")
    outputs.append(project.dbt("run", "--debug", "--select", "answers").output)
    assert all(canary not in output for output in outputs)
    for path in project.path.rglob("*"):
        if path.is_file() and "dbt_packages" not in path.parts:
            assert canary.encode() not in path.read_bytes(), path
    [(answered, failed)] = project.query("select count(answer.response), count(answer.errorStatus) from answers")
    assert (answered, failed) == (19, 1)


def test_an_estimate_equals_what_the_server_then_receives(project: Project, counting: Endpoint):
    project.write(models(counting, numbered(700, times=3), max_tokens=10))
    estimate = [sys.executable, "-m", "dbt_ai.commands.cli", "estimate", "--project-dir", str(project.path), "--select", "answers vectors"]
    unbuilt = subprocess.run(estimate, env=project.environment(), capture_output=True, text=True, cwd=project.path)
    assert unbuilt.returncode == 0, unbuilt.stderr
    assert "?" in unbuilt.stdout
    project.dbt("run", "--select", "texts", check=True)
    told = subprocess.run(estimate, env=project.environment(), capture_output=True, text=True, cwd=project.path)
    assert told.returncode == 0, told.stderr
    lines = {
        line.split("|")[1].strip(): [cell.strip() for cell in line.split("|")[2:-1]] for line in told.stdout.splitlines() if "|" in line
    }
    assert lines["answers"][:2] == ["700", "700"]
    assert lines["vectors"][:2] == ["700", "3"]
    assert lines["answers"][3] == "≤ 7,000"
    assert lines["answers"][4] == "unknown"
    assert counting.counters()["requests"] == 0
    assert project.query("select count(*) from information_schema.tables where table_name in ('answers', 'vectors')") == [(0,)]
    project.dbt("run", check=True)
    assert counting.counters()["requests"] == 700 + 3


def test_nothing_is_built_in_estimate_mode(project: Project, counting: Endpoint):
    project.write(models(counting, numbered(10)))
    project.dbt("run", "--select", "texts", "llm", check=True)
    project.env["DBT_AI_MODE"] = "estimate"
    run = project.dbt("run", "--select", "answers", check=True)
    assert run.message("answers").startswith("ESTIMATE 10 new inputs in 10 requests")
    assert counting.counters()["requests"] == 0
    assert project.query("select count(*) from information_schema.tables where table_name = 'answers'") == [(0,)]


def test_a_bar_is_drawn_on_a_terminal_while_requests_are_under_way(project: Project, counting: Endpoint):
    counting.behave(latency=0.2, capacity=8)
    project.write(models(counting, numbered(100)))
    ours, its = pty.openpty()
    command = project.command("run", "--select", "+answers")
    env = project.environment() | {"CI": "", "TERM": "xterm", "COLUMNS": "80"}  # where CI is set, the terminal is read as a log
    run = subprocess.Popen(command, cwd=project.path, env=env, stdout=subprocess.PIPE, stderr=its, text=True)
    os.close(its)
    drawn = ""
    with suppress(OSError):  # nobody has the other end any more
        while part := os.read(ours, 100_000):
            drawn += part.decode()
    os.close(ours)
    logged, _ = run.communicate(timeout=300)
    assert run.returncode == 0, logged
    assert re.search("answers +█+░+ +[1-9][0-9] %", drawn), drawn
    assert "█" not in logged


def test_a_struct_travels_as_json_however_it_is_written(project: Project, counting: Endpoint):
    counting.behave(answer_bytes=200)
    project.write(models(counting, "select 1"))
    row = "{'a': 1, 'b': 'it''s', 'c': null}"
    conversation = "{'messages': [{'role': 'user', 'content': 'hello'}]}"
    ways = {"column": "x", "literal": row, "field": "y.x", "packed": "struct_pack(a := 1, b := 'it''s', c := null)", "list": "l",
            "map": "m", "text": "body", "number": "n", "conversation": "talk"}  # fmt: skip
    calls = ", ".join("{{ dbt_ai.ai_query(ref('llm'), \"" + sql + '") }} as "' + name + '"' for name, sql in ways.items())
    gen = "{{ dbt_ai.ai_gen(ref('llm'), 'x') }} as gen, {{ dbt_ai.ai_query(ref('llm'), dbt_ai.ai_query(ref('llm'), 'body')) }} as nested"
    project.write(
        {
            "models/rows.sql": f"select {row} as x, {{'x': x}} as y, ['p', 'q'] as l, map{{'k': 1}} as m, '{{a: text}}' as body, 7 as n,"
            f" {conversation} as talk",
            "models/structs.sql": f"{{{{ config(materialized='ai_table') }}}} select {calls}, {gen} from {{{{ ref('rows') }}}}",
        }
    )
    project.dbt("run", "--select", "llm", "rows", "structs", check=True)
    [answers] = project.query("select * from structs")
    json_text = 'answer to {"a":1,"b":"it\'s","c":null}'
    assert dict(zip([*ways, "gen", "nested"], answers, strict=True)) == {
        **dict.fromkeys(("column", "literal", "field", "packed", "gen"), json_text),
        "list": 'answer to ["p","q"]', "map": 'answer to {"k":1}', "text": "answer to {a: text}", "number": "answer to 7",
        "conversation": "answer to hello", "nested": "answer to answer to {a: text}",
    }  # fmt: skip
