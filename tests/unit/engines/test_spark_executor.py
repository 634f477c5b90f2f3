"""What an executor of Spark makes of one Arrow batch; needs no Spark."""

from __future__ import annotations

import json

import pyarrow as pa
import pytest

from dbt_ai.engines.spark import respond_on_executor
from dbt_ai.errors import ConfigurationError

MOCK = {"location": "mock:", "api_format": "Mock", "model": "m"}
SHIPPED = json.dumps(
    {
        "models": {
            "llm": {"name": "llm", "model_type": "CHAT", **MOCK},
            "embedder": {"name": "embedder", "model_type": "EMBEDDINGS", "parameters": {"dimensions": 2}, **MOCK},
        },
        "settings": {},
    }
)


def respond(model: str, texts: list[str | None], fail_on_error: bool = True) -> list[dict[str, object] | None]:
    count = len(texts)
    columns = pa.array([model] * count), pa.array(texts, pa.string()), pa.array([""] * count), pa.array([fail_on_error] * count)
    answered: list[dict[str, object] | None] = respond_on_executor(SHIPPED, *columns).to_pylist()
    return answered


def test_equal_texts_get_equal_answers_and_null_none() -> None:
    first, absent, second, again = respond("llm", ["a", None, "b", "a"])
    assert first == again != second and absent is None


def test_an_error_is_data_where_it_is_asked_for() -> None:
    good, bad = respond("embedder", ["a", ""], fail_on_error=False)
    assert good and good["errorStatus"] is None and len(good["response"]) == 2  # type: ignore[arg-type]
    assert bad and bad["response"] is None and "empty input" in str(bad["errorStatus"])


def test_a_model_that_is_not_there_is_named() -> None:
    with pytest.raises(ConfigurationError, match="there is no external model 'nobody' in this session; it has embedder, llm"):
        respond("nobody", ["a"])
