"""What real endpoints do beside their format's specification: one project asks each of them for eight rows, and counts its requests.

The words are those of real servers: vLLM, llama.cpp, LM Studio, SGLang, Text Embeddings Inference, Gemini, Groq, Mistral, OpenRouter,
MiniMax, Bedrock, Voyage, Z.ai, Cloudflare.
"""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from odd_endpoints import (
    CLASSIFY,
    EMBED,
    INVOCATIONS,
    MESSAGES,
    OLLAMA_CHAT,
    OLLAMA_EMBED,
    SUMMARIZE,
    TEXT,
    TYPED,
    VECTOR,
    Case,
    Ran,
    asked_by_all,
    error,
    into,
    label,
    packed,
    require,
    roles,
    says,
    vectors,
)

CASES: dict[str, Case] = {}
case = into(CASES)


def format_of(body: dict[str, Any]) -> str:
    return str(body.get("response_format", {}).get("type"))


def is_row(body: dict[str, Any], number: int) -> bool:
    return f"row {number} " in json.dumps(body["messages"])


# Errors inside a 200


@case(TEXT, requests=9, value="fine")
def openrouter_overloaded(body, count):
    return 200, error("overloaded", code=502) if count == 0 else says("fine")


@case(TEXT, requests=9)
def openrouter_busy_in_a_200(body, count):
    return 200, error("Provider returned error", code=429, metadata={"raw": "temporarily rate-limited upstream"}) if count == 0 else says(
        "fine"
    )


@case(TEXT, requests=9, value="fine")
def no_choices(body, count):
    return 200, {"choices": None, "usage": None} if count == 0 else says("fine")


@case(TEXT, requests=9, value="fine")
def an_error_inside_a_choice(body, count):
    broken = says("The capital of", "error", error={"code": 502, "message": "upstream died"})
    broken["choices"][0]["error"] = {"code": 502, "message": "upstream died"}
    return 200, broken if count == 0 else says("fine")


@case(TEXT, requests=8, answered=0, says="401 No auth credentials found")
def wrong_key_in_a_200(body, count):
    return 200, error("No auth credentials found", code=401)


@case(TEXT, requests=8, answered=7, says="400 prompt is too long")
def one_row_too_long_in_a_200(body, count):
    return 200, error("prompt is too long", code="context_length_exceeded") if is_row(body, 3) else says("fine")


@case(TEXT, requests=9)
def minimax_busy(body, count):
    return 200, {"choices": None, "base_resp": {"status_code": 1002, "status_msg": "rate limit exceeded"}} if count == 0 else says("fine")


@case(TEXT, requests=9)
def anthropic_overloaded_in_a_200(body, count):
    return 200, {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}} if count == 0 else says("fine")


@case(TEXT, requests=9)
def maintenance_page_with_200(body, count):
    return 200, "<html><title>Back soon</title></html>" if count == 0 else says("fine")


@case(TEXT, requests=9)
def cloudflare_524(body, count):
    return (524, "<!DOCTYPE html><title>x.test | 524: A timeout occurred</title>") if count == 0 else (200, says("fine"))


@case(TEXT, requests=9)
def groq_flex_498(body, count):
    return (498, error("capacity_exceeded")) if count == 0 else (200, says("fine"))


@case(TEXT, requests=9)
def bedrock_424(body, count):
    return (424, {"message": "The model returned an error"}) if count == 0 else (200, says("fine"))


@case(TEXT, requests=9)
def nginx_499(body, count):
    return (499, "") if count == 0 else (200, says("fine"))


@case(TEXT, requests=8, answered=7, says="403 Your chosen model requires moderation and your input was flagged")
def openrouter_moderation(body, count):
    refused = error("Your chosen model requires moderation and your input was flagged", code=403)
    return (403, refused) if is_row(body, 2) else (200, says("fine"))


# Finish reasons


@case(TEXT, requests=9, value="fine")
def a_failed_generation(body, count):
    return 200, says("The capital of", "error") if count == 0 else says("fine")


@case(TEXT, requests=9, value="fine")
def zai_network_error(body, count):
    return 200, says("", "network_error") if count == 0 else says("fine")


@case(TEXT, answered=0, says="answer was cut off: the model's context is full")
def mistral_model_length(body, count):
    return 200, says("The capital of", "model_length")


@case(TEXT, answered=0, says="the model refused: it ended with 'sensitive'")
def zai_sensitive(body, count):
    return 200, says("The capital", "sensitive")


