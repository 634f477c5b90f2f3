"""A JSON Schema in the words that a vendor documents. What it has no word for is told in the description, which the model reads.

What each vendor says, as read on the page that is named: Azure OpenAI lists keywords by type, of December 2025. Databricks takes no
`pattern`, `anyOf`, `oneOf`, `allOf`, `prefixItems` and `$ref`, no list of types but a type and null, and does not enforce lengths and
sizes. OpenAI itself has taken `pattern`, `format`, bounds of numbers and of arrays since 2025, and refuses the others by name
("'minLength' is not permitted"). Anthropic's tools and Gemini take any schema, or say that they do not, which is learnt.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# Keywords whose values are schemas by name: the names in them are not keywords.
_BY_NAME = ("properties", "$defs", "definitions")


@dataclass(frozen=True, slots=True)
class Subset:
    """lacks: keywords that the vendor does not take. unions: whether it takes a union of more than a type and null."""

    lacks: frozenset[str]
    unions: bool = True


# https://learn.microsoft.com/azure/ai-foundry/openai/how-to/structured-outputs#unsupported-type-specific-keywords, also at
# https://github.com/MicrosoftDocs/azure-ai-docs/blob/main/articles/ai-foundry/openai/how-to/structured-outputs.md
AZURE = Subset(
    frozenset(
        ("minLength", "maxLength", "pattern", "format", "minimum", "maximum", "multipleOf", "patternProperties", "unevaluatedProperties",
         "propertyNames", "minProperties", "maxProperties", "unevaluatedItems", "contains", "minContains", "maxContains", "minItems",
         "maxItems", "uniqueItems")
    )
)  # fmt: skip
# https://docs.databricks.com/machine-learning/model-serving/structured-outputs#limitations. The models behind one URL are those of many
# vendors, so what the strictest of them lacks is left out too.
DATABRICKS = Subset(AZURE.lacks, unions=False)
# https://platform.openai.com/docs/guides/structured-outputs#supported-schemas: what is refused where `strict` is true. Servers that
# speak OpenAI's format take more, so that these are left in, and the schema is not called strict.
NOT_STRICT = AZURE.lacks.difference(("pattern", "format", "minimum", "maximum", "multipleOf", "minItems", "maxItems")).union(
    ("oneOf", "allOf", "not", "if", "then", "else", "dependentRequired", "dependentSchemas", "prefixItems")
)
# https://ai.google.dev/gemini-api/docs/structured-output#json_schema_support. It ignores most of the others, and refuses some.
GEMINI = Subset(
    frozenset(
        ("minLength", "maxLength", "pattern", "multipleOf", "exclusiveMinimum", "exclusiveMaximum", "uniqueItems", "patternProperties",
         "propertyNames", "minProperties", "maxProperties", "contains", "minContains", "maxContains", "unevaluatedProperties",
         "unevaluatedItems")
    )
)  # fmt: skip


def told_in_words(schema: Any, subset: Subset) -> Any:
    """The schema without what the vendor does not take. Answers are checked against the whole schema when they are read.

    >>> told_in_words({"type": "number", "multipleOf": 0.01, "description": "the total"}, AZURE)
    {'type': 'number', 'description': 'the total (multipleOf: 0.01)'}
    """
    if isinstance(schema, list):
        return [told_in_words(part, subset) for part in schema]
    if not isinstance(schema, Mapping):
        return schema
    left_out = {name: value for name, value in schema.items() if name in subset.lacks}
    told: dict[str, Any] = {}
    for name, value in schema.items():
        if name in _BY_NAME and isinstance(value, Mapping):
            told[name] = {inner: told_in_words(part, subset) for inner, part in value.items()}
        elif name in ("enum", "const", "default", "examples"):
            told[name] = value
        elif name not in subset.lacks:
            told[name] = told_in_words(value, subset)
    if left_out:
        words = "; ".join(f"{name}: {value if isinstance(value, str) else json.dumps(value)}" for name, value in left_out.items())
        told["description"] = f"{told['description']} ({words})" if "description" in told else words
    return told if subset.unions else _with_null_as_type(told)


def _with_null_as_type(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """{"anyOf": [X, {"type": "null"}]} as X whose type may be null, which says the same."""
    branches = schema.get("anyOf")
    if not isinstance(branches, Sequence) or len(branches) != 2 or {"type": "null"} not in branches:
        return schema
    [real] = [branch for branch in branches if branch != {"type": "null"}] or [{}]
    if not isinstance(real, Mapping) or not isinstance(real.get("type"), str) or "enum" in real:
        return schema
    rest = {name: value for name, value in schema.items() if name != "anyOf"}
    described = " ".join(text for text in (rest.get("description"), real.get("description")) if text)
    return {**rest, **real, "type": [real["type"], "null"], **({"description": described} if described else {})}
