"""What is asked of an endpoint so that its answer keeps to a schema."""

import json
from dataclasses import replace

import pytest

from dbt_ai.call import Input
from dbt_ai.call_constant import parse_call
from dbt_ai.conversation.asking import Asker
from dbt_ai.conversation.conversation import conversation
from dbt_ai.conversation.knowledge import EndpointKnowledge
from dbt_ai.errors import ProviderError
from dbt_ai.providers._means import OPENAI_MEANS
from dbt_ai.response import Failure, Responses
from dbt_ai.tokens import TokenCount


def call_of(return_type, **spec):
    model = {"name": "m", "location": "https://x.test/v1/chat/completions", "api_format": "OpenAI", "model_type": "CHAT", "model": "m"}
    return parse_call(json.dumps({"function": "ai_query", "model": model, "return_type": return_type, **spec}))


class Endpoint:
    """Answers from a list; notes what it was asked."""

    def __init__(self, *answers, refuses=()):
        self.answers, self.refuses, self.asked = list(answers), refuses, []

    def ask(self, call, inputs):
        format = call.parameters.get("response_format", {})
        kind = format.get("type", "none") + ("+schema" if "schema" in format else "")
        self.asked.append((call, list(inputs)))
        if kind in self.refuses:
            raise ProviderError(f"400 response_format.type {kind!r} is not supported")
        answer = self.answers.pop(0)
        return Responses([answer], tokens=TokenCount(10, 1)) if isinstance(answer, str) else answer


def converse(endpoint, call, inputs=("text",), knowledge=None):
    turns = conversation(Asker(OPENAI_MEANS, knowledge or EndpointKnowledge()), call, inputs)
    question = next(turns)
    while True:
        try:
            try:
                answer = endpoint.ask(*question)
            except ProviderError as refusal:
                question = turns.throw(refusal)
            else:
                question = turns.send(answer)
        except StopIteration as end:
            return end.value


STRUCT = "STRUCT<label STRING, n INT>"


def test_the_first_means_is_a_strict_json_schema():
    endpoint = Endpoint('{"label": "a", "n": 1}')
    assert converse(endpoint, call_of(STRUCT)).values == ['{"label": "a", "n": 1}']
    [(call, inputs)] = endpoint.asked
    sent = call.parameters["response_format"]["json_schema"]
    assert sent["strict"] is True and sent["schema"]["required"] == ["label", "n"]
    assert inputs == ["text"] and call.messages == ()


def test_a_schema_that_is_not_strict_is_not_called_strict():
    endpoint = Endpoint("{}")
    converse(endpoint, call_of("MAP<STRING, INT>"))
    assert endpoint.asked[0][0].parameters["response_format"]["json_schema"]["strict"] is False


def test_what_an_endpoint_refuses_is_learnt_once():
    knowledge, refuses = EndpointKnowledge(), ("json_schema", "json_object+schema")
    endpoint = Endpoint('{"answer": 1}', '{"answer": 2}', refuses=refuses)
    assert converse(endpoint, call_of("INT"), knowledge=knowledge).values == ["1"]
    assert len(endpoint.asked) == 3
    assert "JSON Schema" in endpoint.asked[2][0].messages[0]["content"]
    assert converse(endpoint, call_of("INT"), knowledge=knowledge).values == ["2"]
    assert len(endpoint.asked) == 4


def test_a_refusal_of_the_request_is_not_taken_for_one_of_the_means():
    class Full(Endpoint):
        def ask(self, call, inputs):
            self.asked.append(call)
            raise ProviderError("400 the request exceeds the available context size")

    endpoint = Full()
    with pytest.raises(ProviderError, match="context size"):
        converse(endpoint, call_of("INT"))
    assert len(endpoint.asked) == 1


def test_the_schema_joins_the_callers_own_system_message():
    endpoint = Endpoint("1", refuses=("json_schema", "json_object+schema", "json_object"))
    converse(endpoint, call_of("INT", messages=[{"role": "system", "content": "Count."}]))
    messages = endpoint.asked[-1][0].messages
    assert len(messages) == 1 and messages[0]["content"].startswith("Count.\n\nAnswer with JSON only")


def test_an_unreadable_answer_is_asked_for_once_more_with_what_is_wrong_with_it():
    endpoint = Endpoint('{"label": "a"}', '{"label": "a", "n": 1}')
    answer = converse(endpoint, call_of(STRUCT))
    assert answer.values == ['{"label": "a", "n": 1}'] and not answer.failures
    assert answer.tokens == TokenCount(20, 2)
    repair, inputs = endpoint.asked[1]
    assert [message["content"] for message in repair.messages] == ["text", '{"label": "a"}']
    assert "field 'n' of the answer is missing" in inputs[0] and '"required"' in inputs[0]


