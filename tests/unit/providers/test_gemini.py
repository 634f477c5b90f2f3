import json

import numpy as np
import pytest

from dbt_ai.call import Call
from dbt_ai.conversation.subject import Subject, subject_of
from dbt_ai.errors import ConfigurationError, ProviderError
from dbt_ai.external_model import ExternalModel
from dbt_ai.providers import provider_of
from dbt_ai.providers.base import HttpResponse
from dbt_ai.tokens import TokenCount

HOST = "https://generativelanguage.googleapis.com"
CHAT = f"{HOST}/v1beta/models/gemini-2.5-flash:generateContent"
EMBED = f"{HOST}/v1beta/models/gemini-embedding-001:batchEmbedContents"
VERTEX = (
    "https://europe-west1-aiplatform.googleapis.com/v1/projects/p/locations/europe-west1/publishers/google"
    "/models/gemini-2.5-flash:generateContent"
)
SCHEMA = {"type": "object", "properties": {"total": {"type": "number", "multipleOf": 0.01}}, "required": ["total"]}


def call(parameters=None, location=CHAT, model_type="CHAT", model="gemini-2.5-flash", execution="live", **changes):
    spec = {"name": "m", "location": location, "api_format": "Gemini", "model_type": model_type, "model": model, "execution": execution}
    return Call("ai_query", ExternalModel.from_spec(spec), parameters or {}, **changes)


def embedding(parameters=None, **changes):
    return call(parameters, EMBED, "EMBEDDINGS", "gemini-embedding-001", **changes)


def body(of, *texts):
    return json.loads(provider_of(of.model).encode(of, texts or ["x"]).body)


def decoded(of, *texts, **document):
    return provider_of(of.model).decode(of, texts or ["x"], HttpResponse(200, {}, json.dumps(document).encode()))


def candidate(*parts, reason="STOP"):
    return [{"content": {"role": "model", "parts": list(parts)}, "finishReason": reason}]


@pytest.mark.parametrize(
    ("location", "model", "problem"),
    [
        (f"{HOST}/v1beta/openai/chat/completions", "gemini-2.5-flash", r"models/\{model\}:generateContent"),
        (CHAT.replace("generateContent", "streamGenerateContent"), "gemini-2.5-flash", r"models/\{model\}:generateContent"),
        (CHAT, "gemini-2.5-pro", "model 'gemini-2.5-pro' is not the one that its location names, 'gemini-2.5-flash'"),
    ],
)
def test_a_location_that_is_not_the_models_own_is_refused(location, model, problem):
    with pytest.raises(ConfigurationError, match=problem):
        provider_of(call(location=location, model=model).model)


def test_a_key_in_the_location_is_refused_and_the_header_is_the_credentials_business():
    with pytest.raises(ConfigurationError, match="'key' in its query, where a secret would be seen"):
        call(location=f"{CHAT}?key=AIza")
    assert provider_of(call().model).encode(call(), ["x"]).headers == {"Content-Type": "application/json"}


def test_system_messages_travel_beside_the_turns_which_have_geminis_roles():
    messages = ({"role": "system", "content": "Be brief."}, {"role": "user", "content": "1+1"}, {"role": "assistant", "content": "2"})
    assert body(call(messages=messages), "2+2") == {
        "systemInstruction": {"parts": [{"text": "Be brief."}]},
        "contents": [
            {"role": "user", "parts": [{"text": "1+1"}]},
            {"role": "model", "parts": [{"text": "2"}]},
            {"role": "user", "parts": [{"text": "2+2"}]},
        ],
        "generationConfig": {"temperature": 0.0},
    }


def test_openais_names_of_parameters_are_understood_and_geminis_own():
    given = {
        "max_tokens": 5,
        "stop": "END",
        "top_p": 0.5,
        "thinkingConfig": {"thinkingBudget": 0},
        "safetySettings": [],
        "temperature": None,
    }
    request = body(call(given))
    assert request["generationConfig"] == {
        "maxOutputTokens": 5,
        "stopSequences": ["END"],
        "topP": 0.5,
        "thinkingConfig": {"thinkingBudget": 0},
    }
    assert request["safetySettings"] == []
    assert body(call({"generationConfig": {"seed": 7}}))["generationConfig"] == {"temperature": 0.0, "seed": 7}


