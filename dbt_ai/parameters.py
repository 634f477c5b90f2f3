"""The `parameters` of an external model and of a call: JSON that is merged into every request.

macros/external_models/_model_parameters.sql reads them as this does; tests/cases/parameters.yml holds for both.
"""

from __future__ import annotations

import difflib
import json
import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

from dbt_ai.errors import ConfigurationError

# What a provider writes itself: from a parameter these would silently change what is asked, or make the answer unreadable.
_RESERVED = ("model", "input", "messages", "stream")
# Where a chat call bounds its answers, in the words of the formats.
OUTPUT_BOUNDS = ("max_tokens", "max_completion_tokens", "max_output_tokens", "maxOutputTokens", "num_predict")
# Numbers whose meaning is the same wherever they are taken. A text in their place would be refused once for each row, or passed over.
_COUNTS = ("max_tokens", "max_completion_tokens", "max_output_tokens", "maxOutputTokens")
_NUMBERS = ("temperature", "top_p", "top_k", "topP", "topK", "min_p", "presence_penalty", "frequency_penalty", "seed", "num_predict")
# Names that a misspelt one may have meant. What is not among them is sent all the same: endpoints have names of their own.
_FAMILIAR = (
    *OUTPUT_BOUNDS,
    *_NUMBERS,
    *("best_of", "cached_content", "chat_template_kwargs", "dimensions", "encoding_format", "extra_body", "format", "generationConfig"),
    *("grammar", "guided_choice", "guided_json", "guided_regex", "ignore_eos", "input_type", "json_schema", "keep_alive", "logit_bias"),
    *("logprobs", "max_length", "max_thinking_tokens", "metadata", "min_length", "min_tokens", "mirostat", "modalities", "n", "n_predict"),
    *(
        "num_ctx",
        "options",
        "outputDimensionality",
        "output_dimension",
        "parallel_tool_calls",
        "prefill",
        "presencePenalty",
        "prompt_cache_key",
    ),
    *("provider", "reasoning", "reasoning_effort", "reasoning_format", "reasoning_split", "repeat_penalty", "repetition_penalty"),
    *("response_format", "responseMimeType", "responseSchema", "safe_prompt", "safetySettings", "service_tier", "skip_special_tokens"),
    *(
        "sql_rest_options",
        "stop",
        "stopSequences",
        "stop_sequences",
        "stop_token_ids",
        "store",
        "stream_options",
        "system",
        "task",
        "taskType",
    ),
    *("tfs_z", "think", "thinking", "thinkingConfig", "thinking_budget", "tool_choice", "tools", "top_a", "top_logprobs", "transforms"),
    *("truncate", "truncation", "typical_p", "user", "verbosity", "web_search_options"),
)
MAX_RETRY_COUNT = 10
# DuckDB has no longer arrays, and no model longer vectors.
MOST_DIMENSIONS = 100_000


def read_parameters(given: Any, owner: str) -> tuple[dict[str, Any], int | None]:
    """Read a mapping or a JSON text of one: (what is sent, sql_rest_options.retry_count or None).

    owner: whose parameters they are, for messages.
    `dimensions` may be written in any case and as a string, as in SQL Server's documentation: {"Dimensions": "725"}.
    sql_rest_options speaks to who sends the request, not to the endpoint, and is taken out.
    Raises ConfigurationError naming the parameter, its value and what would be accepted.
    """
    parameters = _mapping(given, owner)
    retry_count = _retry_count(parameters.pop("sql_rest_options", None), owner)
    for name in parameters:
        if name.lower() in _RESERVED:
            raise ConfigurationError(f"{owner}: parameters cannot hold {name!r}, which the runtime writes itself; leave it out")
    spellings = [name for name in parameters if name.lower() == "dimensions"]
    if len(spellings) > 1:
        raise ConfigurationError(f"{owner}: parameters hold {' and '.join(map(repr, spellings))}; keep one")
    for spelling in spellings:
        parameters["dimensions"] = _dimensions(parameters.pop(spelling), owner)
    for name, value in parameters.items():
        _require_number(name, value, owner)
    return parameters, retry_count


def misspelt(parameters: Iterable[str]) -> dict[str, str]:
    """The names that look like a slip, each with the name that may have been meant.

    >>> misspelt(["temprature", "max_tokens", "a_new_one"])
    {'temprature': 'temperature'}
    """
    plain = {_plain(name): name for name in reversed(_FAMILIAR)}
    found = {}
    for name in parameters:
        if name not in _FAMILIAR and (near := difflib.get_close_matches(_plain(name), plain, n=1, cutoff=0.85)):
            found[name] = plain[near[0]]
    return found


def _plain(name: str) -> str:
    return re.sub("[-_ ]", "", name).lower()


def _require_number(name: str, value: Any, owner: str) -> None:
    """A null leaves the parameter out, whatever it is."""
    if value is None or name not in _COUNTS + _NUMBERS:
        return
    number = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    if name in _COUNTS and not (number and isinstance(value, int) and value > 0):
        raise ConfigurationError(f"{owner}: parameter {name} {json.dumps(value)} is not accepted; give a whole number above 0, such as 256")
    if not number:
        raise ConfigurationError(f"{owner}: parameter {name} {json.dumps(value)} is not accepted; give a number, such as 1")


def _mapping(given: Any, owner: str) -> dict[str, Any]:
    if given is None or given == "":
        return {}
    wrong = f"{owner}: parameters {given!r} are not a JSON object; write a mapping such as {{'dimensions': 512}} or its JSON text"
    try:
        # The round trip refuses what JSON has no words for (dates, NaN), before a request would.
        text = given if isinstance(given, str) else json.dumps(given, allow_nan=False)
        parameters = json.loads(text, parse_constant=_refuse_constant)
    except (TypeError, ValueError):
        raise ConfigurationError(wrong) from None
    if not isinstance(parameters, dict):
        raise ConfigurationError(wrong)
    return parameters


def _refuse_constant(name: str) -> Any:
    raise ValueError(name)


def _dimensions(value: Any, owner: str) -> int:
    number = int(value) if isinstance(value, str) and re.fullmatch(r"\s*[0-9]{1,9}\s*", value) else value
    if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= MOST_DIMENSIONS:
        accepted = f"give a whole number from 1 to {MOST_DIMENSIONS:,}"
        raise ConfigurationError(f"{owner}: dimensions {value!r} is not a number of dimensions; {accepted}")
    return number


def _retry_count(options: Any, owner: str) -> int | None:
    if options is None:
        return None
    if not isinstance(options, Mapping) or set(options) != {"retry_count"}:
        raise ConfigurationError(f"{owner}: sql_rest_options {options!r} is not known; write {{'sql_rest_options': {{'retry_count': 3}}}}")
    count = options["retry_count"]
    if isinstance(count, bool) or not isinstance(count, int) or not 0 <= count <= MAX_RETRY_COUNT:
        raise ConfigurationError(
            f"{owner}: sql_rest_options.retry_count {count!r} is not accepted; give a whole number from 0 to {MAX_RETRY_COUNT}"
        )
    return int(count)
