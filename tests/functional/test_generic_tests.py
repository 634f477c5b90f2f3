"""The generic tests for answers: what passes, what fails, and that none of them asks anything."""

import pytest
from conftest import Project

LLM = "{{ dbt_ai.create_external_model(location='mock:', api_format='Mock', model_type='CHAT', model='c') }}"
EMBEDDER = "{{ dbt_ai.create_external_model(location='mock:', api_format='Mock', model_type='EMBEDDINGS', model='m') }}"
ANSWERS = """
select i, label, labels, truth, embedding, {'response': response, 'labels': labels, 'errorStatus': error} as answer
from (values
    (1, 'good', ['good'], 'good', 'good', null, [1.0, 2.0]), (2, 'bad', ['good', 'bad'], 'good', 'bad', null, [1.0, 2.0]),
    (3, null, null, null, null, 'refused', [1.0, 2.0]), (4, 'good', [], null, 'good', null, null)
) t(i, label, labels, truth, response, error, embedding)"""


@pytest.mark.parametrize(
    ("test", "passes", "says"),
    [
        ("{ai_accepted_labels: {arguments: {labels: [good, bad]}}}", True, ""),
        ("{ai_accepted_labels: {arguments: {labels: [good]}}}", False, ""),
        ("{ai_agreement: {arguments: {label_column: truth, min_accuracy: 0.5}}}", True, ""),
        (
            "{ai_agreement: {arguments: {label_column: truth, min_accuracy: 0.6}}}",
            False,
            "1 of 2 labelled answers in answers.label agree, and min_accuracy is 0.6",
        ),
        (
            "{ai_agreement: {arguments: {label_column: 'cast(null as varchar)', min_accuracy: 0.5}}}",
            False,
            "no answer in answers.label is labelled",
        ),
        ("{ai_max_error_rate: {arguments: {max_rate: 0.25}}}", True, ""),
        (
            "{ai_max_error_rate: {arguments: {max_rate: 0.2}}}",
            False,
            "1 of 4 answers in answers.answer are errors, and max_rate is 0.2; one is: refused",
        ),
        ("{ai_dimensions: {arguments: {dimensions: 2}}}", True, ""),
        (
            "{ai_dimensions: {arguments: {dimensions: 3}}}",
            False,
            "3 vectors in answers.embedding have 2 dimensions, and dimensions is 3",
        ),
        ("{ai_accepted_labels: {arguments: {labels: [good, bad], field: response}}}", True, ""),
        ("{ai_accepted_labels: {arguments: {labels: [good], field: response}}}", False, ""),
        ("{ai_accepted_labels: {arguments: {labels: [good, bad], multi_label: true}}}", True, ""),
        ("{ai_accepted_labels: {arguments: {labels: [good], multi_label: true}}}", False, ""),
        ("{ai_accepted_labels: {arguments: {labels: [good, bad], field: labels, multi_label: true}}}", True, ""),
        ("{ai_accepted_labels: {arguments: {labels: [good], field: labels, multi_label: true}}}", False, ""),
    ],
)
def test_an_answer_test_passes_or_says_what_it_counted(project: Project, test: str, passes: bool, says: str):
    column = (
        "answer"
        if "max_error" in test or "field" in test
        else "embedding"
        if "dimensions" in test
        else "labels"
        if "multi_label" in test
        else "label"
    )
    schema = f"models: [{{name: answers, columns: [{{name: {column}, data_tests: [{test.replace('{ai_', '{dbt_ai.ai_', 1)}]}}]}}]"
    project.write({"models/answers.sql": ANSWERS, "models/schema.yml": schema})
    run = project.dbt("build")
    assert run.ok == passes, run.output
    assert passes or "Failure in test dbt_ai_ai_" in run.output
    told = [line.partition(": ")[2] for line in run.output.splitlines() if line.startswith("ai_")]
    assert told == ([says] if says else []), run.output


@pytest.mark.parametrize(
    ("call", "read", "says"),
    [
        ("dbt_ai.ai_gen(ref('llm'), \"'x'\")", "calling", "model.project.calling is a view with AI calls"),
        ("dbt_ai.ai_gen(ref('llm'), \"'x'\")", "reading", "model.project.reading reads model.project.calling, a view with AI calls"),
        ("my_own(ref('llm'))", "reading", "model.project.reading reads model.project.calling, a view with AI calls"),
    ],
)
def test_a_test_does_not_pay_for_a_view(project: Project, call: str, read: str, says: str):
    project.write(
        {
            "models/llm.sql": LLM,
            "macros/my_own.sql": "{% macro my_own(llm) %}{{ dbt_ai.ai_gen(llm, \"'x'\") }}{% endmacro %}",
            "models/calling.sql": "{{ config(materialized='view') }} select {{ " + call + " }} as answer",
            "models/between.sql": "{{ config(materialized='ephemeral') }} select * from {{ ref('calling') }}",
            "models/reading.sql": "{{ config(materialized='view') }} select * from {{ ref('between') }}",
            "models/schema.yml": f"models: [{{name: {read}, columns: [{{name: answer, data_tests: "
            "[{dbt_ai.ai_accepted_labels: {arguments: {labels: [good]}}}]}]}]",
        }
    )
    run = project.dbt("build")
    assert not run.ok
    assert f"{says}, and a test must not pay for them" in run.output
    assert project.query("select * from information_schema.tables where table_name = 'responses'") == []


def test_a_view_that_compares_stored_vectors_is_tested(project: Project):
    project.write(
        {
            "models/embedder.sql": EMBEDDER,
            "models/vectors.sql": "{{ config(materialized='ai_table') }} select {{ dbt_ai.ai_embed(ref('embedder'), \"'x'\") }} as v",
            "models/alike.sql": "{{ config(materialized='view') }} select v from {{ ref('vectors') }}"
            " where {{ dbt_ai.ai_cosine_similarity('v', 'v') }} > 0.5",
            "models/schema.yml": "models: [{name: alike, columns: [{name: v, data_tests: "
            "[{dbt_ai.ai_dimensions: {arguments: {dimensions: 8}}}]}]}]",
        }
    )
    project.dbt("build", check=True)


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
