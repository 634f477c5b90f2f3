"""A model that needs no key, no server and no network: vectors and answers derived from the input's hash."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dbt_ai.call import Call
from dbt_ai.external_model import ExternalModel
from dbt_ai.providers.base import LocalProvider
from dbt_ai.questions import Question, decided, normalised, probabilities_text, read_questions
from dbt_ai.response import Failure, Responses
from dbt_ai.return_type import NotReadable, parse_return_type
from dbt_ai.return_type.json_schema import LOCAL_TIMESTAMP
from dbt_ai.return_type.pattern import matching
from dbt_ai.tokens import TokenCount

DIMENSIONS = 8
# Vectors drawn at a time, which bounds the memory that drawing takes.
_ROWS = 1024


class Mock(LocalProvider):
    """Deterministic: the same model, parameters and input give the same answer on every machine."""

    api_format = "Mock"
    model_types = ("EMBEDDINGS", "CHAT", "CUSTOM", "DECISIONS", "RERANKING")

    def dimensions(self, model: ExternalModel) -> int | None:
        return super().dimensions(model) or DIMENSIONS

    def tokens(self, model: ExternalModel) -> MockTokens:
        return MockTokens()

    def check_questions(self, call: Call) -> None: ...

    def respond(self, call: Call, inputs: Sequence[str]) -> Iterator[tuple[Sequence[int], Responses]]:
        tokens = TokenCount(input=sum(len(text) // 4 + 1 for text in inputs), output=0 if call.embeds else len(inputs))
        failures: dict[int, Failure] = {}
        if call.embeds:
            values: Any = vectors(inputs, call.dimensions or self.dimensions(call.model) or DIMENSIONS)
        else:
            values = [answer_text(call, text) for text in inputs]
            failures = {position: failure for position, text in enumerate(values) if (failure := _unfit(call, text))}
        yield range(len(inputs)), Responses(values, failures, tokens)


class MockTokens:
    """A token for each word and each sign."""

    reads = None

    def starts(self, texts: Sequence[str]) -> Iterator[Sequence[int]]:
        for text in texts:
            yield [token.start() for token in re.finditer(r"\w+|[^\w\s]", text)]


def mock_values(call: Call, inputs: Sequence[str]) -> list[Any]:
    """The answers to the inputs as they would be stored: lists of numbers, or text."""
    if call.embeds:
        return list(vectors(inputs, call.dimensions or DIMENSIONS).tolist())
    if call.questions:
        questions = read_questions(call.questions)
        return [decided(questions, answer_text(call, text), all=call.function == "ai_decide") for text in inputs]
    type = parse_return_type(call.return_type or "STRING")
    return [type.read(answer_text(call, text), wrapped=call.schema is not None) for text in inputs]


def vectors(inputs: Sequence[str], dimensions: int) -> NDArray[np.float32]:
    """Unit vectors, float32[len(inputs), dimensions], drawn by splitmix64 from each input's hash.

    https://prng.di.unimi.it/splitmix64.c, for all rows at once: a generator for each text would take longer than planning it.
    """
    drawn = np.empty((len(inputs), dimensions), dtype=np.float32)
    steps = np.arange(1, dimensions + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    for start in range(0, len(inputs), _ROWS):
        seeds = np.array([_seed(text) for text in inputs[start : start + _ROWS]], dtype=np.uint64)
        bits = seeds[:, np.newaxis] + steps
        bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        drawn[start : start + _ROWS] = (bits ^ (bits >> np.uint64(31))) >> np.uint64(40)
    drawn -= 2.0**23
    drawn /= np.linalg.norm(drawn, axis=1, keepdims=True)
    return drawn


def answer_text(call: Call, text: str) -> str:
    """A short sentence that quotes the hash, or JSON that satisfies the call's schema."""
    if call.questions:
        return probabilities_text({question.name: _probabilities(question, text) for question in read_questions(call.questions)})
    if call.schema is not None:
        return json.dumps(_instance(call.schema, text))
    return f"mock answer {_seed(text):016x}"


def _probabilities(question: Question, text: str) -> dict[str, float]:
    return normalised({option: 1.0 + _seed(f"{question.name}.{option}.{text}") % 1000 for option in question.options})


def _between(schema: Mapping[str, Any], number: int) -> int:
    """How many items an array has: one or two, if it may."""
    return int(min(max(1 + number % 2, schema.get("minItems", 0)), schema.get("maxItems", 2 + schema.get("minItems", 0))))


def _unfit(call: Call, text: str) -> Failure | None:
    """What is wrong with a mock answer: a JSON Schema may ask for more than can be made up."""
    type = parse_return_type("STRING" if call.questions else call.return_type or "STRING")
    try:
        if type.written is not None:
            type.read(text)
    except NotReadable as problem:
        said = (
            f"no mock answer was found that keeps to the JSON Schema ({problem}); give the answer in the unit test, or simplify the schema"
        )
        return Failure("no mock answer", said)
    return None


def _seed(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:8], "big")


def _instance(schema: Mapping[str, Any], seed: str) -> Any:
    """A value that the schema accepts, chosen by the seed; covers what dbt_ai.return_type writes."""
    number = _seed(seed)
    if "enum" in schema:
        return schema["enum"][number % len(schema["enum"])]
    if "const" in schema:
        return schema["const"]
    if "anyOf" in schema:
        return _instance(schema["anyOf"][0], seed)
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next(name for name in kind if name != "null")
    if kind == "object":
        return {name: _instance(part, f"{seed}.{name}") for name, part in schema.get("properties", {}).items()}
    if kind == "array":
        return [_instance(schema.get("items", {}), f"{seed}[{index}]") for index in range(_between(schema, number))]
    if kind == "integer":
        return int(schema.get("minimum", 0)) + number % 100 % (int(schema.get("maximum", 99)) - int(schema.get("minimum", 0)) + 1)
    if kind == "number" and "multipleOf" in schema:
        return 0
    if kind == "number":
        return round(schema.get("minimum", 0) + number % 1000 / 1000 * (schema.get("maximum", 1) - schema.get("minimum", 0)), 3)
    if kind == "boolean":
        return bool(number % 2)
    if schema.get("pattern") == LOCAL_TIMESTAMP:
        return "2024-01-01T00:00:00"
    formatted = {"date": "2024-01-01", "date-time": "2024-01-01T00:00:00Z"}.get(schema.get("format", ""))
    matched = matching(schema["pattern"], number) if "pattern" in schema else None
    least, most = schema.get("minLength", 0), schema.get("maxLength")
    return formatted or matched or f"mock {number:016x}".ljust(least, ".")[:most]
