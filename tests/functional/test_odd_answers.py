"""Answers of another shape than their format has: bodies that are none, that were cut, packed or numbered otherwise, or hold too much."""

from __future__ import annotations

import base64
import gzip
import json
import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from answering import Sent
from odd_endpoints import (
    COHERE_RANK,
    EMBED,
    GEMINI_CHAT,
    INVOCATIONS,
    MESSAGES,
    OLLAMA_EMBED,
    RANK,
    TEI_RANK,
    TEXT,
    TYPED,
    VECTOR,
    Case,
    Ran,
    asked_by_all,
    error,
    into,
    packed,
    require,
    says,
    vectors,
)

CASES: dict[str, Case] = {}
case = into(CASES)
# What an endpoint that never gives an answer is asked in all, and what the page says that it answers.
A_FEW = 8
PAGE = "<html><head><title>Sign in</title></head></html>"
FINE = json.dumps(says("fine")).encode()
LABEL = {"label": "good", "n": 1}
INT = "dbt_ai.ai_query(ref('{llm}'), 'body', fail_on_error=false, return_type='INT')"
WORDS = "dbt_ai.ai_query(ref('{llm}'), 'body', fail_on_error=false, return_type='ARRAY<STRING>')"


def vector_of(text: str, numbers: int = 64) -> list[float]:
    vector = np.random.default_rng(list(text.encode())).standard_normal(numbers)
    return list(vector / np.linalg.norm(vector))


def one_vector(body: dict[str, Any]) -> dict[str, Any]:
    return {"data": [{"index": 0, "embedding": vector_of(str(body["input"]))}]}


def tool(input: Any) -> dict[str, Any]:
    return {
        "content": [{"type": "tool_use", "name": "answer", "input": input}],
        "stop_reason": "tool_use",
        "usage": {"input_tokens": 5, "output_tokens": 1},
    }


def gemini(text: str, **candidate: Any) -> dict[str, Any]:
    return {"candidates": [{"content": {"parts": [{"text": text}]}, **candidate}], "usageMetadata": {"promptTokenCount": 5}}


# Responses that can never be an answer


@case(TEXT, requests=A_FEW, answered=0, says="is not JSON but begins '<html>")
def a_login_page(body, count):
    return 200, PAGE


@case(requests=A_FEW, answered=0, says="is not JSON but begins '<html>")
def a_login_page_for_a_typed_answer(body, count):
    return 200, PAGE


@case(VECTOR, EMBED, requests=A_FEW, answered=0, says="is not JSON but begins '<html>")
def a_login_page_for_vectors(body, count):
    return 200, PAGE


@case(RANK, TEI_RANK, requests=A_FEW, answered=0, says="is not JSON but begins '<html>")
def a_login_page_for_scores(body, count):
    return 200, PAGE


@case(TEXT, requests=A_FEW, answered=0, says="the answer is not gzip, as it says")
def gzip_that_is_none(body, count):
    return 200, Sent(b"no", {"Content-Encoding": "gzip"})


@case(VECTOR, EMBED, requests=A_FEW, answered=0, says="the answer is not gzip, as it says")
def vectors_in_gzip_that_is_none(body, count):
    return 200, Sent(b"no", {"Content-Encoding": "gzip"})


@case(TEXT, requests=A_FEW, answered=0, says="the answer ended 7 bytes early")
def a_length_that_is_too_large(body, count):
    return 200, Sent(FINE, {"Content-Length": str(len(FINE) + 7)})


@case(VECTOR, EMBED, requests=A_FEW, answered=0, says="the answer breaks off after")
def a_length_that_is_too_small(body, count):
    sent = json.dumps(vectors(body)).encode()
    return 200, Sent(sent, {"Content-Length": str(len(sent) - 7)})


@case(TEXT, requests=A_FEW, answered=0, says="the answer is empty")
def nothing_at_all(body, count):
    return 200, ""


@case(TEXT, requests=A_FEW, answered=0, says="this is not HTTP")
def chunks_without_sizes(body, count):
    return 200, Sent(b"zz\r\nhello\r\n", {"Transfer-Encoding": "chunked"})


@case(TEXT, requests=A_FEW, answered=0, says="999 denied")
def a_status_that_nobody_knows(body, count):
    return 999, "denied"


