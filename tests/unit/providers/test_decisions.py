"""What is sent to decision models, and what is read of their answers: the formats System One and OpenAI Decisions."""

import json

import pytest

from dbt_ai.call import Call
from dbt_ai.conversation.conversation import typed
from dbt_ai.errors import ConfigurationError, ProviderError
from dbt_ai.external_model import ExternalModel
from dbt_ai.providers import HttpResponse, provider_named, provider_of

QUESTIONS = (
    {"name": "urgent", "type": "yes_no", "instructions": "It cannot wait."},
    {"name": "topic", "type": "choice", "instructions": "", "choices": {"billing": "money", "outage": ""}},
    {"name": "mood", "type": "score", "instructions": "mood", "levels": ["bad", "good"], "low": 0, "high": 1, "written": ["0", "1"]},
)
PATHS = {"System One": "systemone", "OpenAI Decisions": "decisions"}
DECIDED = {
    "urgent": {"probability": 0.75},
    "topic": {"choice": "outage", "confidence": 0.9, "probabilities": {"billing": 0.1, "outage": 0.9}},
    "mood": {"score": 0.25, "confidence": 0.75, "probabilities": {"0": 0.75, "1": 0.25}},
}
ANSWERS = {
    "System One": {
        "urgent": {"type": "noul", "noul": 0.75},
        "topic": {"type": "choice", "choice": "outage", "confidence": 0.8, "probabilities": {"outage": 0.9, "billing": 0.1}},
        "mood": {"type": "score", "score": 0.25, "legend": {"0": "bad", "1": "good"}, "probabilities": {"0": 0.75, "1": 0.25}},
    },
    "OpenAI Decisions": [
        {"type": "predicate", "name": "urgent", "probability": 0.75},
        {"type": "choice", "choice": "outage", "confidence": 0.8,
         "probabilities": [{"value": "billing", "probability": 0.1}, {"value": "outage", "probability": 0.9}]},
        {"type": "score", "score": 0.25,
         "probabilities": [{"value": 0, "label": "bad", "probability": 0.75}, {"value": 1, "label": "good", "probability": 0.25}]},
    ],
}  # fmt: skip
both = pytest.mark.parametrize("api_format", PATHS)


def call(api_format, **fields):
    model = ExternalModel("jev", f"https://ai.acme.example/v1/{PATHS[api_format]}", api_format, "DECISIONS", "jev-1")
    return Call("ai_decide", model, questions=QUESTIONS, **fields)


def read(api_format, answers):
    body = {"model": "m", "answers": answers, "usage": {"input_tokens": 40, "output_tokens": 0, "total_tokens": 40}}
    asked = call(api_format)
    return typed(asked, provider_named(api_format).decode(asked, ["x"], HttpResponse(200, {}, json.dumps(body).encode())))


def test_system_one_gets_every_question_by_its_name():
    body = json.loads(provider_named("System One").encode(call("System One", parameters={"seed": 1}), ["the text"]).body)
    assert body == {
        "model": "jev-1",
        "seed": 1,
        "state": "the text",
        "questions": {
            "urgent": {"type": "noul", "instructions": "It cannot wait."},
            "topic": {
                "type": "choice",
                "instructions": "Which of the options fits the text best?",
                "criteria": {"billing": "money", "outage": None},
            },
            "mood": {"type": "score", "instructions": "mood", "criteria": ["bad", "good"]},
        },
    }


def test_openai_gets_a_list_of_questions():
    body = json.loads(provider_named("OpenAI Decisions").encode(call("OpenAI Decisions"), ["the text"]).body)
    assert body["input"] == "the text"
    assert body["questions"] == [
        {"type": "predicate", "name": "urgent", "instructions": "It cannot wait."},
        {
            "type": "choice",
            "name": "topic",
            "instructions": "Which of the options fits the text best?",
            "choices": [{"value": "billing", "description": "money"}, {"value": "outage"}],
        },
        {"type": "score", "name": "mood", "instructions": "mood", "levels": [{"label": "bad"}, {"label": "good"}]},
    ]


@both
def test_the_answers_are_one_struct_whose_confidence_is_the_probability_of_what_is_likeliest(api_format):
    responses = read(api_format, ANSWERS[api_format])
    assert json.loads(responses.values[0]) == DECIDED
    assert (responses.tokens.input, responses.tokens.output) == (40, 0)


@both
@pytest.mark.parametrize("value", [None, "high", -0.1, 1.5, True, float("nan"), 10**400])
def test_what_is_no_probability_is_refused_in_one_sentence(api_format, value):
    answers = json.loads(json.dumps(ANSWERS[api_format]))
    urgent = answers["urgent"] if api_format == "System One" else answers[0]
    urgent["noul" if api_format == "System One" else "probability"] = value
    with pytest.raises(ProviderError, match="as a probability of question 'urgent', which is none"):
        read(api_format, answers)


@both
@pytest.mark.parametrize(("value", "probability"), [(1.0000002, 1.0), (-1e-9, 0.0), (1, 1.0)])
def test_what_rounding_adds_to_a_probability_is_taken_off(api_format, value, probability):
    answers = json.loads(json.dumps(ANSWERS[api_format]))
    urgent = answers["urgent"] if api_format == "System One" else answers[0]
    urgent["noul" if api_format == "System One" else "probability"] = value
    assert json.loads(read(api_format, answers).values[0])["urgent"] == {"probability": probability}


@both
@pytest.mark.parametrize("answers", [None, 3, [], {}, [None, 1, "x"], {"urgent": 1}])
def test_an_answer_of_another_shape_is_refused(api_format, answers):
    with pytest.raises(ProviderError):
        read(api_format, answers)


def test_a_question_that_openai_refuses_fails_the_row_and_says_which():
    answers = [*ANSWERS["OpenAI Decisions"][:2], {"type": "refusal", "name": "mood"}]
    assert read("OpenAI Decisions", answers).failures[0].message == "the model refused to answer question 'mood'"


@both
def test_a_location_that_takes_no_questions_is_refused(api_format):
    model = ExternalModel("jev", "https://ai.acme.example/v1/chat/completions", api_format, "DECISIONS", "jev-1")
    with pytest.raises(ConfigurationError, match=rf"https://{{server}}/v1/{PATHS[api_format]}"):
        provider_of(model)
