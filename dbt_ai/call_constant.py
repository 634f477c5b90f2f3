"""Reads the constant of a call: the JSON that a macro puts into compiled SQL (macros/internal/_call.sql)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from dbt_ai.call import Call, Effort, Input
from dbt_ai.errors import ConfigurationError
from dbt_ai.external_model import ExternalModel, mocked
from dbt_ai.parameters import read_parameters
from dbt_ai.return_type import parse_return_type

# The words among the response formats of Databricks, where a type or a schema may stand too.
_RESPONSE_FORMATS = {"text": None, "json_object": '{"type": "object"}'}


@lru_cache(maxsize=1024)
def parse_call(text: str, mock: bool = False) -> Call:
    """Read the JSON constant that a macro puts into compiled SQL.

    mock: ask the Mock provider instead of the model; a call compiled for a dbt unit test says so itself.
    Cached, since it is read for each vector of rows.
    Raises ConfigurationError as ExternalModel.from_spec does.
    """
    spec = json.loads(text)
    model = ExternalModel.from_spec(spec["model"])
    if mock or spec.get("mock"):
        model = mocked(model)
    given, retry_count = read_parameters(spec.get("parameters"), f"{spec['function']} by external model {model.name!r}")
    if retry_count is not None:
        model = replace(model, retry_count=retry_count)
    response_format, return_type = spec.get("response_format"), spec.get("return_type")
    if response_format in _RESPONSE_FORMATS:
        response_format = _RESPONSE_FORMATS[response_format]
    questions = tuple(spec.get("questions") or ())
    told = None if questions else response_format or return_type
    try:
        schema = parse_return_type(told).schema if told else None
    except ConfigurationError as error:
        if not response_format:
            raise
        raise ConfigurationError(f"{str(error).replace('return_type', 'response_format', 1)}; or 'text', or 'json_object'") from None
    return Call(
        function=spec["function"],
        model=model,
        parameters={**model.parameters, **given},
        messages=tuple(spec.get("messages") or ()),
        input=Input(spec.get("request_format") or "text"),
        schema=schema,
        response_format=response_format,
        return_type=return_type or response_format,
        questions=questions,
        dimensions=spec.get("dimensions"),
        effort=_read_effort(spec.get("effort"), mock=model.api_format == "Mock" and mock),
    )


def _read_effort(spec: Mapping[str, Any] | None, mock: bool) -> Effort | None:
    """The policy as a macro wrote it. The mock answers every row itself: nothing about a row tells what it will answer."""
    if spec is None or mock:
        return None
    return Effort(spec["agreement"], spec["confidence"], parse_call(json.dumps(spec["proxy"])))