@case(TEXT, answered=0, says="the answer ended with 'because', which is not known to be a good end")
def an_unknown_finish_reason(body, count):
    return 200, says("The capital of", "because")


@case(TEXT, value="fine")
def no_finish_reason(body, count):
    return 200, says("fine", None)


@case(TEXT, answered=0, says="the model called the tool 'web_search' instead of answering")
def a_tool_call(body, count):
    return 200, says(None, "tool_calls", tool_calls=[{"type": "function", "function": {"name": "web_search", "arguments": "{}"}}])


@case(TEXT, answered=0, says="21 characters of thoughts stand in 'reasoning_content'")
def thoughts_alone(body, count):
    return 200, says(None, "stop", reasoning_content="It must be Paris. 42.")


@case(TEXT, value="fine")
def content_as_a_list(body, count):
    return 200, says([{"type": "reasoning", "summary": [{"type": "summary_text", "text": "hm"}]}, {"type": "text", "text": "fine"}])


# Means of telling the schema


@case(requests=10)
def gemini_refuses_any_response_format(body, count):
    refused = [{"error": {"code": 400, "message": "Request contains an invalid argument.", "status": "INVALID_ARGUMENT"}}]
    return (400, refused) if "response_format" in body else (200, label(body))


@case(requests=12)
def llama_cpp_fails_to_parse_the_grammar(body, count):
    failed = error("Failed to parse grammar", code=500, type="server_error")
    return (500, failed) if format_of(body) == "json_schema" or "schema" in body.get("response_format", {}) else (200, label(body))


@case(requests=12)
def lm_studio_takes_no_json_object(body, count):
    refused = {"error": "'response_format.type' must be 'json_schema' or 'text'"}
    return (400, refused) if "response_format" in body else (200, label(body))


@case(requests=10)
def a_500_on_any_response_format(body, count):
    return (500, "Internal Server Error") if "response_format" in body else (200, label(body))


@case(requests=10)
def openrouter_finds_no_endpoint_for_the_parameters(body, count):
    refused = error("No endpoints found that can handle the requested parameters.", code=404)
    return (404, refused) if "response_format" in body else (200, label(body))


@case(requests=9, answered=7, says="400 This request breaks a rule. For more information check")
def a_refusal_with_the_word_information(body, count):
    words = "This request breaks a rule. For more information check https://x.test/rules"
    return (400, error(words)) if is_row(body, 3) else (200, label(body))


@case(requests=12)
def mistral_forbids_extra_inputs(body, count):
    detail = [{"type": "extra_forbidden", "loc": ["body", "response_format", "json_schema"], "msg": "Extra inputs are not permitted"}]
    refused = {"object": "error", "message": {"detail": detail}, "type": "invalid_request_error"}
    return (422, refused) if format_of(body) == "json_schema" else (200, label(body))


@case(requests=16)
def groq_cannot_validate_the_json(body, count):
    if len(body["messages"]) > 2:
        return 200, label(body)
    failed = error(
        "Failed to generate JSON.", type="invalid_request_error", code="json_validate_failed", failed_generation='{"label": good'
    )
    return 400, failed


@case(requests=12)
def the_default_temperature_is_refused(body, count):
    refused = error("Unsupported value: 'temperature' does not support 0.0 with this model.", param="temperature", code="unsupported_value")
    return (400, refused) if "temperature" in body else (200, label(body))


@case(TYPED, OLLAMA_CHAT, requests=9)
def an_old_ollama_takes_no_schema(body, count):
    answer = {"message": {"content": '{"label": "good", "n": 1}'}, "done": True, "done_reason": "stop"}
    refused = {"error": "json: cannot unmarshal object into Go struct field ChatRequest.format of type string"}
    return (400, refused) if isinstance(body.get("format"), dict) else (200, answer)


# Roles


@case(CLASSIFY, requests=10)
def vllm_gemma_takes_no_system_role(body, count):
    refused = {"object": "error", "message": "System role not supported", "type": "BadRequestError", "param": None, "code": 400}
    return (400, refused) if "system" in roles(body) else (200, says("good"))


@case(SUMMARIZE, requests=10)
def gemini_gemma_takes_no_developer_instruction(body, count):
    refused = [error("Developer instruction is not enabled for models/gemma-3-27b-it", code=400, status="INVALID_ARGUMENT")]
    return (400, refused) if "system" in roles(body) else (200, says("short"))


