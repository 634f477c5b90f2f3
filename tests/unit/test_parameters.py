import pytest

from dbt_ai.errors import ConfigurationError
from dbt_ai.parameters import read_parameters

WHO = "external model 'm'"


@pytest.mark.parametrize("given", [None, "", {}, "{}"])
def test_no_parameters_are_an_empty_mapping(given):
    assert read_parameters(given, WHO) == ({}, None)


@pytest.mark.parametrize("given", ['{"Dimensions":"725"}', {"Dimensions": "725"}, {"DIMENSIONS": 725}, {"dimensions": " 725 "}])
def test_dimensions_may_be_written_in_any_case_and_as_a_string(given):
    assert read_parameters(given, WHO) == ({"dimensions": 725}, None)


def test_retry_count_is_taken_out_of_what_is_sent():
    assert read_parameters('{"dimensions":725,"sql_rest_options":{"retry_count":5}}', WHO) == ({"dimensions": 725}, 5)
    assert read_parameters({"sql_rest_options": {"retry_count": 0}}, WHO) == ({}, 0)


@pytest.mark.parametrize("count", [-1, 11, 1.5, "3", None, True])
def test_a_retry_count_is_a_whole_number_from_0_to_10(count):
    with pytest.raises(ConfigurationError, match=r"retry_count .* is not accepted; give a whole number from 0 to 10"):
        read_parameters({"sql_rest_options": {"retry_count": count}}, WHO)


@pytest.mark.parametrize("options", [{}, 3, {"retries": 3}, {"retry_count": 1, "timeout": 2}])
def test_other_rest_options_are_refused(options):
    with pytest.raises(ConfigurationError, match="sql_rest_options"):
        read_parameters({"sql_rest_options": options}, WHO)


@pytest.mark.parametrize("dimensions", [0, -3, "many", "", 1.5, True, None, "²"])
def test_dimensions_are_a_positive_whole_number(dimensions):
    with pytest.raises(ConfigurationError, match="dimensions"):
        read_parameters({"dimensions": dimensions}, WHO)


@pytest.mark.parametrize("given", ["{", "[1]", "7", [1], 7, '{"a": NaN}', {"a": float("nan")}, {"a": object()}])
def test_parameters_are_a_json_object(given):
    with pytest.raises(ConfigurationError, match="external model 'm': parameters .* are not a JSON object"):
        read_parameters(given, WHO)


def test_two_spellings_of_dimensions_are_refused():
    with pytest.raises(ConfigurationError, match="keep one"):
        read_parameters({"dimensions": 1, "Dimensions": 2}, WHO)


@pytest.mark.parametrize("name", ["model", "input", "messages", "stream", "Stream"])
def test_what_the_runtime_writes_itself_is_refused(name):
    with pytest.raises(ConfigurationError, match=f"cannot hold '{name}'"):
        read_parameters({name: "x"}, WHO)


def test_everything_else_is_sent_as_it_is():
    assert read_parameters({"valid": "JSON", "nested": {"a": [1, None]}}, WHO)[0] == {"valid": "JSON", "nested": {"a": [1, None]}}
