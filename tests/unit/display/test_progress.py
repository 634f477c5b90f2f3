from dbt_ai.display.progress import NodeProgress


def test_a_line_tells_how_far_a_node_is():
    line = NodeProgress(expected=5000, done=1200, started=0.0).line("model.project.labels", 64, 0.0, [], now=4.0)
    assert line.startswith("dbt_ai labels: 1,200/5,000 · 64 in flight · 300 rows/s")


def test_a_line_says_why_nothing_happens_and_until_when():
    line = NodeProgress(expected=5000, started=0.0).line("model.project.labels", 0, 3.2, [], now=4.0)
    assert line.startswith("dbt_ai labels: 0/5,000 · refused as busy, next try in 3 s · 0 rows/s")