@case(SUMMARIZE, requests=10)
def sglang_breaks_on_a_system_role(body, count):
    return (500, "Internal Server Error") if "system" in roles(body) else (200, says("short"))


# Vectors


LIMITED = TYPED.replace("fail_on_error=false", "fail_on_error=false, model_parameters={'max_tokens': 50}")


@case(LIMITED, requests=9)
def openai_thinks_and_takes_max_completion_tokens_only(body, count):
    if "max_tokens" in body:
        said = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
        return 400, error(said, type="invalid_request_error", param="max_tokens", code="unsupported_parameter")
    return 200, label(body)


@case(requests=9)
def a_server_takes_the_schema_and_ignores_it(body, count):
    return 200, label(body) if "JSON Schema" in json.dumps(body["messages"]) else says("I think it is good.")


@case(requests=9)
def a_server_answers_json_of_its_own(body, count):
    return 200, label(body) if "JSON Schema" in json.dumps(body["messages"]) else says('{"category": "good"}')


@case(VECTOR, EMBED, requests=2)
def base64_is_answered_with_no_vectors(body, count):
    return 200, {"data": [], "usage": {}} if body.get("encoding_format") == "base64" else vectors(body)


@case(VECTOR, EMBED, requests=2)
def base64_is_refused_without_a_reason(body, count):
    return (400, error("Request contains an invalid argument.")) if "encoding_format" in body else (200, vectors(body))


@case(VECTOR, EMBED, requests=2)
def tabby_breaks_on_base64(body, count):
    return (500, "Internal Server Error") if "encoding_format" in body else (200, vectors(body))


@case(VECTOR, EMBED, requests=2)
def tei_knows_no_base64(body, count):
    refused = {"error": "Failed to deserialize the JSON body into the target type: unknown variant `base64`", "error_type": "Validation"}
    return (422, refused) if "encoding_format" in body else (200, vectors(body))


@case(VECTOR, EMBED, requests=1)
def an_index_of_null(body, count):
    return 200, vectors(body, index=None)


@case(VECTOR, EMBED, requests=1)
def one_inner_list(body, count):
    return 200, {"data": [{"index": i, "embedding": [[1.0, float(i)]]} for i in range(len(body["input"]))]}


@case(VECTOR, EMBED, requests=2, answered=0, says="one vector per token: set pooling")
def one_vector_per_token(body, count):
    return 200, {"data": [{"index": i, "embedding": [[1.0, 2.0]] * 3} for i in range(len(body["input"]))]}


@case(VECTOR, EMBED, requests=16, answered=0, says="vectors that are not lists of numbers")
def vectors_of_booleans(body, count):
    return 200, {"data": [{"index": i, "embedding": [True, False]} for i in range(len(body["input"]))]}


@case(VECTOR, EMBED, requests=1)
def voyage_counts_in_total(body, count):
    data = [{"index": i, "embedding": packed([1.0, float(i)])} for i in range(len(body["input"]))]
    return 200, {"data": data, "usage": {"total_tokens": 7}}


@case(VECTOR, EMBED, requests=16, answered=4, says="dimensions where")
def vectors_of_two_lengths(body, count):
    data = [{"index": i, "embedding": [1.0] * (4 + int(text[4]) % 2)} for i, text in enumerate(body["input"])]
    return 200, {"data": data}


# Usage


@case(TEXT, value="fine")
def usage_without_sense(body, count):
    return 200, says("fine", usage={"prompt_tokens": "NaN", "completion_tokens": -5, "total_tokens": 10**30})


@case(TEXT, value="fine")
def usage_of_null(body, count):
    return 200, {**says("fine"), "usage": None}


# Gateways and servers of every kind


@case(requests=10)
def an_unreasoned_422(body, count):
    return (422, "Unprocessable Entity") if "response_format" in body else (200, label(body))


@case(requests=12)
def litellm_names_the_parameter(body, count):
    words = "litellm.UnsupportedParamsError: watsonx does not support parameters: ['response_format'], for model=granite."
    refused = error(words, type="None", param=None, code="400")
    return (400, refused) if "response_format" in body else (200, label(body))


@case(requests=10)
def a_gateway_that_quotes_the_whole_error_of_another(body, count):
    quoted = json.dumps({"error": {"code": 400, "message": "Request contains an invalid argument.", "status": "INVALID_ARGUMENT"}})
    return (400, error(quoted, code=400, status="UPSTREAM_ERROR")) if "response_format" in body else (200, label(body))


