import pytest
import shared_cases

from dbt_ai.errors import ConfigurationError
from dbt_ai.parameter_names import misspelt
from dbt_ai.parameters import read_parameters

WHO = "external model 'm'"
CASES = shared_cases.cases("parameters")


@pytest.mark.parametrize("case", CASES["accepted"], ids=lambda case: str(case["given"]))
def test_parameters_are_a_mapping_or_its_json_text(case):
    assert read_parameters(case["given"], WHO) == (case["read"], case.get("retry_count"))


@pytest.mark.parametrize("case", CASES["refused"], ids=lambda case: str(case["given"]))
def test_what_cannot_be_sent_is_refused_with_its_name_and_what_would_be_accepted(case):
    with pytest.raises(ConfigurationError, match="external model 'm': ") as refused:
        read_parameters(case["given"], WHO)
    assert case["says"] in str(refused.value)


@pytest.mark.parametrize("given", [{"a": object()}, {"a": {1, 2}}])
def test_what_json_has_no_words_for_is_refused(given):
    with pytest.raises(ConfigurationError, match="external model 'm': parameters .* are not a JSON object"):
        read_parameters(given, WHO)


def test_a_slip_is_found_beside_other_parameters_and_inside_those_that_hold_some():
    schema = {"type": "json_schema", "json_schema": {"schema": {"properties": {"temprature": {}}}}}
    given = {"generationConfig": {"topp": 1, "frequencyPenalty": 1}, "options": {"temprature": 1}, "seeed": 1, "response_format": schema}
    assert misspelt(given) == {
        "generationConfig.topp": "generationConfig.top_p",
        "options.temprature": "options.temperature",
        "seeed": "seed",
    }
