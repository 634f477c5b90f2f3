from __future__ import annotations

import base64
import json
import os
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dbt_ai.call import Call
from dbt_ai.call_constant import parse_call
from dbt_ai.errors import ConfigurationError, StoreError
from dbt_ai.request import Requests
from dbt_ai.response import Delivery, Failure, Responses
from dbt_ai.store import cassette as cassette_module
from dbt_ai.store.answer_store import StoredAnswers
from dbt_ai.store.cassette import Cassette
from dbt_ai.store.no_store import NoStore
from dbt_ai.store.recorded import Recording
from dbt_ai.store.version_1 import Version1

CHAT = "https://api.openai.com/v1/chat/completions"


def call_of(location: str = CHAT, kind: str = "CHAT", **more: Any) -> Call:
    model = {"name": "m", "location": location, "api_format": "OpenAI", "model_type": kind, "model": "m"}
    return parse_call(json.dumps({"function": "ai_query" if kind == "CHAT" else "ai_embed", "model": model, **more}))


EMBEDS = call_of("https://api.openai.com/v1/embeddings", "EMBEDDINGS")


def requests_of(call: Call, *inputs: str) -> Requests:
    return Requests(call, inputs, call.keys(inputs))


def line(call: Call, input: str, **answer: Any) -> str:
    return json.dumps({"key": call.keys([input])[0].hex(), "key_version": 2, "input": input, **answer})


def packed(*numbers: float, dtype: str = "<f4") -> str:
    return base64.b64encode(np.array(numbers, dtype=dtype).tobytes()).decode()


def replayed(cassette: Cassette, call: Call, *inputs: str) -> dict[str, Any]:
    found = list(cassette.lookup(requests_of(call, *inputs)))
    return {
        inputs[at]: value if isinstance(value, str) else value.tolist()
        for part in found
        for at, value in zip(part.positions, part.values, strict=True)
    }


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "cassette.jsonl"


def test_what_was_recorded_is_replayed(file: Path):
    recording = Cassette(file)
    recording.add(requests_of(call_of(), "a", "b"), [0, 1], ["1", "ä\n"])
    recording.add(requests_of(call_of(), "b", "c"), [0, 1], ["other", "3"])
    recording.add(requests_of(EMBEDS, "a"), [0], np.array([[1, 2]], dtype=np.float32))
    assert (
        replayed(Cassette(file), call_of(), "a", "b", "c", "d")
        == {"a": "1", "b": "ä\n", "c": "3"}
        == replayed(recording, call_of(), "a", "b", "c")
    )
    assert replayed(Cassette(file), EMBEDS, "a", "b") == {"a": [1, 2]} == replayed(recording, EMBEDS, "a")
    assert len(file.read_text().splitlines()) == 4


@pytest.mark.parametrize(("end", "left"), [(1, {"a": "1", "b": "2"}), (2, {"a": "1"}), (40, {"a": "1"})])
def test_a_recording_goes_on_behind_a_line_without_its_end_and_in_the_place_of_a_part_of_one(file: Path, end: int, left: dict[str, str]):
    Cassette(file).add(requests_of(call_of(), "a", "b"), [0, 1], ["1", "2"])
    file.write_bytes(file.read_bytes()[:-end])
    Cassette(file).add(requests_of(call_of(), "c"), [0], ["3"])
    assert replayed(Cassette(file), call_of(), "a", "b", "c") == {**left, "c": "3"}