@case(TYPED, value=None)
def workers_ai_answers_an_object(body, count):
    return 200, says({"label": "good", "n": 1})


@case(TYPED, MESSAGES, requests=10)
def bedrock_takes_no_forced_tool(body, count):
    refused = {"type": "error", "error": {"type": "invalid_request_error", "message": "tool_choice forces tool use is not compatible"}}
    answer = {"content": [{"type": "text", "text": '{"label": "good", "n": 1}'}], "stop_reason": "end_turn", "usage": {"input_tokens": 5}}
    return (400, refused) if "tool_choice" in body else (200, answer)


@case(TEXT, MESSAGES, requests=10)
def claude_takes_no_temperature(body, count):
    refused = {"type": "error", "error": {"type": "invalid_request_error", "message": "`temperature` is deprecated for this model."}}
    answer = {"content": [{"type": "text", "text": "fine"}], "stop_reason": "end_turn", "usage": {"input_tokens": 5, "output_tokens": 1}}
    return (400, refused) if "temperature" in body else (200, answer)


@case(TEXT, INVOCATIONS, requests=10, value="fine")
def claude_behind_databricks_takes_no_temperature_and_answers_a_list(body, count):
    refused = {"error_code": "BAD_REQUEST", "message": "`temperature` is deprecated for this model."}
    answer = says([{"type": "reasoning", "summary": [{"type": "summary_text", "text": "hm"}]}, {"type": "text", "text": "fine"}])
    return (400, refused) if "temperature" in body else (200, answer)


@case(TEXT, MESSAGES, answered=0, says="characters of thoughts stand in 'thinking'")
def claude_thinks_and_says_nothing(body, count):
    return 200, {"content": [{"type": "thinking", "thinking": "It must be Paris."}], "stop_reason": "end_turn"}


@case(TEXT, OLLAMA_CHAT, requests=9)
def ollama_answers_an_error_with_200(body, count):
    answer = {"message": {"content": "fine"}, "done": True, "done_reason": "stop"}
    return 200, {"error": "llama runner process has terminated: unexpected error"} if count == 0 else answer


@case(TEXT, answered=0, requests=9, says="the endpoint streams although it was not asked to")
def a_proxy_that_always_streams(body, count):
    return 200, 'data: {"choices": [{"delta": {"content": "fine"}}]}\n\ndata: [DONE]\n\n'


@case(TEXT, answered=0, requests=9, says="is the location a chat completions endpoint?")
def a_completions_endpoint(body, count):
    return 200, {"object": "text_completion", "choices": [{"text": "fine", "finish_reason": "stop"}]}


@case(VECTOR, OLLAMA_EMBED, requests=2, answered=0, says="404 model 'm' not found, try pulling it first")
def ollama_has_no_such_model(body, count):
    return 404, {"error": "model 'm' not found, try pulling it first"}


@case(TEXT, requests=9)
def azure_busy(body, count):
    busy = {"statusCode": 429, "message": "Rate limit is exceeded. Try again in 1 seconds."}
    return (429, busy) if count == 0 else (200, says("fine"))


@case(TEXT, requests=8, answered=0, says="402 This request requires more credits")
def openrouter_without_credit(body, count):
    return 402, error("This request requires more credits, or fewer max_tokens.", code=402)


@case(VECTOR, EMBED, requests=2)
def cloudflare_says_no_success(body, count):
    refused = {"success": False, "errors": [{"code": 5006, "message": "Error: oneOf at '/' not met: unknown property encoding_format"}]}
    return 200, refused if "encoding_format" in body else vectors(body)


@case(answered=0, says="25 characters of thoughts stand in 'reasoning_content'")
def vllm_puts_the_answer_into_the_thoughts(body, count):
    return 200, says(None, "stop", reasoning_content='{"label": "good", "n": 1}')


@case(VECTOR, EMBED, requests=8, answered=7, says="500 input (600 tokens) is too large to process")
def llama_cpp_breaks_on_one_long_text(body, count):
    words = "input (600 tokens) is too large to process. increase the physical batch size (current batch size: 512)"
    return (500, error(words, code=500, type="server_error")) if any("row 3" in text for text in body["input"]) else (200, vectors(body))