def test_a_schema_is_told_in_the_words_that_gemini_documents_then_as_json_mode_then_in_the_prompt():
    of = call(schema=SCHEMA)
    first, second, third = (body(means(of)) for means in provider_of(of.model).means(of))
    told = {"type": "number", "description": "multipleOf: 0.01"}
    assert first["generationConfig"]["responseMimeType"] == "application/json"
    assert first["generationConfig"]["responseJsonSchema"]["properties"]["total"] == told
    assert second["generationConfig"]["responseMimeType"] == "application/json" and "multipleOf" in json.dumps(second["systemInstruction"])
    assert third["generationConfig"] == {"temperature": 0.0}


@pytest.mark.parametrize(
    "words",
    [
        "Invalid JSON payload received. Unknown name \"responseJsonSchema\" at 'generation_config': Cannot find field.",
        "JSON mode is not enabled for models/gemma-3-27b-it",
    ],
)
def test_a_refused_schema_is_told_in_another_way(words):
    assert subject_of(ProviderError(words, status=400)) is Subject.MEANS


def test_a_system_instruction_that_gemma_refuses_is_folded():
    refusal = ProviderError("Developer instruction is not enabled for models/gemma-3-27b-it", status=400)
    assert subject_of(refusal) is Subject.SYSTEM


def test_thoughts_are_left_out_of_the_answer_and_counted_as_output():
    usage = {
        "promptTokenCount": 8,
        "cachedContentTokenCount": 4,
        "candidatesTokenCount": 2,
        "thoughtsTokenCount": 30,
        "totalTokenCount": 40,
    }
    answer = decoded(call(), candidates=candidate({"text": "hm", "thought": True}, {"text": "a"}, {"text": "b"}), usageMetadata=usage)
    assert answer.values == ["ab"] and not answer.failures
    assert answer.tokens == TokenCount(8, 32, cached_input=4, reasoning=30)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"candidates": [{"finishReason": "MAX_TOKENS"}]}, "answer was cut off at 5 tokens: raise max_tokens"),
        ({"candidates": candidate({"text": "a"}, reason="SAFETY")}, "the model refused: it ended with 'SAFETY'"),
        ({"candidates": candidate(reason="STOP")}, "the model answered nothing"),
        ({"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}}, "the model refused: the prompt was blocked (PROHIBITED_CONTENT)"),
        ({"candidates": candidate({"functionCall": {"name": "search"}})}, "the model called the tool 'search' instead of answering"),
        (
            {"candidates": candidate({"text": "a"}, reason="NEW_REASON")},
            "the answer ended with 'NEW_REASON', which is not known to be a good end",
        ),
    ],
)
def test_an_answer_that_is_none_is_a_failure(document, message):
    assert decoded(call({"max_tokens": 5}), **document).failures[0].message == message


def test_an_answer_without_candidates_is_asked_again_and_another_document_is_an_error():
    with pytest.raises(ProviderError) as nothing:
        decoded(call(), usageMetadata={"promptTokenCount": 1})
    assert nothing.value.retryable
    with pytest.raises(ProviderError, match="is the location Gemini's generateContent"):
        decoded(call(), choices=[])


def test_texts_are_embedded_together_up_to_a_hundred():
    of = embedding({"dimensions": 256, "taskType": "CLASSIFICATION"})
    assert provider_of(of.model).limits(of).inputs == 100
    assert body(of, "a", "b")["requests"] == [
        {
            "model": "models/gemini-embedding-001",
            "content": {"parts": [{"text": text}]},
            "outputDimensionality": 256,
            "taskType": "CLASSIFICATION",
        }
        for text in ("a", "b")
    ]
    answer = decoded(of, "a", "b", embeddings=[{"values": [1, 2]}, {"values": [3, 4]}])
    assert np.array_equal(answer.values, [[1, 2], [3, 4]]) and answer.tokens.estimated
    with pytest.raises(ProviderError, match="answered 1 vector to 2 inputs"):
        decoded(of, "a", "b", embeddings=[{"values": [1, 2]}])


def test_flex_is_a_tier_of_chats_and_batch_of_the_gemini_api_alone():
    assert body(call(execution="flex"))["serviceTier"] == "flex"
    with pytest.raises(ConfigurationError, match="execution 'flex': api_format 'Gemini' has no flex tier for EMBEDDINGS; use 'live'"):
        provider_of(embedding(execution="flex").model)
    provider_of(call(location=VERTEX).model)
    with pytest.raises(ConfigurationError, match="execution 'batch': api_format 'Gemini' has no batch API at its location; use 'live'"):
        provider_of(call(location=VERTEX, execution="batch").model)
