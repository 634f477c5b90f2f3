"""What dbt docs shows of an external model that its project does not describe."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def describe(node: Any, specification: Mapping[str, Any]) -> None:
    """Describe a node of the manifest by its specification. What the project says of it stays.

    dbt writes the manifest again when a command has compiled its nodes, so that it holds this.
    """
    node.description = node.description or description_of(specification)


def description_of(specification: Mapping[str, Any]) -> str:
    """In Markdown, as dbt docs reads it. Without the query of the location, which may hold a key.

    >>> description_of({"model": "m", "model_type": "CHAT", "api_format": "OpenAI", "location": "https://x.test/v1?key=1"})
    'External model: CHAT model `m` at `https://x.test/v1`, api_format OpenAI.'
    """
    place = specification["location"].partition("?")[0]
    told = [
        f"External model: {specification['model_type']} model `{specification['model']}` at `{place}`",
        f"api_format {specification['api_format']}",
    ]
    if specification.get("parameters"):
        told.append(f"parameters `{json.dumps(specification['parameters'], sort_keys=True)}`")
    if specification.get("credential"):
        told.append(f"credential `{specification['credential']}`")
    return ", ".join(told) + "."
