"""create_external_model reads parameters as Python does: the same cases, and anything else that may be given."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import golden
import pytest
import shared_cases
from dbt_common.exceptions import CompilationError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dbt_ai.errors import ConfigurationError
from dbt_ai.parameters import read_parameters

CASES = shared_cases.cases("parameters")


@pytest.fixture(scope="module")
def macros() -> Iterator[Any]:
    with golden.compiler().macros(golden.ENGINES["snowflake"]) as macros:
        yield macros


def in_python(parameters: Any) -> tuple[dict[str, Any], int | None] | None:
    """What is sent and how often it is repeated; None where the parameters are refused."""
    try:
        return read_parameters(parameters, "external model")
    except ConfigurationError:
        return None


def in_jinja(macros: Any, parameters: Any) -> tuple[dict[str, Any], int | None] | None:
    try:
        read = macros._model_parameters(parameters)
    except CompilationError:
        return None
    retry_count = read.pop("sql_rest_options", {}).get("retry_count")
    # A specification travels as JSON, whose keys are texts.
    return json.loads(json.dumps(read)), retry_count


@pytest.mark.parametrize("case", CASES["accepted"], ids=lambda case: str(case["given"]))
def test_parameters_are_a_mapping_or_its_json_text(macros: Any, case: dict[str, Any]) -> None:
    assert in_jinja(macros, case["given"]) == (case["read"], case.get("retry_count"))


@pytest.mark.parametrize("case", CASES["refused"], ids=lambda case: str(case["given"]))
def test_what_cannot_be_sent_is_refused_in_the_words_of_the_runtime(macros: Any, case: dict[str, Any]) -> None:
    with pytest.raises(CompilationError, match="external model: ") as refused:
        macros._model_parameters(case["given"])
    assert case["says"] in str(refused.value.msg)


NAMES = st.one_of(
    st.sampled_from(["dimensions", "Dimensions", "DIMENSIONS", "sql_rest_options", "retry_count", "model", "Input", "temperature", "é"]),
    st.integers(0, 9),
)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-2, 12), st.floats(), st.text("0123456789.+-e_ ²a", max_size=4), st.dates()),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(NAMES, inner, max_size=2)),
    max_leaves=4,
)


@settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(st.one_of(st.dictionaries(NAMES, VALUES, max_size=3), VALUES), st.booleans())
def test_any_parameters_are_the_same_in_python_and_in_the_macro(macros: Any, parameters: Any, as_text: bool) -> None:
    if as_text:
        parameters = json.dumps(parameters, default=str)
    assert in_jinja(macros, parameters) == in_python(parameters)