@case(requests=12)
def everything_is_a_bad_request(body, count):
    return (400, "Bad Request") if "response_format" in body or "temperature" in body else (200, label(body))


# Seen later

ANTHROPIC = {"content": [{"type": "text", "text": "half of"}], "usage": {"input_tokens": 5, "output_tokens": 1}}


@case(TEXT, value="fine")
def a_byte_order_mark_before_the_json(body, count):
    return 200, "\ufeff" + json.dumps(says("fine"))


@case(TEXT, requests=9, value="fine")
def deepseek_lacks_resources(body, count):
    return 200, says("half of", "insufficient_system_resource") if count == 0 else says("fine")


@case(TEXT, value="fine")
def magistral_thinks_in_a_list(body, count):
    return 200, says([{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}, {"type": "text", "text": "fine"}])


@case(TEXT, MESSAGES, answered=0, says="answer was cut off")
def claude_fills_its_context_window(body, count):
    return 200, {**ANTHROPIC, "stop_reason": "model_context_window_exceeded"}


@case(TEXT, value="fine")
def an_empty_finish_reason(body, count):
    return 200, says("fine", "")


@case(TEXT, value="fine")
def together_ends_with_eos(body, count):
    return 200, says("fine", "eos")


@case(TEXT, value="fine")
def an_error_of_null_beside_the_answer(body, count):
    return 200, {**says("fine"), "error": None, "base_resp": {"status_code": 0, "status_msg": "success"}}


@case(TEXT, requests=9, value="fine")
def half_a_document(body, count):
    return (200, json.dumps(says("fine"))[:60]) if count == 0 else (200, says("fine"))


@case(TEXT, answered=0, says="202 the endpoint took the request and would answer later, elsewhere")
def nvidia_accepts_and_answers_later(body, count):
    return 202, ""


@case(TEXT, requests=8, answered=7, says="413")
def nginx_takes_no_large_body(body, count):
    return (413, "<html><head><title>413 Request Entity Too Large</title></head></html>") if is_row(body, 3) else (200, says("fine"))


@case(requests=16)
def a_python_literal_in_the_place_of_json(body, count):
    return 200, says("{'label': 'good', 'n': 1}") if len(body["messages"]) < 3 else label(body)


@case(requests=16)
def an_answer_wrapped_into_the_schema(body, count):
    return 200, says('{"type": "object", "properties": {"label": "good", "n": 1}}') if len(body["messages"]) < 3 else label(body)


@case(requests=8)
def json_in_a_json_string(body, count):
    return 200, says(json.dumps('{"label": "good", "n": 1}'))


@case(requests=8)
def prose_around_fenced_json(body, count):
    return 200, says('Sure! Here is it:\n```json\n{"label": "good", "n": 1}\n```\nHope this helps {you}.')


@case(requests=8)
def a_whole_number_with_a_fraction_of_zero(body, count):
    return 200, says('{"label": "good", "n": 1.0}')


@case(TEXT, OLLAMA_CHAT, requests=8, answered=0, says="the endpoint streams although it was not asked to")
def ollama_streams_all_the_same(body, count):
    lines = [
        {"message": {"content": "fi"}, "done": False},
        {"message": {"content": "ne"}, "done": False},
        {"message": {"content": ""}, "done": True, "done_reason": "stop"},
    ]
    return 200, "\n".join(map(json.dumps, lines))


@case(VECTOR, EMBED, requests=8)
def tei_takes_four_texts(body, count):
    said = {"error": f"batch size {len(body['input'])} > maximum allowed batch size 4", "error_type": "Validation"}
    return (422, said) if len(body["input"]) > 4 else (200, vectors(body))


@case(VECTOR, EMBED, requests=20)
def a_gpu_without_room_for_many(body, count):
    said = error("CUDA out of memory. Tried to allocate 2.00 GiB", type="InternalServerError", code=500)
    return (500, said) if len(body["input"]) > 2 else (200, vectors(body))


@case(VECTOR, EMBED, requests=1)
def vectors_in_another_order(body, count):
    answer = vectors(body)
    answer["data"].reverse()
    return 200, answer


@case(VECTOR, EMBED, requests=16, answered=7, says="the model's vector holds NaN or infinity")
def one_vector_of_nan(body, count):
    answer = vectors(body)
    for item, text in zip(answer["data"], body["input"], strict=True):
        if "row 3" in text:
            item["embedding"] = [float("nan")] * 3
    return 200, answer


