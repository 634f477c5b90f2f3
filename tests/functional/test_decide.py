"""ai_decide on DuckDB, as docs/decide.md writes it: by a real System One server, and by a chat model, one question after another."""

import re
from collections.abc import Iterator

import golden
import odd_names
import pytest
from answering import answering_server
from conftest import REPOSITORY, Project, Server, environment, free_port, serve, wait_for_model
from models import ai_table, external_model
from test_probabilities import TICKETS, chat

BLOCKS = re.findall(r"^```(\w+) (\S+)\n(.*?)^```", (REPOSITORY / "docs/decide.md").read_text(), re.MULTILINE | re.DOTALL)
TOTALS = "select sum(requests)::int, sum(executed)::int, sum(output_tokens)::int from dbt_ai.usage"


@pytest.fixture(scope="module")
def decision_server(chat_server: Server) -> Iterator[Server]:
    """callo, which answers /v1/systemone with the model of llama.cpp's server."""
    port = free_port()
    command = [str(environment("decisions") / "bin/callo"), "serve", "--upstream", chat_server.url, "--port", str(port)]
    with serve(command, f"http://127.0.0.1:{port}", "/health") as server:
        wait_for_model(server)  # it tries the model out first
        yield server


@pytest.fixture
def tickets(project: Project) -> Project:
    project.write({"models/tickets.sql": TICKETS, **{name: text for _, name, text in BLOCKS}})
    return project


def decider(url: str) -> str:
    return external_model(location=f"{url}/v1/systemone", api_format="System One", model_type="DECISIONS", model="smollm2")


def assert_decided(project: Project) -> None:
    [types] = project.query("select distinct typeof(decided) from ticket_decisions")
    assert types == (
        "STRUCT(urgent STRUCT(probability DOUBLE), topic STRUCT(choice VARCHAR, confidence DOUBLE, probabilities MAP(VARCHAR, DOUBLE)),"
        " mood STRUCT(score DOUBLE, confidence DOUBLE, probabilities MAP(VARCHAR, DOUBLE)))",
    )
    rows = [decided for [decided] in project.query("select decided from ticket_decisions order by ticket_id")]
    assert rows[2] is None
    for decided in rows[:2]:
        topic, mood = decided["topic"], decided["mood"]
        assert 0 < decided["urgent"]["probability"] < 1
        assert list(topic["probabilities"]) == ["billing", "outage", "praise"] and list(mood["probabilities"]) == ["0", "1", "2"]
        assert topic["confidence"] == topic["probabilities"][topic["choice"]] == max(topic["probabilities"].values())
        assert mood["score"] == pytest.approx(sum(int(level) * share for level, share in mood["probabilities"].items()), abs=1e-5)


def test_a_decision_model_answers_all_questions_about_a_text_in_one_request(tickets: Project, decision_server: Server):
    alone = "dbt_ai.ai_classify(ref('decider'), 'body', ['billing', 'praise'], probabilities=true, examples=[('Thanks', 'praise')])"
    tickets.write(
        {
            "models/decider.sql": decider(decision_server.url),
            "models/alone.sql": ai_table(f"select {{{{ {alone} }}}} as topic from {{{{ ref('tickets') }}}}"),
        }
    )
    tickets.dbt("run", check=True)
    assert_decided(tickets)
    assert tickets.query("select count(topic), bool_and(topic.confidence >= 0.5) from alone") == [(2, True)]
    assert tickets.query(TOTALS) == [(4, 4, 0)]  # two texts, three questions at once and one alone; no token is written
    tickets.dbt("run", check=True)
    assert tickets.query(TOTALS) == [(4, 4, 0)]


def test_a_chat_model_is_asked_one_question_after_another_and_a_second_run_asks_nothing(tickets: Project, chat_server: Server):
    tickets.write({"models/decider.sql": chat(chat_server.url)})
    tickets.dbt("run", check=True)
    assert_decided(tickets)
    assert tickets.query(TOTALS) == [(6, 2, 6)]
    tickets.dbt("run", "--full-refresh", check=True)
    assert tickets.query(TOTALS) == [(6, 2, 6)]


def test_names_that_are_words_of_sql_and_labels_of_any_text_come_back_as_they_are(project: Project):
    with answering_server(odd_names.respond) as url:
        project.write(odd_names.files(url))
        project.dbt("run", check=True)
    rows = project.query("select decided, label, sure from decided order by i")
    assert rows[-1] == (None, None, None)
    for decided, label, sure in rows[:-1]:
        answer = decided["response"]
        assert decided["errorStatus"] is None and list(answer) == list(odd_names.QUESTIONS) and sure is True
        assert list(answer["order"]["probabilities"]) == list(label["probabilities"]) == odd_names.LABELS
        assert answer["order"]["choice"] == label["label"] == odd_names.LABELS[-1] and answer["select"] == {"probability": 0.75}
    assert project.query(
        """select distinct decided.response."select".probability, decided.response."type".score as s from decided order by s nulls last"""
    ) == [
        (0.75, 0.9375),
        (None, None),
    ]


CHOICE = "{'type': 'choice', 'choices': ['a', 'b']}"


@pytest.mark.parametrize(
    ("questions", "says"),
    [
        ("['a']", "questions ['a'] are no mapping from names to questions; write {'urgent'"),
        (f"{{'a b': {CHOICE}}}", "question 'a b' is no name of a column; give each a name of its own, of letters, digits and _"),
        (f"{{'a': {CHOICE}, 'A': {CHOICE}}}", "question 'A' is there twice"),
        ("{'a': 'urgent?'}", "question 'a' is urgent?; give a mapping with type yes_no, choice or score"),
        ("{'a': {'type': 'noul'}}", "question 'a' has type 'noul'; give a mapping with type yes_no, choice or score"),
        ("{'a': {'type': 'yes_no'}}", "instructions of a '' is not a text; give one, such as 'The customer asks for a refund'"),
        ("{'a': {'type': 'yes_no', 'instructions': 'x', 'levels': []}}", "has 'levels', which type yes_no does not take; use instructions"),
        ("{'a': {'type': 'score', 'levels': ['one']}}", "levels of a has 1 names; give 2 to 10"),
        ("{'a': {'type': 'choice', 'choices': 'abcdefghijklmnopqrstu' | list}}", "choices of a has 21 names; give 2 to 20"),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused_while_it_compiles(questions: str, says: str):
    case = golden.compiler().render(golden.ENGINES["duckdb"], f"{{{{ dbt_ai.ai_decide(ref('llm'), 'body', {questions}) }}}}")
    assert says in str(case.error)


def test_a_decision_model_is_refused_where_text_is_asked_for():
    case = golden.compiler().render(golden.ENGINES["duckdb"], "{{ dbt_ai.ai_summarize(ref('decider'), 'body') }}")
    assert "'decider' of model_type DECISIONS answers probabilities and writes no text; ask it with ai_decide" in str(case.error)
