"""How an endpoint can be told the schema of an answer, or how to write a vector. A format lists its means, best first."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from dbt_ai.call import Call
from dbt_ai.providers._schema_subset import AZURE, DATABRICKS, NOT_STRICT, Subset, told_in_words

# A means of telling an endpoint the schema: the call as it is sent, made from the call as it was meant.
Means = Callable[[Call], Call]

INSTRUCTION = "Answer with JSON only, with no other text, that satisfies this JSON Schema:\n"


def natively(call: Call) -> Call:
    """A provider whose format has a place of its own for the schema writes `call.schema` there."""
    return call


def json_schema(call: Call) -> Call:
    """OpenAI's structured outputs; also llama.cpp, vLLM, Mistral, Databricks."""
    schema = {"name": "answer", "schema": call.schema, "strict": _is_strict(call.schema)}
    return _with_parameters(call, response_format={"type": "json_schema", "json_schema": schema})


def json_schema_of(subset: Subset) -> Means:
    """OpenAI's structured outputs of a vendor that takes a subset of JSON Schema."""

    def told(call: Call) -> Call:
        return json_schema(replace(call, schema=told_in_words(call.schema, subset)))

    return told


def json_object_with_schema(call: Call) -> Call:
    """llama-cpp-python and Together take the schema beside json_object. Who ignores it there reads it in the prompt."""
    return _with_parameters(in_prompt(call), response_format={"type": "json_object", "schema": call.schema})


def json_object(call: Call) -> Call:
    """Any JSON object, with the schema in the prompt."""
    return _with_parameters(in_prompt(call), response_format={"type": "json_object"})


def base64_vectors(call: Call) -> Call:
    """Vectors as the bytes of their float32 instead of decimal numbers: half the size and a tenth of the time to read."""
    return _with_parameters(call, encoding_format="base64")


def one_text(call: Call) -> Call:
    """One text a request, as such: some servers take no list of texts, not even of one."""
    return replace(call, bare=True)


def in_prompt(call: Call) -> Call:
    """The schema in the system message, for any model that follows instructions.

    >>> from dbt_ai.providers import ExternalModel
    >>> model = ExternalModel("llm", "https://ai.acme.example/v2/answer", "Acme", "CHAT", "acme-large")
    >>> print(in_prompt(Call("ai_query", model, schema={"type": "object"})).messages[0]["content"])
    Answer with JSON only, with no other text, that satisfies this JSON Schema:
    {"type": "object"}
    """
    instruction = INSTRUCTION + json.dumps(call.schema, ensure_ascii=False)
    messages = list(call.messages)
    # Some chat templates refuse a second system message.
    if messages and messages[0].get("role") == "system":
        messages[0] = {**messages[0], "content": f"{messages[0]['content']}\n\n{instruction}"}
    else:
        messages.insert(0, {"role": "system", "content": instruction})
    return replace(call, messages=messages, schema=None)


# What an embedding call tells is how vectors are written; a server that knows one way only may ignore it, or refuse it.
OPENAI_VECTORS: Sequence[Means] = (base64_vectors, natively, one_text)
DATABRICKS_VECTORS: Sequence[Means] = (natively, one_text)
OPENAI_MEANS: Sequence[Means] = (json_schema, json_object_with_schema, json_object, in_prompt)
AZURE_MEANS: Sequence[Means] = (json_schema_of(AZURE), *OPENAI_MEANS[1:])
DATABRICKS_MEANS: Sequence[Means] = (json_schema_of(DATABRICKS), *OPENAI_MEANS[1:])


def _with_parameters(call: Call, **parameters: Any) -> Call:
    return replace(call, parameters={**parameters, **call.parameters})


def _is_strict(schema: Any) -> bool:
    """Whether OpenAI takes it with strict=true: every field required, none besides, no free-form object, no keyword that it refuses.
    https://platform.openai.com/docs/guides/structured-outputs#supported-schemas"""
    if isinstance(schema, list):
        return all(map(_is_strict, schema))
    if not isinstance(schema, Mapping):
        return True
    if not NOT_STRICT.isdisjoint(schema):
        return False
    if schema.get("type") == "object" or "properties" in schema:
        properties = schema.get("properties", {})
        if schema.get("additionalProperties") is not False or set(schema.get("required", ())) != set(properties):
            return False
        return all(map(_is_strict, properties.values()))
    return bool(schema) and all(map(_is_strict, (schema[name] for name in ("items", "anyOf") if name in schema)))
