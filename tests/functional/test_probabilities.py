"""Probabilities and scores on DuckDB: by llama.cpp's server with SmolLM2, and as docs/probabilities.md writes them."""

import json
import re

import golden
import pytest
from answering import answering_server
from conftest import REPOSITORY, Project, Server
from models import LLM, ai_table

BLOCKS = re.findall(r"^```(\w+) (\S+)\n(.*?)^```", (REPOSITORY / "docs/probabilities.md").read_text(), re.MULTILINE | re.DOTALL)
TICKETS = """select * from (values (1, 'Give me my money back!', true), (2, 'Thank you Ada, it works again.', false), (3, null, false))
    t(ticket_id, body, is_refund)"""


def chat(url: str, **parameters: int) -> str:
    return f"""{{{{ dbt_ai.create_external_model(location='{url}/v1/chat/completions', api_format='OpenAI', model_type='CHAT',
        model='smollm2', parameters={parameters}) }}}}"""


@pytest.fixture
def tickets(project: Project) -> Project:
    project.write({"models/tickets.sql": TICKETS, **{name: text for _, name, text in BLOCKS}})
    return project


def test_a_real_server_gives_the_probability_of_each_answer_and_another_threshold_asks_nothing(tickets: Project, chat_server: Server):
    tickets.write({"models/llm.sql": chat(chat_server.url, max_tokens=80)})
    tickets.dbt("run", check=True)
    rows = tickets.query("select topic, refund, surely_refund, urgency from ticket_topics order by ticket_id")
    assert rows[2] == (None, None, None, None)
    for topic, refund, surely_refund, urgency in rows[:2]:
        assert sum(topic["probabilities"].values()) == pytest.approx(1, abs=1e-5)
        assert topic["label"] == max(topic["probabilities"], key=topic["probabilities"].get)
        assert topic["confidence"] == topic["probabilities"][topic["label"]]
        assert 0 < refund < 1 and surely_refund == (refund >= 0.8) and 1 <= urgency <= 5
    # Three questions about two texts, a token each; the threshold is a comparison in SQL.
    [(requests, tokens)] = tickets.query("select sum(requests)::int, sum(output_tokens)::int from dbt_ai.usage")
    assert (requests, tokens) == (6, 6)
    model = tickets.path / "models/ticket_topics.sql"
    model.write_text(model.read_text().replace("threshold=0.8", "threshold=0.01"))
    tickets.dbt("run", check=True)
    assert tickets.query("select bool_and(surely_refund) from ticket_topics") == [(True,)]
    assert tickets.query("select sum(requests)::int from dbt_ai.usage") == [(6,)]


def test_an_endpoint_without_log_probabilities_fails_the_node_with_who_has_them(tickets: Project):
    answer = {"choices": [{"message": {"content": "true"}, "finish_reason": "stop"}], "usage": {"prompt_tokens": 1, "completion_tokens": 1}}
    with answering_server(lambda *_: (200, "application/json", json.dumps(answer).encode())) as url:
        tickets.write({"models/llm.sql": chat(url)})
        run = tickets.dbt("run")
    assert "answered no log-probabilities" in run.output and "llama.cpp's server give log-probabilities" in run.output


