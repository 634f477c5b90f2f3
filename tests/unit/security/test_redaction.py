"""A secret is in no text that anybody reads."""

import json
import sys
import threading

import pytest
from gate import SECRET, credentials, model

from dbt_ai.errors import CredentialError
from dbt_ai.security.credentials import Credentials


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
    assert gate.redaction.redact(f"wrong key {SECRET}!") == "wrong key ***!"
    assert gate.redaction.redact(json.dumps({"k": 'quo"ted/key'})) == '{"k": "***"}'
    assert gate.redaction.redact("?key=quo%22ted%2Fkey") == "?key=***"


def test_a_secret_that_was_cut_off_is_redacted_too(secret_env):
    gate = credentials()
    gate.headers_for(model(), model().location)
    for length in range(8, len(SECRET) + 1):
        assert gate.redaction.redact(f"401 wrong key {SECRET[:length]}; try again, {SECRET}") == "401 wrong key ***; try again, ***"


def test_texts_are_redacted_while_the_secret_is_replaced(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("token-of-today")
    gate = Credentials.from_config([{"name": "https://api.test", "identity": "Bearer", "secret_file": str(secret)}])
    called = model(location="https://api.test/v1/chat/completions", credential="https://api.test")
    stop, broken = threading.Event(), []

    def redact() -> None:
        try:
            while not stop.is_set():
                gate.redaction.redact("nothing secret")
        except RuntimeError as error:
            broken.append(error)

    gate.headers_for(called, called.location)
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    thread = threading.Thread(target=redact)
    thread.start()
    try:
        for number in range(200):
            secret.write_text(f"token-{number}/of-today")
            gate.headers_for(called, called.location)
    finally:
        sys.setswitchinterval(interval)
        stop.set()
        thread.join()
    assert not broken