@case(VECTOR, EMBED, requests=16, answered=0, says="neither all lists of numbers nor all base64")
def vectors_by_their_type(body, count):
    return 200, {"data": [{"index": i, "embedding": {"float": [1.0, float(i)]}} for i, _ in enumerate(body["input"])]}


@case(TEXT, requests=9, value="fine")
def fastapi_says_detail_with_200(body, count):
    return 200, {"detail": "model is loading"} if count == 0 else says("fine")


# Wrong answers that look right


@case(TEXT, answered=0, requests=9, says="a part of the answer's content is not text")
def a_part_of_the_content_is_an_object(body, count):
    return 200, says([{"type": "text", "text": {"value": "fine", "annotations": []}}])


@case(TEXT, answered=0, says="answer was cut off")
def the_reason_stands_beside_its_place(body, count):
    answer = says("The capital of", None)
    answer["choices"][0]["finish_details"] = {"type": "max_tokens"}
    return 200, answer


@case(TEXT.replace("fail_on_error=false", "fail_on_error=false, model_parameters={'max_tokens': 5}"), OLLAMA_CHAT, answered=0, says="at 5")
def an_old_ollama_at_its_limit_says_nothing(body, count):
    return 200, {"message": {"content": "The capital of the"}, "done": True, "prompt_eval_count": 9, "eval_count": 5}


@case(TEXT, value="fine")
def a_chat_template_leaks_its_tokens(body, count):
    return 200, says("fine<|im_end|>\n<|im_start|>user\nAnd of Spain?")


@case(TEXT, answered=0, says="the model called a tool instead of answering")
def a_call_of_a_tool_that_the_server_did_not_read(body, count):
    return 200, says('<tool_call>\n{"name": "web_search", "arguments": {}}\n</tool_call>')


@case(TYPED, MESSAGES, answered=0, requests=16, says="the answer holds more than one JSON value")
def claude_uses_the_tool_twice(body, count):
    uses = [{"type": "tool_use", "name": "answer", "input": {"label": label, "n": 1}} for label in ("bad", "good")]
    return 200, {"content": uses, "stop_reason": "tool_use", "usage": {"input_tokens": 5, "output_tokens": 1}}


@case(VECTOR, EMBED, requests=2)
def base64_of_float64(body, count):
    rows = [[0.1 * (len(text) + place), -0.2, 0.3, 0.4] for place, text in enumerate(body["input"])]
    wide = [base64.b64encode(struct.pack("<4d", *row)).decode() for row in rows]
    written = wide if body.get("encoding_format") == "base64" else rows
    return 200, {"data": [{"index": place, "embedding": vector} for place, vector in enumerate(written)]}


@case(VECTOR, EMBED, answered=7, says="the model's vector holds nothing but zeros")
def one_vector_of_zeros(body, count):
    return 200, {"data": [{"index": i, "embedding": [0.0 if "row 3" in text else 1.0, 0.0]} for i, text in enumerate(body["input"])]}


@case(TEXT, answered=0, requests=8, says="429 You exceeded your current quota")
def gemini_has_no_requests_left_for_today(body, count):
    violations = [{"quotaId": "GenerateRequestsPerDayPerProjectPerModel-FreeTier"}]
    details = [{"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": violations}]
    return 429, [error("You exceeded your current quota.", code=429, status="RESOURCE_EXHAUSTED", details=details)]


@case(TEXT, answered=0, requests=8, says="the endpoint streams although it was not asked to")
def a_stream_that_begins_with_a_comment(body, count):
    return 200, '\n:\n\nid: 1\ndata: {"choices": []}\n\n'


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ran]:
    yield from asked_by_all(tmp_path_factory.mktemp("odd"), CASES)


@pytest.mark.parametrize("name", CASES)
def test_eight_rows_are_answered_or_say_why_not_for_about_eight_requests(ran: Ran, name: str):
    require(ran, name, CASES[name])


def test_what_an_endpoint_says_of_tokens_is_read_or_estimated(ran: Ran):
    project, _, _ = ran
    used = dict(project.query("select split_part(node, '.', 3), input_tokens from dbt_ai.usage"))
    assert used["voyage_counts_in_total"] == 7
    for name in ("usage_without_sense", "usage_of_null", "one_inner_list"):
        assert 0 < used[name] < 1000, (name, used[name])
    assert Path(project.path).exists()
