"""Hard rows only: a proxy answers the easy rows of a model, as docs/effort.md writes it, against servers on loopback that count."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from conftest import REPOSITORY, Project
from effort_models import CALL, EMBEDDER, LABELLED, LARGE, POLICY, ROWS, SMALL, Models, served_models
from models import ai_table

TICKETS = f"select i as ticket_id, 'ticket ' || i as body from range({{first}}, {{first}} + {ROWS}) t(i)"
PLAIN = ai_table(f"select ticket_id, {{{{ dbt_ai.{CALL.format('')} }}}} as label from {{{{ ref('tickets') }}}}")


@pytest.fixture
def models() -> Iterator[Models]:
    with served_models() as served:
        yield served


@pytest.fixture
def shop(project: Project, models: Models) -> Project:
    project.write({**models.files, "models/tickets.sql": TICKETS.format(first=0), "models/labelled.sql": LABELLED})
    return project


def agreement(shop: Project, models: Models) -> float:
    return models.agreement(shop.query("select ticket_id, label from labelled"))


def test_easy_rows_are_answered_by_a_classifier_and_the_promise_holds(shop: Project, models: Models):
    run = shop.dbt("run", check=True)
    asked = models.answered[LARGE]
    assert 120 <= asked < ROWS / 2 and models.answered[EMBEDDER] == ROWS
    assert agreement(shop, models) >= 0.9
    assert "are answered by classifier on embedder, which differed from 'llm' in" in run.output
    stored = dict(shop.query("select answered_by, count(*) from dbt_ai.responses where function = 'ai_classify' group by all"))
    assert stored == {"llm": asked, "classifier on embedder": ROWS - asked}
    used = shop.query("select answered_by, executed, requests from dbt_ai.usage where external_model = 'llm' order by 1")
    assert used == [("classifier on embedder", ROWS - asked, 0), ("llm", asked, asked)]
    # The same run again asks nothing, and no plain call pays again for what the large model has answered.
    shop.dbt("run", "--full-refresh", check=True)
    assert models.answered[LARGE] == asked
    shop.write({"models/plain.sql": PLAIN})
    shop.dbt("run", check=True)
    assert models.answered[LARGE] == ROWS


def test_new_rows_are_answered_by_the_same_classifier_until_it_no_longer_holds(shop: Project, models: Models):
    shop.dbt("run", check=True)
    first = models.answered[LARGE]
    shop.write({"models/tickets.sql": TICKETS.format(first=ROWS)})
    shop.dbt("run", check=True)
    second = models.answered[LARGE] - first
    # Nothing is tried or fitted again, but some of the new rows are checked.
    assert 20 <= second < first and agreement(shop, models) >= 0.9
    models.drifted = True
    shop.write({"models/tickets.sql": TICKETS.format(first=2 * ROWS)})
    run = shop.dbt("run", check=True)
    assert models.answered[LARGE] - first - second == ROWS and agreement(shop, models) == 1
    assert f"all {ROWS:,} new inputs of ai_classify go to 'llm': classifier on embedder differed from 'llm' in" in run.output
    # The next run fits another one.
    shop.write({"models/tickets.sql": TICKETS.format(first=3 * ROWS)})
    shop.dbt("run", check=True)
    fourth = models.answered[LARGE] - first - second - ROWS
    assert 100 <= fourth < ROWS / 2 and agreement(shop, models) >= 0.9


def test_another_policy_pays_for_no_answer_twice_and_keeps_its_own(shop: Project, models: Models):
    shop.dbt("run", check=True)
    first = models.answered[LARGE]
    shop.write({"models/labelled.sql": LABELLED.replace("'agreement': 0.9,", "'agreement': 0.95,")})
    shop.dbt("run", check=True)
    # It begins with the rows that were asked before, and checks more of them.
    assert models.answered[LARGE] - first < first and agreement(shop, models) >= 0.95
    [(asked,)] = shop.query("select count(*) from dbt_ai.responses where answered_by = 'llm'")
    assert asked == models.answered[LARGE] and models.answered[EMBEDDER] == ROWS


def test_a_smaller_model_answers_by_its_probabilities(shop: Project, models: Models):
    policy = POLICY.replace("'embedder': ref('embedder')", "'proxy': ref('small_llm')")
    filtered = f"ai_filter(ref('llm'), 'body', 'It is about a defect', effort={policy})"
    shop.write({"models/labelled.sql": LABELLED.replace(POLICY, policy)})
    shop.dbt("run", check=True)
    asked = models.answered[LARGE]
    assert models.answered[SMALL] == ROWS and asked < ROWS / 2 and agreement(shop, models) >= 0.9
    stored = dict(shop.query("select answered_by, count(*) from dbt_ai.responses where function = 'ai_classify' group by all"))
    assert stored == {"llm": asked, "small_llm": ROWS - asked}
    shop.write({"models/labelled.sql": ai_table(f"select ticket_id, {{{{ dbt_ai.{filtered} }}}} as label from {{{{ ref('tickets') }}}}")})
    shop.dbt("run", check=True)
    assert shop.query("select typeof(label), count(*) from labelled group by all") == [("BOOLEAN", ROWS)]
    assert models.answered[LARGE] - asked < ROWS / 2


def test_an_estimate_is_a_range_and_a_budget_counts(shop: Project, models: Models):
    shop.env["DBT_AI_MODE"] = "estimate"
    run = shop.dbt("run", "--select", "+labelled")
    assert not models.answered
    found = re.search(r"ESTIMATE ([\d,]+) to 3,000 new inputs in \d+ to ([\d,]+) requests", run.output)
    assert found and 1_600 < int(found[1].replace(",", "")) < 1_700, run.output
    shop.env["DBT_AI_MODE"] = "live"
    shop.configure(max_requests=60)
    run = shop.dbt("run")
    assert "would exceed max_requests of 60; nothing was sent" in run.output and not models.answered


def test_rows_of_which_nothing_can_be_promised_all_go_to_the_large_model(shop: Project, models: Models):
    shop.write({"models/tickets.sql": TICKETS.format(first=0) + " limit 90"})
    run = shop.dbt("run", check=True)
    assert "all 90 new inputs of ai_classify go to 'llm': 90 are too few to check a proxy on some of them" in run.output
    assert models.answered == {LARGE: 90}
    models.of_one_kind = True
    shop.write({"models/tickets.sql": TICKETS.format(first=ROWS)})
    run = shop.dbt("run", check=True)
    assert "go to 'llm': it gave the same answer to all of the 100 that it was asked first" in run.output
    assert models.answered[LARGE] == 90 + ROWS


@pytest.mark.parametrize(
    ("policy", "says"),
    [
        ("{'agreement': 95, 'confidence': 0.95, 'embedder': ref('embedder')}", "effort: agreement 95 is not the share of all rows"),
        (
            "{'agreement': 0.9, 'confidence': 1.0, 'embedder': ref('embedder')}",
            "confidence 1.0 is not the probability with which that holds",
        ),
        ("{'agreement': fromyaml('.nan'), 'confidence': 0.9, 'embedder': ref('embedder')}", "agreement nan is not the share of all rows"),
        ("{'agreement': 0.9, 'confidence': 0.9}", "effort names no proxy; give either 'embedder': ref('…')"),
        ("{'agreement': 0.9, 'confidence': 0.9, 'embeder': ref('embedder')}", "effort has embeder, which is not known; give agreement"),
        ("{'agreement': 0.9, 'confidence': 0.9, 'embedder': ref('llm')}", "effort: embedder 'llm' is an external model of model_type CHAT"),
    ],
)
def test_a_policy_that_cannot_be_kept_is_refused_when_it_is_compiled(shop: Project, policy: str, says: str):
    shop.write({"models/labelled.sql": LABELLED.replace(POLICY, policy)})
    run = shop.dbt("compile", "--select", "labelled")
    assert not run.ok and says in run.output, run.output


def test_a_view_whose_rows_are_answered_one_at_a_time_is_refused(shop: Project):
    shop.write({"models/labelled.sql": LABELLED.replace("ai_table", "view")})
    run = shop.dbt("compile", "--select", "labelled")
    assert "ai_classify: model.project.labelled is a view, whose rows are answered one at a time, so that effort cannot tell" in run.output
    hook = "{{ config(materialized='table', pre_hook='{{ dbt_ai.ai_prefetch() }}') }}"
    shop.write({"models/labelled.sql": LABELLED.replace("{{ config(materialized='ai_table') }}", hook)})
    assert shop.dbt("compile", "--select", "labelled").ok


def test_the_page_of_the_documentation_builds_with_the_mock_and_a_cassette_has_all_that_a_replay_needs(shop: Project, models: Models):
    blocks = re.findall(r"^```sql (\S+)\n(.*?)^```", (REPOSITORY / "docs/effort.md").read_text(), re.MULTILINE | re.DOTALL)
    shop.write(dict(blocks))
    shop.env["DBT_AI_MODE"] = "mock"
    shop.dbt("run", "--select", "+ticket_topics", check=True)
    assert not models.answered and shop.query("select count(*), count(topic), count(refund) from ticket_topics") == [(ROWS, ROWS, ROWS)]
    shop.database.unlink()
    shop.env["DBT_AI_MODE"] = "record"
    shop.dbt("run", "--select", "+labelled", check=True)
    recorded, asked = shop.query("from labelled order by all"), models.answered.copy()
    shop.database.unlink()
    shop.env["DBT_AI_MODE"] = "replay"
    shop.dbt("run", "--select", "+labelled", check=True)
    assert shop.query("from labelled order by all") == recorded and models.answered == asked
