"""Several questions to a chat model, one after another."""

import json
from dataclasses import replace

from dbt_ai.call import Call
from dbt_ai.conversation.conversation import Conversation
from dbt_ai.conversation.knowledge import EndpointKnowledge
from dbt_ai.estimate import estimate
from dbt_ai.external_model import ExternalModel
from dbt_ai.pricing import Prices, output_bound
from dbt_ai.providers import Failure, Responses, TokenCount, provider_named
from dbt_ai.request import Requests

LLM = ExternalModel("llm", "https://ai.acme.example/v1/chat/completions", "OpenAI", "CHAT", "m")
QUESTIONS = tuple(
    {"name": name, "type": "yes_no", "instructions": f"It is {name}.", "messages": [{"role": "system", "content": f"Is it {name}?"}]}
    for name in ("urgent", "angry")
)
CALL = Call("ai_decide", LLM, questions=QUESTIONS)


def conversation():
    return Conversation(provider_named("OpenAI").means(CALL), CALL, ["Help!"], EndpointKnowledge())


def probabilities(name, yes):
    return Responses([json.dumps({name: {"true": yes, "false": 1 - yes}})], tokens=TokenCount(10, 1))


def test_each_question_is_asked_with_its_own_messages_and_the_answers_are_one():
    asked = conversation()
    assert asked.question[0].messages == QUESTIONS[0]["messages"] and asked.question[1] == ["Help!"]
    assert asked.answered(probabilities("urgent", 0.75)) is None
    assert asked.question[0].messages == QUESTIONS[1]["messages"]
    whole = asked.answered(probabilities("angry", 0.25))
    assert json.loads(whole.values[0]) == {"urgent": {"probability": 0.75}, "angry": {"probability": 0.25}}
    assert (whole.tokens.input, whole.tokens.output) == (20, 2)


def test_a_question_without_an_answer_fails_the_row_and_says_which():
    asked = conversation()
    asked.answered(probabilities("urgent", 0.75))
    whole = asked.answered(Responses([None], {0: Failure("refused", "the model refused")}, TokenCount(10, 1)))
    assert whole.failures[0].message == "question 'angry': the model refused" and whole.tokens.input == 20


def test_an_estimate_counts_a_request_for_each_question_and_the_text_for_each_of_them():
    one, both = (estimate([Requests(call, ["Help! " * 50], [b""])], Prices({})) for call in (replace(CALL, questions=QUESTIONS[:1]), CALL))
    assert (one.requests, both.requests) == (1, 2) and both.inputs == 1
    assert both.input_tokens > 1.9 * one.input_tokens and both.output_tokens == 2


def test_the_bound_of_an_answer_is_a_token_for_each_question():
    assert output_bound(CALL, 3) == 6