def test_a_second_unreadable_answer_is_an_error_that_says_what_the_first_one_was():
    endpoint = Endpoint('{"label": "a"}', "no")
    answer = converse(endpoint, call_of(STRUCT))
    assert len(endpoint.asked) == 2
    assert answer.failures[0].message == f"not readable as {STRUCT}: field 'n' of the answer is missing"


def test_a_cut_off_answer_is_not_asked_for_again():
    endpoint = Endpoint(Responses(['{"label"'], {0: Failure("answer was cut off", "answer was cut off")}))
    assert converse(endpoint, call_of(STRUCT)).failures[0].cause == "answer was cut off"
    assert len(endpoint.asked) == 1


def test_an_endpoint_that_ignores_the_schema_is_told_in_the_prompt_from_then_on():
    knowledge = EndpointKnowledge()
    endpoint = Endpoint("Well, it depends.", '{"label": "a", "n": 1}', '{"label": "b", "n": 2}')
    converse(endpoint, call_of(STRUCT), knowledge=knowledge)
    converse(endpoint, call_of(STRUCT), knowledge=knowledge)
    assert "JSON Schema" in endpoint.asked[2][0].messages[0]["content"]


def test_a_conversation_as_the_request_is_continued_by_the_repair():
    request = json.dumps({"messages": [{"role": "system", "content": "s"}, {"role": "user", "content": "u"}], "max_tokens": 5})
    endpoint = Endpoint("?", "true")
    assert converse(endpoint, replace(call_of("BOOLEAN"), input=Input.JSON), [request]).values == ["true"]
    repair, _ = endpoint.asked[1]
    assert [message["role"] for message in repair.messages] == ["system", "user", "assistant"]
    assert repair.parameters["max_tokens"] == 5


def test_without_a_return_type_the_answer_is_the_text():
    endpoint = Endpoint('```json\n{"a": 1}\n```')
    assert converse(endpoint, call_of(None)).values == ['```json\n{"a": 1}\n```']
    assert not endpoint.asked[0][0].parameters


def test_a_model_that_refuses_the_default_temperature_is_asked_without_it_from_then_on():
    class Thinking(Endpoint):
        def ask(self, call, inputs):
            if call.parameters.get("temperature", 0.0) is not None:
                self.asked.append((call, inputs))
                raise ProviderError("400 Unsupported value: 'temperature' does not support 0.0 with this model.")
            return super().ask(call, inputs)

    knowledge, endpoint = EndpointKnowledge(), Thinking("true", "false")
    assert converse(endpoint, call_of("BOOLEAN"), knowledge=knowledge).values == ["true"]
    assert converse(endpoint, call_of("BOOLEAN"), knowledge=knowledge).values == ["false"]
    assert len(endpoint.asked) == 3
    with pytest.raises(ProviderError, match="temperature"):
        converse(endpoint, call_of("BOOLEAN", parameters={"temperature": 0.5}), knowledge=knowledge)


@pytest.mark.parametrize(("given", "taken"), [("max_tokens", "max_completion_tokens"), ("max_completion_tokens", "max_tokens")])
def test_the_limit_of_an_answer_has_the_name_that_the_model_takes_from_then_on(given, taken):
    class Named(Endpoint):
        def ask(self, call, inputs):
            if given in call.parameters:
                self.asked.append((call, inputs))
                raise ProviderError(
                    f"400 Unsupported parameter: '{given}' is not supported with this model. Use '{taken}' instead.", status=400
                )
            return super().ask(call, inputs)

    knowledge, endpoint = EndpointKnowledge(), Named("Paris", "Rome")
    assert converse(endpoint, call_of(None, parameters={given: 50}), knowledge=knowledge).values == ["Paris"]
    assert converse(endpoint, call_of(None, parameters={given: 60}), knowledge=knowledge).values == ["Rome"]
    assert [call.parameters.get(taken) for call, _ in endpoint.asked] == [None, 50, 60]


def test_an_endpoint_whose_answers_lack_the_fields_is_told_the_schema_in_the_prompt_from_then_on():
    knowledge = EndpointKnowledge()
    endpoint = Endpoint('{"category": "a"}', '{"label": "a", "n": 1}', '{"label": "b", "n": 2}')
    converse(endpoint, call_of(STRUCT), knowledge=knowledge)
    converse(endpoint, call_of(STRUCT), knowledge=knowledge)
    assert "JSON Schema" in endpoint.asked[2][0].messages[0]["content"]


def test_one_answer_without_a_field_proves_nothing_where_another_kept_to_the_schema():
    knowledge = EndpointKnowledge()
    good = '{"label": "a", "n": 1}'
    endpoint = Endpoint(good, '{"label": "a"}', good, good)
    for _ in range(3):
        converse(endpoint, call_of(STRUCT), knowledge=knowledge)
    assert not endpoint.asked[3][0].messages