@case(TEXT, requests=A_FEW + 1, answered=0, says="500 oops")
def nothing_but_500(body, count):
    return 500, "oops"


@case(VECTOR, EMBED, requests=2 * A_FEW, answered=0, says="500 oops")
def no_vectors_but_500(body, count):
    return 500, "oops"


@case(VECTOR, EMBED, requests=5, answered=0, says="the answer holds no list under 'data'")
def a_health_check(body, count):
    return 200, {"status": "ok"}


@case(TEXT, requests=1, answered=0, says="it leads to 'https://login.test/x'")
def a_redirect_elsewhere(body, count):
    return 307, Sent(b"", {"Location": "https://login.test/x?token=1"})


@case(TEXT, requests=1, answered=0, says="the answer is a piece of a stream")
def one_piece_of_a_stream(body, count):
    return 200, {"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {"content": "fine"}, "finish_reason": "stop"}]}


# Bodies that say plainly enough what they are


@case(TEXT, value="fine")
def gzip_without_a_word(body, count):
    return 200, Sent(gzip.compress(FINE))


@case(TEXT, value="fine")
def gzip_of_two_members(body, count):
    return 200, Sent(gzip.compress(FINE[:20]) + gzip.compress(FINE[20:]), {"Content-Encoding": "gzip"})


@case(TEXT, value="fine")
def gzip_that_is_plain_json(body, count):
    return 200, Sent(FINE, {"Content-Encoding": "gzip"})


@case(TEXT, value="fine")
def deflate_without_a_header(body, count):
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return 200, Sent(packer.compress(FINE) + packer.flush(), {"Content-Encoding": "deflate"})


@case(TEXT, value="café")
def latin_1_as_its_header_says(body, count):
    sent = json.dumps(says("café"), ensure_ascii=False).encode("latin-1")
    return 200, Sent(sent, {"Content-Type": "application/json; charset=ISO-8859-1"})


@case(TEXT, value="fine")
def the_end_of_a_stream_behind_the_answer(body, count):
    return 200, FINE.decode() + "\n\ndata: [DONE]\n\n"


@case(TEXT, value="fine")
def zero_bytes_behind_the_answer(body, count):
    return 200, FINE.decode() + "\0\0"


@case(TEXT, value="fine")
def the_answer_in_a_text_of_json(body, count):
    return 200, json.dumps(FINE.decode())


@case(TEXT, value="fine")
def choices_in_another_order(body, count):
    second = {"index": 1, "message": {"content": "second"}, "finish_reason": "stop"}
    return 200, {"choices": [second, says("fine")["choices"][0]]}


# Answers that are not whole


@case(TEXT, GEMINI_CHAT, requests=A_FEW, answered=0, says="the answer broke off: it says no finishReason")
def gemini_never_says_that_it_ended(body, count):
    return 200, gemini("The capital of")


@case(TEXT, GEMINI_CHAT, requests=9, value="fine")
def gemini_breaks_off_once(body, count):
    return 200, gemini("The capital of") if count == 0 else gemini("fine", finishReason="STOP")


@case(TEXT, MESSAGES, requests=A_FEW, answered=0, says="the answer broke off: it says no stop_reason")
def claude_never_says_that_it_ended(body, count):
    return 200, {"content": [{"type": "text", "text": "half of"}], "stop_reason": None, "usage": {"input_tokens": 5}}


# Typed answers


TWICE = '{"label": "bad", "label": "good", "n": 1}'


@case(TYPED, MESSAGES, requests=16, answered=0, says="field 'label' is there twice")
def claude_names_a_field_twice(body, count):
    return 200, json.dumps(tool("ANSWER")).replace('"ANSWER"', TWICE)


@case(TYPED, requests=16, answered=0, says="field 'label' is there twice")
def an_object_names_a_field_twice(body, count):
    return 200, json.dumps(says("ANSWER")).replace('"ANSWER"', TWICE)


@case(TYPED, MESSAGES)
def claude_wraps_the_answer_once_more(body, count):
    return 200, tool({"answer": LABEL})


@case(TYPED, MESSAGES)
def claude_wraps_the_answer_as_a_text(body, count):
    return 200, tool({"input": json.dumps(LABEL)})


@case(TYPED, MESSAGES)
def claude_wraps_the_answer_twice(body, count):
    return 200, tool({"parameters": {"answer": LABEL}})


@case(INT, MESSAGES, value="4")
def claude_wraps_a_number_once_more(body, count):
    return 200, tool({"answer": {"answer": 4}})


@case(WORDS, MESSAGES, value="[a, b]")
def claude_writes_a_list_as_a_text(body, count):
    return 200, tool({"answer": '["a", "b"]'})


@case(TYPED)
def an_object_in_a_list(body, count):
    return 200, says([LABEL])


# Vectors


def spelt(body: dict[str, Any], spell: Any, times: float = 1.0) -> dict[str, Any]:
    """Vectors that are base64 of another type where they are base64."""
    rows = [[times * number for number in vector_of(text)] for text in body["input"]]
    written = map(spell, rows) if body.get("encoding_format") == "base64" else rows
    return {"data": [{"index": place, "embedding": vector} for place, vector in enumerate(written)]}


def bfloat16(row: list[float]) -> str:
    return base64.b64encode((np.array(row, "<f4").view("<u4") >> 16).astype("<u2").tobytes()).decode()


@case(VECTOR, EMBED, requests=2)
def base64_of_bfloat16(body, count):
    return 200, spelt(body, bfloat16)


@case(VECTOR, EMBED, requests=2)
def base64_of_float16_that_is_not_normal(body, count):
    return 200, spelt(body, lambda row: base64.b64encode(np.array(row, "<f2").tobytes()).decode(), 20.0)


@case(VECTOR.replace("'body'", "'body', {'dimensions': 64}"), EMBED, requests=2)
def base64_of_fewer_numbers_than_were_asked_for(body, count):
    return 200, spelt(body, lambda row: packed(row[:32]))


@case(VECTOR, EMBED, requests=12)
def one_text_and_no_list(body, count):
    return (400, error("Bad Request")) if isinstance(body["input"], list) else (200, one_vector(body))


@case(VECTOR, EMBED, requests=12)
def one_text_and_no_list_in_words(body, count):
    detail = [{"type": "string_type", "loc": ["body", "input"], "msg": "Input should be a valid string"}]
    return (422, {"detail": detail}) if isinstance(body["input"], list) else (200, one_vector(body))


@case(VECTOR, EMBED, requests=14)
def a_list_breaks_it(body, count):
    return (500, "Internal Server Error") if isinstance(body["input"], list) else (200, one_vector(body))


@case(VECTOR, INVOCATIONS, requests=10)
def databricks_takes_one_text(body, count):
    refused = {"error_code": "BAD_REQUEST", "message": "Bad request"}
    return (400, refused) if isinstance(body["input"], list) else (200, one_vector(body))


@case(VECTOR, EMBED, requests=16)
def one_vector_without_a_list(body, count):
    return 200, {"embedding": [1.0, 2.0]}


@case(VECTOR, OLLAMA_EMBED, requests=16)
def ollama_answers_as_it_did_before(body, count):
    return 200, {"embedding": [1.0, 2.0]}


@case(VECTOR, EMBED, requests=18)
def large_answers_are_cut(body, count):
    sent = json.dumps(vectors(body)).encode()
    return 200, Sent(sent[:200])


@case(RANK, COHERE_RANK, requests=8)
def cohere_answers_the_best_three(body, count):
    return 200, {"results": [{"index": place, "relevance_score": 0.5} for place in range(min(3, len(body["documents"])))]}


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ran]:
    yield from asked_by_all(tmp_path_factory.mktemp("odd"), CASES)


@pytest.mark.parametrize("name", CASES)
def test_eight_rows_are_answered_or_say_why_not_for_a_few_requests(ran: Ran, name: str):
    require(ran, name, CASES[name])


@pytest.mark.parametrize(
    "name", ["base64_of_bfloat16", "base64_of_float16_that_is_not_normal", "base64_of_fewer_numbers_than_were_asked_for"]
)
def test_vectors_are_those_that_the_model_made(ran: Ran, name: str):
    project, _, _ = ran
    scale = 20.0 if "float16_that" in name else 1.0
    answered = dict(project.query(f"select i, answer.response from {name}"))
    for number, vector in answered.items():
        assert np.allclose(vector, np.multiply(scale, vector_of(f"row {number} of eight")), rtol=1e-5)
