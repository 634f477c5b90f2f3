import json

import numpy as np

from dbt_ai.answers import Answers
from dbt_ai.request import parse_call

CALL = parse_call(
    json.dumps(
        {
            "function": "ai_embed",
            "model": {"name": "m", "location": "mock:", "api_format": "Mock", "model_type": "EMBEDDINGS", "model": "m"},
        }
    ),
    False,
)


def test_an_input_that_comes_twice_moves_no_other_to_a_wrong_vector():
    answers = Answers(CALL)
    answers.add(["a", "a"], np.array([[1.0], [1.0]], dtype=np.float32), {})
    answers.add(["b"], np.array([[2.0]], dtype=np.float32), {})
    assert answers.vectors(answers.find(["a", "b"])).ravel().tolist() == [1.0, 2.0]
