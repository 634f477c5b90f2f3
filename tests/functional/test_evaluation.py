"""Accuracy, confusion, precision, thresholds and calibration as relations, computed by DuckDB, and the test of calibration."""

import pytest
from conftest import Project

ROWS = """select * from (values (1, 'a', 'a', 0.9, true), (2, 'a', 'b', 0.8, false), (3, 'b', 'b', 0.2, false), (4, null, 'b', 0.1, true),
    (5, 'a', null, 0.5, null)) t(i, answer, label, p, truth)"""
MODELS = {
    "accuracy": "ai_accuracy(ref('answers'), 'answer', 'label')",
    "confusion": "ai_confusion_matrix(ref('answers'), 'answer', 'label')",
    "metrics": "ai_label_metrics(ref('answers'), 'answer', 'label')",
    "sweep": "ai_threshold_sweep(ref('answers'), 'p', 'truth', steps=2)",
    "bins": "ai_calibration_bins(ref('answers'), 'p', 'truth', bins=2)",
}
SCHEMA = """models:
- name: answers
  columns:
  - name: p
    data_tests:
    - dbt_ai.ai_calibration: {name: near, arguments: {truth: truth, max_error: 0.1, max_brier: 0.375}}
    - dbt_ai.ai_calibration: {name: binned, arguments: {truth: truth, max_error: 0.3, bins: 10}}
    - dbt_ai.ai_calibration: {name: squared, arguments: {truth: truth, max_brier: 0.37, bins: 2}}
    - dbt_ai.ai_calibration: {name: unlabelled, arguments: {truth: 'cast(null as boolean)', max_brier: 1}}
"""


def outcomes_of_tests(project: Project) -> dict[str, str]:
    """What came of each test, by its name."""
    results = project.dbt("test").results
    return {name: result["status"] for name, result in results.items() if result["unique_id"].startswith("test.")}


def test_answers_are_measured_against_their_labels(project: Project):
    files = {f"models/{name}.sql": f"select * from {{{{ dbt_ai.{call} }}}} as measured" for name, call in MODELS.items()}
    project.write(
        {"models/answers.sql": ROWS, "models/schema.yml": SCHEMA.replace("max_error: 0.1, ", "bins: 2, max_error: 0.1, "), **files}
    )
    project.dbt("run", check=True)
    assert project.query("select * from accuracy") == [(4, 2, 0.5)]
    assert sorted(project.query("select * from confusion"), key=str) == [("a", "a", 1), ("b", "a", 1), ("b", "b", 1), ("b", None, 1)]
    metrics = project.query("select label, precision_rate, recall_rate, f1 from metrics order by label")
    assert metrics[0] == ("a", 0.5, 1.0, pytest.approx(2 / 3)) and metrics[1] == ("b", 1.0, pytest.approx(1 / 3), 0.5)
    assert project.query("select threshold::double, selected::int, precision_rate, recall_rate, accuracy from sweep order by 1") == [
        (0.0, 4, 0.5, 1.0, 0.5),
        (0.5, 2, 0.5, 0.5, 0.5),
        (1.0, 0, None, 0.0, 0.5),
    ]
    bins = project.query("select bin::int, labelled, mean_probability, positive_rate, brier_sum from bins order by 1")
    assert bins == [(0, 2, pytest.approx(0.15), 0.5, pytest.approx(0.85)), (1, 2, pytest.approx(0.85), 0.5, pytest.approx(0.65))]
    # Both bins are 0.35 from the truth; the mean squared difference is 1.5 / 4.
    outcomes = outcomes_of_tests(project)
    assert outcomes == {"near": "fail", "binned": "fail", "squared": "fail", "unlabelled": "fail"}
    loose = SCHEMA.replace("0.375", "0.376").replace("0.37,", "0.38,").replace("0.1", "0.36").replace("max_error: 0.3,", "max_error: 0.9,")
    project.write({"models/schema.yml": loose.replace("max_error: 0.36,", "bins: 2, max_error: 0.36,")})
    outcomes = outcomes_of_tests(project)
    assert outcomes == {"near": "pass", "binned": "pass", "squared": "pass", "unlabelled": "fail"}
