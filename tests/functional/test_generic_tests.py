"""The generic tests for answers: what passes, what fails, and that none of them asks anything."""

import pytest
from conftest import Project

LLM = "{{ dbt_ai.create_external_model(location='mock:', api_format='Mock', model_type='CHAT', model='c') }}"
EMBEDDER = "{{ dbt_ai.create_external_model(location='mock:', api_format='Mock', model_type='EMBEDDINGS', model='m') }}"
ANSWERS = """
select i, label, truth, embedding, {'response': response, 'errorStatus': error} as answer
from (values
    (1, 'good', 'good', 'good', null, [1.0, 2.0]), (2, 'bad', 'good', 'bad', null, [1.0, 2.0]),
    (3, null, null, null, 'refused', [1.0, 2.0]), (4, 'good', null, 'good', null, null)
) t(i, label, truth, response, error, embedding)"""


@pytest.mark.parametrize(
    ("test", "passes"),
    [
        ("{ai_accepted_labels: {arguments: {labels: [good, bad]}}}", True),
        ("{ai_accepted_labels: {arguments: {labels: [good]}}}", False),
        ("{ai_agreement: {arguments: {label_column: truth, min_accuracy: 0.5}}}", True),
        ("{ai_agreement: {arguments: {label_column: truth, min_accuracy: 0.6}}}", False),
        ("{ai_agreement: {arguments: {label_column: 'cast(null as varchar)', min_accuracy: 0.5}}}", False),
        ("{ai_max_error_rate: {arguments: {max_rate: 0.25}}}", True),
        ("{ai_max_error_rate: {arguments: {max_rate: 0.2}}}", False),
        ("{ai_dimensions: {arguments: {dimensions: 2}}}", True),
        ("{ai_dimensions: {arguments: {dimensions: 3}}}", False),
        ("{ai_accepted_labels: {arguments: {labels: [good, bad], field: response}}}", True),
        ("{ai_accepted_labels: {arguments: {labels: [good], field: response}}}", False),
    ],
)
def test_an_answer_test_passes_or_fails(project: Project, test: str, passes: bool):
    column = "answer" if "max_error" in test or "field" in test else "embedding" if "dimensions" in test else "label"
    schema = f"models: [{{name: answers, columns: [{{name: {column}, data_tests: [{test.replace('{ai_', '{dbt_ai.ai_', 1)}]}}]}}]"
    project.write({"models/answers.sql": ANSWERS, "models/schema.yml": schema})
    run = project.dbt("build")
    assert run.ok == passes, run.output
    assert passes or "Failure in test dbt_ai_ai_" in run.output


def test_a_test_does_not_pay_for_a_view(project: Project):
    project.write(
        {
            "models/llm.sql": LLM,
            "models/answers.sql": "{{ config(materialized='view') }} select {{ dbt_ai.ai_gen(ref('llm'), \"'x'\") }} as answer",
            "models/schema.yml": "models: [{name: answers, columns: [{name: answer, data_tests: "
            "[{dbt_ai.ai_accepted_labels: {arguments: {labels: [good]}}}]}]}]",
        }
    )
    run = project.dbt("build")
    assert not run.ok
    assert "a test must not pay for them" in run.output


def test_embeddings_of_a_model_have_its_dimensions(project: Project):
    project.write(
        {
            "models/embedder.sql": EMBEDDER,
            "models/vectors.sql": "{{ config(materialized='ai_table') }} select {{ dbt_ai.ai_embed(ref('embedder'), \"'x'\") }} as v",
            "models/schema.yml": "models: [{name: vectors, columns: [{name: v, data_tests: "
            "[{dbt_ai.ai_dimensions: {arguments: {dimensions: 8}}}]}]}]",
        }
    )
    project.dbt("build", check=True)
