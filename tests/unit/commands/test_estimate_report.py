"""What `dbt-ai estimate` prints, for people and for programs."""

from __future__ import annotations

import json
import re
from pathlib import Path

from dbt_ai.commands.estimate import NodeEstimate
from dbt_ai.commands.estimate_report import as_json, shown
from dbt_ai.estimate import Estimate

JSON_BLOCKS = re.findall("```json\n(.*?)```", (Path(__file__).parents[3] / "docs/commands.md").read_text(), re.DOTALL)

LABELS = NodeEstimate("labels", Estimate(700, 700, 9000, 7000, None, ("gpt",)))
VECTORS = NodeEstimate("vectors", Estimate(700, 3, 5000, 0, 0.01))
UNBUILT = NodeEstimate("later", None, "the table texts does not exist")


def test_programs_are_given_the_fields_that_the_docs_list():
    told = json.loads(json.dumps(as_json([LABELS, VECTORS, UNBUILT])))
    [documented] = [json.loads(block) for block in JSON_BLOCKS if '"max_cost_usd"' in block]
    assert told.keys() == documented.keys() and [*told["total"]] == [*documented["total"]]
    assert all([*node] == [*documented["nodes"][0]] for node in told["nodes"])
    labels, _, unbuilt = told["nodes"]
    assert labels["new_inputs"] == 700 and labels["max_cost_usd"] is None and labels["unpriced"] == ["gpt"] and labels["exact"]
    assert unbuilt["new_inputs"] is None and unbuilt["problem"] == "the table texts does not exist" and not unbuilt["exact"]
    assert told["total"]["requests"] == 703 and not told["total"]["exact"]


def test_a_selection_without_ai_calls_is_zero_for_programs():
    assert as_json([])["nodes"] == [] and as_json([])["total"]["max_cost_usd"] == 0.0


def test_people_are_told_what_is_least_and_what_is_unknown():
    lines = shown([LABELS, UNBUILT]).splitlines()
    assert "no price for 'gpt'" in lines[2] and "unknown" in lines[2]
    assert "| ? " in lines[3] and "the table texts does not exist" in lines[3]
    assert "≥ 700" in lines[4]


def test_people_are_told_who_has_the_database():
    problem = "database '/data/warehouse/shop/answers.duckdb' is in use by /usr/bin/python3.11 (PID 7); DuckDB lets one process in"
    assert problem in shown([NodeEstimate("labels", None, problem)])


def test_a_total_is_no_upper_bound_where_a_node_cannot_be_estimated_yet():
    for estimates in ([UNBUILT], [VECTORS, UNBUILT]):
        total = as_json(estimates)["total"]
        assert total["max_cost_usd"] is None and total["max_output_tokens"] is None and not total["exact"]
    assert "$" not in shown([VECTORS, UNBUILT]).splitlines()[-1]


def test_the_most_that_a_proxy_may_leave_to_the_model_is_no_upper_bound_either():
    proxied = NodeEstimate("topics", Estimate(100, 100, 900, 300, 0.01, most=Estimate(700, 700, 9000, 7000, 0.1)))
    most = as_json([proxied, UNBUILT])["total"]["at_most"]
    assert most["requests"] == 700 and most["max_cost_usd"] is None and most["max_output_tokens"] is None and not most["exact"]


def test_what_may_be_followed_by_more_has_no_upper_bound_for_programs_and_says_of_what_it_is_one_for_people():
    first = NodeEstimate("labels", Estimate(300, 300, 6_000, 2_400, 0.02, exact=False))
    told = as_json([first])
    assert [(one["max_output_tokens"], one["max_cost_usd"]) for one in (*told["nodes"], told["total"])] == [(None, None)] * 2
    [row] = shown([first]).splitlines()[2:]
    assert "≥ 300" in row and "≥ ~6,000" in row and "≤ 2,400 for these" in row and "≤ $0.02 for these" in row


def test_a_node_that_a_budget_would_refuse_says_so():
    refused = NodeEstimate("labels", Estimate(700, 700, 9_000, 7_000, 0.02), refusal="this would exceed max_requests of 10")
    assert as_json([refused])["nodes"][0]["refusal"] == "this would exceed max_requests of 10"
    assert "this would exceed max_requests of 10" in shown([refused])
