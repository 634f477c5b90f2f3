"""Questions whose answers are probabilities, and what the answers are made of."""

import json

import pytest

from dbt_ai.call import Call
from dbt_ai.conversation.conversation import typed
from dbt_ai.errors import ConfigurationError, ProviderError
from dbt_ai.external_model import ExternalModel
from dbt_ai.providers import HttpResponse, provider_named
from dbt_ai.response import Responses

LLM = ExternalModel("llm", "https://ai.acme.example/v1/chat/completions", "OpenAI", "CHAT", "m")
TOPIC = {"name": "answer", "type": "choice", "choices": {"billing": "money", "outage": ""}, "written": ["billing", "outage"]}
CODED = {"name": "answer", "type": "choice", "choices": {"billing": "", "bug": ""}, "written": ["A", "B"]}
ANGRY = {"name": "answer", "type": "yes_no", "instructions": "The customer is angry."}
MOOD = {
    "name": "answer",
    "type": "score",
    "instructions": "mood",
    "levels": ["1", "2", "3"],
    "low": 0,
    "high": 10,
    "written": ["1", "2", "3"],
}


def call(question, function="ai_classify", **fields):
    return Call(function, LLM, fields.pop("parameters", {}), questions=(question,), **fields)


def answered(tokens, finish_reason="length", **choice):
    listed = [{"token": token, "logprob": logprob} for token, logprob in tokens]
    whole = {"message": {"content": "x"}, "finish_reason": finish_reason, "logprobs": {"content": [{"top_logprobs": listed}]}, **choice}
    return HttpResponse(200, {}, json.dumps({"choices": [whole], "usage": {"prompt_tokens": 9, "completion_tokens": 1}}).encode())


def read(question, tokens, **choice):
    asked = call(question)
    return typed(asked, provider_named("OpenAI").decode(asked, ["x"], answered(tokens, **choice)))


def test_a_label_has_the_probability_of_every_token_that_begins_it_normalised_over_the_labels():
    answer = json.loads(read(TOPIC, [("bill", -0.693147), ("B", -2.302585), ("Out", -1.609438), ("The", -1.0)]).values[0])
    assert answer == {"label": "billing", "confidence": 0.75, "probabilities": {"billing": 0.75, "outage": 0.25}}


def test_a_token_that_begins_a_label_is_another_word_where_the_whole_label_is_a_token():
    tokens = [("o", -0.5), ("billing", -1.609438), ("outage", -2.995732), ("bill", -3.0), (" out", -2.995732), ("The", -4.0)]
    # " out" begins no listed token: " outage" may well be two.
    assert json.loads(read(TOPIC, tokens).values[0])["probabilities"] == pytest.approx({"billing": 2 / 3, "outage": 1 / 3}, abs=1e-5)
    assert float(read(ANGRY, [("f", -0.2), ("true", -1.609438), ("false", -2.995732)]).values[0]) == pytest.approx(0.8, abs=1e-5)
    assert json.loads(read(TOPIC, [("b", -0.2), ("o", -1.8)]).values[0])["label"] == "billing"


def test_labels_that_begin_alike_are_told_apart_by_their_letters():
    assert json.loads(read(CODED, [("B", -0.1), ("A", -3.0), ("b", -9)]).values[0])["label"] == "bug"
    assert json.loads(read(CODED, [("A)", -0.1), (" B", -3.0)]).values[0])["label"] == "billing"


def test_a_yes_no_question_answers_the_probability_of_yes():
    assert float(read(ANGRY, [("True", -1.609438), (" false", -0.510826), ("Yes", -3)]).values[0]) == pytest.approx(0.25, abs=1e-5)


def test_a_score_is_the_mean_of_the_levels_on_the_scale_that_was_asked_for():
    assert float(read(MOOD, [("1", -0.693147), ("3", -0.693147)]).values[0]) == pytest.approx(5.0, abs=1e-5)


def test_an_endpoint_without_log_probabilities_is_a_sentence_that_says_who_has_them():
    with pytest.raises(ProviderError, match="answered no log-probabilities, of which ai_classify makes its answer; OpenAI, vLLM and llama"):
        read(TOPIC, [], logprobs=None)


def test_an_answer_without_log_probabilities_is_counted_all_the_same():
    with pytest.raises(ProviderError) as raised:
        read(TOPIC, [], logprobs=None)
    assert (raised.value.tokens.input, raised.value.tokens.output) == (9, 1)


def test_a_model_that_was_about_to_say_something_else_is_a_failure_and_no_noise():
    failure = read(TOPIC, [("<think>", -0.01), ("billing", -9)]).failures[0]
    assert failure.message.startswith("the model was about to begin its answer with '<think>', and not with one of 'billing', 'outage'")
    assert failure.message.endswith("have it answer without thinking")


def test_log_probabilities_that_make_no_sense_count_for_nothing():
    broken = [{"token": "billing", "logprob": -0.01}, {"token": 3, "logprob": 1}, "x", {"token": "outage", "logprob": "high"}, None]
    answer = json.loads(read(TOPIC, [], logprobs={"content": [{"top_logprobs": broken}]}).values[0])
    assert answer["probabilities"] == {"billing": 1.0, "outage": 0.0}


