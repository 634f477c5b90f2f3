"""Hard rows only on a warehouse: what docs/effort.md promises holds where answers are looked up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from effort_models import CALL, EMBEDDER, LABELLED, LARGE, POLICY, ROWS, SMALL, Models, served_models
from models import ai_table
from warehouse import WarehouseProject

pytestmark = pytest.mark.env("postgres")

TICKETS = f"select i as ticket_id, 'ticket ' || i as body from generate_series({{first}}, {{first}} + {ROWS} - 1) as t(i)"


@pytest.fixture
def models() -> Iterator[Models]:
    with served_models() as served:
        yield served


@pytest.fixture
def shop(on_postgres: WarehouseProject, models: Models) -> WarehouseProject:
    on_postgres.write({**models.files, "models/tickets.sql": TICKETS.format(first=0), "models/labelled.sql": LABELLED})
    return on_postgres


def agreement(shop: WarehouseProject, models: Models) -> float:
    rows = shop.query("select ticket_id, label from analytics.labelled")
    assert len(rows) == ROWS
    return models.agreement(rows)


def test_easy_rows_are_answered_by_a_classifier_and_new_ones_by_the_same(shop: WarehouseProject, models: Models, tmp_path: Path):
    run = shop.dbt("run", check=True)
    first = models.answered[LARGE]
    assert 120 <= first < ROWS / 2 and models.answered[EMBEDDER] == ROWS
    assert agreement(shop, models) >= 0.9
    assert "are answered by classifier on embedder, which differed from 'llm' in" in run.output
    stored = dict(shop.query("select answered_by, count(*) from dbt_ai.responses where function = 'ai_classify' group by 1"))
    assert stored == {"llm": first, "classifier on embedder": ROWS - first}
    used = shop.query("select answered_by, executed, requests from dbt_ai.usage where external_model = 'llm' order by 1")
    assert used == [("classifier on embedder", ROWS - first, 0), ("llm", first, first)]
    # Another machine has none of this one's files, and asks nothing again.
    shop.env["DBT_AI_CACHE_DIR"] = str(tmp_path / "another")
    shop.dbt_process("run", check=True)
    assert models.answered == {LARGE: first, EMBEDDER: ROWS} and agreement(shop, models) >= 0.9
    shop.write({"models/tickets.sql": TICKETS.format(first=ROWS)})
    shop.dbt_process("run", check=True)
    assert 20 <= models.answered[LARGE] - first < first and agreement(shop, models) >= 0.9


def test_another_policy_and_a_plain_call_pay_for_no_answer_twice(shop: WarehouseProject, models: Models, tmp_path: Path):
    shop.dbt("run", check=True)
    first = models.answered[LARGE]
    shop.env["DBT_AI_CACHE_DIR"] = str(tmp_path / "another")
    shop.write({"models/labelled.sql": LABELLED.replace("'agreement': 0.9,", "'agreement': 0.95,")})
    shop.dbt_process("run", check=True)
    second = models.answered[LARGE]
    assert second - first < first and models.answered[EMBEDDER] == ROWS and agreement(shop, models) >= 0.95
    plain = ai_table(f"select ticket_id, {{{{ dbt_ai.{CALL.format('')} }}}} as label from {{{{ ref('tickets') }}}}")
    shop.write({"models/plain.sql": plain})
    shop.dbt("run", "--select", "plain", check=True)
    assert models.answered[LARGE] == ROWS
    # What the large model has answered is better than what a proxy did.
    shop.dbt("run", "--select", "labelled", check=True)
    assert models.answered[LARGE] == ROWS and agreement(shop, models) == 1


def test_a_smaller_model_answers_beside_errors_and_an_estimate_is_a_range(shop: WarehouseProject, models: Models):
    policy = POLICY.replace("'embedder': ref('embedder')", "'proxy': ref('small_llm')")
    filtered = f"ai_filter(ref('llm'), 'body', 'It is about a defect', fail_on_error=false, effort={policy})"
    shop.write({"models/labelled.sql": ai_table(f"select ticket_id, {{{{ dbt_ai.{filtered} }}}} as label from {{{{ ref('tickets') }}}}")})
    shop.env["DBT_AI_MODE"] = "estimate"
    assert " to 3,000 new inputs in " in shop.dbt("run", "--select", "+labelled").output and not models.answered
    shop.env["DBT_AI_MODE"] = "live"
    shop.dbt("run", check=True)
    assert models.answered[SMALL] == ROWS and models.answered[LARGE] < ROWS / 2
    counted = "count(*), count((label ->> 'response')::boolean), count(label ->> 'errorStatus')"
    assert shop.query(f"select {counted} from analytics.labelled") == [(ROWS, ROWS, 0)]
    shop.env["DBT_AI_MODE"] = "mock"
    shop.dbt("run", "--full-refresh", check=True)
    assert shop.query(f"select {counted} from analytics.labelled") == [(ROWS, ROWS, 0)]
