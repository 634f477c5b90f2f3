"""A secret is in no text that anybody reads."""

import json

import pytest
from gate import SECRET, credentials, model

from dbt_ai.errors import CredentialError


@pytest.mark.parametrize(
    "secret",
    [SECRET, json.dumps([SECRET]), json.dumps({"Bearer": [SECRET]}), "{}", json.dumps({"Bearer": f"{SECRET}\r\nX: y"}),
     json.dumps({"Host": SECRET}), json.dumps({f"bad {SECRET}": "x"}), json.dumps({"Bearer": SECRET, "Authorization": SECRET}),
     json.dumps({"api-key": ""})],
)  # fmt: skip
def test_a_malformed_secret_is_refused_without_being_quoted(secret_env, secret):
    secret_env(secret)
    with pytest.raises(CredentialError, match="environment variable THE_SECRET") as raised:
        credentials().headers_for(model(), model().location)
    assert SECRET not in str(raised.value) and raised.value.__cause__ is None and raised.value.__suppress_context__


def test_a_secret_is_in_no_repr_and_is_redacted_from_texts(secret_env):
    secret_env({"Bearer": SECRET, "api-key": 'quo"ted/key'})
    gate = credentials()
    gate.headers_for(model(), model().location)
    assert SECRET not in repr(gate) and SECRET not in repr(vars(gate)["_credentials"])
    assert gate.redact(f"wrong key {SECRET}!") == "wrong key ***!"
    assert gate.redact(json.dumps({"k": 'quo"ted/key'})) == '{"k": "***"}'
    assert gate.redact("?key=quo%22ted%2Fkey") == "?key=***"


def test_a_secret_that_was_cut_off_is_redacted_too(secret_env):
    gate = credentials()
    gate.headers_for(model(), model().location)
    for length in range(8, len(SECRET) + 1):
        assert gate.redact(f"401 wrong key {SECRET[:length]}; try again, {SECRET}") == "401 wrong key ***; try again, ***"
