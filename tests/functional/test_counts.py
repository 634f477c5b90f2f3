"""What a node asked stands in its result, whatever materializes it, and an estimate is a result too."""

from __future__ import annotations

import json
import re
from typing import Any

from conftest import REPOSITORY, Project
from loopback import Endpoint
from models import EMBEDDER, ai_table, external_model

BLOCKS = re.findall(r"^```\w+ (\S+)\n(.*?)^```", (REPOSITORY / "docs/usage.md").read_text(), re.MULTILINE | re.DOTALL)
PREFETCH = 'pre_hook="{{ dbt_ai.ai_prefetch() }}"'
ASKING = "select i, {{ dbt_ai.ai_query(ref('llm'), \"'text ' || (i % 10)\") }} as answer from {{ ref('rows') }}"
SNAPSHOT = f"""{{% snapshot kept %}}
{{{{ config(unique_key='i', strategy='check', check_cols=['answer'], {PREFETCH}) }}}}
{ASKING}
{{% endsnapshot %}}"""


def asking(project: Project, server: Endpoint) -> None:
    project.configure(prices=[{"model": "c", "input_per_million": 10, "output_per_million": 10}])
    project.write(
        {
            "models/llm.sql": external_model(location=server.chat, api_format="OpenAI", model_type="CHAT", model="c"),
            "models/embedder.sql": EMBEDDER,
            "models/rows.sql": "select i from range({{ var('n', 20) }}) t(i)",
            "models/grown.sql": f"{{{{ config(materialized='incremental', unique_key='i', {PREFETCH}) }}}}\n{ASKING}",
            "models/whole.sql": f"{{{{ config(materialized='table', {PREFETCH}) }}}}\n{ASKING.replace('text', 'other')}",
            "models/near.sql": ai_table("select {{ dbt_ai.ai_embed(ref('embedder'), \"'a' || i\") }} as v from range(2) t(i)"),
            "snapshots/kept.sql": SNAPSHOT.replace("text", "third"),
        }
    )


def counts(run: Any, node: str) -> dict[str, Any]:
    found: dict[str, Any] = run.results[node]["adapter_response"]["dbt_ai"]
    return found


def test_counts_are_in_the_log_and_in_run_results_whatever_materializes_the_node(project: Project, counting: Endpoint):
    asking(project, counting)
    run = project.dbt("build", check=True)
    for node in ("grown", "whole", "kept"):
        assert " · 10 requests · 0 from store · <$0.01" in run.message(node)
        figures = counts(run, node)
        assert figures.pop("cost_usd") > 0 and figures.pop("saved_usd") == 0 and figures.pop("input_tokens") > 0
        assert 0 < figures.pop("latency_p50") <= figures.pop("latency_p95")
        asked = {"rows": 20, "distinct": 10, "stored": 0, "asked": 10, "failed": 0, "requests": 10, "output_tokens": 50}
        assert figures == asked
    assert run.message("near") == "SELECT 2 · 2 computed · 0 from store · $0.00"
    again = project.dbt("run", "--vars", json.dumps({"n": 21}), check=True)
    assert "0 requests · 10 from store · $0.00" in again.message("grown") and counts(again, "grown")["saved_usd"] > 0


def test_an_estimate_of_a_node_with_a_pre_hook_is_its_result_and_builds_nothing(project: Project, counting: Endpoint):
    asking(project, counting)
    project.dbt("build", check=True)
    grown = project.path / "models/grown.sql"
    grown.write_text(grown.read_text().replace("text", "new"))
    before = project.query("select count(*), sum(hash(answer)) from grown")
    project.env["DBT_AI_MODE"] = "estimate"
    run = project.dbt("build", check=True)
    assert run.message("grown").startswith("ESTIMATE 10 new inputs in 10 requests")
    assert run.results["grown"]["status"] == "success" and counts(run, "grown")["new_inputs"] == 10
    assert run.message("kept").startswith("ESTIMATE 0 new inputs") and run.message("near").startswith("ESTIMATE 0 new inputs")
    assert project.query("select count(*), sum(hash(answer)) from grown") == before
    assert counting.counters()["requests"] == 30


def test_a_month_s_budget_of_a_tag_holds_over_runs_and_usage_tells_target_and_tags(project: Project, counting: Endpoint):
    asking(project, counting)
    tagged = (project.path / "models/whole.sql").read_text().replace("materialized='table'", "materialized='table', tags=['nightly']")
    project.write({"models/whole.sql": tagged})
    project.configure(budgets=[{"tag": "nightly", "per": "month", "max_requests": 15}])
    project.dbt("run", check=True)
    assert project.query("select target, tags from dbt_ai.usage where node like '%.whole'") == [("dev", '["nightly"]')]
    project.write({"models/whole.sql": tagged.replace("other", "another"), **dict(BLOCKS)})
    run = project.dbt("run")
    assert project.query("select target, sum(requests) from ai_costs group by 1") == [("dev", 20)]
    assert "exposure.project.ai_cost_dashboard" in project.manifest()["exposures"]
    refused = "would exceed max_requests of 15 a month for tag 'nightly' with 10 requests used in this month; nothing was sent"
    assert refused in run.message("whole") and run.results["grown"]["status"] == "success"
    assert counting.counters()["requests"] == 20


def test_a_store_that_was_emptied_beside_its_tables_is_said_before_anything_is_paid(project: Project, counting: Endpoint):
    asking(project, counting)
    assert "no answer is stored" not in project.dbt("run", check=True).output
    project.configure(schema="renamed")
    project.env["DBT_AI_MODE"] = "estimate"
    warned = project.dbt("run", check=True).output
    assert "no answer is stored, but grown, near, whole of this run are built already" in warned
    assert counting.counters()["requests"] == 20
