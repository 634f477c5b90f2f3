from collections import Counter

from dbt_ai.display.node_display import NodeDisplay
from dbt_ai.display.progress import NodeProgress, clock, summary
from dbt_ai.ledger import Usage

OUT = [Usage("model.project.labels", "llm", "c", in_flight=64)]


def test_a_line_tells_how_far_a_node_is():
    line = NodeProgress(expected=5000, done=1200, started=0.0).told(0.0, OUT, now=4.0)
    assert line.startswith("1,200/5,000 · 64 in flight · 300 rows/s")
    assert line.endswith(" · price unknown · 00:13 left")


def test_a_line_says_why_nothing_happens_and_until_when():
    line = NodeProgress(expected=5000, started=0.0).told(3.2, [], now=4.0)
    assert line.startswith("0/5,000 · refused as busy, next try in 3 s · 0 rows/s")
    # Another node's endpoint refuses; this one's requests are out.
    assert "64 in flight" in NodeProgress(expected=5000, started=0.0).told(3.2, OUT, now=4.0)


def test_a_model_that_is_being_loaded_is_no_hang():
    line = NodeProgress(expected=3, started=0.0).told(0.0, [Usage("n", "embedder", "m", is_loading=True)], now=9.0)
    assert line == "0/3 · loading the model"


def test_the_end_of_a_run_says_why_requests_failed_once_for_each_node():
    causes = Counter({"400 no": 7, "too long": 2, **dict.fromkeys("abcd", 1)})
    lines = summary([Usage("model.shop.labels", "llm", "c", executed=9, failed=13, causes=causes)]).splitlines()
    assert lines[-1] == "labels: 13 of 22 requests to llm failed: 7 × 400 no; 2 × too long; 1 × a; 1 × b; 1 × c; 1 other cause"
    assert "failed" not in summary([Usage("model.shop.labels", "llm", "c", executed=9)])


def test_what_is_slow_is_told_by_the_minute():
    line = NodeProgress(expected=100, done=3, started=0.0).told(0.0, OUT, now=6.0)
    assert "30 rows/min" in line and line.endswith("03:14 left")
    assert (clock(59.6), clock(3725)) == ("01:00", "1:02:05")


def test_a_log_has_a_line_now_and_then_that_names_the_node_once():
    said: list[str] = []
    NodeDisplay(said.append).show("model.project.labels", NodeProgress(expected=10, done=1, said=0.0), 0.0, OUT)
    assert len(said) == 1 and said[0].startswith("dbt_ai labels: 1/10 · ")


def test_the_table_of_a_run_has_room_in_eighty_columns_where_nothing_went_wrong():
    asked = Usage("model.project.a_name_of_16_c", "llm", "c", executed=12_345, requests=12_345, input_tokens=900)
    table = summary([asked, Usage("model.project.labels", "llm", "c", executed=2, requests=2)])
    assert max(map(len, table.splitlines())) <= 80 and "failed" not in table and "unknown" in table
    assert "failed" in summary([asked, Usage("model.project.labels", "llm", "c", failed=2, requests=2)])


def test_how_far_jobs_are_is_said_once_and_again_when_it_changes():
    progress = NodeProgress(expected=60, started=0.0, said=0.0)
    waits = [Usage("n", "llm", "m", jobs="1 job: batch_0 (in_progress, 0 of 60 answered)", in_flight=60)]
    assert progress.told(0.0, waits, now=9.0).startswith("0/60 · 1 job: batch_0 (in_progress, 0 of 60 answered) · ")
    assert progress.is_due(waits, now=9.0)
    progress.has_told(waits, now=9.0)
    assert not progress.is_due(waits, now=300.0) and progress.is_due(waits, now=700.0)
    waits[0].jobs = "1 job: batch_0 (in_progress, 12 of 60 answered)"
    assert progress.is_due(waits, now=20.0)
