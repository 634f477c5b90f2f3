"""Decisions where answers are looked up: what docs/decide.md promises of names and labels, and how they are measured in plain SQL."""

from __future__ import annotations

import odd_names
import pytest
from answering import answering_server
from warehouse import WarehouseProject

pytestmark = pytest.mark.env("postgres")

MEASURED = """{{ config(materialized='table') }}
select (select count(*) from {{ dbt_ai.ai_threshold_sweep(ref('decided'), PROBABILITY, truth='i = 0', steps=4) }} as swept
          where selected = 3) as selected,
       (select accuracy from {{ dbt_ai.ai_accuracy(ref('decided'), LABEL, "'a'") }} as judged) as accuracy,
       (select max(occurrences) from {{ dbt_ai.ai_confusion_matrix(ref('decided'), LABEL, "'it''s'") }} as judged) as confused,
       (select brier_sum from {{ dbt_ai.ai_calibration_bins(ref('decided'), PROBABILITY, truth='i = 0') }} as binned) as brier_sum
""".replace("PROBABILITY", "\"(decided -> 'response' -> 'select' ->> 'probability')::float\"").replace("LABEL", "\"label ->> 'label'\"")


def test_names_that_are_words_of_sql_and_labels_of_any_text_come_back_as_they_are(on_postgres: WarehouseProject):
    with answering_server(odd_names.respond) as url:
        on_postgres.write({**odd_names.files(url), "models/measured.sql": MEASURED})
        on_postgres.dbt("run", check=True)
    rows = on_postgres.query("select decided, label, sure from analytics.decided order by i")
    assert rows[-1] == (None, None, None)
    for decided, label, sure in rows[:-1]:
        answer = decided["response"]
        assert decided["errorStatus"] is None and set(answer) == set(odd_names.QUESTIONS) and sure is True
        assert set(answer["order"]["probabilities"]) == set(label["probabilities"]) == set(odd_names.LABELS)
        assert answer["order"]["choice"] == label["label"] == odd_names.LABELS[-1] and answer["select"] == {"probability": 0.75}
    [(selected, accuracy, confused, brier_sum)] = on_postgres.query("select * from analytics.measured")
    # Thresholds 0, 0.25, 0.5 and 0.75 select all three; the row without a text has no label that agrees.
    assert (selected, accuracy, confused) == (4, 0.75, 3)
    assert brier_sum == pytest.approx(0.25**2 + 2 * 0.75**2)
