import json

import numpy as np
import pytest

from dbt_ai.call import Call
from dbt_ai.errors import ConfigurationError, ProviderError
from dbt_ai.external_model import ExternalModel
from dbt_ai.providers import provider_of
from dbt_ai.providers.base import HttpResponse
from dbt_ai.tokens import TokenCount


def call(path, model_type, parameters=None, **changes):
    spec = {
        "name": "m",
        "location": f"http://localhost:11434{path}",
        "api_format": "Ollama",
        "model_type": model_type,
        "model": "all-minilm",
    }
    return Call("ai", ExternalModel.from_spec(spec), parameters or {}, **changes)


def body(of, *inputs):
    return json.loads(provider_of(of.model).encode(of, inputs).body)


def decoded(of, document, *inputs, status=200):
    return provider_of(of.model).decode(of, inputs, HttpResponse(status, {}, json.dumps(document).encode()))


@pytest.mark.parametrize(
    ("path", "model_type", "accepted"),
    [
        ("/api/embeddings", "EMBEDDINGS", "https://localhost:{port}/api/embed"),
        ("/v1/embeddings", "EMBEDDINGS", "https://localhost:{port}/api/embed"),
        ("", "CHAT", "https://localhost:{port}/api/chat or https://localhost:{port}/api/generate"),
        ("/api/embed", "CHAT", "/api/chat"),
    ],
)
def test_another_url_is_refused_with_the_shape_that_is_accepted(path, model_type, accepted):
    with pytest.raises(ConfigurationError) as raised:
        provider_of(call(path, model_type).model)
    assert accepted in str(raised.value)


def test_embed_takes_a_list_and_options_apart():
    request = body(call("/api/embed", "EMBEDDINGS", {"dimensions": 725, "truncate": False, "num_ctx": 512}), "a", "b")
    assert request == {"model": "all-minilm", "input": ["a", "b"], "dimensions": 725, "truncate": False, "options": {"num_ctx": 512}}


def test_embed_without_parameters_sends_none():
    assert body(call("/api/embed", "EMBEDDINGS"), "a") == {"model": "all-minilm", "input": ["a"]}


def test_chat_does_not_stream_and_answers_the_same_every_time():
    system = {"role": "system", "content": "Be brief."}
    request = body(call("/api/chat", "CHAT", {"max_tokens": 50, "top_p": 0.9}, messages=(system,)), "Why?")
    assert request == {
        "model": "all-minilm",
        "stream": False,
        "messages": [system, {"role": "user", "content": "Why?"}],
        "options": {"num_predict": 50, "top_p": 0.9, "temperature": 0.0},
    }


def test_options_may_be_given_in_ollamas_own_way():
    request = body(call("/api/chat", "CHAT", {"options": {"temperature": 1, "num_ctx": 8}, "keep_alive": "5m"}), "x")
    assert request["options"] == {"temperature": 1, "num_ctx": 8} and request["keep_alive"] == "5m"


def test_a_schema_travels_as_format():
    schema = {"type": "object", "properties": {"label": {"type": "string"}}}
    assert body(call("/api/chat", "CHAT", schema=schema), "x")["format"] == schema


def test_generate_takes_one_prompt_and_one_system_text():
    messages = ({"role": "system", "content": "Be brief."},)
    request = body(call("/api/generate", "CHAT", messages=messages), "Why?")
    assert request["prompt"] == "Why?" and request["system"] == "Be brief." and "messages" not in request


def test_generate_gets_earlier_turns_written_out():
    messages = ({"role": "user", "content": "1+1"}, {"role": "assistant", "content": "2"})
    assert body(call("/api/generate", "CHAT", messages=messages), "2+2")["prompt"] == "User: 1+1\n\nAssistant: 2\n\nUser: 2+2\n\nAssistant:"


def test_vectors_are_read_in_order():
    answer = decoded(call("/api/embed", "EMBEDDINGS"), {"embeddings": [[1, 2], [3, 4]], "prompt_eval_count": 7}, "a", "b")
    assert answer.values.tolist() == [[1, 2], [3, 4]] and answer.values.dtype == np.float32 and answer.tokens == TokenCount(7, 0)


@pytest.mark.parametrize("document", [{}, {"embeddings": [[1.0]]}, {"embeddings": [[1.0], [1.0, 2.0]]}, {"embeddings": [["x"], ["y"]]}, []])
def test_vectors_that_do_not_answer_the_inputs_are_an_error(document):
    with pytest.raises(ProviderError):
        decoded(call("/api/embed", "EMBEDDINGS"), document, "a", "b")


def test_chat_and_generate_answers_are_read_with_their_tokens():
    chat = {"message": {"role": "assistant", "content": "Hi"}, "done": True, "done_reason": "stop", "prompt_eval_count": 3, "eval_count": 1}
    assert (decoded(call("/api/chat", "CHAT"), chat, "x").values, decoded(call("/api/chat", "CHAT"), chat, "x").tokens) == (
        ["Hi"],
        TokenCount(3, 1),
    )
    assert decoded(call("/api/generate", "CHAT"), {"response": "Hi", "done": True}, "x").values == ["Hi"]


def test_an_answer_that_was_cut_off_or_is_empty_is_a_failure():
    cut = {"message": {"content": "Hi"}, "done": True, "done_reason": "length"}
    failure = decoded(call("/api/chat", "CHAT", {"max_tokens": 1}), cut, "x").failures[0]
    assert failure.message == "answer was cut off at 1 tokens: raise max_tokens"
    assert decoded(call("/api/generate", "CHAT"), {"response": "", "done": True}, "x").failures[0].cause == "empty answer"


def test_a_streamed_piece_is_an_error_and_not_an_answer():
    with pytest.raises(ProviderError, match="streams"):
        decoded(call("/api/chat", "CHAT"), {"message": {"content": "H"}, "done": False}, "x")


def test_the_words_of_an_error_are_ollamas_own():
    answer = HttpResponse(404, {}, b'{"error":"model \\"nope\\" not found, try pulling it first"}')
    of = call("/api/chat", "CHAT")
    assert provider_of(of.model).refusal(answer) == 'model "nope" not found, try pulling it first'
