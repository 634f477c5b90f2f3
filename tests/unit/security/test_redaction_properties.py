"""However an endpoint writes a secret that it was sent, nothing of it is in what anybody reads."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Callable
from urllib.parse import quote, quote_plus, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from steps import counting

from dbt_ai.security.redaction import PIECE, PIECE_IN_ANSWER, Redaction


def _escaped(template: str) -> Callable[[str], str]:
    return lambda secret: "".join(sign if sign.isalnum() else template.format(ord(sign)) for sign in secret)


# Each is how some endpoint writes a text that it got.
FORMS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "in a URL": lambda secret: quote(secret, safe=""),
    "in the path of a URL": quote,
    "in a form": quote_plus,
    "in a URL, in lower case": lambda secret: "".join(f"%{ord(sign):02x}" if quote(sign, safe="") != sign else sign for sign in secret),
    "in a URL in a URL": lambda secret: quote(quote(secret)),
    "in JSON": lambda secret: json.dumps(secret)[1:-1],
    "in JSON as PHP writes it": lambda secret: json.dumps(secret)[1:-1].replace("/", "\\/"),
    "in JSON as Go and .NET write it": _escaped("\\u{:04x}"),
    "in JSON in JSON": lambda secret: json.dumps(json.dumps(secret)),
    "in Python": repr,
    "in HTML": html.escape,
    "in HTML by numbers": _escaped("&#{};"),
    "in HTML by hexadecimal numbers": _escaped("&#x{:X};"),
}
SECRETS = st.text(alphabet=st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=PIECE, max_size=80).filter(
    # What seems to be a text of other escapes is read as that text, which has to be long enough too.
    lambda secret: secret == secret.strip() and len(html.unescape(unquote(secret))) >= PIECE
)


def learned(*headers: str) -> Redaction:
    redaction = Redaction()
    for header in headers:
        redaction.learn("https://api.test", header)
    return redaction


@pytest.mark.parametrize("form", FORMS)
@given(secret=SECRETS, scheme=st.sampled_from(["", "Bearer ", "Token "]))
def test_no_piece_of_a_secret_is_left_in_a_message(form: str, secret: str, scheme: str):
    said = FORMS[form](secret)
    text = learned(scheme + secret).redact(f"«{said}» · «{said}»")
    assert text.count("***") == 2 and set(text) <= set("«»· *\"'\\")


@pytest.mark.parametrize("form", FORMS)
@given(secret=SECRETS.map(lambda secret: f"K3Y+/={secret}"))
def test_no_secret_is_left_in_an_answer(form: str, secret: str):
    said = FORMS[form](secret)
    text = learned(secret).redact_answer(f"«{said}»")
    assert "***" in text and set(text) <= set("«»*\"'\\")


@given(SECRETS, st.integers(0, 80), st.integers(0, 80))
def test_a_beginning_and_an_end_of_a_secret_are_recognised(secret: str, begin: int, end: int):
    for piece in (secret[: max(begin, PIECE)], secret[-max(end, PIECE) :]):
        assert learned(secret).redact(f"«{piece}»") == "«***»"


@given(SECRETS, st.data())
def test_so_is_a_piece_from_its_middle(secret: str, data: st.DataObject):
    start = data.draw(st.integers(0, len(secret)))
    piece = secret[start : start + 2 * PIECE]
    if len(piece) == 2 * PIECE:
        assert learned(secret).redact(f"«{piece}»") == "«***»"


@given(st.text(alphabet=st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=10), SECRETS, st.text(max_size=10), st.booleans())
def test_base64_that_holds_a_secret_does_not_tell_it(before: str, secret: str, after: str, url: bool):
    encode = base64.urlsafe_b64encode if url else base64.b64encode
    said = encode(f"{before}{secret}{after}".encode()).decode()
    assert learned(secret).redact(f"«{said}»") == "«***»"


@given(st.text(alphabet="abcdefgh", min_size=1), SECRETS)
def test_basic_authorisation_is_masked_with_its_password(user: str, password: str):
    pair = f"{user}:{password}"
    for padded in (True, False):
        token = base64.b64encode(pair.encode()).decode()
        redaction = learned(f"Basic {token}")
        said = token if padded else token.rstrip("=")
        assert redaction.redact(f"«{said}» «{pair}» «{password}»") == "«***» «***» «***»"


def test_the_longest_secret_is_masked_whole():
    redaction = learned("key-12345", "key-1234567890", "x-key-1234567890/long")
    assert redaction.redact("«key-12345» «key-1234567890» «x-key-1234567890/long»") == "«***» «***» «***»"


@pytest.mark.parametrize("value", ["EMPTY", "v1", "none"])
def test_a_value_of_a_few_characters_is_no_secret(value: str):
    assert learned(value).redact(f"the model is {value}") == f"the model is {value}"


@pytest.mark.parametrize("value", ["2023-06-01", "not-needed", "lm-studio", "password", "123456789", "a+b=c"])
def test_what_an_answer_may_say_by_chance_stays_in_it_but_not_in_a_message(value: str):
    text = f"Use {value}, please"
    assert learned(value).redact_answer(text) == text
    assert (learned(value).redact(text) == "Use ***, please") == (len(value) >= 6)


def test_an_answer_may_speak_of_the_beginning_of_all_keys():
    redaction = learned("Bearer sk-proj-AbCdEfGhIjKlMnOpQrStUvWxYz0123456789")
    assert redaction.redact_answer("Keys begin with sk-proj-, tokens with sk-ant-.") == "Keys begin with sk-proj-, tokens with sk-ant-."
    assert redaction.redact_answer("My key is sk-proj-AbCdEfGhIjKlMn") == "My key is ***"
    assert PIECE_IN_ANSWER == 16


def test_a_secret_is_not_forgotten_while_another_one_is_renewed():
    redaction = learned("Bearer the-first/one+of=all")
    for number in range(200):
        redaction.learn("https://another.test", f"Bearer token/{number}+of=today")
    assert redaction.redact("the-first/one+of=all") == "***"


def test_a_token_that_was_replaced_is_still_a_secret():
    redaction = Redaction()
    for number in range(50):
        redaction.learn("https://api.test", f"Bearer token/{number}+of=today")
    assert redaction.redact("token/0+of=today token/49+of=today") == "*** ***"


@pytest.mark.parametrize(
    ("repeated", "secret"),
    [
        ("a", "a" * 40),
        ("ab", "ab" * 30 + "X"),
        ("%25", "%" * 20),
        ("&amp;", "s3cret&" * 4),
        ("\\\\", "s3cret\\" * 4),
        ("s3cret-K3Y/", "s3cret-K3Y/"),
    ],
)
def test_redaction_takes_steps_in_proportion_to_the_text(repeated: str, secret: str):
    redaction = learned(secret)
    with counting() as steps:
        for redact in (redaction.redact, redaction.redact_answer):
            small, large = (steps(redact, repeated * count) for count in (200, 400))
            assert large < 2.2 * small