@pytest.mark.parametrize(
    ("call", "says"),
    [
        ("ai_classify(ref('llm'), 'body', ['a', 'b'], probabilities='yes')", "probabilities yes is not a constant; give true or false"),
        ("ai_classify(ref('llm'), 'body', ['a', 'b'], probabilities=true, multi_label=true)", "labels of which one fits; leave out multi"),
        ("ai_classify(ref('llm'), 'body', 'abcdefghijklmnopqrstu' | list, probabilities=true)", "labels has 21 names; give 2 to 20"),
        ("ai_filter(ref('llm'), 'body', 'x', threshold=2)", "threshold 2 is not a rate; give a number from 0 to 1"),
        ("ai_filter(ref('llm'), 'body', 'x', threshold=-0.1)", "threshold -0.1 is not a rate; give a number from 0 to 1"),
        ("ai_filter(ref('llm'), 'body', 'x', threshold=fromyaml('.nan'))", "threshold nan is not a rate; give a number from 0 to 1"),
        ("ai_filter(ref('llm'), 'body', 'x', threshold=true)", "threshold True is not a rate; give a number from 0 to 1"),
        ("ai_filter(ref('llm'), 'body', 'x', threshold='0.5')", "threshold 0.5 is not a rate; give a number from 0 to 1"),
        ("ai_filter(ref('llm'), 'body', 'x', threshold=0.5, fail_on_error=false)", "threshold answers a boolean, without errors; leave it"),
        ("ai_score(ref('llm'), 'body', 'x', low=5, high=1)", "low 5 and high 1 are no scale; give two numbers, the lower one first"),
        ("ai_score(ref('llm'), 'body', 'x', high=fromyaml('.inf'))", "low 1 and high inf are no scale; give two numbers"),
        ("ai_score(ref('llm'), 'body', 'x', low=fromyaml('.nan'))", "low nan and high 5 are no scale; give two numbers"),
        ("ai_score(ref('llm'), 'body', 'x', low=false, high=true)", "low False and high True are no scale; give two numbers"),
        ("ai_score(ref('llm'), 'body', 'x', low='1')", "low 1 and high 5 are no scale; give two numbers"),
        ("ai_score(ref('llm'), 'body', ' ')", "criteria '' is not a text; give one"),
        ("ai_classify(ref('llm'), 'body', ['a', 'a'], probabilities=true)", "labels has 'a' twice"),
        ("ai_classify(ref('llm'), 'body', ['a', ' '], probabilities=true)", "labels has '', which is not a name; give texts"),
        ("ai_classify(ref('llm'), 'body', ['a'], probabilities=true)", "labels has 1 names; give 2 to 500"),
        ("ai_classify(ref('llm'), 'body', range(1000) | map('string') | list)", "labels has 1000 names; give 2 to 500"),
        (
            "ai_classify(ref('decider'), 'body', range(300) | map('string') | list, probabilities=true)",
            "labels has 300 names; give 2 to 255",
        ),
        ("ai_classify(ref('llm'), 'body', ['a', 3], probabilities=true)", "labels has 3, which is not a name; give texts"),
        ("ai_rank(ref('reranker'), none, 'body')", "ai_rank: query is missing: give a SQL expression"),
        ("ai_rank(ref('reranker'), 'body', ref('tickets'))", "ai_rank: content is a relation: give a SQL expression"),
        ("ai_threshold_sweep(ref('tickets'), 'p', 't', steps=0)", "steps 0 is not a number of steps; give a whole number from 1 to 1000"),
        ("ai_calibration_bins(ref('tickets'), 'p', 't', bins=2.5)", "bins 2.5 is not a number of bins; give a whole number from 1 to 1000"),
        ("ai_confusion_matrix(ref('tickets'), 'p', '')", "ai_confusion_matrix: label '' is not a SQL expression"),
    ],
)
def test_what_cannot_have_a_probability_is_refused_while_it_compiles(call: str, says: str):
    assert says in str(golden.compiler().render(golden.ENGINES["duckdb"], f"{{{{ dbt_ai.{call} }}}}").error)


def test_the_mock_answers_in_the_types_of_real_probabilities(tickets: Project):
    tickets.write(
        {
            "models/llm.sql": LLM,
            "models/scored.sql": ai_table(
                "select {{ dbt_ai.ai_score(ref('llm'), 'body', 'x', low=-1, high=1) }} as s from {{ ref('tickets') }}"
            ),
        }
    )
    tickets.dbt("run", check=True)
    [types] = tickets.query("select typeof(topic), typeof(refund), typeof(surely_refund), typeof(urgency) from ticket_topics limit 1")
    assert types == ('STRUCT("label" VARCHAR, confidence DOUBLE, probabilities MAP(VARCHAR, DOUBLE))', "DOUBLE", "BOOLEAN", "DOUBLE")
    assert tickets.query("select bool_and(s between -1 and 1) from scored") == [(True,)]
