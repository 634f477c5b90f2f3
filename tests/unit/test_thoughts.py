"""What a model thought before its answer is not part of the answer, and what an answer says of thoughts is."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbt_ai.call import Call
from dbt_ai.external_model import ExternalModel
from dbt_ai.providers.base import HttpResponse
from dbt_ai.providers.openai import OpenAI
from dbt_ai.return_type import NotReadable, parse_return_type
from dbt_ai.return_type.thoughts import without_thoughts

HARMONY = "<|channel|>analysis<|message|>We need one word.<|end|><|start|>assistant<|channel|>final<|message|>Paris<|return|>"


@pytest.mark.parametrize(
    "text",
    [
        "<think>The capital…</think>Paris",
        "\n<think>\n\n</think>\n\nParis",
        "<THINK>The capital…</Think> Paris ",
        "The capital…</think>Paris",
        "The capital… </think>\n\nParis",
        "</think>\nParis",
        "<think>one</think>\n<think>two</think>\nParis",
        "<think>one <think>two</think> three</think>Paris",
        "<think>I end with `</think>`, then answer</think>Paris",
        "I end with `</think>`, then answer\n</think>\nParis",
        "```\ndraft\n```\nThat is right.</think>Paris",
        '<think>{"answer": "London"}</think>Paris',
        "<thinking>The capital…</thinking>Paris",
        "<thought>The capital…</thought>Paris",
        "<reasoning>\nThe capital…\n</reasoning>\n<answer>\nParis\n</answer>",
        "<think>The capital…</think><response>Paris</response>",
        "<seed:think>The capital…</seed:think>Paris",
        "<mm:think>The capital…</mm:think>Paris",
        "[THINK]The capital…[/THINK]Paris",
        "◁think▷The capital…◁/think▷Paris",
        "<|begin_of_thought|>The capital…<|end_of_thought|><|begin_of_solution|>Paris<|end_of_solution|>",
        "<|channel>thought\nThe capital…<channel|>Paris",
        HARMONY,
        HARMONY.removeprefix("<|channel|>analysis<|message|>"),
        f"<|start|>assistant{HARMONY.removesuffix('<|return|>')}",
        HARMONY.replace("final<|message|>", "final <|constrain|>json<|message|>"),
        "analysisWe need one word.assistantfinalParis",
    ],
)
def test_thoughts_are_taken_out_of_an_answer(text: str):
    assert without_thoughts(text) == "Paris"


@pytest.mark.parametrize(
    "text",
    [
        "",
        " Paris\n",
        "Qwen3 writes <think>…</think> before it answers.",
        "The tag `</think>` ends a thought.",
        'The tag "</think>" ends a thought, as does “</thinking>”.',
        "In a chat template:\n```jinja\n{{ '<think>' }}\n</think> and on\n```\nThat is all.",
        '{"ends": "with </think> here"}',
        '["a</think>b"]',
        "analysis of the final results",
        "1 < 2 and <b>bold</b>",
        "<answer>42</answer>",
    ],
)
def test_an_answer_that_speaks_of_thoughts_stays_as_it_is(text: str):
    assert without_thoughts(text) == text


def test_json_after_a_thought_may_quote_a_tag():
    assert without_thoughts('so it is</think>\n{"a": "x</think>y"}') == '{"a": "x</think>y"}'


@pytest.mark.parametrize(
    "text", ["<think>no end", "<think>all</think>", "all</think>\n", "<think></think>", "<|channel|>analysis<|message|>We"]
)
def test_thoughts_alone_are_an_empty_answer(text: str):
    assert without_thoughts(text) == ""


@given(st.text(), st.text(alphabet=st.characters(exclude_characters="<[◁"), min_size=1).map(str.strip), st.booleans())
def test_whatever_is_thought_the_answer_is_what_stands_behind_it(thought: str, answer: str, opened: bool):
    # A tag in quotation marks is quoted: see test_json_after_a_thought_may_quote_a_tag and its like.
    thought = "".join(character for character in thought if character not in "<[◁`\"'“”‘’«»„")
    assert without_thoughts(f"{'<think>' if opened else ''}{thought}\n</think>\n{answer}") == answer


def _answered(content: str, return_type: str | None = None) -> tuple[str | None, str]:
    model = ExternalModel("llm", "http://localhost/v1/chat/completions", "OpenAI", "CHAT", "m")
    choice = {"message": {"content": content}, "finish_reason": "stop"}
    response = HttpResponse(200, {}, json.dumps({"choices": [choice]}).encode())
    responses = OpenAI().decode(Call("ai_query", model), ["?"], response)
    return responses.values[0], responses.failures[0].message if responses.failures else ""


def test_an_untyped_answer_is_stored_without_thoughts():
    assert _answered("<think>…</think>Paris") == ("Paris", "")
    assert _answered("…</think>Paris") == ("Paris", "")


def test_an_answer_of_thoughts_alone_is_a_failure_that_says_so():
    assert _answered("<think>…</think>\n")[1] == "the model wrote thoughts and no answer"
    assert _answered(" \n")[1] == "the model answered nothing"


@pytest.mark.parametrize("text", ["It is two…</think>\n\n2", "<think>1, no: </think>2", "<reasoning>\n1\n</reasoning><answer>2</answer>"])
def test_a_typed_answer_is_read_behind_its_thoughts(text: str):
    assert parse_return_type("INT").read(text) == "2"
    with pytest.raises(NotReadable, match="the answer holds thoughts and nothing else"):
        parse_return_type("INT").read("<think>2</think>")
