import json

import numpy as np
import pytest

from dbt_ai import spilling_vectors
from dbt_ai.call_constant import parse_call
from dbt_ai.errors import StoreError
from dbt_ai.known_answers import KnownAnswers
from dbt_ai.response import Responses
from dbt_ai.spilling_vectors import SpillingVectors


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


def test_vectors_that_no_temporary_file_takes_say_what_to_set(monkeypatch: pytest.MonkeyPatch):
    def no_folder(**_: object) -> None:
        raise FileNotFoundError(2, "No usable temporary directory found in ['/nowhere']")

    monkeypatch.setattr(spilling_vectors.tempfile, "TemporaryFile", no_folder)
    known = answers("EMBEDDINGS")
    known._vectors = SpillingVectors(2, spill_bytes=8)
    known.add(["a"], np.ones((1, 2), dtype=np.float32), {})
    with pytest.raises(StoreError, match="cannot be written to a temporary file .No usable temporary directory.*set TMPDIR to a folder"):
        known.add(["b"], np.ones((1, 2), dtype=np.float32), {})
    assert known.knows("a") and not known.knows("b")
