"""What counts as an answer: by the format's finish reason, and by where the model wrote."""

import pytest

from dbt_ai.errors import ProviderError
from dbt_ai.providers._ending import Ending, ending_of, reason_in
from dbt_ai.providers._text import elsewhere_in, read_text, refusal_in, text_of
from dbt_ai.tokens import TokenCount


def read(text, reason="stop", refusal=None, parameters=None, message=None):
    return read_text(text, reason, refusal, TokenCount(9, 3), parameters or {}, elsewhere_in(message or {}))


@pytest.mark.parametrize(
    ("ending", "words"),
    [
        (
            Ending.GOOD,
            ["stop", "STOP", "end_turn", "eos", "eos_token", "COMPLETE", "FINISH_REASON_STOP", "stop_sequence", "null", "", None],
        ),
        (Ending.CUT_OFF, ["length", "max_tokens", "MAX_TOKENS", "max-tokens", "max_output_tokens", "FINISH_REASON_MAX_TOKENS"]),
        (Ending.CONTEXT_FULL, ["model_length", "model_context_window_exceeded", "ERROR_LIMIT"]),
        (
            Ending.REFUSED,
            ["content_filter", "SAFETY", "refusal", "RECITATION", "sensitive", "guardrail_intervened", "content_filter: SPII"],
        ),
        (Ending.FAILED, ["error", "ERROR", "abort", "network_error", "insufficient_system_resource", "MALFORMED_FUNCTION_CALL", "OTHER"]),
        (Ending.TOOL, ["tool_calls", "tool_use", "function_call", "TOOL_CALL"]),
        (Ending.UNKNOWN, ["because", "x" * 10_000, 7, True, ["stop"], {"reason": "stop", "type": 1}]),
    ],
)
def test_every_word_for_the_end_of_an_answer_is_known_or_no_good_end(ending, words):
    assert {str(word): ending_of(word) for word in words} == {str(word): ending for word in words}


def test_a_failed_generation_is_worth_another_try_and_counts_what_it_took():
    with pytest.raises(ProviderError, match="the generation failed, it ended with 'error'") as raised:
        read("The capital of", "error")
    assert raised.value.retryable and raised.value.tokens == TokenCount(9, 3)


@pytest.mark.parametrize(
    ("reason", "cause", "said"),
    [
        ("length", "answer was cut off", "cut off at the model's limit: raise max_tokens"),
        ("model_length", "answer was cut off", "the model's context is full"),
        ("SAFETY", "refused", "the model refused: it ended with 'SAFETY'"),
        ("content_filter", "refused", "the model refused: content filter"),
        ("because", "unknown finish reason", "ended with 'because'"),
    ],
)
def test_what_did_not_end_well_is_never_an_answer(reason, cause, said):
    failure = read("The capital of", reason).failures[0]
    assert failure.cause == cause and said in failure.message


@pytest.mark.parametrize(
    ("choice", "reason"),
    [
        ({"finish_reason": "stop", "stop_reason": "max_tokens"}, "stop"),
        ({"finish_reason": None, "stop_reason": "max_tokens"}, "max_tokens"),
        ({"finish_reason": "", "native_finish_reason": "MAX_TOKENS"}, "MAX_TOKENS"),
        ({"message": {"finish_reason": "length"}}, "length"),
        ({"stop_reason": "###"}, None),  # vLLM's stop strings
        ({"stop_reason": 128009}, None),
        ({"finish_reason": "because"}, "because"),
        ({}, None),
    ],
)
def test_why_a_model_stopped_is_found_beside_its_place(choice, reason):
    assert reason_in(choice) == reason


@pytest.mark.parametrize(
    ("reason", "limit", "cut_off"),
    [(None, 3, True), ("", 2, True), (None, 4, False), ("stop", 3, False), (None, -1, False), (None, None, False)],
)
def test_an_answer_of_all_tokens_that_says_nothing_of_its_end_is_cut_off(reason, limit, cut_off):
    assert bool(read("The capital of", reason, parameters={"max_tokens": limit}).failures) is cut_off


