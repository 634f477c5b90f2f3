import json

import numpy as np
import pytest

from dbt_ai.known_answers import KnownAnswers
from dbt_ai.request import Responses, parse_call


def answers(model_type: str) -> KnownAnswers:
    model = {"name": "m", "location": "mock:", "api_format": "Mock", "model_type": model_type, "model": "m"}
    return KnownAnswers(parse_call(json.dumps({"function": "ai_query", "model": model})))


@pytest.mark.parametrize("again", [["x"], ["x", "x"], ["new", "x"]])
def test_an_input_that_is_answered_twice_does_not_shift_the_answers_of_others(again):
    texts, vectors = answers("CHAT"), answers("EMBEDDINGS")
    for inputs in (["x"], again, ["y", "z"]):
        texts.add(inputs, [f"answer to {text}" for text in inputs], {})
        vectors.add(inputs, np.array([[ord(text[0])] for text in inputs], dtype=np.float32), {})
    for text in ("x", "y", "z"):
        assert texts.texts[texts.slots[text]] == f"answer to {text}"
        assert vectors.vectors(vectors.find([text])).tolist() == [[ord(text)]]


def test_the_first_vectors_decide_the_length_of_all_that_are_delivered_with_them():
    known = answers("EMBEDDINGS")
    first, second = (Responses(np.ones((3, width), dtype=np.float32)) for width in (16, 8))
    assert known.fitting(first) is first
    refused = known.fitting(second)
    assert refused.values == [None] * 3 and set(refused.failures) == {0, 1, 2}
    assert "answered vectors of 8 dimensions where 16 were expected" in refused.failures[0].message
    known.add(["a", "b", "c"], first.values, {})
    assert known.fitting(second).failures and known.fitting(first) is first