def test_a_list_of_fewer_tokens_than_were_asked_for_makes_no_answer_sure_of_what_is_not_in_it():
    failure = read(TOPIC, [("billing", -0.693147)]).failures[0]
    assert failure.message.startswith(
        "the endpoint listed 1 of the 20 likeliest tokens that were asked for, and 'outage' is not among them"
    )
    assert "the endpoint listed 2 of the 20" in read(MOOD, [("1", -0.7), ("The", -1.2)]).failures[0].message
    # What is not listed can have next to nothing here, or all is listed that was asked for.
    assert json.loads(read(TOPIC, [("billing", -0.02)]).values[0])["confidence"] == 1.0
    assert json.loads(read(TOPIC, [("billing", -0.7), *((f"x{place}", -4.0) for place in range(19))]).values[0])["confidence"] == 1.0


def test_an_endpoint_that_takes_fewer_tokens_is_asked_for_so_many_and_answers_what_they_tell():
    asked = call(TOPIC, parameters={"top_logprobs": 2})
    assert json.loads(provider_named("OpenAI").encode(asked, ["x"]).body)["top_logprobs"] == 2
    known = provider_named("OpenAI").decode(asked, ["x"], answered([("billing", -0.5), ("outage", -1.0)]))
    assert json.loads(str(known.values[0]))["answer"]["billing"] == pytest.approx(0.622, abs=1e-3)
    unknown = provider_named("OpenAI").decode(asked, ["x"], answered([("billing", -0.7), ("The", -1.0)]))
    assert unknown.failures[0].message.startswith(
        "the endpoint listed 2 of the 2 likeliest tokens that were asked for, and 'outage' is not"
    )


@pytest.mark.parametrize("logprob", [float("-inf"), -9999.0])
def test_an_impossible_token_has_no_probability(logprob):
    answer = json.loads(read(TOPIC, [("billing", -0.001), ("outage", logprob), ("x", float("nan"))]).values[0])
    assert answer["probabilities"] == {"billing": 1.0, "outage": 0.0}


def test_white_space_around_a_label_does_not_count():
    padded = {**TOPIC, "choices": {" billing ": "", "outage": ""}, "written": [" billing ", "outage"]}
    assert json.loads(read(padded, [(" bill", -0.2), ("out", -1.8)]).values[0])["label"] == " billing "


@pytest.mark.parametrize("content", [None, [], [None], [{"token": "billing", "logprob": -0.1}], [{"top_logprobs": []}], {"0": 1}, "x"])
def test_log_probabilities_of_another_shape_are_none(content):
    with pytest.raises(ProviderError, match="answered no log-probabilities"):
        read(TOPIC, [], logprobs={"content": content})


def test_logits_in_the_place_of_log_probabilities_are_none():
    with pytest.raises(ProviderError, match="answered no log-probabilities"):
        read(TOPIC, [("billing", 5.0), ("outage", 3.0)])
    assert json.loads(read(TOPIC, [("billing", 1e-7)]).values[0])["probabilities"]["billing"] == 1.0


def test_a_refusal_is_a_failure_whatever_its_log_probabilities_are():
    assert "refused" in read(TOPIC, [("billing", -0.1)], finish_reason="content_filter").failures[0].cause


def test_one_token_is_asked_for_under_the_name_that_the_model_takes():
    asked = call(TOPIC, parameters={"max_completion_tokens": 80, "seed": 1})
    body = json.loads(provider_named("OpenAI").encode(asked, ["x"]).body)
    assert body["max_completion_tokens"] == 1 and "max_tokens" not in body and body["seed"] == 1
    assert body["logprobs"] is True and body["top_logprobs"] == 20 and "response_format" not in body


@pytest.mark.parametrize("api_format", ["Anthropic", "Ollama", "Databricks"])
def test_a_format_without_probabilities_is_refused_before_anything_is_sent(api_format):
    model = ExternalModel("llm", "https://ai.acme.example/x", api_format, "CHAT", "m")
    with pytest.raises(ConfigurationError, match=f"api_format '{api_format}' of external model 'llm' gives no probabilities; OpenAI, vLLM"):
        provider_named(api_format).check_questions(Call("ai_score", model, questions=(MOOD,)))


def test_log_probabilities_answer_one_question():
    with pytest.raises(ConfigurationError, match="2 questions in one request, and log-probabilities of api_format 'OpenAI' answer one"):
        provider_named("OpenAI").check_questions(Call("ai_decide", LLM, questions=(MOOD, {**ANGRY, "name": "angry"})))


@pytest.mark.parametrize(
    "text", ["[]", "{}", '{"answer": {}}', '{"answer": {"billing": -1, "outage": 2}}', '{"answer": {"billing": "much"}}']
)
def test_what_a_provider_answers_that_are_no_probabilities_is_a_failure(text):
    assert "no probabilities of these questions" in typed(call(TOPIC), Responses([text])).failures[0].message


def test_a_question_is_part_of_the_key_and_a_call_without_one_has_the_key_it_had():
    assert call(TOPIC).digest != call(CODED).digest
    assert Call("ai_classify", LLM).digest == Call("ai_classify", LLM, questions=()).digest