def test_two_runs_that_record_at_once_write_each_answer_once_and_whole(file: Path):
    call, texts, length = call_of(), [str(number) for number in range(8)], 50_000
    runs = {name: Cassette(file) for name in "ab"}

    def record(name: str) -> None:
        for text in texts:
            runs[name].add(requests_of(call, text), [0], [name * length])

    for run in runs.values():
        run.check()
    threads = [threading.Thread(target=record, args=name) for name in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    answers = replayed(Cassette(file), call, *texts)
    assert sorted(answers) == sorted(texts) and set(answers.values()) <= {"a" * length, "b" * length}
    assert len(file.read_bytes().splitlines()) == len(texts)


def test_what_could_be_written_only_in_part_is_removed(file: Path):
    recording = Cassette(file)
    recording.add(requests_of(call_of(), "a"), [0], ["1"])
    with file.open("ab") as other:
        other.write(b'{"key": "12')
    recording.add(requests_of(call_of(), "b"), [0], ["2"])
    assert replayed(Cassette(file), call_of(), "a", "b") == {"a": "1", "b": "2"}


def test_a_cassette_that_is_replaced_while_it_is_recorded_is_read_anew(file: Path):
    recording = Cassette(file)
    recording.add(requests_of(call_of(), "a", "b"), [0, 1], ["1", "2"])
    other = file.with_name("other")
    other.write_text(line(call_of(), "c", value="3" * 400) + "\n")
    other.replace(file)
    recording.add(requests_of(call_of(), "a", "c"), [0, 1], ["1", "other"])
    assert replayed(Cassette(file), call_of(), "a", "b", "c") == {"a": "1", "c": "3" * 400}


def test_answers_that_the_store_had_are_recorded_too(file: Path):
    class Stored(NoStore):
        def lookup(self, requests: Requests):
            yield StoredAnswers(np.array([1]), ["of the store"], Responses([]).tokens)

    recording, requests = Recording(Stored(), Cassette(file)), requests_of(call_of(), "a", "b", "c")
    list(recording.lookup(requests))
    recording.put([Delivery(requests, [0, 2], Responses(["new", None], {1: Failure("broke", "broke")}))], "node")
    recording.put([Delivery(requests, [2], Responses(["of another node"]), stored=True)], "node")
    assert replayed(Cassette(file), call_of(), "a", "b", "c") == {"a": "new", "b": "of the store", "c": "of another node"}


def test_a_line_that_is_no_answer_is_named_to_every_node(tmp_path):
    """Read in part, a cassette would be paid for again, or lack answers that it has."""
    file = tmp_path / "cassette.jsonl"
    file.write_text(json.dumps({"key": "00", "value": "a"}) + '\n{"key": "01", "val\n')
    model = {"name": "m", "location": "mock:", "api_format": "Mock", "model_type": "CHAT", "model": "m"}
    cassette = Cassette(file)
    for _ in range(2):
        with pytest.raises(ConfigurationError, match="line 2 of cassette"):
            list(cassette.lookup(Requests(parse_call(json.dumps({"function": "ai_query", "model": model})), ["?"], [b"\0"])))


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (line(call_of(), "b"), "it has no value"),
        (line(call_of(), "b", value=None), "its value is not a text"),
        (line(call_of(), "b", value=3), "its value is not a text"),
        (line(call_of(), "b", value="\ud800"), "its value holds half of a UTF-16 surrogate pair"),
        (line(call_of(), "b", value="x", vector=packed(1)), "it has a value and a vector"),
        (line(EMBEDS, "b", vector="no base64!"), "its vector is not base64"),
        (line(EMBEDS, "b", vector=[1, 2]), "its vector is not base64"),
        (line(EMBEDS, "b", vector=base64.b64encode(b"12345").decode()), "its vector is not a row of 32-bit numbers"),
        (line(EMBEDS, "b", vector=""), "its vector is not a row of 32-bit numbers"),
        (line(EMBEDS, "b", vector=packed(1, float("nan"))), "its vector holds NaN or infinity"),
        (json.dumps({"value": "x"}), "its key is missing or not hexadecimal"),
        (json.dumps({"key": "0x", "value": "x"}), "its key is missing or not hexadecimal"),
        (json.dumps({"key": "00", "key_version": 99, "value": "x"}), "its key_version 99 is not known"),
        ("[" * 100_000, "it is nested too deep"),
        ("[]", "it is not a JSON object"),
        ("<<<<<<< HEAD", "it is not JSON"),
        ("", "it is not JSON"),
    ],
)  # fmt: skip
def test_a_line_is_refused_with_its_number_and_the_reason(file: Path, bad: str, why: str):
    file.write_text(line(call_of(), "a", value="1") + "\n" + bad + "\n")
    with pytest.raises(ConfigurationError) as refused:
        replayed(Cassette(file), call_of(), "a", "b")
    assert f"line 2 of cassette '{file}' is not a recorded answer ({why}" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_bytes_that_are_no_text_are_refused(file: Path):
    file.write_bytes(b'{"key": "00", "value": "\xff\xfe"}\n')
    with pytest.raises(ConfigurationError, match="line 1 .*it is not JSON"):
        replayed(Cassette(file), call_of(), "a")


def test_a_line_is_not_read_beyond_a_bound(file: Path, monkeypatch):
    monkeypatch.setattr(cassette_module, "LONGEST_LINE", 2**20)
    file.write_text(line(call_of(), "a", value="x" * 2**21) + "\n")
    with pytest.raises(ConfigurationError, match="line 1 .*it is longer than 1 MB"):
        replayed(Cassette(file), call_of(), "a")


