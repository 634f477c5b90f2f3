import pytest
import shared_cases

from dbt_ai.errors import ConfigurationError
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