@pytest.mark.parametrize(
    ("written", "answer"),
    [
        ("Paris<|im_end|>", "Paris"),
        ("Paris<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nAnd", "Paris"),
        ("Paris<end_of_turn>\n<start_of_turn>user\nAnd", "Paris"),
        ("Paris</s></s>", "Paris"),
        ("<s>Rome</s>", "<s>Rome</s>"),
        ("ChatML ends a turn with `<|im_end|>`", "ChatML ends a turn with `<|im_end|>`"),
        ("A turn ends with <|im_end|> in ChatML.", "A turn ends with <|im_end|> in ChatML."),
        ('{"token": "<|im_end|>"}', '{"token": "<|im_end|>"}'),
    ],
)
def test_the_tokens_of_a_chat_template_end_an_answer_and_are_no_part_of_it(written, answer):
    assert read(written).values == [answer]


@pytest.mark.parametrize("text", ["\u200b\ufeff", "\u2060 \n", "<|im_end|>"])
def test_an_answer_without_a_visible_sign_is_none(text):
    assert read(text).failures[0].message == "the model answered nothing"


@pytest.mark.parametrize("text", ["Let me look that up", '<tool_call>\n{"name": "search"}'])
def test_a_call_of_a_tool_in_words_is_no_answer(text):
    assert read(text, "tool_calls").failures[0].cause == "called a tool"


def test_an_answer_beside_a_call_of_a_tool_that_nobody_made_is_an_answer():
    assert not read('{"label": "good"}', "tool_calls").failures


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ({"tool_calls": [{"function": {"name": "search"}}]}, "the model called the tool 'search' instead of answering"),
        ({"function_call": {"name": "search"}}, "the model called the tool 'search' instead of answering"),
        ({"tool_calls": ["?"]}, "the model called the tool '?' instead of answering"),
        ({"reasoning_content": "It is Paris"}, "11 characters of thoughts stand in 'reasoning_content'"),
        ({"reasoning": "It is Paris", "reasoning_content": ""}, "11 characters of thoughts stand in 'reasoning'"),
        ({"thinking": "It is Paris"}, "11 characters of thoughts stand in 'thinking'"),
        ({}, "the model answered nothing"),
    ],
)
@pytest.mark.parametrize("text", [None, "", " \n"])
def test_an_answer_of_nothing_says_where_the_text_went(message, said, text):
    assert said in read(text, message=message).failures[0].message


def test_thoughts_that_used_up_the_limit_are_told():
    failure = read("", "length", parameters={"max_tokens": 20}, message={"reasoning_content": "Hm, let me see"}).failures[0]
    assert "cut off at 20 tokens: raise max_tokens; 14 characters of thoughts" in failure.message


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("plain", "plain"),
        (None, None),
        ([{"type": "reasoning", "summary": [{"text": "hm"}]}, {"type": "text", "text": "a"}, {"type": "output_text", "text": "b"}], "ab"),
        ([{"text": "a"}, "b", None, {"type": "image_url"}], "ab"),
        ({"type": "text", "text": "a"}, "a"),
        ({"label": "é"}, '{"label": "é"}'),
    ],
)
def test_a_content_is_its_text_in_every_shape(content, text):
    assert text_of(content) == text


def test_an_object_is_an_answer_only_where_json_was_asked_for():
    with pytest.raises(ProviderError, match="not text"):
        text_of({"parts": [{"text": "fine"}]}, typed=False)
    assert text_of({"type": "text", "text": "a"}, typed=False) == "a"


def test_a_refusal_among_the_parts_is_one():
    assert refusal_in([{"type": "text", "text": ""}, {"type": "refusal", "refusal": "I cannot"}]) == "I cannot"
    assert refusal_in("text") is refusal_in([{"type": "text", "text": "a"}, None]) is None


@pytest.mark.parametrize("content", [1, 1.5, True, [{"type": "text", "text": {"value": "a"}}], [{"type": "text", "text": 1}]])
def test_a_content_of_another_kind_is_an_error(content):
    with pytest.raises(ProviderError, match="not text"):
        text_of(content)
