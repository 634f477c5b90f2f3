"""What is learnt of an endpoint, and what it costs to learn it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from dbt_ai.call import Call, Input
from dbt_ai.conversation.asking import Asker
from dbt_ai.conversation.conversation import conversation
from dbt_ai.conversation.knowledge import EndpointKnowledge
from dbt_ai.errors import ProviderError
from dbt_ai.external_model import ExternalModel
from dbt_ai.providers._chat import chat_body
from dbt_ai.providers._means import OPENAI_MEANS, OPENAI_VECTORS
from dbt_ai.response import Responses

CHAT = {"name": "m", "location": "https://x.test/v1/chat/completions", "api_format": "OpenAI", "model_type": "CHAT", "model": "m"}
EMBEDDINGS = {**CHAT, "location": "https://x.test/v1/embeddings", "model_type": "EMBEDDINGS"}
SCHEMA = {"type": "object", "properties": {"label": {"type": "string"}}, "required": ["label"], "additionalProperties": False}
TYPED = Call("ai_query", ExternalModel.from_spec(CHAT), schema=SCHEMA, return_type="STRUCT<label STRING>")
PLAIN = Call("ai_query", ExternalModel.from_spec(CHAT))
SYSTEM = Call("ai_query", ExternalModel.from_spec(CHAT), messages=({"role": "system", "content": "Be brief."},))
VECTORS = Call("ai_embed", ExternalModel.from_spec(EMBEDDINGS))

# The refusal of a question, or None: then it is answered.
Judge = Callable[[Call, str], ProviderError | None]


@dataclass
class Endpoint:
    """judge: says whether it refuses. asked: everything that it was asked."""

    judge: Judge
    knowledge: EndpointKnowledge = field(default_factory=EndpointKnowledge)
    asked: list[tuple[Call, str]] = field(default_factory=list)
    answer: str = '{"label": "good"}'

    def ask(self, call: Call, text: str = "row") -> Any:
        """What comes of one text; the refusal where nothing does."""
        turns = conversation(Asker(OPENAI_VECTORS if call.embeds else OPENAI_MEANS, self.knowledge), call, [text])
        question = next(turns)
        try:
            while True:
                sent, [asked] = question
                self.asked.append((sent, asked))
                refusal = self.judge(sent, asked)
                question = turns.throw(refusal) if refusal else turns.send(Responses([self.answer]))
        except StopIteration as end:
            return end.value
        except ProviderError as refusal:
            return refusal

    def cost(self, call: Call, text: str = "row") -> int:
        before = len(self.asked)
        self.ask(call, text)
        return len(self.asked) - before


def told(call: Call) -> bool:
    return "response_format" in call.parameters or "encoding_format" in call.parameters


def refuses(words: str, status: int | None = 400, when: Callable[[Call, str], bool] = lambda call, text: told(call)) -> Judge:
    return lambda call, text: ProviderError(words, status=status) if when(call, text) else None


def has_system(call: Call, text: str) -> bool:
    return any(message["role"] == "system" for message in chat_body(call, text)["messages"])


def temperate(call: Call, text: str) -> bool:
    return call.parameters.get("temperature", 0.0) is not None


@pytest.mark.parametrize("call", [TYPED, VECTORS])
@pytest.mark.parametrize(("status", "words"), [(400, "400 Request contains an invalid argument."), (422, "422"), (200, "no vectors came")])
def test_an_unexplained_refusal_is_answered_by_the_plain_way_once_and_remembered(call, status, words):
    endpoint = Endpoint(refuses(words, status))
    assert [endpoint.cost(call) for _ in range(3)] == [2, 1, 1]
    assert not told(endpoint.asked[-1][0])


def test_a_server_that_broke_once_by_chance_keeps_the_best_way():
    endpoint = Endpoint(lambda call, text: ProviderError("500 oops", status=500) if len(endpoint.asked) == 1 else None)
    assert [endpoint.cost(TYPED) for _ in range(3)] == [2, 1, 1]
    assert told(endpoint.asked[-1][0])


def test_a_server_that_breaks_on_the_schema_each_time_is_asked_without():
    endpoint = Endpoint(refuses("500 oops", 500))
    assert [endpoint.cost(TYPED) for _ in range(4)] == [2, 2, 1, 1]


def test_what_was_accepted_before_is_not_doubted_for_the_sake_of_one_text():
    judge = refuses("400 Request contains an invalid argument.", when=lambda call, text: "bad" in text)
    endpoint = Endpoint(judge)
    assert [endpoint.cost(TYPED, text) for text in ("good", "bad", "good", "bad")] == [1, 1, 1, 1]
    assert told(endpoint.asked[-1][0])


@pytest.mark.parametrize("words", ["400 no", "400 response_format is refused", "400 temperature is refused"])
def test_what_is_refused_in_every_way_is_refused_a_few_times_and_teaches_nothing(words):
    endpoint = Endpoint(refuses(words, when=lambda call, text: True))
    assert sum(endpoint.cost(TYPED, f"row {number}") for number in range(20)) <= 24
    endpoint.judge = lambda call, text: None
    endpoint.ask(TYPED)
    assert told(endpoint.asked[-1][0]) and temperate(*endpoint.asked[-1])


def test_refusals_that_name_the_request_by_a_number_are_the_same_refusal():
    numbers = iter(range(1000))
    endpoint = Endpoint(lambda call, text: ProviderError(f"400 no (request 8f3e{next(numbers)}-00a1)", status=400))
    assert sum(endpoint.cost(TYPED, f"row {number}") for number in range(20)) <= 24


def test_refusals_of_other_words_each_time_do_not_double_what_is_asked():
    endpoint = Endpoint(lambda call, text: ProviderError(f"400 no {text}", status=400))
    assert sum(endpoint.cost(TYPED, word) for word in "abcdefghijklmnopqrst") <= 30


def test_a_refused_row_whose_words_explain_it_is_one_request():
    words = "400 This request breaks a rule. For more information check https://x.test"
    endpoint = Endpoint(refuses(words, when=lambda call, text: "bad" in text))
    assert [endpoint.cost(TYPED, text) for text in ("bad 1", "bad 2", "good", "bad 3")] == [1, 1, 1, 1]
    assert told(endpoint.asked[2][0])


def test_a_long_row_that_is_refused_in_the_plain_way_too_still_teaches_that_the_schema_is_refused():
    def judge(call, text):
        if told(call):
            return ProviderError("400 response_format is not supported", status=400)
        return ProviderError("400 the prompt is too long", status=400) if "long" in text else None

    endpoint = Endpoint(judge)
    assert "too long" in str(endpoint.ask(TYPED, "long"))
    assert endpoint.cost(TYPED, "long") == 1 and endpoint.cost(TYPED, "short") == 1


def test_a_schema_that_is_too_much_for_an_endpoint_is_told_in_the_plain_way_and_others_are_not():
    other = {**SCHEMA, "description": "too much"}
    judge = refuses("400 Invalid schema for response_format", when=lambda call, text: told(call) and "too much" in str(call.parameters))
    endpoint = Endpoint(judge)
    assert endpoint.cost(TYPED) == 1
    difficult = Call("ai_query", TYPED.model, schema=other, return_type="STRUCT<label STRING>")
    # json_schema and json_object with the schema beside it, then plain json_object, which holds no schema
    assert [endpoint.cost(difficult) for _ in range(2)] == [3, 1]
    endpoint.ask(TYPED)
    assert endpoint.asked[-1][0].parameters["response_format"]["type"] == "json_schema"


# The role of a system message


@pytest.mark.parametrize("words", ["400 System role not supported", "400 Developer instruction is not enabled for models/gemma-3-27b-it"])
def test_a_refused_system_message_goes_into_the_text_of_the_user_and_that_is_remembered(words):
    endpoint = Endpoint(refuses(words, when=has_system))
    assert [endpoint.cost(SYSTEM, "Hello") for _ in range(2)] == [2, 1]
    sent, text = endpoint.asked[-1]
    assert chat_body(sent, text)["messages"] == [{"role": "user", "content": "Be brief.\n\nHello"}]


def test_a_server_that_breaks_on_a_system_message_keeps_its_temperature():
    endpoint = Endpoint(refuses("500 Internal Server Error", 500, when=has_system))
    for _ in range(3):
        endpoint.ask(SYSTEM)
    assert endpoint.cost(SYSTEM) == 1 and temperate(*endpoint.asked[-1])


def test_a_schema_in_the_prompt_goes_into_the_text_of_the_user_too():
    def judge(call, text):
        if told(call):
            return ProviderError("400 response_format is not supported", status=400)
        return ProviderError("400 System role not supported", status=400) if has_system(call, text) else None

    endpoint = Endpoint(judge)
    endpoint.ask(TYPED, "Hello")
    assert endpoint.cost(TYPED, "Hello") == 1
    [message] = chat_body(*endpoint.asked[-1])["messages"]
    assert message["content"].startswith("Answer with JSON only") and message["content"].endswith("Hello")


def test_a_system_message_that_the_row_itself_holds_is_folded_with_everything_else_kept():
    talk = '{"messages": [{"role": "system", "content": "s"}, {"role": "user", "content": "u"}, {"role": "assistant", "content": "a"},'
    talk += ' {"role": "user", "content": [{"type": "text", "text": "v"}]}], "max_tokens": 5}'
    endpoint = Endpoint(refuses("400 System role not supported", when=has_system))
    call = Call("ai_query", PLAIN.model, input=Input.JSON)
    endpoint.ask(call, talk)
    body = chat_body(*endpoint.asked[-1])
    assert body["max_tokens"] == 5
    assert [message["role"] for message in body["messages"]] == ["user", "assistant", "user"]
    assert body["messages"][0]["content"] == "s\n\nu" and body["messages"][2]["content"] == [{"type": "text", "text": "v"}]


def test_the_parts_of_an_aggregate_are_asked_in_a_way_that_the_endpoint_takes():
    endpoint = Endpoint(refuses("400 System role not supported", when=has_system))
    group = Call("ai_agg", PLAIN.model, messages=SYSTEM.messages, input=Input.TEXT_LIST)
    assert endpoint.ask(group, '["a", "b"]').values == [endpoint.answer]
    assert endpoint.cost(group, '["c"]') == 1


# The temperature


def test_a_refused_default_temperature_is_left_out_from_then_on_and_one_that_was_asked_for_is_the_users():
    endpoint = Endpoint(refuses("400 `temperature` is deprecated for this model.", when=temperate))
    assert [endpoint.cost(PLAIN) for _ in range(2)] == [2, 1]
    wanted = Call("ai_query", PLAIN.model, {"temperature": 0.5})
    assert "temperature" in str(endpoint.ask(wanted)) and endpoint.asked[-1][0].parameters == {"temperature": 0.5}


def test_a_row_about_the_temperature_is_one_refused_row():
    endpoint = Endpoint(refuses("400 cannot answer: what is the temperature in Paris", when=lambda call, text: "Paris" in text))
    assert [endpoint.cost(PLAIN, text) for text in ("Rome", "Paris", "Paris")] == [1, 1, 1]


# Answers that the endpoint could not read


def failed_json(written: str) -> ProviderError:
    return ProviderError("400 Failed to generate JSON.", status=400, answer=written)


def test_json_that_the_endpoint_could_not_read_is_asked_for_once_more():
    endpoint = Endpoint(lambda call, text: failed_json('{"label": good') if text == "row" else None)
    assert endpoint.ask(TYPED).values == ['{"label": "good"}']
    repair, said = endpoint.asked[1]
    assert [message["content"] for message in repair.messages] == ["row", '{"label": good'] and "That answer cannot be read" in said
    assert len(endpoint.asked) == 2


def test_json_that_we_can_read_where_the_endpoint_could_not_is_the_answer():
    endpoint = Endpoint(lambda call, text: failed_json('```json\n{"label": "good",}\n```'))
    assert endpoint.ask(TYPED).values == ['{"label": "good"}'] and len(endpoint.asked) == 1


@pytest.mark.parametrize("written", ['{"label": good', ""])
def test_json_that_is_not_to_be_had_is_a_failure_in_the_endpoints_words(written):
    endpoint = Endpoint(lambda call, text: failed_json(written))
    responses = endpoint.ask(TYPED)
    assert responses.failures[0].message == "400 Failed to generate JSON." and len(endpoint.asked) == 2
    assert all(message["content"] for message in endpoint.asked[1][0].messages)


def test_text_of_any_kind_is_not_taken_for_the_json_that_the_user_wanted():
    endpoint = Endpoint(lambda call, text: failed_json("Well, it depends.") if text == "row" else None)
    wanted = Call("ai_query", PLAIN.model, {"response_format": {"type": "json_object"}})
    assert endpoint.ask(wanted).values == [endpoint.answer] and len(endpoint.asked) == 2
