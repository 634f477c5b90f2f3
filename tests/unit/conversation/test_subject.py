"""What a refusal speaks of. The words are those of real servers."""

import pytest

from dbt_ai.conversation.subject import Subject, subject_of
from dbt_ai.errors import ProviderError


@pytest.mark.parametrize(
    ("subject", "status", "words"),
    [
        (Subject.MEANS, 400, "400 'response_format.type' must be 'json_schema' or 'text'"),
        (Subject.MEANS, 400, "400 base64 encoding is not currently supported"),
        (Subject.MEANS, 500, "500 Failed to parse grammar"),
        (Subject.MEANS, 422, "422 body.response_format.json_schema: Extra inputs are not permitted"),
        (Subject.MEANS, 400, "400 Thinking may not be enabled when tool_choice forces tool use."),
        (Subject.TEMPERATURE, 400, "400 Unsupported value: 'temperature' does not support 0.0 with this model."),
        (Subject.TEMPERATURE, 400, "400 `temperature` is deprecated for this model."),
        (
            Subject.LIMIT,
            400,
            "400 Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
        ),
        (Subject.LIMIT, 422, "422 body.max_completion_tokens: Extra inputs are not permitted"),
        (Subject.LIMIT, 400, "400 unexpected keyword: max_completion_tokens"),
        (Subject.CONTENT, 400, "400 max_tokens is too large: 9999. This model supports at most 4096 completion tokens."),
        (Subject.SYSTEM, 400, "400 System role not supported"),
        (Subject.SYSTEM, 400, "400 Developer instruction is not enabled for models/gemma-3-27b-it"),
        (Subject.SYSTEM, 400, "400 Unsupported value: 'messages[0].role' does not support 'system' with this model."),
        (Subject.SYSTEM, 400, "400 Conversation roles must alternate user/assistant/user/assistant/..."),
        (Subject.SYSTEM, 400, "400 Only user and assistant roles are supported!"),
        (Subject.UNEXPLAINED, 400, "400 Request contains an invalid argument."),
        (Subject.UNEXPLAINED, 400, "400 Bad Request"),
        (Subject.UNEXPLAINED, 422, "422 Unprocessable Entity"),
        (Subject.UNEXPLAINED, 500, "500 Internal Server Error"),
        (Subject.UNEXPLAINED, 500, "500 list index out of range in the handler of the request"),
        (Subject.UNEXPLAINED, 404, "404 No endpoints found that can handle the requested parameters."),
        (Subject.UNEXPLAINED, 200, "the endpoint answered 0 vectors to 8 inputs"),
        (Subject.CONTENT, 404, "404 The model `x` does not exist."),
        (Subject.CONTENT, 400, "400 This request breaks a rule. For more information check https://x.test"),
        (Subject.CONTENT, 400, "400 The response was filtered due to the prompt triggering the content management policy."),
        (Subject.CONTENT, 400, "400 This model's maximum context length is 8192 tokens, you requested 9000 tokens."),
        (Subject.CONTENT, 500, "500 the prompt is too long for this server"),
        (Subject.CONTENT, 503, "503 Service Unavailable"),
        (Subject.CONTENT, None, "Connection refused"),
    ],
)
def test_a_refusal_is_read_by_what_it_says(subject, status, words):
    assert subject_of(ProviderError(words, status=status)) is subject
