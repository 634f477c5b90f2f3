"""One answer to many texts: every character is read, within what the endpoint takes at once."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbt_ai.call_constant import parse_call
from dbt_ai.conversation.aggregation import aggregate, split_texts
from dbt_ai.conversation.asking import Asker
from dbt_ai.conversation.knowledge import EndpointKnowledge
from dbt_ai.errors import ProviderError
from dbt_ai.response import Responses

MODEL = {"name": "m", "location": "https://x.test/v1/chat/completions", "api_format": "OpenAI", "model_type": "CHAT", "model": "m"}
CALL = parse_call(json.dumps({"function": "ai_agg", "model": MODEL, "request_format": "texts"}))


def run(texts, answer, knowledge=None):
    turns = aggregate(Asker((), knowledge or EndpointKnowledge()), CALL, json.dumps(texts))
    asked = []
    try:
        _, [question] = next(turns)
        while True:
            asked.append(question)
            try:
                said = answer(question)
            except ProviderError as refusal:
                _, [question] = turns.throw(refusal)
            else:
                _, [question] = turns.send(Responses([said]))
    except StopIteration as end:
        return end.value, asked


@given(st.lists(st.text(max_size=300), max_size=20), st.integers(8, 500))
def test_every_character_is_in_exactly_one_part(texts, size):
    parts = list(split_texts(texts, size))
    assert "".join("".join(part) for part in parts) == "".join(texts)
    assert all(sum(len(piece.encode()) for piece in part) <= size for part in parts)


def test_what_fits_is_one_request():
    answer, asked = run(["b", "c"], lambda question: "done")
    assert answer.values == ["done"] and asked == ["Text 1:\nb\n\nText 2:\nc"]


def test_what_does_not_fit_is_answered_in_parts_and_then_the_answers():
    answer, asked = run(["x" * 20_000] * 5, lambda question: str(len(question)))
    assert len(asked) == 6
    assert asked[-1].startswith("Text 1:\n200") and "Text 5:" in asked[-1]
    assert answer.values == [str(len(asked[-1]))]


def test_a_smaller_context_is_learnt_from_a_refusal_and_remembered():
    knowledge = EndpointKnowledge()

    def small(question):
        if len(question) > 5_000:
            raise ProviderError("400 the request exceeds the available context size")
        return "ok"

    _, first = run(["word " * 2_000], small, knowledge)
    assert [len(question) > 5_000 for question in first].count(True) == 3
    _, second = run(["word " * 2_000], small, knowledge)
    assert not any(len(question) > 5_000 for question in second)


def test_another_refusal_is_an_error():
    def refuse(question):
        raise ProviderError("400 no such model")

    with pytest.raises(ProviderError, match="no such model"):
        run(["a"], refuse)


def test_answers_that_do_not_get_shorter_are_an_error_and_not_an_endless_bill():
    with pytest.raises(ProviderError, match="no shorter"):
        run(["x" * 20_000] * 3, lambda question: question)