def test_a_request_with_two_answers_is_refused_and_one_that_stands_there_twice_is_not(file: Path):
    file.write_text(f"{line(call_of(), 'a', value='1')}\n{line(call_of(), 'b', value='2')}\n{line(call_of(), 'a', value='1')}\n")
    assert replayed(Cassette(file), call_of(), "a", "b") == {"a": "1", "b": "2"}
    file.write_text(f"{line(call_of(), 'a', value='1')}\n{line(call_of(), 'b', value='2')}\n{line(call_of(), 'a', value='3')}\n")
    with pytest.raises(ConfigurationError, match="line 3 .*has another answer to the request of line 1; remove one of them"):
        replayed(Cassette(file), call_of(), "b")


@pytest.mark.parametrize(
    ("call", "lines", "problem"),
    [
        (EMBEDS, [{"value": "text"}], "line 1 .*has a text where ai_embed needs a vector"),
        (EMBEDS, [{"vector": packed(1, 2)}, {"vector": packed(1, 2, 3)}], "line 2 .*has a vector of 3 numbers where 2 are expected"),
        (EMBEDS, [{"vector": packed(1, 2)}, {"vector": packed(1, 2, dtype="<f8")}], "line 2 .*vector of 4 numbers where 2 are expected"),
        (call_of(), [{"vector": packed(1, 2)}], "line 1 .*has a vector where ai_query needs a text"),
        (call_of(return_type="INT"), [{"value": "7"}, {"value": "many"}], "line 2 .*is not readable as INT"),
        (call_of(return_type="STRUCT<a INT>"), [{"value": '{"b": 1}'}], "line 1 .*is not readable as STRUCT<a INT>"),
    ],
)  # fmt: skip
def test_an_answer_that_does_not_fit_its_call_is_named(file: Path, call: Call, lines: list[dict[str, Any]], problem: str):
    inputs = [str(number) for number in range(len(lines))]
    file.write_text("".join(line(call, text, **answer) + "\n" for text, answer in zip(inputs, lines, strict=True)))
    with pytest.raises(ConfigurationError, match=problem):
        replayed(Cassette(file), call, *inputs)


def test_a_text_that_looks_like_a_number_is_a_text(file: Path):
    call = call_of(return_type='{"type": "string"}')
    file.write_text(line(call, "a", value="7") + "\n")
    assert replayed(Cassette(file), call, "a") == {"a": "7"}


def test_a_pipe_or_a_folder_is_no_cassette(file: Path, tmp_path: Path):
    os.mkfifo(file)
    for path in (file, tmp_path):
        with pytest.raises(ConfigurationError, match="is not a file"):
            replayed(Cassette(path), call_of(), "a")


def test_a_name_that_no_file_can_have_is_one_sentence(tmp_path: Path):
    cassette = Cassette(tmp_path / ("x" * 300))
    with pytest.raises(ConfigurationError, match="cannot be read"):
        replayed(cassette, call_of(), "a")
    with pytest.raises(StoreError, match="cannot be written"):
        cassette.check()


def test_a_cassette_that_cannot_be_written_is_told_before_anything_is_asked(tmp_path: Path):
    cassette = Cassette(tmp_path / "nowhere" / "cassette.jsonl")
    with pytest.raises(StoreError, match="cassette '.*' cannot be written"):
        Recording(NoStore(), cassette).check()


# As an earlier version wrote it for the input 'x' of ai_query by model 'default' at http://127.0.0.1:18801/v1/chat/completions.
RECORDED_BY_VERSION_1 = (
    '{"key": "ab1358e80ca526c1a2d7f0f652b2fe0f1bb0c0913eeb52d5a4c03c6ed37e547d", "function": "ai_query", "model": "default",'
    ' "input": "x", "value": "recorded"}\n'
)


def test_a_cassette_of_an_earlier_version_is_replayed_where_one_endpoint_alone_can_have_answered(file: Path):
    file.write_text(RECORDED_BY_VERSION_1)
    model = {"name": "m", "api_format": "OpenAI", "model_type": "CHAT", "model": "default"}
    one, two = (
        parse_call(json.dumps({"function": "ai_query", "model": {**model, "location": f"http://127.0.0.1:{port}/v1/chat/completions"}}))
        for port in (18801, 18802)
    )
    assert replayed(Cassette(file, Version1(lambda: [one.model])), one, "x") == {"x": "recorded"}
    cassette = Cassette(file, Version1(lambda: [one.model, two.model]))
    assert replayed(cassette, one, "x") == replayed(cassette, two, "x") == {}
