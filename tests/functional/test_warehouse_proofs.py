"""The promises on warehouses, in plain dbt commands: on Postgres, and on servers in the place of Snowflake and of BigQuery.

All tests of one warehouse share a project, for dbt takes longer to read one than to run it: each has a folder of models, whose texts
begin with its name, so that no two ask the same.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from conftest import Project, Run, wait_until
from emulators import bigquery_server, snowflake_server
from loopback import Endpoint
from models import ai_table
from warehouse import WarehouseProject, postgres_server

pytestmark = [pytest.mark.env("postgres"), pytest.mark.env("cloud")]

SERVERS = {"postgres": postgres_server, "snowflake": snowflake_server, "bigquery": bigquery_server}
HERE = [name for name in SERVERS if importlib.util.find_spec(f"dbt.adapters.{name}")]
SECRET = "sk-loopback-0123456789abcdef"
STORE = [sys.executable, "-m", "dbt_ai.commands.cli", "store"]
# Numbers without a function of one warehouse that makes them.
DIGITS = " union all ".join(f"select {digit} as n" for digit in range(10))


@pytest.fixture(scope="module", params=HERE)
def warehouse(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, running_endpoint: Endpoint) -> Iterator[Any]:
    with SERVERS[request.param]() as server:
        project = WarehouseProject(tmp_path_factory.mktemp(request.param), server=server)
        host = running_endpoint.url
        project.env["LOOPBACK_KEY"] = json.dumps({"Bearer": SECRET})
        project.config["credentials"] = [{"name": host, "identity": "HTTPEndpointHeaders", "secret_env": "LOOPBACK_KEY"}]
        project.set_up()
        project.write(external_models(running_endpoint, credential=host))
        project.dbt("run", check=True)
        yield project


@pytest.fixture(scope="module")
def laptop(tmp_path_factory: pytest.TempPathFactory, running_endpoint: Endpoint) -> Path:
    """A file of answers that a project on DuckDB got."""
    project = Project(tmp_path_factory.mktemp("laptop"))
    project.set_up()
    project.write(external_models(running_endpoint) | models("laptop", numbered("laptop", 60)))
    run = subprocess.run(project.command("run"), cwd=project.path, env=project.environment(), capture_output=True, text=True)
    assert run.returncode == 0, run.stdout
    exported = project.path / "answers.parquet"
    export = [*STORE, "--database", str(project.database), "export", str(exported)]
    subprocess.run(export, env=project.environment(), cwd=project.path, check=True)
    return exported


def external_models(counting: Endpoint, **credential: str) -> dict[str, str]:
    chat: dict[str, Any] = {"location": counting.chat, "api_format": "OpenAI", "model_type": "CHAT", "model": "c", **credential}
    embeddings = {**chat, "location": counting.embeddings, "model_type": "EMBEDDINGS", "model": "e", "parameters": {"dimensions": 8}}
    written = {name: ", ".join(f"{field}={value!r}" for field, value in spec.items())
               for name, spec in (("llm", chat), ("embedder", embeddings))}  # fmt: skip
    return {f"models/{name}.sql": f"{{{{ dbt_ai.create_external_model({fields}) }}}}" for name, fields in written.items()}


def numbered(name: str, count: int, times: int = 1) -> str:
    """Rows whose text begins with the name; each text stands so many times."""
    text = "{{ dbt.type_string() }}"
    places = " cross join ".join(f"digits as {place}" for place in "abcd")
    return f"""with digits as ({DIGITS}), numbers as (select a.n + 10 * b.n + 100 * c.n + 1000 * d.n as i from {places})
    select i, '{name} ' || lpad(cast(mod(i, {count}) as {text}), 5, '0') as body from numbers where i < {count * times}"""


def models(name: str, rows: str, prompt: str = "Label: ", more: str = "") -> dict[str, str]:
    """The models NAME_texts, NAME_answers and NAME_vectors."""
    texts = f"{{{{ ref('{name}_texts') }}}}"
    files = {
        "texts": rows,
        "answers": ai_table(
            f"""with answered as (
                select i, {{{{ dbt_ai.ai_query(ref('llm'), "'{prompt}' || body", fail_on_error=false{more}) }}}} as answer from {texts}
            )
            select i, {{{{ dbt_ai.ai_field('answer', 'response', 'STRING') }}}} as response,
                   {{{{ dbt_ai.ai_field('answer', 'errorStatus', 'STRING') }}}} as error
            from answered"""
        ),
        "vectors": ai_table(f"select i, {{{{ dbt_ai.ai_embed(ref('embedder'), 'body') }}}} as vector from {texts}"),
    }
    return {f"models/{name}/{name}_{kind}.sql": sql for kind, sql in files.items()}


def run(warehouse: WarehouseProject, *nodes: str, check: bool = True, mode: str = "live", options: tuple[str, ...] = ()) -> Run:
    warehouse.env["DBT_AI_MODE"] = mode
    return warehouse.dbt("run", *options, "--select", *nodes, check=check)


def process(warehouse: WarehouseProject, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=warehouse.path, env=warehouse.environment(), capture_output=True, text=True)


def rows_of(warehouse: WarehouseProject, *tables: str) -> list[Any]:
    """Vectors as texts, for fakesnow cannot send one."""
    vector = "to_json_string(vector)" if warehouse.type == "bigquery" else "cast(vector as varchar)"
    columns = {table: f"i, {vector}" if table.endswith("_vectors") else "*" for table in tables}
    return [warehouse.query(f"select {columns[table]} from analytics.{table} order by i") for table in tables]


def counted(warehouse: WarehouseProject, table: str) -> tuple[int, ...]:
    """Rows, answers and errors."""
    [found] = warehouse.query(f"select count(*), count(response), count(error) from analytics.{table}")
    return found


def asked(counting: Endpoint) -> int:
    return int(counting.counters().get("requests", 0))


def test_only_what_changed_is_asked_and_repeated_rows_once(warehouse: WarehouseProject, counting: Endpoint):
    warehouse.write(models("changed", numbered("changed", 20, times=100)))
    first = run(warehouse, "changed")
    assert asked(counting) == 20 + 1
    assert "20 requests · 0 from store · price unknown" in first.message("changed_answers")
    assert "left join" in next((warehouse.path / "target/run").rglob("changed_answers.sql")).read_text()
    assert counted(warehouse, "changed_answers") == (2000, 2000, 0)
    assert warehouse.query("select count(*), count(vector) from analytics.changed_vectors") == [(2000, 2000)]
    for options in ((), ("--full-refresh",)):
        counting.behave()
        again = run(warehouse, "changed", options=options)
        assert asked(counting) == 0
        assert "0 requests · 20 from store" in again.message("changed_answers")
    other = numbered("changed", 20, times=100).replace("5, '0')", "5, '0') || case i when 7 then ' changed' else '' end")
    warehouse.write(models("changed", other))
    run(warehouse, "changed")
    assert counting.counters()["inputs"] == 2  # one for each model
    counting.behave()
    warehouse.write(models("changed", other, prompt="Classify: "))
    run(warehouse, "changed_answers")
    assert asked(counting) == 21
    counting.behave()
    warehouse.write(models("changed", other))
    run(warehouse, "changed_answers")
    assert asked(counting) == 0


def test_a_raised_max_tokens_asks_only_for_what_was_cut_off(warehouse: WarehouseProject, counting: Endpoint):
    for limit, requests in ((100, 20), (200, 0), (200, 0)):
        counting.behave()
        warehouse.write(models("raised", numbered("raised", 20), more=f", model_parameters={{'max_tokens': {limit}}}"))
        run(warehouse, "raised_texts", "raised_answers")
        assert (asked(counting), counted(warehouse, "raised_answers")) == (requests, (20, 20, 0))


SEEN = "{{ config(materialized='ephemeral') }} select i, body, {{ dbt_ai.ai_query(ref('llm'), \"'See: ' || body\") }} as seen"
TOLD = "select i, {{ dbt_ai.ai_query(ref('llm'), \"'Tell: ' || body || seen\") }} as told from {{ ref('report_seen') }}"


def test_the_report_shows_what_was_asked_labelled_compared_and_drawn_on_the_warehouse(warehouse: WarehouseProject, counting: Endpoint):
    files = models("report", numbered("report", 20, times=2))
    files |= {
        "models/report/report_seen.sql": f"{SEEN} from {{{{ ref('report_texts') }}}}",
        "models/report/report_told.sql": ai_table(TOLD),
    }
    drawn = "{{ config(meta={'dbt_ai': {'map': {'vector': 'vector'}}}) }}\n"
    judged = "dbt_ai.ai_accepted_labels: {arguments: {labels: [a]}, config: {severity: warn}}"
    columns = f"models: [{{name: report_answers, columns: [{{name: response, data_tests: [{{{judged}}}]}}]}}]"
    # fakesnow answers a query for vectors with status 500, which Snowflake's client repeats for ever.
    has_map = warehouse.type != "snowflake"
    if has_map:
        files["models/report/report_vectors.sql"] = drawn + files["models/report/report_vectors.sql"]
    warehouse.write(files | {"models/report/report.yml": columns})
    run(warehouse, "report")
    before = asked(counting)
    compare = (*STORE[:-1], "compare", "report_told", "--column", "told", "--rows", "5", "--yes", "--output", "json")
    compared = process(warehouse, *compare, "--prompt", "It's short.")
    assert compared.returncode == 0, compared.stdout + compared.stderr
    found = json.loads(compared.stdout)
    assert (found["rows"], found["a"]["requests"], found["b"]["requests"], asked(counting)) == (5, 0, 5, before + 5), compared.stderr
    assert 'changed (prompt "It\'s short."): 5 new inputs in 5 requests, ~' in compared.stderr and "more may" not in compared.stderr
    made = process(warehouse, *STORE[:-1], "report", "-o", "report.html")
    assert made.returncode == 0, made.stdout + made.stderr
    page = (warehouse.path / "report.html").read_text()
    [row] = re.findall(r'<th scope="row">report_answers</th>\s*<td>.*?</tr>', page.split('id="plans"')[1], re.DOTALL)
    assert re.findall(r"(?:</span>|<td>)([\d,.]+)</td>", row)[1:4] == ["20", "0", "20"]
    assert "How often each label was given" in page and page.count("<circle") == (40 if has_map else 0) and "cannot be read" not in page
    assert "It&#39;s short." in page and "of 5 rows" in page


def test_conversations_and_aggregates_of_all_rows_are_asked_once(warehouse: WarehouseProject, counting: Endpoint):
    texts = "{{ ref('made_texts') }}"
    talk = "dbt_ai.ai_messages('body', system=\"'Be \\\"brief\\\".'\")"
    rows = numbered("made", 3) + " union all select 3, 'an \"odd\" 🎉' union all select 4, null"
    files = {
        "texts": rows,
        "talks": ai_table(f"select i, {{{{ dbt_ai.ai_query(ref('llm'), {talk}) }}}} as response, i as error from {texts}"),
        "whole": ai_table(f"select {{{{ dbt_ai.ai_agg(ref('llm'), 'body', 'Why?') }}}} as response, max(i) as error from {texts}"),
    }
    warehouse.write({f"models/made/made_{name}.sql": sql for name, sql in files.items()})
    for requests in (4 + 1, 0):
        counting.behave()
        run(warehouse, "made")
        assert asked(counting) == requests
    assert (counted(warehouse, "made_talks"), counted(warehouse, "made_whole")) == ((5, 4, 5), (1, 1, 1))
    assert '{"messages":[' in warehouse.compiled("made_talks")


def test_an_estimate_says_what_the_run_then_asks_and_builds_nothing(warehouse: WarehouseProject, counting: Endpoint):
    warehouse.write(models("estimated", numbered("estimated", 40)))
    run(warehouse, "estimated_texts")
    expected = run(warehouse, "estimated_answers", mode="estimate", check=False)
    assert expected.message("estimated_answers").startswith("ESTIMATE 40 new inputs in 40 requests, ~")
    assert asked(counting) == 0
    with pytest.raises(Exception, match="(?i)estimated_answers"):
        counted(warehouse, "estimated_answers")
    run(warehouse, "estimated_answers")
    assert asked(counting) == 40


def test_the_mock_needs_no_key_and_no_network_and_never_meets_real_answers(warehouse: WarehouseProject, counting: Endpoint):
    warehouse.write(models("mocked", numbered("mocked", 20)))
    key = warehouse.env.pop("LOOPBACK_KEY")
    run(warehouse, "mocked", mode="mock")
    warehouse.env["LOOPBACK_KEY"] = key
    assert asked(counting) == 0
    mocked = "select count(*) from analytics.mocked_answers where response like 'mock answer %'"
    assert warehouse.query(mocked) == [(20,)]
    run(warehouse, "mocked")
    assert asked(counting) == 20 + 1
    assert warehouse.query(mocked) == [(0,)]


KEPT = """{{ config(materialized='incremental', pre_hook='{{ dbt_ai.ai_prefetch() }}') }}
select i, {{ dbt_ai.ai_query(ref('llm'), "'Kept: ' || body") }} as answer from {{ ref('kept_texts') }}
{% if is_incremental() %} where i not in (select i from {{ this }}) {% endif %}"""


def test_a_live_increment_on_mock_answers_is_refused_and_a_full_refresh_heals(warehouse: WarehouseProject, counting: Endpoint):
    warehouse.write({"models/kept/kept_texts.sql": numbered("kept", 10), "models/kept/kept_rows.sql": KEPT})
    run(warehouse, "kept", mode="mock")
    refused = run(warehouse, "kept", check=False)
    assert "kept_rows holds mock answers, and a live run would add real ones to them" in refused.output
    assert asked(counting) == 0
    run(warehouse, "kept", options=("--full-refresh",))
    warehouse.write({"models/kept/kept_texts.sql": numbered("kept", 12)})
    run(warehouse, "kept")
    assert asked(counting) == 12
    assert warehouse.query("select count(*) from analytics.kept_rows where answer not like 'mock answer %'") == [(12,)]


MERGED = """select i, {{ dbt_ai.ai_query(ref('llm'), "'Merge: ' || body") }} as answer from {{ ref('merged_texts') }}"""
PLANNED = "pre_hook='{{ dbt_ai.ai_prefetch() }}'"
MERGED_FILES = {
    "models/merged/merged_rows.sql": f"""{{{{ config(materialized='incremental', unique_key='i', {PLANNED}) }}}}
    {MERGED} {{% if is_incremental() %}} where i >= 2 {{% endif %}}""",
    "snapshots/merged_history.sql": f"""{{% snapshot merged_history %}}
    {{{{ config(unique_key='i', strategy='check', check_cols=['answer'], {PLANNED}) }}}}
    {MERGED} {{% endsnapshot %}}""",
}


def test_a_merge_and_a_snapshot_of_dbt_ask_only_for_what_changed(warehouse: WarehouseProject, counting: Endpoint):
    changed = numbered("merged", 5).replace("5, '0')", "5, '0') || case i when 3 then ' changed' else '' end")
    warehouse.env["DBT_AI_MODE"] = "live"
    for texts, requests in ((numbered("merged", 4), 4), (changed, 2)):
        counting.behave(answer_bytes=100)
        warehouse.write({"models/merged/merged_texts.sql": texts} | MERGED_FILES)
        warehouse.dbt("build", "--select", "merged", "merged_history", check=True)
        assert asked(counting) == requests
    numbers = [f"merged {number}" for number in ("00000", "00001", "00002", "00003 changed", "00004")]
    now = [(i, f"answer to Merge: {number}") for i, number in enumerate(numbers)]
    assert warehouse.query("select i, answer from analytics.merged_rows order by i") == now
    history = "select i, answer from analytics.merged_history where dbt_valid_to is {} order by i"
    assert warehouse.query(history.format("null")) == now
    assert warehouse.query(history.format("not null")) == [(3, "answer to Merge: merged 00003")]


def test_the_warehouse_lists_the_external_models_that_the_runtime_answers_for(warehouse: WarehouseProject, counting: Endpoint):
    listed = "select name, api_format, model_type_desc, credential, external_model_id, native is null from dbt_ai.external_models"
    assert sorted(tuple(row[:4]) for row in warehouse.query(listed)) == [
        ("embedder", "OpenAI", "EMBEDDINGS", counting.url), ("llm", "OpenAI", "CHAT", counting.url)
    ]  # fmt: skip
    created = "select create_time, modify_time from dbt_ai.external_models where name = 'llm'"
    before = warehouse.query(created)
    run(warehouse, "llm")
    assert warehouse.query(created) == before
    spoken = external_models(counting, credential=counting.url)["models/llm.sql"]
    warehouse.write({"models/llm.sql": spoken.replace("'c'", "'d'")})
    run(warehouse, "llm")
    [(made, changed)] = warehouse.query(created)
    assert made == before[0][0] and changed > before[0][1]
    warehouse.write({"models/llm.sql": spoken})
    run(warehouse, "llm")


def test_what_was_recorded_is_replayed_without_an_endpoint(warehouse: WarehouseProject, counting: Endpoint):
    tables = ("recorded_answers", "recorded_vectors")
    warehouse.write(models("recorded", numbered("recorded", 30)))
    run(warehouse, "recorded")
    warehouse.write(models("recorded", numbered("recorded", 50)))
    run(warehouse, "recorded", mode="record")  # also what was answered before
    assert counting.counters()["inputs"] == 100
    recorded = rows_of(warehouse, *tables)
    warehouse.query("delete from dbt_ai.responses where 1 = 1")
    counting.behave(status=500)
    for _ in ("nothing is stored", "everything is"):
        run(warehouse, "recorded", mode="replay")
        assert asked(counting) == 0
        assert rows_of(warehouse, *tables) == recorded
    warehouse.write(models("recorded", numbered("recorded", 51)))
    assert "has no answer for ai_query" in run(warehouse, "recorded", mode="replay", check=False).message("recorded_answers")


def test_a_failed_row_is_one_error_value_and_no_secret_is_in_sql_logs_or_tables(warehouse: WarehouseProject, counting: Endpoint):
    strict = "select {{ dbt_ai.ai_query(ref('llm'), \"'Strict: ' || body\") }} as answer from {{ ref('failed_texts') }}"
    warehouse.write(models("failed", numbered("failed", 100)) | {"models/failed/failed_strictly.sql": ai_table(strict)})
    counting.behave(poison="failed 00007")
    nodes = ("failed_texts", "failed_answers", "failed_strictly")
    # One after another: fakesnow fails, and may lose, one of two writes that come at once.
    broken = run(warehouse, *nodes, check=False, options=("--threads", "1"))
    assert broken.results["failed_answers"]["status"] == "success"
    assert "1 of 100 requests failed" in broken.message("failed_strictly")
    assert warehouse.query("select i from analytics.failed_answers where error is not null and response is null") == [(7,)]
    # The query history of a warehouse is what was sent there, all of which is in the debug log.
    files = [path for folder in ("logs", "target", "cache") for path in (warehouse.path / folder).rglob("*") if path.is_file()]
    assert not [path for path in files if SECRET.encode() in path.read_bytes()]
    for table in ("dbt_ai.responses", "dbt_ai.failures", "dbt_ai.usage", "dbt_ai.external_models", "analytics.failed_answers"):
        assert not [row for row in warehouse.query(f"select * from {table}") if SECRET in str(row)]
    counting.behave()
    run(warehouse, *nodes)
    assert asked(counting) == 2
    assert warehouse.query("select count(*) from dbt_ai.failures") == [(0,)]
    assert counted(warehouse, "failed_answers") == (100, 100, 0)


def test_a_killed_run_pays_only_for_what_was_not_answered(warehouse: WarehouseProject, counting: Endpoint):
    warehouse.write(models("killed", numbered("killed", 5000)))
    counting.behave(latency=0.3, capacity=128)
    run(warehouse, "killed_texts")
    running = warehouse.start("run", "--select", "killed_answers")
    wait_until(lambda: counting.counters()["accepted"] >= 1500, running)  # eight seconds before the last one
    running.kill()
    running.wait()
    wait_until(lambda: not counting.counters()["running"])
    accepted = counting.counters()["accepted"]
    counting.behave()
    again = run(warehouse, "killed_answers")
    assert asked(counting) <= 5000 - accepted + 256
    assert "of a run that ended early are in the warehouse now" in again.output
    assert counted(warehouse, "killed_answers") == (5000, 5000, 0)
    assert {path.name.split("-")[0] for path in (warehouse.path / "cache/journals").rglob("*.duckdb")} <= {str(os.getpid())}


def test_two_processes_that_ask_the_same_at_once_store_no_answer_twice(warehouse: WarehouseProject, counting: Endpoint):
    files = models("both", numbered("both", 300))
    warehouse.write(files | {"models/both/both_again.sql": files["models/both/both_answers.sql"]})
    counting.behave(latency=0.3)
    run(warehouse, "both_texts")
    (warehouse.path / "other").mkdir()
    shutil.copy(warehouse.path / "target/partial_parse.msgpack", warehouse.path / "other")
    other = warehouse.start("run", "--select", "both_again", "--target-path", "other", "--log-path", "other")
    wait_until(lambda: asked(counting), other)
    run(warehouse, "both_answers")
    output, _ = other.communicate(timeout=300)
    assert other.returncode == 0, output
    assert counted(warehouse, "both_answers") == counted(warehouse, "both_again") == (300, 300, 0)
    [(count, distinct)] = warehouse.query("select count(*), count(distinct key) from dbt_ai.responses")
    assert count == distinct >= 300


def test_a_store_of_duckdb_answers_everything_and_goes_out_again(warehouse: WarehouseProject, counting: Endpoint, laptop: Path):
    warehouse.write(models("laptop", numbered("laptop", 60)))
    imported = process(warehouse, *STORE, "import", str(laptop))
    assert "120 answers taken in" in imported.stdout, imported.stdout + imported.stderr
    run(warehouse, "laptop")
    assert asked(counting) == 0
    assert counted(warehouse, "laptop_answers") == (60, 60, 0)
    file = warehouse.path / "answers.parquet"
    exported = process(warehouse, *STORE, "export", str(file))
    assert exported.returncode == 0, exported.stderr
    keys = [set(pq.read_table(path, columns=["key"])["key"].to_pylist()) for path in (laptop, file)]
    assert len(keys[0]) == 120 and keys[0] <= keys[1]


WITHOUT_OUR_PACKAGE = """
import os, sys
sys.path = [folder for folder in sys.path if not os.path.exists(os.path.join(folder or ".", "dbt_ai/__init__.py"))]
from dbt.cli.main import cli
cli()
"""


def test_what_was_filled_from_outside_is_built_by_a_dbt_without_our_package(warehouse: WarehouseProject, counting: Endpoint):
    tables = ("filled_answers", "filled_vectors", "filled_seen")
    seen = models("filled", "")["models/filled/filled_answers.sql"].replace("'ai_table'", "'view'")
    warehouse.write(models("filled", numbered("filled", 40)) | {"models/filled/filled_seen.sql": seen})
    run(warehouse, "filled_texts")
    warehouse.dbt("compile", "--select", "filled", check=True)
    fill = (sys.executable, "-m", "dbt_ai.commands.cli", "fill", "--select", *tables)
    filled = process(warehouse, *fill)
    assert filled.returncode == 0, filled.stdout + filled.stderr
    assert "model.project.filled_answers: done, 40 requests" in filled.stdout
    assert asked(counting) == 40 + 1
    built = process(warehouse, sys.executable, "-c", WITHOUT_OUR_PACKAGE, "run", "--select", *tables)
    assert built.returncode == 0, built.stdout
    assert "AI030" in built.stdout
    there = rows_of(warehouse, *tables)
    assert [len(rows) for rows in there] == [40, 40, 40]
    run(warehouse, *tables, options=("--full-refresh",))
    assert asked(counting) == 40 + 1
    assert rows_of(warehouse, *tables) == there
    assert counted(warehouse, "filled_seen") == (40, 40, 0)


def test_a_budget_stops_before_it_is_exceeded_and_the_next_run_goes_on(warehouse: WarehouseProject, counting: Endpoint):
    again = "select {{ dbt_ai.ai_query(ref('llm'), \"'Again: ' || response\") }} as again from {{ ref('budget_answers') }}"
    warehouse.write(models("budget", numbered("budget", 100)) | {"models/budget/budget_more.sql": ai_table(again)})
    counting.behave(answer_bytes=100)
    warehouse.configure(max_requests=150)
    nodes = ("budget_texts", "budget_answers", "budget_more")
    before = warehouse.answers()
    refused = run(warehouse, *nodes, check=False)
    assert "would exceed max_requests of 150 with 100 requests used in this run; nothing was sent" in refused.message("budget_more")
    assert warehouse.answers() - before == asked(counting) == 100
    run(warehouse, *nodes)
    assert warehouse.answers() - before == asked(counting) > 100
